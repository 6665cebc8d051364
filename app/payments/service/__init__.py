"""Use-cases of payments. Micro-apps need `request_charge`, and `Rules` and `Outcome` for their fulfiller."""

from app.payments.service.charges import Charge, cancel_order, expire_orders, request_charge
from app.payments.service.deciding import decide
from app.payments.service.disputes import close_dispute
from app.payments.service.fees import FeeTerms, add_fee_item, save_fee_item, save_merchant
from app.payments.service.fulfilments import Outcome, Rules
from app.payments.service.offline_refunds import check_paid_out, move_offline, note_paid_out
from app.payments.service.receiving import Arrival, Mismatch, accept_payment, open_dispute
from app.payments.service.refunds import approve_refund, reject_refund, request_refund

__all__ = [
    "Arrival",
    "Charge",
    "FeeTerms",
    "Mismatch",
    "Outcome",
    "Rules",
    "accept_payment",
    "add_fee_item",
    "approve_refund",
    "cancel_order",
    "check_paid_out",
    "close_dispute",
    "decide",
    "expire_orders",
    "move_offline",
    "note_paid_out",
    "open_dispute",
    "reject_refund",
    "request_charge",
    "request_refund",
    "save_fee_item",
    "save_merchant",
]
