"""Who follows a leave: counsellors, dorm managers, the office."""

from sqlalchemy.orm import Session

from app.kit.module import Asking
from app.miniapps.leave.models import LeaveRequest
from app.platform.directory.queries.approvers import class_counsellor
from app.platform.identity import queries as identity
from app.platform.identity.queries.approvers import role_holders


def followers(session: Session, request: LeaveRequest, rung: str) -> list[int]:
    """Whom a rung of the ladder speaks to."""
    if rung in ("soon", "due"):
        return [request.person_id]
    if rung == "counsellor":
        return counsellors(session, request)
    if rung == "dorm":
        return [*_holders(session, request, "leave.dorm_manager", "building"), *counsellors(session, request)]
    return _holders(session, request, "leave.office", "all")


def counsellors(session: Session, request: LeaveRequest) -> list[int]:
    """Of the student's class or college; those who may follow it by role, when no post is held."""
    asking = Asking(request.person_id, {}, {}, {})
    found = class_counsellor(session, asking)
    if found or request.class_id is None:
        return found
    return identity.people_with(session, "leave.follow", unit_id=request.class_id)


def _holders(session: Session, request: LeaveRequest, role: str, where: str) -> list[int]:
    return role_holders(session, Asking(request.person_id, {}, {"role": role, "where": where}, {}))
