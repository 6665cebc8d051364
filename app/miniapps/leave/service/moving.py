"""What happens to a leave after it was asked for. Every change is one conditional UPDATE."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.miniapps.leave.errors import LeaveMissing, MovedOn, NotSelf, ReasonTooShort, SafeTooLong
from app.miniapps.leave.events import LeaveMoved
from app.miniapps.leave.labels import STATUS_LABELS
from app.miniapps.leave.models import ABSENT, LeaveRequest, LeaveStatus, Policy
from app.miniapps.leave.service.ladder import first_step, next_time
from app.miniapps.leave.service.log import move, note
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import CaseEndedAlready
from app.platform.approvals.queries import form_of

FOLLOW, DORM, OFFICE = "leave.follow", "leave.dorm", "leave.office"
SOURCES = ("gate", "dorm", "self", "counsellor", "clock")
LONGEST_SAFE = clock.timedelta(hours=24)
TIME_TO_COME_BACK = clock.timedelta(hours=2)  # when he is called back, or was granted leave too late


def decide(session: Session, *, public_id: str, status: str) -> None:
    """The case has ended. Safe to call twice: what has moved on is left alone."""
    request = session.scalars(
        select(LeaveRequest).where(LeaveRequest.public_id == public_id).with_for_update()
    ).one_or_none()
    if request is None or request.status not in (LeaveStatus.APPROVING, LeaveStatus.CHANGING):
        return
    if status == "approved":
        _approved(session, request)
        return
    to = LeaveStatus.REJECTED if status == "rejected" else LeaveStatus.WITHDRAWN
    _to(session, request.id, to, (LeaveStatus.APPROVING, LeaveStatus.CHANGING), by=None, ended_at=clock.now())


def note_returned(session: Session, *, public_id: str, is_returned: bool) -> None:
    """The case went back to its starter, or came from him again."""
    old, new = LeaveStatus.APPROVING, LeaveStatus.CHANGING
    if not is_returned:
        old, new = new, old
    request = session.scalars(
        update(LeaveRequest)
        .where(LeaveRequest.public_id == public_id, LeaveRequest.status == old)
        .values(status=new)
        .returning(LeaveRequest)
    ).one_or_none()
    if request is not None and request.case_id is not None and not is_returned:
        form = form_of(session, request.case_id)
        request.reason, request.destination = form.get("reason") or "", form.get("destination") or ""


def _approved(session: Session, request: LeaveRequest) -> None:
    """What is granted when it is over already still leaves time to come back."""
    now = clock.now()
    due_at = now + TIME_TO_COME_BACK if request.ends_at <= now else request.due_at
    undecided = (LeaveStatus.APPROVING, LeaveStatus.CHANGING)
    _to(session, request.id, LeaveStatus.APPROVED, undecided, by=None, due_at=due_at)
    if request.parent_id is not None:
        _take_over(session, request, request.parent_id)


def _take_over(session: Session, request: LeaveRequest, parent_id: int) -> None:
    """An extension takes over from the leave that it extends.

    If he came back, or it was called back, before anybody said yes, there is nothing to extend.
    """
    parent = session.get_one(LeaveRequest, parent_id, with_for_update=True, populate_existing=True)
    standing, over = (LeaveStatus.APPROVED, *ABSENT), clock.now()
    if parent.status not in standing:
        _to(session, request.id, LeaveStatus.CANCELLED, (LeaveStatus.APPROVED,), by=None, ended_at=over)
        return
    was_away = parent.status in ABSENT
    _to(session, parent.id, LeaveStatus.EXTENDED, standing, by=None, ended_at=over, next_step_at=None)
    if was_away:
        source = parent.out_source or "clock"
        mark_out(session, by=None, request_id=request.id, source=source, at=parent.out_at)


def withdraw(session: Session, *, by: Caller, request_id: int) -> None:
    """The student takes back what is not decided, or gives up what was granted before he goes. Raises MovedOn."""
    request = own(session, by, request_id)
    if request.status == LeaveStatus.APPROVED:
        _to(
            session,
            request.id,
            LeaveStatus.CANCELLED,
            (LeaveStatus.APPROVED,),
            by=by,
            ended_at=clock.now(),
            next_step_at=None,
        )
        return
    if request.status not in (LeaveStatus.APPROVING, LeaveStatus.CHANGING) or request.case_id is None:
        raise MovedOn(status=STATUS_LABELS[LeaveStatus(request.status)])
    try:
        approvals.withdraw(session, by=by, case_id=request.case_id)
    except CaseEndedAlready:
        raise MovedOn(status=STATUS_LABELS[LeaveStatus.APPROVED]) from None
    _to(
        session,
        request.id,
        LeaveStatus.WITHDRAWN,
        (LeaveStatus.APPROVING, LeaveStatus.CHANGING),
        by=by,
        ended_at=clock.now(),
    )


def mark_out(
    session: Session, *, by: Caller | None, request_id: int, source: str, at: datetime | None = None
) -> LeaveRequest:
    """He has gone. `source`: gate, dorm, self, counsellor, clock. Raises MovedOn."""
    now = clock.now()
    request = session.get(LeaveRequest, request_id)
    if request is None:
        raise LeaveMissing()
    return _to(
        session,
        request_id,
        LeaveStatus.OUT,
        (LeaveStatus.APPROVED,),
        by=by,
        source=source,
        out_at=at or now,
        out_source=source,
        next_step_at=first_step(request, now),
    )


def begin(session: Session, *, request_id: int) -> LeaveRequest:
    """Its time has come. Who only misses classes is nowhere to come back from: it ends by itself. Raises MovedOn."""
    request = session.get_one(LeaveRequest, request_id)
    if request.leaves_campus or request.leaves_dorm:
        return mark_out(session, by=None, request_id=request_id, source="clock", at=request.starts_at)
    return _to(
        session,
        request_id,
        LeaveStatus.CLOSED,
        (LeaveStatus.APPROVED,),
        by=None,
        source="clock",
        ended_at=clock.now(),
    )


def mark_returned(
    session: Session, *, by: Caller | None, request_id: int, source: str, at: datetime | None = None
) -> LeaveRequest:
    """He is back (销假). Late or not, this ends it. Raises MovedOn, NotSelf."""
    if source == "self":
        _check_self(session, request_id)
    now = clock.now()
    return _to(
        session,
        request_id,
        LeaveStatus.CLOSED,
        ABSENT,
        by=by,
        source=source,
        returned_at=at or now,
        return_source=source,
        ended_at=now,
        next_step_at=None,
    )


def revoke(session: Session, *, by: Caller, request_id: int, reason: str) -> LeaveRequest:
    """An approver calls it back: not gone yet, it is over at once; gone already, he is to come back now.

    `reason`: 2 to 500 characters. Raises LeaveMissing, ReasonTooShort, MovedOn.
    """
    reason = reason.strip()
    if not 2 <= len(reason) <= 500:
        raise ReasonTooShort()
    request = session.get(LeaveRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise LeaveMissing()
    if request.status == LeaveStatus.APPROVED:
        return _to(
            session,
            request_id,
            LeaveStatus.REVOKED,
            (LeaveStatus.APPROVED,),
            by=by,
            reason=reason,
            ended_at=clock.now(),
            next_step_at=None,
        )
    due_at = min(request.due_at, clock.now() + TIME_TO_COME_BACK)
    return _to(
        session,
        request_id,
        LeaveStatus.OUT if due_at > clock.now() else LeaveStatus.OVERDUE,
        ABSENT,
        by=by,
        kind="called_back",
        reason=reason,
        due_at=due_at,
        next_step_at=next_time(due_at, clock.now()),
    )


def say_safe(session: Session, *, by: Caller, request_id: int, until: datetime) -> None:
    """One tap when it gets late: safe, and back by then. The ladder waits that long, a day after he was due at most.

    Raises LeaveMissing, MovedOn, SafeTooLong.
    """
    request = own(session, by, request_id)
    now = clock.now()
    if request.status not in ABSENT or now < request.due_at - TIME_TO_COME_BACK:
        raise MovedOn(status=STATUS_LABELS[LeaveStatus(request.status)])
    if not now < until <= request.due_at + LONGEST_SAFE:
        raise SafeTooLong()
    session.execute(
        update(LeaveRequest)
        .where(LeaveRequest.id == request_id, LeaveRequest.status.in_(ABSENT))
        .values(safe_until=until, next_step_at=until)
    )
    note(session, request_id, "safe", by=by, until=until.isoformat())
    outbox.emit(session, LeaveMoved(request_id, request.status))


def own(session: Session, by: Caller, request_id: int) -> LeaveRequest:
    """The caller's own request, locked. Raises LeaveMissing."""
    request = session.get(LeaveRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.person_id != by.person_id:
        raise LeaveMissing()
    return request


def _check_self(session: Session, request_id: int) -> None:
    allowed = session.scalars(
        select(Policy.may_return_self)
        .join(LeaveRequest, LeaveRequest.policy_id == Policy.id)
        .where(LeaveRequest.id == request_id)
    ).one_or_none()
    if not allowed:
        raise NotSelf()


def _to(
    session: Session,
    request_id: int,
    to: LeaveStatus,
    allowed: tuple[LeaveStatus, ...],
    *,
    by: Caller | None,
    source: str | None = None,
    kind: str | None = None,
    reason: str | None = None,
    **values: object,
) -> LeaveRequest:
    moved = move(session, request_id, to=to, allowed=allowed, **values)
    words = {"reason": reason} if reason else {}
    note(session, request_id, kind or str(to), by=by, source=source, **words)
    outbox.emit(session, LeaveMoved(request_id, str(to)))
    return moved
