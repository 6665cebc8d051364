"""Days: which are closed, which could be, and what stands in the way of the others."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.payments.models import Bill, Day, Difference, DifferenceStatus, Run

LIVE = (DifferenceStatus.OPEN, DifferenceStatus.WAITING, DifferenceStatus.PROPOSED)
LOOKS_BACK = timedelta(days=62)


class DayUnknown(NotFound):
    code = "payments.day_unknown"
    msgid = N_("这一天还没有对过账。请先运行对账。")


@dataclass(frozen=True)
class DayState:
    """`state`: closed, explained, differences, missing (bills), or new (never run). `live`: not yet explained."""

    day: date
    state: str
    live: int
    suspended: int
    bills: int
    run: AnyRow | None
    row: AnyRow | None


def day_states(session: Session, *, first: date, last: date) -> list[DayState]:
    """Every day of the span, the newest first, in four statements."""
    rows = {
        row.day: row for row in session.execute(select(Day.__table__).where(Day.day.between(first, last)))
    }
    latest = select(func.max(Run.id)).where(Run.day.between(first, last)).group_by(Run.day)
    runs = {row.day: row for row in session.execute(select(Run.__table__).where(Run.id.in_(latest)))}
    arrived = (
        select(Bill.day, func.count().label("bills"))
        .where(Bill.day.between(first, last), Bill.status == "current")
        .group_by(Bill.day)
    )
    bills = {row.day: int(row.bills) for row in session.execute(arrived)}
    found = _differences(session, first, last)
    span = (last - first).days + 1
    days = [last - timedelta(days=back) for back in range(span)]
    return [
        _state(day, rows.get(day), runs.get(day), bills.get(day, 0), found.get(day, (0, 0))) for day in days
    ]


def _differences(session: Session, first: date, last: date) -> dict[date, tuple[int, int]]:
    rows = session.execute(
        select(
            Difference.day,
            func.count().filter(Difference.status.in_([str(one) for one in LIVE])),
            func.count().filter(Difference.status == DifferenceStatus.SUSPENDED),
        )
        .where(Difference.day.between(first, last))
        .group_by(Difference.day)
    )
    return {day: (int(live), int(suspended)) for day, live, suspended in rows}


def _state(day: date, row: AnyRow | None, run: AnyRow | None, bills: int, found: tuple[int, int]) -> DayState:
    live, suspended = found
    if row is not None and row.status == "closed":
        state = "closed"
    elif run is None:
        state = "new"
    elif run.figures.get("missing"):
        state = "missing"
    else:
        state = "differences" if live else "explained"
    return DayState(day, state, live, suspended, bills, run, row)


def day_state(session: Session, day: date) -> DayState:
    return day_states(session, first=day, last=day)[0]


def certificate_of(session: Session, day: date) -> dict[str, Any]:
    """As it was signed. Raises DayUnknown for one that is not closed."""
    found = session.scalar(select(Day.certificate).where(Day.day == day))
    if found is None:
        raise DayUnknown()
    return dict(found)


def days_to_close(session: Session, *, today: date, quiet: bool) -> list[date]:
    """Open ones that are explained, the oldest first; `quiet`: only those without any difference."""
    last = today - timedelta(days=1)
    states = day_states(session, first=today - LOOKS_BACK, last=last)
    days = [one.day for one in states[::-1] if one.state == "explained"]
    if quiet:
        days = [day for day in days if not session.scalar(select(_has_difference(day)))]
    return days


def _has_difference(day: date) -> Any:
    return exists().where(
        or_(Difference.day == day, Difference.facts["closed_day"].astext == day.isoformat()),
        Difference.status != DifferenceStatus.HEALED,
    )
