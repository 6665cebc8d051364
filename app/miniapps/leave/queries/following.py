"""Who is out, who is due tonight, who is late: for counsellors and dorm managers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.paging import Key, Page, page
from app.miniapps.leave.models import ABSENT, LeaveRequest, LeaveStatus, Roll, RollMark
from app.platform.directory import queries as directory

FOLLOW, DORM = "leave.follow", "leave.dorm"
VIEWS = ("overdue", "tonight", "out", "coming")


@dataclass(frozen=True)
class Awaited:
    """Somebody of a roll call: on leave (`away_until`), or to be looked for."""

    person_id: int
    name: str
    number: str | None
    away_until: datetime | None
    mark: str | None


def in_care(caller: Caller) -> ColumnElement[bool]:
    """Leave of the caller's classes, colleges and buildings."""
    units, buildings = caller.scope(FOLLOW), caller.scope(DORM)
    if units.everything or buildings.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if units.unit_ids:
        parts += [LeaveRequest.class_id.in_(units.unit_ids), LeaveRequest.college_id.in_(units.unit_ids)]
    if buildings.building_ids:
        parts.append(and_(LeaveRequest.building_id.in_(buildings.building_ids), LeaveRequest.leaves_dorm))
    return or_(*parts) if parts else false()


def followed(
    session: Session, caller: Caller, view: str, *, cursor: str | None, limit: int = 50
) -> Page[Any]:
    """Overdue, due back until tonight, out, or granted and still to come; by the time they are due."""
    midnight = clock.start_of_day(clock.today() + clock.timedelta(days=1))
    shown = {
        "overdue": LeaveRequest.status == LeaveStatus.OVERDUE,
        "tonight": and_(LeaveRequest.status.in_(ABSENT), LeaveRequest.due_at < midnight),
        "out": LeaveRequest.status.in_(ABSENT),
        "coming": LeaveRequest.status == LeaveStatus.APPROVED,
    }[view]
    stmt = select(
        LeaveRequest.id,
        LeaveRequest.public_id,
        LeaveRequest.person_id,
        LeaveRequest.kind,
        LeaveRequest.status,
        LeaveRequest.starts_at,
        LeaveRequest.due_at,
        LeaveRequest.safe_until,
    ).where(in_care(caller), shown)
    return page(
        session,
        stmt,
        keys=[Key("due_at", LeaveRequest.due_at), Key("id", LeaveRequest.id)],
        cursor=cursor,
        limit=limit,
    )


def find_roll(session: Session, *, building_id: int | None, class_id: int | None) -> Roll | None:
    """Tonight's roll call of a place, if somebody has begun it."""
    place = Roll.building_id == building_id if building_id else Roll.class_id == class_id
    return session.scalars(select(Roll).where(place, Roll.day == clock.today())).one_or_none()


def roll_of(session: Session, *, building_id: int | None, class_id: int | None) -> list[Awaited]:
    """Everybody of the building or class tonight, with approved leave beside the name: only the rest is unexplained."""
    people = (
        directory.residents_of_building(session, building_id)
        if building_id
        else directory.students_of(session, class_id or 0)
    )
    roll = find_roll(session, building_id=building_id, class_id=class_id)
    night = clock.start_of_day(clock.today()) + clock.timedelta(hours=23)
    away = dict(
        session.execute(
            select(LeaveRequest.person_id, LeaveRequest.due_at).where(
                LeaveRequest.person_id.in_([person.id for person in people]),
                LeaveRequest.leaves_dorm,
                or_(
                    LeaveRequest.status == LeaveStatus.OUT,
                    and_(LeaveRequest.status == LeaveStatus.APPROVED, LeaveRequest.starts_at <= night),
                ),
                LeaveRequest.ends_at > night,
            )
        ).all()
    )
    found = select(RollMark.person_id, RollMark.mark).where(RollMark.roll_id == (roll.id if roll else None))
    marks = dict(session.execute(found).all())
    return [Awaited(one.id, one.name, one.number, away.get(one.id), marks.get(one.id)) for one in people]
