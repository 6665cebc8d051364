"""The log of a leave, and the one way its status changes."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.miniapps.leave.errors import LeaveMissing, MovedOn
from app.miniapps.leave.labels import STATUS_LABELS
from app.miniapps.leave.models import LeaveRequest, LeaveStatus, LogLine


def note(
    session: Session,
    request_id: int,
    kind: str,
    *,
    by: Caller | None,
    source: str | None = None,
    **data: Any,
) -> None:
    """One line: what, by whom (None: the house), on what evidence."""
    session.add(
        LogLine(
            request_id=request_id,
            at=clock.now(),
            kind=kind,
            actor_id=by.person_id if by else None,
            source=source,
            data=data,
        )
    )


def move(
    session: Session,
    request_id: int,
    *,
    to: LeaveStatus,
    allowed: Collection[LeaveStatus],
    **values: Any,
) -> LeaveRequest:
    """Change the status if it is one of the allowed; the row as it is now. Raises LeaveMissing, MovedOn."""
    moved = session.scalars(
        update(LeaveRequest)
        .where(LeaveRequest.id == request_id, LeaveRequest.status.in_(allowed))
        .values(status=to, **values)
        .returning(LeaveRequest),
        execution_options={"populate_existing": True},
    ).one_or_none()
    if moved is not None:
        return moved
    now = session.get(LeaveRequest, request_id, populate_existing=True)
    if now is None:
        raise LeaveMissing()
    raise MovedOn(status=STATUS_LABELS[LeaveStatus(now.status)])
