"""WeChat Pay v3 for one merchant: calls (client), notices, bills, and what WeChat says no with (errors)."""

from app.clients.vendor import NotEnough, OrderPaid
from app.clients.wxpay.client import WxPay
from app.clients.wxpay.errors import NoStatement, OrderClosed, StatementCreating
from app.clients.wxpay.notices import BadNotice, Notice, PaymentNotice, RefundNotice
from app.clients.wxpay.settings import WxPaySettings
from app.clients.wxpay.trades import RefundState, Trade

__all__ = [
    "BadNotice",
    "NoStatement",
    "NotEnough",
    "Notice",
    "OrderClosed",
    "OrderPaid",
    "PaymentNotice",
    "RefundNotice",
    "RefundState",
    "StatementCreating",
    "Trade",
    "WxPay",
    "WxPaySettings",
]
