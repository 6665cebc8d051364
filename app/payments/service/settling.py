"""What a closed day adds to the ledger: the fees that channels kept, and the settlements that reached the bank."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.kit import clock
from app.payments.models import Bill, BillKind, BillLine, BillStatus, Day, LedgerEntry, SettlementPart
from app.payments.service import ledger

FEE, SETTLEMENT = "fee", "settlement"
TRADES = (BillKind.TRADE, BillKind.PAYMENTS, BillKind.REFUNDS)
E5_A_FEN = 1000
LATE = timedelta(days=40)
"""As far back a bank's file may come after its day was closed."""
Rows = list[Row[Any]]
_line = aliased(BillLine)


def book_day(session: Session, day: date) -> None:
    """In the transaction that closes the day, hence once. Fees as they were kept: whether rightly is a difference."""
    at = clock.start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)
    for row in _fees(session, day):
        fen = round(row.fee_e5 / E5_A_FEN)
        channel, fees = ledger.channel(row.source, row.account), f"{ledger.FEES}:{row.source}"
        _post(session, FEE, f"{row.source}:{row.account}:{day}", fees, channel, fen, at)
    for row in _settled(session, day):
        channel = ledger.channel(row.source, row.account)
        _post(session, SETTLEMENT, row.reference, ledger.BANK, channel, row.fen, at)


def _post(
    session: Session, kind: str, reference: str, debit: str, credit: str, fen: int, at: datetime
) -> None:
    if fen == 0:
        return
    if fen < 0:
        debit, credit = credit, debit
    ledger.post(
        session, kind=kind, reference=reference, debit=debit, credit=credit, fen=abs(fen), happened_at=at
    )


def _fees(session: Session, day: date) -> Rows:
    return list(
        session.execute(
            select(Bill.source, Bill.account, func.sum(Bill.fee_e5).label("fee_e5"))
            .where(Bill.day == day, Bill.status == BillStatus.CURRENT, Bill.kind.in_(TRADES))
            .group_by(Bill.source, Bill.account)
        )
    )


def _settled(session: Session, day: date) -> Rows:
    """Bank lines that are settlements, of the day and of closed days before it whose lines came late; none twice.

    As much as the bank has: what it lacks stays with the channel until the difference is worked.
    """
    bank_bill = aliased(Bill)
    reference = func.concat_ws(":", bank_bill.account, bank_bill.day, BillLine.reference)
    stmt = (
        select(reference.label("reference"), Bill.source, Bill.account, BillLine.fen)
        .distinct()
        .join_from(SettlementPart, BillLine, BillLine.id == SettlementPart.bank_line_id)
        .join(bank_bill, bank_bill.id == BillLine.bill_id)
        .join(_line, _line.id == SettlementPart.line_id, isouter=True)
        .join(Bill, Bill.id == func.coalesce(SettlementPart.bill_id, _line.bill_id))
        .where(
            or_(
                bank_bill.day == day, and_(bank_bill.day.between(day - LATE, day), _is_closed(bank_bill.day))
            ),
            ~exists().where(LedgerEntry.kind == SETTLEMENT, LedgerEntry.reference == reference),
        )
        .order_by("reference")
    )
    return list(session.execute(stmt))


def _is_closed(day: InstrumentedAttribute[date]) -> ColumnElement[bool]:
    return exists().where(Day.day == day, Day.status == "closed")
