"""Leave in numbers: by day, weekday, class and kind. Counts of leaves, not of people's habits."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, exists, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.miniapps.leave.models import ABSENT, LeaveRequest, LeaveStatus, LogLine
from app.miniapps.leave.queries.desk import readable
from app.miniapps.leave.queries.units import college_of, with_parents
from app.platform.directory.queries import OrgBrief

GRANTED = (
    LeaveStatus.APPROVED,
    *ABSENT,
    LeaveStatus.CLOSED,
    LeaveStatus.EXTENDED,
)
MOST_DAYS = 190
MOST_CLASSES = 100


@dataclass(frozen=True)
class OfClass:
    """`days` are those of the leaves, of all of them together."""

    unit: OrgBrief | None
    college: OrgBrief | None
    leaves: int
    people: int
    days: float
    late: int


@dataclass(frozen=True)
class Numbers:
    """Of the leaves granted that begin in a span of days. `by_day`: how many were on leave on each.

    `by_weekday`: how many begin on it, Monday first. `late` were not back in time.
    """

    leaves: int
    people: int
    days: float
    late: int
    by_day: list[tuple[date, int]]
    by_weekday: list[int]
    by_kind: dict[str, int]
    by_class: list[OfClass]


def numbers(
    session: Session, caller: Caller, *, first: date, last: date, unit_id: int | None = None
) -> Numbers:
    """From the first day to the last, both counted, in the caller's units."""
    mine = [readable(session, caller), LeaveRequest.status.in_(GRANTED)]
    if unit_id is not None:
        mine.append((LeaveRequest.class_id == unit_id) | (LeaveRequest.college_id == unit_id))
    begins = [
        *mine,
        LeaveRequest.starts_at >= clock.start_of_day(first),
        LeaveRequest.starts_at < clock.start_of_day(last + clock.timedelta(days=1)),
    ]
    sums = session.execute(
        select(
            func.count(),
            func.count(LeaveRequest.person_id.distinct()),
            func.coalesce(func.sum(LeaveRequest.days), 0),
            func.count().filter(_was_late()),
        ).where(*begins)
    ).one()
    weekday = func.extract("isodow", func.timezone("Asia/Shanghai", LeaveRequest.starts_at))
    weekdays = {int(row[0]): row[1] for row in _grouped(session, weekday, begins)}
    return Numbers(
        leaves=sums[0],
        people=sums[1],
        days=float(sums[2]),
        late=sums[3],
        by_day=_by_day(session, mine, first, last),
        by_weekday=[weekdays.get(at, 0) for at in range(1, 8)],
        by_kind={str(row[0]): row[1] for row in _grouped(session, LeaveRequest.kind, begins)},
        by_class=_by_class(session, begins),
    )


def _grouped(session: Session, column: Any, conditions: list[ColumnElement[bool]]) -> list[Any]:
    return list(session.execute(select(column, func.count()).where(*conditions).group_by(column)))


def _was_late() -> ColumnElement[bool]:
    return exists().where(LogLine.request_id == LeaveRequest.id, LogLine.kind == "overdue")


def _by_day(
    session: Session, mine: list[ColumnElement[bool]], first: date, last: date
) -> list[tuple[date, int]]:
    """On leave at any time of the day."""
    zone = "Asia/Shanghai"
    series = select(func.generate_series(first, last, clock.timedelta(days=1)).label("at")).subquery()
    day = cast(series.c.at, Date).label("day")
    begins = cast(func.timezone(zone, LeaveRequest.starts_at), Date)
    ends = cast(func.timezone(zone, LeaveRequest.ends_at - clock.timedelta(microseconds=1)), Date)
    within = (
        select(func.count())
        .select_from(LeaveRequest)
        .where(
            *mine,
            LeaveRequest.starts_at < clock.start_of_day(last + clock.timedelta(days=1)),
            LeaveRequest.ends_at > clock.start_of_day(first),
            begins <= day,
            ends >= day,
        )
        .correlate(series)
        .scalar_subquery()
    )
    return [(row[0], row[1]) for row in session.execute(select(day, within).order_by(day))]


def _by_class(session: Session, begins: list[ColumnElement[bool]]) -> list[OfClass]:
    rows = session.execute(
        select(
            LeaveRequest.class_id,
            func.count().label("leaves"),
            func.count(LeaveRequest.person_id.distinct()),
            func.sum(LeaveRequest.days),
            func.count().filter(_was_late()),
        )
        .where(*begins)
        .group_by(LeaveRequest.class_id)
        .order_by(func.count().desc(), LeaveRequest.class_id)
        .limit(MOST_CLASSES)
    ).all()
    known = with_parents(session, {row[0] for row in rows if row[0] is not None})
    return [
        OfClass(
            known.get(row[0] or 0),
            college_of(row[0], known) if row[0] else None,
            row[1],
            row[2],
            float(row[3]),
            row[4],
        )
        for row in rows
    ]
