"""What a closed day adds to the ledger: the fees that channels kept, and the settlements that reached the bank."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Row, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.payments.models import Bill, BillKind, BillLine, BillStatus, SettlementPart
from app.payments.service import ledger

FEE, SETTLEMENT = "fee", "settlement"
TRADES = (BillKind.TRADE, BillKind.PAYMENTS, BillKind.REFUNDS)
E5_A_FEN = 1000
Rows = list[Row[Any]]


def book_day(session: Session, day: date) -> None:
    """In the transaction that closes the day, hence once. Fees as they were kept: whether rightly is a difference."""
    at = clock.start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)
    for row in _fees(session, day):
        fen = round(row.fee_e5 / E5_A_FEN)
        channel, fees = ledger.channel(row.source, row.account), f"{ledger.FEES}:{row.source}"
        _post(session, FEE, f"{row.source}:{row.account}:{day}", fees, channel, fen, at)
    for row in _settled(session, day):
        reference = f"{row.bank_line_id}:{row.source}:{row.account}"
        _post(
            session, SETTLEMENT, reference, ledger.BANK, ledger.channel(row.source, row.account), row.fen, at
        )


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
    """By bank line and account; the bank's day counts."""
    bank_line = aliased(BillLine)
    on = sql_cast(func.timezone("Asia/Shanghai", bank_line.at), Date)
    return list(
        session.execute(
            select(
                SettlementPart.bank_line_id,
                Bill.source,
                Bill.account,
                func.sum(func.abs(BillLine.fen)).label("fen"),
            )
            .join(BillLine, BillLine.id == SettlementPart.line_id)
            .join(Bill, Bill.id == BillLine.bill_id)
            .join(bank_line, bank_line.id == SettlementPart.bank_line_id)
            .where(on == day)
            .group_by(SettlementPart.bank_line_id, Bill.source, Bill.account)
        )
    )
