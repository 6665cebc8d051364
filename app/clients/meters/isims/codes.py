"""What ISIMS says when it says no.

The vendor publishes no table: `code` is 1 for nearly everything and the sentence tells. The sentences here are the
sandbox's; a school's own go into `codes` of the settings, each with its letter.
"""

from app.clients.verdicts import AUTH, BUSY, DUPLICATE, NOT_FOUND, REFUSED, UNKNOWN, Verdicts

CODES: Verdicts = {
    "房间不存在": REFUSED,
    "表计不存在": REFUSED,
    "金额不正确": REFUSED,
    "房间已停用": REFUSED,
    "订单号重复": DUPLICATE,
    "订单不存在": NOT_FOUND,
    "签名错误": AUTH,
    "授权已过期": AUTH,
    "请求过于频繁": BUSY,
    "不在服务时间内": BUSY,
    "系统繁忙": UNKNOWN,
}
