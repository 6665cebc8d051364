"""A student's own leave, and one leave for whoever may see it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.paging import Key, Page, page
from app.miniapps.leave.errors import LeaveMissing
from app.miniapps.leave.models import ABSENT, Contact, LeaveRequest, LeaveStatus, LogLine, Policy
from app.miniapps.leave.queries.guardians import to_call
from app.miniapps.leave.queries.history import corrected
from app.miniapps.leave.service.following import may_follow
from app.miniapps.leave.service.moving import TIME_TO_COME_BACK
from app.platform.directory.queries import mask_phone

_ROW = (
    LeaveRequest.id,
    LeaveRequest.public_id,
    LeaveRequest.kind,
    LeaveRequest.status,
    LeaveRequest.starts_at,
    LeaveRequest.ends_at,
    LeaveRequest.due_at,
    LeaveRequest.days,
)


@dataclass(frozen=True)
class LeaveView:
    """`is_mine`: the student himself looks at it; else somebody who follows it, and `contacts` are shown."""

    request: LeaveRequest
    policy: Policy
    lines: list[LogLine]
    contacts: list[Contact]
    is_mine: bool
    corrected = staticmethod(corrected)

    @property
    def is_away(self) -> bool:
        return self.request.status in ABSENT

    @property
    def may_say_safe(self) -> bool:
        """When it gets late, no earlier."""
        return self.is_away and clock.now() >= self.request.due_at - TIME_TO_COME_BACK

    @property
    def may_extend(self) -> bool:
        return self.request.status in (LeaveStatus.APPROVED, *ABSENT)

    @property
    def may_withdraw(self) -> bool:
        return self.request.status in (LeaveStatus.APPROVING, LeaveStatus.CHANGING, LeaveStatus.APPROVED)


def parents_to_call(session: Session, view: LeaveView) -> list[tuple[str, str]]:
    """(relation, masked phone) of those whom a text did not reach."""
    return [(one.relation, mask_phone(one.phone or "")) for one in to_call(session, view.request)]


def leaves_of(session: Session, person_id: int, *, cursor: str | None, limit: int = 20) -> Page[Any]:
    """The person's leave, the latest first."""
    stmt = select(*_ROW).where(LeaveRequest.person_id == person_id)
    return page(
        session,
        stmt,
        keys=[
            Key("starts_at", LeaveRequest.starts_at, descending=True),
            Key("id", LeaveRequest.id, descending=True),
        ],
        cursor=cursor,
        limit=limit,
    )


def leave_for(session: Session, caller: Caller, public_id: str) -> LeaveView:
    """One leave: the student's own, or for those who follow it. Raises LeaveMissing."""
    request = session.scalars(select(LeaveRequest).where(LeaveRequest.public_id == public_id)).one_or_none()
    if request is None or not (request.person_id == caller.person_id or may_follow(caller, request)):
        raise LeaveMissing()
    lines = session.scalars(
        select(LogLine).where(LogLine.request_id == request.id).order_by(LogLine.id.desc())
    )
    contacts = session.scalars(
        select(Contact).where(Contact.request_id == request.id).order_by(Contact.id.desc()).limit(50)
    )
    is_mine = request.person_id == caller.person_id
    return LeaveView(
        request,
        session.get_one(Policy, request.policy_id),
        list(lines),
        [] if is_mine else list(contacts),
        is_mine,
    )
