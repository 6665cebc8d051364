"""What leave does when something happened or the time has come."""

from contextlib import suppress
from typing import Any

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.errors import MovedOn
from app.miniapps.leave.events import BatchMade, LeaveMoved, StepClimbed
from app.miniapps.leave.models import Batch, LeaveRequest, LeaveStatus
from app.miniapps.leave.queries.audiences import counsellors, followers
from app.miniapps.leave.queries.batches import leaves_in
from app.miniapps.leave.service.stays import ANSWER
from app.miniapps.leave.service.submitting import span_text
from app.platform.approvals.events import CaseEnded, CaseResumed, CaseReturned
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

TOLD = {"approved": "leave.approved", "rejected": "leave.rejected", "revoked": "leave.revoked"}
TAKEN_BACK = (LeaveStatus.REVOKED, LeaveStatus.CANCELLED)
RUNG_KINDS = {"soon": "leave.soon", "due": "leave.due"}


def is_ours(event: CaseEnded | CaseReturned | CaseResumed) -> bool:
    return event.module == "leave"


def on_case_ended(session: Session, event: CaseEnded) -> None:
    if event.business_id.startswith(ANSWER):
        service.note_stay_ended(
            session, answer_id=event.business_id, case_id=event.case_id, status=event.status
        )
        return
    service.decide(session, public_id=event.business_id, status=event.status)


def on_case_returned(session: Session, event: CaseReturned) -> None:
    service.note_returned(session, public_id=event.business_id, is_returned=True)


def on_case_resumed(session: Session, event: CaseResumed) -> None:
    service.note_returned(session, public_id=event.business_id, is_returned=False)


def on_leave_moved(session: Session, event: LeaveMoved) -> None:
    """Tell the student; and the counsellor, when somebody who is late says that he is safe.

    Teachers hear of their lessons, and the gates' list is due.
    """
    request = session.get_one(LeaveRequest, event.request_id)
    if event.status in TOLD:
        _tell(session, request, TOLD[event.status], [request.person_id], key=event.status)
    elif request.safe_until is not None and request.safe_until > clock.now():
        key = f"safe:{request.safe_until.isoformat()}"
        _tell(session, request, "leave.safe", counsellors(session, request), key=key)
    service.note_pass_changed(session)  # before the request is locked: so does who makes the list
    service.tell_teachers(session, request.id, is_granted=event.status == LeaveStatus.APPROVED)


def on_step_climbed(session: Session, event: StepClimbed) -> None:
    request = session.get_one(LeaveRequest, event.request_id)
    kind = RUNG_KINDS.get(event.step, "leave.overdue")
    _tell(session, request, kind, followers(session, request, event.step), key=f"{event.step}:{event.due}")


def _tell(session: Session, request: LeaveRequest, kind: str, people: list[int], *, key: str) -> None:
    params = {
        "leave_id": request.public_id,
        "who": directory.person(session, request.person_id).name,
        "span": span_text(request),
        "due": f"{clock.local(request.due_at):%m-%d %H:%M}",
        "until": f"{clock.local(request.safe_until):%m-%d %H:%M}" if request.safe_until else "",
    }
    for person_id in dict.fromkeys(people):
        notifications.tell(
            session,
            kind=kind,
            person_id=person_id,
            params=params,
            key=f"leave:{request.id}:{key}",
            matter=f"leave:{request.id}",
        )


def on_batch_made(session: Session, event: BatchMade) -> None:
    """Each counsellor and each teacher of missed lessons hears once of all his students in the list.

    Who was taken off it before anybody was told is left out.
    """
    batch = session.get_one(Batch, event.batch_id)
    theirs: dict[int, list[int]] = {}
    of_class: dict[int | None, list[int]] = {}
    requests = [one for one in leaves_in(session, batch.id) if one.status not in TAKEN_BACK]
    if not requests:
        return
    for request in requests:
        if request.class_id not in of_class:
            of_class[request.class_id] = counsellors(session, request)
        for person_id in of_class[request.class_id]:
            theirs.setdefault(person_id, []).append(request.person_id)
    names = directory.people(session, [request.person_id for request in requests])
    for person_id, students in theirs.items():
        first = [names[one].name for one in students[:3]]
        notifications.tell(
            session,
            kind="leave.public_list",
            person_id=person_id,
            params={
                "title": batch.title,
                "who": "、".join(first) + ("等" if len(students) > len(first) else ""),
                "count": len(students),
                "span": span_text(requests[0]),
                "due": f"{clock.local(batch.ends_at):%m-%d %H:%M}",
            },
            key=f"leave:batch:{batch.id}",
        )
    service.tell_teachers_of_batch(session, batch, requests)


def follow_the_clock(*, clients: Any) -> None:
    """Leaves that begin, end unused, or whose next rung is due: each in a transaction of its own."""
    del clients
    with unit_of_work() as session:
        begun, unused, due = service.starting(session), service.unused(session), service.due_steps(session)
    for request_id in begun:
        with suppress(MovedOn), unit_of_work() as session:
            service.begin(session, request_id=request_id)
    for request_id in unused:
        with suppress(MovedOn), unit_of_work() as session:
            service.expire(session, request_id=request_id)
    for request_id in due:
        with unit_of_work() as session:
            service.climb(session, request_id=request_id)
