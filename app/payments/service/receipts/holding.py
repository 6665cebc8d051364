"""When a refund has to wait: while a receipt says more than what stays with the school."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from app.payments.models import Payment, Receipt, ReceiptStatus, Refund, RefundStatus

LIVE = (ReceiptStatus.ISSUING, ReceiptStatus.ISSUED)
GOING_OUT = (
    RefundStatus.READY,
    RefundStatus.PROCESSING,
    RefundStatus.SHORT,
    RefundStatus.ABNORMAL,
    RefundStatus.OFFLINE,
)
"""Agreed to: what waits for a second person may still stay here."""


def going_out(payment_id: Any) -> Any:
    """The sum of refunds of a payment that are agreed to and not done; `payment_id` is a column."""
    other = aliased(Refund)
    return (
        select(func.coalesce(func.sum(other.fen), 0))
        .where(other.payment_id == payment_id, other.status.in_([str(one) for one in GOING_OUT]))
        .correlate_except(other)
        .scalar_subquery()
    )


def holds_back() -> ColumnElement[bool]:
    """Of a row of Refund: whether its payment's receipt must be taken back first, or is on its way."""
    receipt, payment = aliased(Receipt), aliased(Payment)
    return exists().where(
        receipt.payment_id == Refund.payment_id,
        receipt.status.in_([str(one) for one in LIVE]),
        payment.id == receipt.payment_id,
        receipt.fen - receipt.reversed_fen > payment.fen - payment.refunded_fen - going_out(payment.id),
    )
