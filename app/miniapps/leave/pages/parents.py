"""What parents see by the link that their child, or the counsellor, sends them."""

from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import select

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.http import PUBLIC, permit
from app.miniapps.leave.errors import LinkOver
from app.miniapps.leave.labels import STATUS_COLOURS, STATUS_LABELS
from app.miniapps.leave.models import ABSENT, LeaveRequest, LeaveStatus
from app.miniapps.leave.parents import read
from app.platform.directory import queries as directory

parents = Blueprint("leave_parents", __name__, url_prefix="/m/leave/parents")
SHOWN = (LeaveStatus.APPROVED, *ABSENT, LeaveStatus.CLOSED, LeaveStatus.EXTENDED, LeaveStatus.REVOKED)


@parents.get("/<token>")
@permit(PUBLIC)
def show(token: str) -> Any:
    """Whoever has the link; a masked name, no type, no reason, no place."""
    public_id = read(token, clock.now())
    with unit_of_work() as session:
        leave = session.scalars(
            select(LeaveRequest).where(LeaveRequest.public_id == public_id, LeaveRequest.status.in_(SHOWN))
        ).one_or_none()
        if leave is None:
            raise LinkOver()
        return render_template(
            "leave/phone/parents.html",
            r=leave,
            name=directory.mask_name(directory.person(session, leave.person_id).name),
            states=STATUS_LABELS,
            colours=STATUS_COLOURS,
        )
