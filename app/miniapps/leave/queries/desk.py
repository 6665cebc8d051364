"""Leave as the console lists it: filtered, scoped to the caller's units, without reasons."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.paging import Key, Page, page
from app.miniapps.leave.errors import LeaveMissing
from app.miniapps.leave.models import LIVE, Contact, LeaveRequest, LogLine, Policy
from app.miniapps.leave.queries.history import corrected
from app.miniapps.leave.queries.units import units_of

READ = "leave.read"
LIVE_ONES = "live"


@dataclass(frozen=True)
class Filter:
    """What a list shows. `state` is a status, or `live`; `day`: leave that touches it."""

    state: str = ""
    kind: str = ""
    unit_id: int | None = None
    building_id: int | None = None
    day: date | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class DeskView:
    """One leave for who may read it, but does not decide: no reason, no proof."""

    request: LeaveRequest
    policy: Policy
    lines: list[LogLine]
    contacts: list[Contact]
    corrected = staticmethod(corrected)


def readable(session: Session, caller: Caller) -> ColumnElement[bool]:
    """Leave of the classes and colleges in which the caller may read it."""
    units = units_of(session, caller, READ)
    if units is None:
        return true()
    if not units:
        return false()
    return or_(LeaveRequest.class_id.in_(units), LeaveRequest.college_id.in_(units))


def leaves(
    session: Session, caller: Caller, shown: Filter, *, cursor: str | None = None, limit: int = 50
) -> Page[Any]:
    """The latest first."""
    stmt = select(
        LeaveRequest.id,
        LeaveRequest.public_id,
        LeaveRequest.person_id,
        LeaveRequest.class_id,
        LeaveRequest.college_id,
        LeaveRequest.building_id,
        LeaveRequest.kind,
        LeaveRequest.status,
        LeaveRequest.misses_class,
        LeaveRequest.leaves_campus,
        LeaveRequest.leaves_dorm,
        LeaveRequest.starts_at,
        LeaveRequest.ends_at,
        LeaveRequest.due_at,
        LeaveRequest.days,
        LeaveRequest.submitted_at,
        LeaveRequest.returned_at,
    ).where(readable(session, caller), *_conditions(shown))
    return page(session, stmt, keys=[Key("id", LeaveRequest.id, descending=True)], cursor=cursor, limit=limit)


def _conditions(shown: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shown.state == LIVE_ONES:
        found.append(LeaveRequest.status.in_(LIVE))
    elif shown.state:
        found.append(LeaveRequest.status == shown.state)
    if shown.kind:
        found.append(LeaveRequest.kind == shown.kind)
    if shown.unit_id is not None:
        found.append(or_(LeaveRequest.class_id == shown.unit_id, LeaveRequest.college_id == shown.unit_id))
    if shown.building_id is not None:
        found.append(LeaveRequest.building_id == shown.building_id)
    if shown.person_id is not None:
        found.append(LeaveRequest.person_id == shown.person_id)
    if shown.day is not None:
        first = clock.start_of_day(shown.day)
        after = first + clock.timedelta(days=1)
        found += [LeaveRequest.starts_at < after, LeaveRequest.ends_at > first]
    return found


def leave_at_desk(session: Session, caller: Caller, public_id: str) -> DeskView:
    """Raises LeaveMissing."""
    request = session.scalars(
        select(LeaveRequest).where(LeaveRequest.public_id == public_id, readable(session, caller))
    ).one_or_none()
    if request is None:
        raise LeaveMissing()
    lines = session.scalars(
        select(LogLine).where(LogLine.request_id == request.id).order_by(LogLine.id.desc()).limit(100)
    )
    contacts = session.scalars(
        select(Contact).where(Contact.request_id == request.id).order_by(Contact.id.desc()).limit(50)
    )
    return DeskView(request, session.get_one(Policy, request.policy_id), list(lines), list(contacts))
