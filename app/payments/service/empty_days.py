"""Days of which a channel said that there was nothing, and receipts of them that speak against it."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.payments.models import Bill, BillFetch, BillLine, BillStatus, LedgerAccount, LedgerEntry, LineSort
from app.payments.service import ledger
from app.payments.service.bills import Matter

MOST_TRIES = 24
"""Of asking again, one an hour; what is then left is a difference for people."""


def has_receipts(session: Session, matter: Matter) -> bool:
    """Whether our books, or the account's other bill of the day, have a payment.

    Refunds say nothing: trade bill and fund flow may tell of one on different days.
    """
    return bool(session.scalar(select(_has_receipts(matter.source, matter.kind, matter.account, matter.day))))


def doubtful(session: Session, source: str, kind: str, account: str, first: date) -> set[date]:
    """Days from `first` on, noted as empty, for which receipts have come to light: to be asked for again."""
    tired = exists().where(
        BillFetch.source == source,
        BillFetch.kind == kind,
        BillFetch.account == account,
        BillFetch.day == Bill.day,
        BillFetch.tries >= MOST_TRIES,
    )
    days = select(Bill.day).where(
        Bill.source == source,
        Bill.kind == kind,
        Bill.account == account,
        Bill.status == BillStatus.CURRENT,
        Bill.is_empty,
        Bill.day >= first,
        _has_receipts(source, kind, account, Bill.day),
        ~tired,
    )
    return set(session.scalars(days))


def _has_receipts(
    source: str, kind: str, account: str, day: date | InstrumentedAttribute[date]
) -> ColumnElement[bool]:
    code = ledger.channel(source, account)
    ours: Any = select(LedgerAccount.id).where(LedgerAccount.code == code).scalar_subquery()
    other = aliased(Bill)
    return or_(
        exists().where(
            LedgerEntry.kind == "payment", LedgerEntry.business_on == day, LedgerEntry.debit_id == ours
        ),
        exists().where(
            other.source == source,
            other.account == account,
            other.kind != kind,
            other.day == day,
            other.status == BillStatus.CURRENT,
            BillLine.bill_id == other.id,
            BillLine.sort == LineSort.PAYMENT,
        ),
    )
