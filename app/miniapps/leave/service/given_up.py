"""Who had gone when his leave was given up, called back or let lapse: the line of it came in later. He is away."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.kit import clock, outbox
from app.miniapps.leave.events import LeaveMoved
from app.miniapps.leave.models import ABSENT, GIVEN_UP, ROAMING, LeaveRequest, LeaveStatus
from app.miniapps.leave.queries.audiences import counsellors
from app.miniapps.leave.service.ladder import next_time
from app.miniapps.leave.service.late_lines import EARLY
from app.miniapps.leave.service.log import move, note
from app.miniapps.leave.service.moving import TIME_TO_COME_BACK
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications


def gone_with(session: Session, person_id: int, *, at: datetime, pass_id: str | None) -> LeaveRequest | None:
    """The leave that still stood when he went, locked. None when another one follows him anyway."""
    other = aliased(LeaveRequest)
    is_followed = exists().where(
        other.person_id == person_id,
        other.status.in_((LeaveStatus.APPROVED, *ABSENT)),
        other.starts_at <= LeaveRequest.due_at,
        other.due_at >= at,
    )
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status.in_(GIVEN_UP),
        LeaveRequest.leaves_campus,
        LeaveRequest.kind.not_in(ROAMING),
        LeaveRequest.starts_at <= at + EARLY,
        LeaveRequest.ends_at >= at,
        LeaveRequest.ended_at > at,
        ~is_followed,
    )
    if pass_id is not None:
        stmt = stmt.where(LeaveRequest.pass_id == pass_id)
    locked = stmt.order_by(LeaveRequest.ended_at, LeaveRequest.id).limit(1).with_for_update()
    return session.scalars(locked, execution_options={"populate_existing": True}).first()


def reopen(session: Session, request: LeaveRequest, *, source: str, at: datetime) -> None:
    """He is out, and is waited for as who is called back; the counsellors hear of it."""
    was, now = request.status, clock.now()
    due_at = request.due_at
    if was != LeaveStatus.EXPIRED:
        due_at = min(due_at, now + TIME_TO_COME_BACK)
    move(
        session,
        request.id,
        to=LeaveStatus.OUT,
        allowed=GIVEN_UP,
        out_at=at,
        out_source=source,
        due_at=due_at,
        ended_at=None,
        next_step_at=next_time(due_at, now),
    )
    note(session, request.id, "out", by=None, source=source, was=was)
    outbox.emit(session, LeaveMoved(request.id, LeaveStatus.OUT))
    for person_id in counsellors(session, request):
        notifications.tell(
            session,
            kind="leave.gone_before",
            person_id=person_id,
            params={
                "leave_id": request.public_id,
                "who": directory.person(session, request.person_id).name,
                "at": f"{clock.local(at):%m-%d %H:%M}",
                "due": f"{clock.local(due_at):%m-%d %H:%M}",
            },
            key=f"leave:{request.id}:gone_before:{at.isoformat()}",
            matter=f"leave:{request.id}",
        )
