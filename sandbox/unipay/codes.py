"""The platform's codes and words for the reasons of a refusal."""

CODES = {
    "auth_expired": ("SIGN_ERROR", "签名错误"),
    "sign": ("SIGN_ERROR", "签名错误"),
    "merchant": ("MERCHANT_ERROR", "商户不存在"),
    "timestamp": ("TIMESTAMP_ERROR", "请求时间与平台时间相差超过5分钟"),
    "rate_limited": ("FREQUENCY_LIMITED", "请求过于频繁"),
    "service_closed": ("SERVICE_CLOSED", "不在服务时间内"),
    "query_unavailable": ("SYSTEM_ERROR", "系统繁忙，请稍后再试"),
    "bad_request": ("PARAM_ERROR", "参数错误"),
    "conflict": ("PARAM_CONFLICT", "与该单号首次请求的参数不一致"),
    "no_order": ("ORDER_NOT_EXIST", "订单不存在"),
    "no_refund": ("REFUND_NOT_EXIST", "退款单不存在"),
    "paid": ("ORDER_PAID", "订单已支付"),
    "closed": ("ORDER_CLOSED", "订单已关闭"),
    "expired": ("ORDER_CLOSED", "订单已过期"),
    "not_paid": ("ORDER_NOT_PAID", "订单未支付，不能退款"),
    "too_much": ("REFUND_TOO_MUCH", "退款金额大于可退金额"),
    "not_enough": ("BALANCE_NOT_ENOUGH", "商户可用余额不足"),
    "no_statement": ("DAY_FILE_NOT_READY", "对账文件尚未生成"),
}
UNSIGNED = ("SIGN_ERROR", "MERCHANT_ERROR")
"""Said to somebody unknown."""
