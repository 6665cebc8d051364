"""What of leave waits for a person on the phone's home: being away, being late, and what is asked of all."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Thing
from app.miniapps.leave.labels import KIND_LABELS, STATUS_COLOURS, STATUS_LABELS, STAY_STATES
from app.miniapps.leave.models import (
    ABSENT,
    NOT_GRANTED,
    Answer,
    Campaign,
    CampaignKind,
    LeaveKind,
    LeaveRequest,
    LeaveStatus,
    StayState,
)
from app.miniapps.leave.queries.answers import answered_by, may_answer, open_campaigns

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

ASKED = {CampaignKind.TRIP: "Holiday plans", CampaignKind.STAY: "Staying over the vacation"}


def open_things(session: Session, caller: Caller) -> list[Thing]:
    """At most ten leaves, and the campaigns that he has not answered, or must answer again as he may not stay."""
    asked = open_campaigns(session, caller.person_id)
    waiting = [pair for pair in asked if _is_asked(pair[1]) and may_answer(*pair)]
    rows = session.scalars(
        select(LeaveRequest)
        .where(LeaveRequest.person_id == caller.person_id, LeaveRequest.status.in_(SHOWN))
        .order_by(LeaveRequest.starts_at.desc())
        .limit(10)
    )
    return [*(_campaign(*pair) for pair in waiting), *map(_thing, rows)]


def _is_asked(answer: Answer | None) -> bool:
    return answer is None or answer.state in NOT_GRANTED


def _campaign(row: Campaign, answer: Answer | None) -> Thing:
    deadline = answered_by(row)
    return Thing(
        title=row.title,
        line=f"{deadline} 前填写",
        url=f"/m/leave/campaigns/{row.public_id}",
        state=STAY_STATES[StayState(answer.state)] if answer else N_("待填写"),
        kind="ask",
        title_en=f"{ASKED[CampaignKind(row.kind)]} ({row.title})",
        line_en=f"before {deadline}",
    )


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
