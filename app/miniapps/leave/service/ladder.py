"""The ladder: who is told, and when, while somebody is not back yet.

Rungs count from the time he must be back. Those that are for an office wait for the morning; those for the dorm,
where somebody is awake, do not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.kit import clock, outbox
from app.miniapps.leave.days import moment
from app.miniapps.leave.events import LeaveMoved, StepClimbed
from app.miniapps.leave.models import ABSENT, LeaveKind, LeaveRequest, LeaveStatus, Policy, Step
from app.miniapps.leave.service.log import move, note

QUIET_FROM, QUIET_UNTIL = time(23, 0), time(7, 0)
BATCH = 500


@dataclass(frozen=True)
class Rung:
    key: str
    after: timedelta
    waits_for_morning: bool


RUNGS = (
    Rung(
        "soon", timedelta(hours=-2), waits_for_morning=False
    ),  # the student, who is up to no harm by a reminder
    Rung("due", timedelta(0), waits_for_morning=False),
    Rung("counsellor", timedelta(hours=1), waits_for_morning=True),
    Rung("dorm", timedelta(hours=3), waits_for_morning=False),
    Rung("office", timedelta(hours=24), waits_for_morning=True),
)


def next_time(due_at: datetime, now: datetime, climbed: Collection[str] = ()) -> datetime | None:
    """When the next rung is climbed; None when all were. A reminder whose time is over is left out."""
    waiting = [
        time_of(rung, due_at)
        for rung in RUNGS
        if rung.key not in climbed and not (rung.after < timedelta(0) and now >= due_at)
    ]
    return max(min(waiting), now) if waiting else None


def first_step(request: LeaveRequest, now: datetime) -> datetime | None:
    """When to look at somebody next who has gone. Who lives at home is not waited for: his month just ends."""
    is_day_student = request.kind == LeaveKind.DAY_STUDENT
    return max(request.ends_at, now) if is_day_student else next_time(request.due_at, now)


def time_of(rung: Rung, due_at: datetime) -> datetime:
    """When a rung is climbed: at its time, or the morning after when it waits for one."""
    at = due_at + rung.after
    local = clock.local(at)
    if not rung.waits_for_morning or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return moment(day, QUIET_UNTIL)


def due_steps(session: Session) -> list[int]:
    """Leaves whose next rung is due."""
    stmt = (
        select(LeaveRequest.id)
        .where(LeaveRequest.next_step_at <= clock.now())
        .order_by(LeaveRequest.next_step_at)
        .limit(BATCH)
    )
    return list(session.scalars(stmt))


def climb(session: Session, *, request_id: int) -> bool:
    """Every rung of one leave whose time has come; False when there was none. Once for each rung and due time."""
    request = session.get(LeaveRequest, request_id, with_for_update=True, populate_existing=True)
    now = clock.now()
    if (
        request is None
        or request.status not in ABSENT
        or not request.next_step_at
        or request.next_step_at > now
    ):
        return False
    if request.kind == LeaveKind.DAY_STUDENT:
        over = min(request.ends_at, request.due_at)
        if now >= over:
            _end(session, request_id)
        else:
            request.next_step_at = over
        return True
    if now >= request.due_at and request.status == LeaveStatus.OUT:
        move(session, request_id, to=LeaveStatus.OVERDUE, allowed=(LeaveStatus.OUT,))
        note(session, request_id, "overdue", by=None)
        outbox.emit(session, LeaveMoved(request_id, LeaveStatus.OVERDUE))
    climbed = set(
        session.scalars(select(Step.step).where(Step.request_id == request_id, Step.due_at == request.due_at))
    )
    for rung in RUNGS:
        is_over = rung.after < timedelta(0) and now >= request.due_at
        if rung.key not in climbed and not is_over and time_of(rung, request.due_at) <= now:
            _climb(session, request, rung)
            climbed.add(rung.key)
    session.execute(
        update(LeaveRequest)
        .where(LeaveRequest.id == request_id)
        .values(next_step_at=next_time(request.due_at, now, climbed))
    )
    return True


def _end(session: Session, request_id: int) -> None:
    move(session, request_id, to=LeaveStatus.CLOSED, allowed=ABSENT, ended_at=clock.now(), next_step_at=None)
    note(session, request_id, "closed", by=None, source="clock")
    outbox.emit(session, LeaveMoved(request_id, LeaveStatus.CLOSED))


def _climb(session: Session, request: LeaveRequest, rung: Rung) -> None:
    session.add(Step(request_id=request.id, due_at=request.due_at, step=rung.key, at=clock.now()))
    note(session, request.id, "step", by=None, step=rung.key)
    outbox.emit(session, StepClimbed(request.id, rung.key, request.due_at.isoformat()))


def starting(session: Session) -> list[int]:
    """Approved leaves whose time has begun and that need nobody to see him go."""
    return _approved(session, LeaveRequest.starts_at, out_by="clock")


def unused(session: Session) -> list[int]:
    """Approved leaves that are over though nobody saw him go."""
    return _approved(session, LeaveRequest.ends_at, out_by="evidence")


def _approved(session: Session, moment: InstrumentedAttribute[datetime], *, out_by: str) -> list[int]:
    stmt = (
        select(LeaveRequest.id)
        .join(Policy, Policy.id == LeaveRequest.policy_id)
        .where(LeaveRequest.status == LeaveStatus.APPROVED, moment <= clock.now(), Policy.out_by == out_by)
        .order_by(moment)
        .limit(BATCH)
    )
    return list(session.scalars(stmt))


def expire(session: Session, *, request_id: int) -> None:
    """What was granted and not used is over. Raises MovedOn when it was used meanwhile."""
    move(session, request_id, to=LeaveStatus.EXPIRED, allowed=(LeaveStatus.APPROVED,), ended_at=clock.now())
    note(session, request_id, "expired", by=None)
    outbox.emit(session, LeaveMoved(request_id, LeaveStatus.EXPIRED))
