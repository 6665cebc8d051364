"""The school's rules as rows, each in force from one day to another."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class ScopeKind(StrEnum):
    SCHOOL = "school"
    UNIT = "unit"  # a college, a grade or a class: whatever contains the student; the nearest wins


class CountMode(StrEnum):
    SINGLE = "single"
    SAME_KIND = "same_kind"  # with what was granted of this kind in the term
    TERM = "term"  # with all that was granted in the term


class DayCount(StrEnum):
    NATURAL = "natural"
    TEACHING = "teaching"  # days on which the school works


class Policy(Base):
    """Which leave, by whom it is decided, and what is asked. It holds when days are over `over_days`, up to `up_to_days`.

    `kind` None: any. `blackout` are spans of days on which such leave is not given: [{"from", "to", "title"}].
    `out_by`: `clock` (he is out when it starts) or `evidence` (somebody must see him go).
    `parents_told`: `none`, `link` (the student or the counsellor sends it) or `sms` (the house does), and then
    `parents_when`: `approved`, `overdue` or `both`. `exams`: `warn`, or `block`.
    Changed by ending a row and adding another.
    """

    __tablename__ = "leave_policies"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"), index=True)
    kind: Mapped[str | None]
    over_days: Mapped[Decimal] = mapped_column(Numeric(6, 1))
    up_to_days: Mapped[Decimal] = mapped_column(Numeric(6, 1))
    count_mode: Mapped[str]
    day_count: Mapped[str]
    definition: Mapped[str]
    lead_hours: Mapped[int]
    evidence: Mapped[str]
    parental_over_days: Mapped[Decimal | None] = mapped_column(Numeric(6, 1))
    parents_told: Mapped[str] = mapped_column(default="link")
    parents_when: Mapped[str] = mapped_column(default="both")
    blackout: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    exams: Mapped[str]
    grace_hours: Mapped[int]
    out_by: Mapped[str]
    may_return_self: Mapped[bool]
    most_extensions: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    made_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("scope_kind IN ('school','unit')", name="scope_kind"),
        CheckConstraint("(scope_kind = 'school') = (scope_id IS NULL)", name="scope"),
        CheckConstraint("up_to_days > over_days AND over_days >= 0", name="span"),
        CheckConstraint("evidence IN ('none','later','now')", name="evidence"),
        CheckConstraint("parents_told IN ('none','link','sms')", name="parents_told"),
        CheckConstraint("parents_when IN ('approved','overdue','both')", name="parents_when"),
        CheckConstraint("exams IN ('warn','block')", name="exams"),
        CheckConstraint("out_by IN ('clock','evidence')", name="out_by"),
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="days"),
        Index("ix_leave_policies_running", "starts_on"),
    )
