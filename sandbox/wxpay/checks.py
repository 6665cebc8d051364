"""What a request's body must look like: known fields alone, right types, lengths and characters."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.wxpay.acquirer import Refusal

ORDER_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
OPENID = re.compile(r"o[0-9A-Za-z_-]{10,127}")


def wrong(field: str, why: str) -> Refusal:
    return Refusal(400, "PARAM_ERROR", f"参数错误: {field} {why}")


def text(longest: int) -> Callable[[str, Any], None]:
    def check(field: str, value: Any) -> None:
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise wrong(field, f"不是 1 到 {longest} 个字符")

    return check


def form(pattern: re.Pattern[str]) -> Callable[[str, Any], None]:
    def check(field: str, value: Any) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise wrong(field, "格式不对")

    return check


def one_of(*allowed: str) -> Callable[[str, Any], None]:
    def check(field: str, value: Any) -> None:
        if value not in allowed:
            raise wrong(field, f"只能是 {'、'.join(allowed)}")

    return check


def fen(field: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise wrong(field, "不是大于 0 的整数（分）")


def truth(field: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise wrong(field, "不是布尔值")


def anything(field: str, value: Any) -> None:
    return


def moment(field: str, value: Any) -> None:
    try:
        known = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise wrong(field, "不是 RFC 3339 时间") from None
    if known.tzinfo is None:
        raise wrong(field, "没有时区")


def address(field: str, value: Any) -> None:
    """https and public on the real platform; here also plain http on loopback. Never with a query."""
    text(255)(field, value)
    parts = urlsplit(value)
    is_near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (parts.scheme == "https" or is_near) or not parts.hostname or parts.query:
        raise wrong(field, "必须是不带参数的 https 地址")


Fields = dict[str, Any]
AMOUNT: Fields = {"total!": fen, "currency": one_of("CNY")}
SCENE: Fields = {"payer_client_ip": text(45), "device_id": text(32), "store_info": anything}
ORDER: Fields = {
    "appid!": text(32),
    "mchid!": text(32),
    "description!": text(127),
    "out_trade_no!": form(ORDER_NO),
    "time_expire": moment,
    "attach": text(128),
    "notify_url!": address,
    "goods_tag": text(32),
    "support_fapiao": truth,
    "amount!": AMOUNT,
    "detail": anything,
    "scene_info": SCENE,
    "settle_info": {"profit_sharing": truth},
}
JSAPI: Fields = {**ORDER, "payer!": {"openid!": form(OPENID)}}
CLOSE: Fields = {"mchid!": text(32)}
REFUND: Fields = {
    "transaction_id": text(32),
    "out_trade_no": form(ORDER_NO),
    "out_refund_no!": form(REFUND_NO),
    "reason": text(80),
    "notify_url": address,
    "funds_account": one_of("AVAILABLE", "UNSETTLED"),
    "amount!": {"refund!": fen, "total!": fen, "currency!": one_of("CNY"), "from": anything},
    "goods_detail": anything,
}
ABNORMAL: Fields = {
    "out_refund_no!": form(REFUND_NO),
    "type!": one_of("USER_BANK_CARD", "MERCHANT_BANK_CARD"),
    "bank_type": text(16),
    "bank_account": text(1024),
    "real_name": text(1024),
}


def check(body: Any, fields: Fields, within: str = "") -> None:
    """Raises Refusal; a name with `!` must be there."""
    if not isinstance(body, dict):
        raise wrong(within or "body", "不是对象")
    known = {name.rstrip("!") for name in fields}
    if extra := set(body) - known:
        raise Refusal(400, "PARAM_ERROR", f"参数中含有非法的额外参数: {'、'.join(sorted(extra))}")
    for name, rule in fields.items():
        field = name.rstrip("!")
        if field not in body:
            if name.endswith("!"):
                raise wrong(within + field, "没有给出")
            continue
        if isinstance(rule, dict):
            check(body[field], rule, f"{within}{field}.")
        else:
            rule(within + field, body[field])
