"""Campaigns: whole classes say where they go on a holiday, or that they stay for the vacation."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class CampaignKind(StrEnum):
    TRIP = "trip"  # 节假日去向登记: nobody decides
    STAY = "stay"  # 寒暑假留校: who stays asks for it


class Whereto(StrEnum):
    HOME = "home"
    AWAY = "away"
    STAY = "stay"


class StayReason(StrEnum):
    STUDY = "study"
    RESEARCH = "research"
    WORK = "work"
    FAR = "far"
    OTHER = "other"


class StayState(StrEnum):
    """Of an answer: nothing to decide, or how the case about staying stands."""

    GIVEN = "given"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"  # nobody had decided when the vacation was over, or when he left the school


NOT_GRANTED = (StayState.DECLINED, StayState.LAPSED)


class Campaign(Base):
    """Asked from `opened_at` to `deadline` of everybody who then studies in its units; `ends_on` is its last day."""

    __tablename__ = "leave_campaigns"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    note: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    deadline: Mapped[datetime]
    is_for_all: Mapped[bool]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('trip','stay')", name="kind"),
        CheckConstraint("ends_on >= starts_on", name="span"),
        Index("ix_leave_campaigns_deadline", "deadline", postgresql_where="closed_at IS NULL"),
    )


class CampaignUnit(Base):
    """A class or college that is asked, with all below it."""

    __tablename__ = "leave_campaign_units"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("leave_campaigns.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"), primary_key=True)


class Answer(Base):
    """Where somebody goes, as he said last. `room_id`: of who stays, where he lives on that day.

    Who stays for a vacation says from when until when, and is decided upon by a case of approvals: `case_id` is that of
    this answer, not of one that he gave before. `decided_by_id` and `decided_why`: of a stay that was revoked, and of
    answers from before there were cases.
    Gone half a year after the campaign's last day.
    """

    __tablename__ = "leave_answers"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("leave_campaigns.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    whereto: Mapped[str]
    city: Mapped[str]
    leaves_at: Mapped[datetime | None]
    returns_at: Mapped[datetime | None]
    stay_reason: Mapped[str | None]
    stay_from: Mapped[date | None]
    stay_until: Mapped[date | None]
    stay_note: Mapped[str] = mapped_column(server_default="")
    room_id: Mapped[int | None] = mapped_column(ForeignKey("directory_rooms.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("approvals_cases.id"), index=True)
    state: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    decided_at: Mapped[datetime | None]
    decided_why: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id"),
        CheckConstraint("whereto IN ('home','away','stay')", name="whereto"),
        CheckConstraint("state IN ('given','waiting','confirmed','declined','lapsed')", name="state"),
        CheckConstraint("state = 'given' OR whereto = 'stay'", name="decided"),
        CheckConstraint("whereto = 'stay' OR returns_at > leaves_at", name="span"),
        CheckConstraint("stay_until >= stay_from", name="stay"),
        Index("ix_leave_answers_campaign_id", "campaign_id", "id"),
    )


class Reminder(Base):
    """Everybody who had not answered was asked again: once a day by one person. `unit_ids` None: everywhere."""

    __tablename__ = "leave_reminders"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("leave_campaigns.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    day: Mapped[date]
    at: Mapped[datetime]
    unit_ids: Mapped[list[int] | None] = mapped_column(JSONB(none_as_null=True))
    people: Mapped[int]

    __table_args__ = (UniqueConstraint("campaign_id", "by_id", "day"),)
