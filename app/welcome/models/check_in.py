"""The desk on the day: steps, their marks, what browsers sent, and whom somebody tried to reach."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base
from app.kit.i18n import N_


class StepKind(StrEnum):
    ONCE = "once"
    DAILY = "daily"
    MULTIPLE = "multiple"


STEP_KINDS = {StepKind.ONCE: N_("一次"), StepKind.DAILY: N_("每天一次"), StepKind.MULTIPLE: N_("可多次")}
CONTACT_OUTCOMES = {
    "reached": N_("联系到本人"),
    "family": N_("联系到家人"),
    "no_answer": N_("没有接通"),
    "wrong": N_("号码不对"),
}


class Step(Base):
    """Something the desk does for each freshman. `audience` is a profile, None for all.

    The final one is 报到 itself: its mark registers the admission, once all required ones are marked.
    """

    __tablename__ = "welcome_steps"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    is_required: Mapped[bool]
    is_final: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint("kind IN ('once','daily','multiple')", name="kind"),
        CheckConstraint("NOT is_final OR kind = 'once'", name="final"),
        Index("uq_welcome_steps_final", "is_final", unique=True, postgresql_where="is_final"),
    )


class StepMark(Base):
    """A step that was done. `occasion` is what may not happen twice: '' for once, the day for daily, else its own.

    `was` is the admission's status before the final step: undoing puts it back.
    """

    __tablename__ = "welcome_step_marks"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("welcome_steps.id"), index=True)
    occasion: Mapped[str]
    day: Mapped[date]
    done_at: Mapped[datetime]
    received_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("identity_devices.id"))
    is_proxy: Mapped[bool] = mapped_column(default=False)
    proxy_reason: Mapped[str | None]
    was: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    undo_reason: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_welcome_step_marks_standing",
            "admission_id",
            "step_id",
            "occasion",
            unique=True,
            postgresql_where="undone_at IS NULL",
        ),
        Index("ix_welcome_step_marks_admission", "admission_id"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone"),
        CheckConstraint("NOT is_proxy OR proxy_reason IS NOT NULL", name="proxy"),
    )


class SentEntry(Base):
    """One line of a browser's queue, and what it was answered: a second time it gets the same words."""

    __tablename__ = "welcome_sent_entries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    client: Mapped[str]
    sequence: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    fingerprint: Mapped[str]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    received_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("client", "sequence"),)


class ContactAttempt(Base):
    """Somebody tried to reach a freshman who has not come."""

    __tablename__ = "welcome_contact_attempts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), index=True)
    outcome: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (CheckConstraint("outcome IN ('reached','family','no_answer','wrong')", name="outcome"),)
