"""证据链: one order in four columns, from the vendor's answer to the bank's line, and samples for auditors."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.external_events import ExternalEvent
from app.payments.errors import OrderNotFound
from app.payments.models import (
    Attempt,
    Bill,
    BillLine,
    BillStatus,
    Difference,
    FeeItem,
    Fulfilment,
    FulfilmentCall,
    LedgerAccount,
    LedgerEntry,
    Match,
    Order,
    Payment,
    Refund,
    SettlementPart,
    Voucher,
    VoucherEntry,
)

NOTICES = {
    "wechat": ("wxpay", ("TRANSACTION.SUCCESS:%s:SUCCESS",)),
    "platform": ("unipay", ("%s:SUCCESS", "%s:PAID")),
}
REFUND_NOTICES = tuple(f"REFUND.{state}:%s:{state}" for state in ("SUCCESS", "ABNORMAL", "CLOSED"))
MOST_SAMPLES = 200


@dataclass(frozen=True)
class Evidence:
    """`lines` are of every bill that names the order: each says of which, and what it is matched with."""

    order: AnyRow
    fulfilment: AnyRow | None
    calls: list[AnyRow]
    entries: list[AnyRow]
    attempts: list[AnyRow]
    payments: list[AnyRow]
    refunds: list[AnyRow]
    notices: list[AnyRow]
    lines: list[AnyRow]
    differences: list[AnyRow]

    def lines_of(self, *kinds: str) -> list[AnyRow]:
        return [line for line in self.lines if line.bill_kind in kinds]


def evidence(session: Session, public_id: str) -> Evidence:
    """Everything about one order, in a dozen statements. Raises OrderNotFound."""
    order = session.execute(
        select(Order.__table__, FeeItem.title.label("item_title"))
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .where(Order.public_id == public_id)
    ).first()
    if order is None:
        raise OrderNotFound()
    attempts = _all(session, Attempt, Attempt.order_id == order.id)
    payments = _all(session, Payment, Payment.order_id == order.id)
    refunds = _all(session, Refund, Refund.order_id == order.id)
    fulfilment = next(iter(_all(session, Fulfilment, Fulfilment.order_id == order.id)), None)
    numbers = {order.number, *(one.number for one in (*attempts, *refunds))}
    references = {one.transaction_id for one in payments} | {one.channel_refund_id for one in refunds} - {
        None
    }
    return Evidence(
        order,
        fulfilment,
        _all(session, FulfilmentCall, FulfilmentCall.fulfilment_id == fulfilment.id) if fulfilment else [],
        _entries(session, order.id),
        attempts,
        payments,
        refunds,
        _notices(session, payments, refunds),
        _lines(session, numbers, references, order.id),
        _all(session, Difference, Difference.order_id == order.id),
    )


def _all(session: Session, model: Any, which: Any) -> list[AnyRow]:
    return list(session.execute(select(model.__table__).where(which).order_by(model.id)))


def _entries(session: Session, order_id: int) -> list[AnyRow]:
    debit, credit = (LedgerAccount.__table__.alias(name) for name in ("debit", "credit"))
    stmt = (
        select(
            LedgerEntry.__table__,
            debit.c.code.label("debit"),
            credit.c.code.label("credit"),
            Voucher.number.label("voucher_number"),
        )
        .join(debit, debit.c.id == LedgerEntry.debit_id)
        .join(credit, credit.c.id == LedgerEntry.credit_id)
        .outerjoin(VoucherEntry, VoucherEntry.entry_id == LedgerEntry.id)
        .outerjoin(Voucher, Voucher.id == VoucherEntry.voucher_id)
        .where(LedgerEntry.order_id == order_id)
        .order_by(LedgerEntry.id)
    )
    return list(session.execute(stmt))


def _notices(session: Session, payments: Iterable[AnyRow], refunds: Iterable[AnyRow]) -> list[AnyRow]:
    """By the ids that notices are kept under; the letter within is what the channel wrote, word for word."""
    ids = [shape % one.transaction_id for one in payments for shape in NOTICES.get(one.channel, ("", ()))[1]]
    ids += [
        shape % one.channel_refund_id for one in refunds if one.channel_refund_id for shape in REFUND_NOTICES
    ]
    stmt = (
        select(ExternalEvent.__table__)
        .where(ExternalEvent.source.in_(("wxpay", "unipay")), ExternalEvent.external_id.in_(ids))
        .order_by(ExternalEvent.id)
    )
    return list(session.execute(stmt)) if ids else []


def _lines(session: Session, numbers: set[str], references: set[str], order_id: int) -> list[AnyRow]:
    """Lines that name the order or its movements, those matched with its entries, and the bank's for them."""
    ours = (
        select(Match.line_id)
        .join(LedgerEntry, LedgerEntry.id == Match.entry_id)
        .where(LedgerEntry.order_id == order_id)
    )
    named = select(BillLine.id).where(
        or_(
            BillLine.number.in_(numbers),
            BillLine.reference.in_(references),
            BillLine.original.in_(references),
            BillLine.id.in_(ours),
        )
    )
    bills = select(BillLine.bill_id).where(BillLine.id.in_(named))
    bank = select(SettlementPart.bank_line_id).where(
        or_(SettlementPart.line_id.in_(named), SettlementPart.bill_id.in_(bills))
    )
    stmt = (
        select(
            BillLine.__table__,
            Bill.public_id.label("bill_public_id"),
            Bill.source,
            Bill.kind.label("bill_kind"),
            Bill.day,
            Bill.version,
            Match.entry_id,
        )
        .join(Bill, Bill.id == BillLine.bill_id)
        .outerjoin(Match, Match.line_id == BillLine.id)
        .where(or_(BillLine.id.in_(named), BillLine.id.in_(bank)), Bill.status == BillStatus.CURRENT)
        .order_by(BillLine.at, BillLine.id)
        .limit(100)
    )
    return list(session.execute(stmt))


def sample(session: Session, *, first: date, last: date, seed: str, size: int) -> list[AnyRow]:
    """Paid orders of a span, drawn by their numbers and the seed: the same seed draws the same ones again."""
    start, end = clock.start_of_day(first), clock.start_of_day(last + timedelta(days=1))
    drawn = func.md5(func.concat(cast(seed, Text), ":", Order.number))
    stmt = (
        select(Order.__table__, FeeItem.title.label("item_title"))
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .where(Order.status == "paid", Order.paid_at >= start, Order.paid_at < end)
        .order_by(drawn, Order.id)
        .limit(min(size, MOST_SAMPLES))
    )
    return list(session.execute(stmt))
