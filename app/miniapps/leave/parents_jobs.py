"""When parents are told of a leave: granted, or three hours late; never at night, nor while the gates' log is late."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.outbox import RetryLater
from app.miniapps.leave.days import moment as moment_of
from app.miniapps.leave.events import LeaveMoved, StepClimbed
from app.miniapps.leave.models import ABSENT, LeaveRequest, LeaveStatus, Policy
from app.miniapps.leave.queries import gate_lists
from app.miniapps.leave.queries.students import find_student
from app.miniapps.leave.service import telling_parents as telling
from app.miniapps.leave.service.telling_parents import QUIET_FROM, QUIET_UNTIL
from app.platform.notifications.events import TextEnded

LATE_AT = "dorm"
"""The rung of the ladder at which parents hear of it."""
LOG_LATE = timedelta(minutes=30)
"""Read no further than so long ago, the gates' log does not say that he is away."""
LOG_ASKED = timedelta(minutes=5)
LOG_WAITED = timedelta(hours=6)
"""After he was due; then the counsellors are told instead."""
LEFT = ("accepted", "delivered")
OVER = (LeaveStatus.CLOSED, LeaveStatus.REVOKED, LeaveStatus.CANCELLED)


def is_granted(event: LeaveMoved) -> bool:
    return event.status == LeaveStatus.APPROVED


def is_over(event: LeaveMoved) -> bool:
    return event.status in OVER


def is_late(event: StepClimbed) -> bool:
    return event.step == LATE_AT


def is_to_parents(event: TextEnded) -> bool:
    return event.subject.startswith(f"{telling.SUBJECT}:")


def on_granted_for_parents(session: Session, event: LeaveMoved) -> None:
    request = session.get_one(LeaveRequest, event.request_id, with_for_update=True)
    if request.status in (LeaveStatus.APPROVED, *ABSENT):
        _tell(session, request, telling.APPROVED)


def on_over_for_parents(session: Session, event: LeaveMoved) -> None:
    """He is back, or does not go: what waits is not sent."""
    request = session.get_one(LeaveRequest, event.request_id, with_for_update=True)
    if request.status == LeaveStatus.CLOSED:
        telling.cancel(session, request, telling.OVERDUE)
    elif request.status in OVER:
        telling.cancel(session, request)


def on_late_for_parents(session: Session, event: StepClimbed) -> None:
    """Unless he came back meanwhile or has longer now. Raises RetryLater while he said that he is safe."""
    request = session.get_one(LeaveRequest, event.request_id, with_for_update=True)
    if request.status != LeaveStatus.OVERDUE or request.due_at.isoformat() != event.due:
        return
    if request.safe_until is not None and (rest := request.safe_until - clock.now()) > timedelta(0):
        raise RetryLater(rest)
    _tell(session, request, telling.OVERDUE)


def on_text_ended(session: Session, event: TextEnded) -> None:
    _, request_id, moment, relation = event.subject.split(":")
    request = session.get_one(LeaveRequest, int(request_id), with_for_update=True)
    if event.status in LEFT:
        telling.note_told(session, request, moment, relation)
    else:
        telling.note_not_told(session, request, moment, event.error, relation)


def _tell(session: Session, request: LeaveRequest, moment: str) -> None:
    """Raises RetryLater at night, and while he may have come in through a gate whose log is still to come."""
    if not telling.tells_parents(session.get_one(Policy, request.policy_id), moment):
        return
    if find_student(session, request.person_id) is None:
        return  # he has left the school
    if wait := _until_morning():
        raise RetryLater(wait)
    if moment == telling.OVERDUE and _log_is_late(session):
        if clock.now() < request.due_at + LOG_WAITED:
            raise RetryLater(LOG_ASKED)
        telling.note_log_late(session, request, gate_lists.log_reached_at(session))
        return
    telling.tell_parents(session, request, moment)


def _log_is_late(session: Session) -> bool:
    """Also while lines are left out of it: of gates without a code, or that are being read again."""
    if not gate_lists.reads_log(session):
        return False
    if not gate_lists.is_log_whole(session):
        return True
    reached_at = gate_lists.log_reached_at(session)
    return reached_at is None or reached_at < clock.now() - LOG_LATE


def _until_morning() -> timedelta:
    """Zero by day."""
    now = clock.now()
    local = clock.local(now)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return timedelta(0)
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return moment_of(day, QUIET_UNTIL) - now
