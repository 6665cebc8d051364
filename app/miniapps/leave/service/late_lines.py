"""A line that waited in a device comes in after later ones: a leave then stands as the times of all of them say."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.miniapps.leave.models import ABSENT, ROAMING, LeaveRequest, LeaveStatus, Scan
from app.miniapps.leave.service.log import note
from app.miniapps.leave.service.moving import mark_returned

EARLY = clock.timedelta(minutes=10)  # before the leave begins


def ended_leave_at(
    session: Session, person_id: int, *, at: datetime, pass_id: str | None, source: str
) -> LeaveRequest | None:
    """The leave he was on at that moment and has come back from since, locked."""
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status == LeaveStatus.CLOSED,
        LeaveRequest.leaves_dorm if source == "dorm" else LeaveRequest.leaves_campus,
        LeaveRequest.kind.not_in(ROAMING),
        LeaveRequest.starts_at <= at + EARLY,
        LeaveRequest.returned_at > at,
    )
    if pass_id is not None:
        stmt = stmt.where(LeaveRequest.pass_id == pass_id)
    stmt = stmt.order_by(LeaveRequest.returned_at, LeaveRequest.id).limit(1)
    return session.scalars(stmt.with_for_update(), execution_options={"populate_existing": True}).first()


def went_before(
    session: Session, by: Caller | None, request: LeaveRequest, *, source: str, at: datetime
) -> str:
    """He went out before the return that is known already; the leave stays ended. A word of WHY."""
    if at > request.ends_at:
        return "over"
    if request.out_at is None or request.out_source == "clock" or at < request.out_at:
        _set(session, by, request, source, out_at=at, out_source=source)
    return "back"


def came_before(
    session: Session, by: Caller | None, request: LeaveRequest, *, source: str, at: datetime
) -> str:
    """He was back before the return that is known already, unless he went out once more in between. A word of WHY."""
    if request.out_at is not None and at < request.out_at:
        return "not_away"
    if _last_after(session, request.person_id, at, until=request.returned_at, direction="out") is not None:
        return "went_again"
    _set(session, by, request, source, returned_at=at, return_source=source)
    return "late" if at > request.due_at else "in"


def is_back(session: Session, by: Caller | None, request: LeaveRequest, *, at: datetime) -> bool:
    """Whether the latest that is known of him after this way out is that he came in; then the leave ends with it."""
    session.refresh(request)
    last = _last_after(session, request.person_id, at)
    if request.status not in ABSENT or last is None or last.direction != "in":
        return False
    if request.out_at is not None and last.at < request.out_at:
        return False
    mark_returned(session, by=by, request_id=request.id, source="gate", at=last.at)
    return True


def is_out_again(session: Session, request: LeaveRequest, *, at: datetime) -> bool:
    """Whether he is known to have gone out once more after this way in: then it does not end his leave."""
    last = _last_after(session, request.person_id, at)
    return last is not None and last.direction == "out"


def _last_after(
    session: Session,
    person_id: int,
    at: datetime,
    *,
    until: datetime | None = None,
    direction: str | None = None,
) -> AnyRow | None:
    """The latest time that he was let through after a moment."""
    stmt = select(Scan.direction, Scan.at).where(Scan.person_id == person_id, Scan.is_allowed, Scan.at > at)
    if until is not None:
        stmt = stmt.where(Scan.at < until)
    if direction is not None:
        stmt = stmt.where(Scan.direction == direction)
    return session.execute(stmt.order_by(Scan.at.desc(), Scan.id.desc()).limit(1)).first()


def _set(session: Session, by: Caller | None, request: LeaveRequest, source: str, **values: Any) -> None:
    for name, value in values.items():
        setattr(request, name, value)
    session.flush()
    note(session, request.id, "reordered", by=by, source=source)
