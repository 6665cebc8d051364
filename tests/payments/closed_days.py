"""Days closed for tests as finance closes them, where no bill is at hand: what no bill has is cleared by two persons."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.errors import DayNotExplained
from app.payments.models import Bill, Day, Difference, LedgerAccount, LedgerEntry, Merchant
from app.payments.service import bills, cases, closing
from app.payments.service.bills import Matter


def close_days(people: Any, *, last: date | None = None) -> None:
    """Every open day from the first that had money to `last`, or yesterday. `people` is the campus of the tests."""
    with db.unit_of_work() as session:
        first = session.scalar(select(func.min(LedgerEntry.business_on)))
        closed = set(session.scalars(select(Day.day).where(Day.status == "closed")))
    last = last or clock.today() - timedelta(days=1)
    for ahead in range((last - first).days + 1 if first else 0):
        day = first + timedelta(days=ahead)
        if day not in closed:
            close_day(people, day)


def close_day(people: Any, day: date) -> None:
    _note_empty(day)
    try:
        _close(people, day)
    except DayNotExplained:
        _clear(people, day)
        _close(people, day)


def _close(people: Any, day: date) -> None:
    """Refused, it leaves the run that found the differences."""
    refusal = None
    with db.unit_of_work() as session:
        try:
            closing.close_day(session, by=Caller(people.chen), day=day)
        except DayNotExplained as error:
            refusal = error
    if refusal is not None:
        raise refusal


def _note_empty(day: date) -> None:
    """Of each account that has no bill of the day its channel knows of nothing."""
    with db.unit_of_work() as session:
        here = set(session.execute(select(Bill.source, Bill.kind, Bill.account).where(Bill.day == day)))
        for channel, account in _accounts(session):
            for kind in ("trade", "fund") if channel == "wechat" else ("trade",):
                if (channel, kind, account) not in here:
                    bills.note_empty(session, Matter(channel, kind, account, day))


def _accounts(session: Session) -> set[tuple[str, str]]:
    codes = session.scalars(select(LedgerAccount.code).where(LedgerAccount.code.like("channel:%")))
    known = session.execute(select(Merchant.channel, Merchant.merchant_no))
    return {
        *((row.channel, row.merchant_no) for row in known),
        *((code.split(":")[1], code.split(":")[2]) for code in codes),
    }


def _clear(people: Any, day: date) -> None:
    with db.unit_of_work() as session:
        numbers = session.scalars(
            select(Difference.number).where(Difference.day == day, Difference.ended_at.is_(None))
        ).all()
    for number in numbers:
        with db.unit_of_work() as session:
            cases.propose(session, by=Caller(people.zhao), number=number, action="clear", note="已逐笔核对")
        with db.unit_of_work() as session:
            cases.approve(session, by=Caller(people.chen), number=number)
