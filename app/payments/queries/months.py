"""月结: a month's four sides together, and what is still to be done before it can be closed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.payments.models import (
    Difference,
    LedgerAccount,
    LedgerEntry,
    Voucher,
)
from app.payments.queries.closing import DayState, day_states
from app.payments.queries.statements import Statement, statements
from app.payments.service.vouchers.periods import end_of_month

OURS = ("payment", "refund_paid", "reversal")


@dataclass
class MonthAccount:
    """One channel's account in a month, in fen. `balance_fen`: what the channel still holds at the month's end.

    Of a meter system: what it got by its statements and by our deliveries; it holds nothing.
    """

    source: str
    account: str
    bill_fen: int = 0
    matched_fen: int = 0
    explained_fen: int = 0
    our_fen: int = 0
    fee_fen: int = 0
    settled_fen: int = 0
    balance_fen: int = 0


@dataclass(frozen=True)
class Month:
    """`is_complete`: all days are closed, all departments have confirmed, no voucher was refused."""

    first: date
    last: date
    days: list[DayState]
    accounts: list[MonthAccount]
    meters: list[MonthAccount]
    differences: list[AnyRow]
    statements: list[Statement]
    vouchers: list[AnyRow]

    @property
    def closed(self) -> int:
        return sum(one.state == "closed" for one in self.days)

    @property
    def confirmed(self) -> int:
        return sum(one.confirmed_at is not None for one in self.statements)

    @property
    def is_complete(self) -> bool:
        return (
            self.closed == len(self.days)
            and self.confirmed == len(self.statements)
            and all(one.status != "refused" for one in self.vouchers)
        )


def month_of(session: Session, first: date) -> Month:
    """All of a month up to yesterday. `first` is its first day; days before any money are none of its days."""
    last = min(end_of_month(first), clock.today() - timedelta(days=1))
    start = max(first, _first_money(session) or first)
    days = day_states(session, first=start, last=last) if start <= last else []
    return Month(
        first,
        last,
        days,
        _accounts(session, days, first, last),
        list(_compared(days, "delivery").values()),
        _differences(session, first, last),
        statements(session, first),
        _vouchers(session, first),
    )


def _first_money(session: Session) -> date | None:
    return session.scalar(select(LedgerEntry.business_on).order_by(LedgerEntry.business_on).limit(1))


def _accounts(session: Session, days: list[DayState], first: date, last: date) -> list[MonthAccount]:
    table = _compared(days, "trade")
    for code, sums in _moved(session, first, last).items():
        _, source, account = code.split(":", 2)
        found = _of(table, source, account)
        found.our_fen = sum(sums[kind] for kind in OURS)
        found.fee_fen, found.settled_fen = -sums["fee"], -sums["settlement"]
        found.balance_fen = sums["balance"]
    return [table[key] for key in sorted(table)]


def _compared(days: list[DayState], kind: str) -> dict[tuple[str, str], MonthAccount]:
    """What the last runs of the days say of bills of this kind, summed."""
    table: dict[tuple[str, str], MonthAccount] = {}
    for day in days:
        for one in day.run.figures.get("accounts", []) if day.run else []:
            if one["kind"] == kind:
                found = _of(table, one["source"], one["account"])
                found.bill_fen += one["fen"]
                found.matched_fen += one["matched_fen"]
                found.explained_fen += one["explained_fen"]
                found.our_fen += one["our_fen"]
    return dict(sorted(table.items()))


def _of(table: dict[tuple[str, str], MonthAccount], source: str, account: str) -> MonthAccount:
    return table.setdefault((source, account), MonthAccount(source, account))


def _moved(session: Session, first: date, last: date) -> dict[str, dict[str, int]]:
    """By channel account: the month's movements by kind, and the balance at its end, debit positive."""
    signed = case((LedgerEntry.debit_id == LedgerAccount.id, LedgerEntry.fen), else_=-LedgerEntry.fen)
    stmt = (
        select(
            LedgerAccount.code,
            LedgerEntry.kind,
            func.sum(signed).label("all"),
            func.coalesce(func.sum(signed).filter(LedgerEntry.business_on >= first), 0).label("month"),
        )
        .join(
            LedgerEntry,
            or_(LedgerEntry.debit_id == LedgerAccount.id, LedgerEntry.credit_id == LedgerAccount.id),
        )
        .where(LedgerAccount.code.like("channel:%"), LedgerEntry.business_on <= last)
        .group_by(LedgerAccount.code, LedgerEntry.kind)
    )
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, kind, whole, month in session.execute(stmt):
        found[code][kind] += int(month)
        found[code]["balance"] += int(whole)
    return found


def _differences(session: Session, first: date, last: date) -> list[AnyRow]:
    """Of the month, healed ones left out."""
    return list(
        session.execute(
            select(Difference.__table__)
            .where(Difference.day.between(first, last), Difference.status != "healed")
            .order_by(Difference.day, Difference.id)
            .limit(10_000)
        )
    )


def _vouchers(session: Session, first: date) -> list[AnyRow]:
    """Of the month and of its days: both are periods."""
    return list(
        session.execute(
            select(Voucher.__table__)
            .where(Voucher.voucher_on.between(first, end_of_month(first)))
            .order_by(Voucher.voucher_on, Voucher.id)
            .limit(10_000)
        )
    )
