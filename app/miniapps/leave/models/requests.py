"""Requests for leave and what happens to them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class LeaveKind(StrEnum):
    CASUAL = "casual"  # 事假
    SICK = "sick"  # 病假
    PUBLIC = "public"  # 公假
    FAMILY = "family"  # 婚丧
    INTERNSHIP = "internship"  # 实习
    NIGHT = "night"  # 晚归、不归宿
    DAY_STUDENT = "day_student"  # 月度走读


class LeaveStatus(StrEnum):
    APPROVING = "approving"
    CHANGING = "changing"  # sent back: its starter is to change it
    APPROVED = "approved"  # waits for the day, or for going out
    OUT = "out"
    OVERDUE = "overdue"
    CLOSED = "closed"  # came back (销假)
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"  # approved, and given up before going
    EXPIRED = "expired"  # approved, and never used
    EXTENDED = "extended"  # goes on as a later request
    REVOKED = "revoked"  # called back by an approver


ABSENT = (LeaveStatus.OUT, LeaveStatus.OVERDUE)
GIVEN_UP = (LeaveStatus.CANCELLED, LeaveStatus.REVOKED, LeaveStatus.EXPIRED)  # granted, and not used
ROAMING = (LeaveKind.DAY_STUDENT, LeaveKind.INTERNSHIP)  # goes and comes as long as it lasts
LIVE = (LeaveStatus.APPROVING, LeaveStatus.CHANGING, LeaveStatus.APPROVED, *ABSENT)
_AWAY = "status IN ('out','overdue')"


class LeaveRequest(Base):
    """One leave. Class, college and building are those of the day of asking: lists are by them.

    `days` counts this leave alone, `measured_days` as the policy counts (with earlier ones, when cumulative).
    `due_at` is when he must be back: the end and what the policy grants on top. `next_step_at` is when the ladder
    of reminders goes on. `batch_id`: given to a list, nobody was asked. `paper_due_on`: proof that may come
    later.
    """

    __tablename__ = "leave_requests"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    pass_id: Mapped[str] = mapped_column(unique=True)  # what a guard reads: nothing else is told by it
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    college_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("directory_buildings.id"))
    kind: Mapped[str]
    status: Mapped[str]
    misses_class: Mapped[bool]
    leaves_campus: Mapped[bool]
    leaves_dorm: Mapped[bool]
    is_emergency: Mapped[bool]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    due_at: Mapped[datetime]
    days: Mapped[Decimal] = mapped_column(Numeric(6, 1))
    measured_days: Mapped[Decimal] = mapped_column(Numeric(6, 1))
    reason: Mapped[str]
    destination: Mapped[str]
    policy_id: Mapped[int] = mapped_column(ForeignKey("leave_policies.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("approvals_cases.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("leave_requests.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("leave_batches.id"), index=True)
    paper_due_on: Mapped[date | None]
    submitted_at: Mapped[datetime]
    out_at: Mapped[datetime | None]
    out_source: Mapped[str | None]
    returned_at: Mapped[datetime | None]
    return_source: Mapped[str | None]
    safe_until: Mapped[datetime | None]
    next_step_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="span"),
        CheckConstraint("misses_class OR leaves_campus OR leaves_dorm", name="flags"),
        CheckConstraint(
            "status IN ('approving','changing','approved','out','overdue','closed','rejected','withdrawn',"
            "'cancelled','expired','extended','revoked')",
            name="status",
        ),
        Index("ix_leave_requests_person_id", "person_id", "starts_at"),
        Index("ix_leave_requests_class_id", "class_id", "id"),
        Index("ix_leave_requests_college_id", "college_id", "id"),
        Index("ix_leave_requests_building_away", "building_id", "due_at", postgresql_where=_AWAY),
        Index("ix_leave_requests_step", "next_step_at", postgresql_where="next_step_at IS NOT NULL"),
        Index("ix_leave_requests_starting", "starts_at", postgresql_where="status = 'approved'"),
        Index("ix_leave_requests_ending", "ends_at", postgresql_where="status = 'approved'"),
    )


class LogLine(Base):
    """What happened to a leave, in order. `data` holds ids and words, no personal values."""

    __tablename__ = "leave_log"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    source: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Step(Base):
    """A rung of the ladder that was climbed: once for each due time."""

    __tablename__ = "leave_steps"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"))
    due_at: Mapped[datetime]
    step: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("request_id", "due_at", "step"),)
