"""What of leave waits for a person on the phone's home: being away, and being late."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.module import Thing
from app.miniapps.leave.labels import KIND_LABELS, STATUS_COLOURS, STATUS_LABELS
from app.miniapps.leave.models import ABSENT, LeaveKind, LeaveRequest, LeaveStatus

SHOWN = (LeaveStatus.APPROVING, LeaveStatus.APPROVED, *ABSENT)
ENGLISH = {
    LeaveKind.CASUAL: "Personal leave",
    LeaveKind.SICK: "Sick leave",
    LeaveKind.PUBLIC: "Official leave",
    LeaveKind.FAMILY: "Family leave",
    LeaveKind.INTERNSHIP: "Internship",
    LeaveKind.NIGHT: "Late or overnight",
    LeaveKind.DAY_STUDENT: "Living at home",
}


def open_things(session: Session, caller: Caller) -> list[Thing]:
    """At most ten."""
    rows = session.scalars(
        select(LeaveRequest)
        .where(LeaveRequest.person_id == caller.person_id, LeaveRequest.status.in_(SHOWN))
        .order_by(LeaveRequest.starts_at.desc())
        .limit(10)
    )
    return [_thing(row) for row in rows]


def _thing(row: LeaveRequest) -> Thing:
    due = f"{clock.local(row.due_at):%m-%d %H:%M}"
    return Thing(
        title=KIND_LABELS[LeaveKind(row.kind)],
        line=f"应返 {due}",
        url=f"/m/leave/{row.public_id}",
        state=STATUS_LABELS[LeaveStatus(row.status)],
        kind=STATUS_COLOURS[LeaveStatus(row.status)],
        title_en=ENGLISH[LeaveKind(row.kind)],
        line_en=f"due {due}",
    )
