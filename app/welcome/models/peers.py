"""What freshmen let each other know: consents, contacts and their exchange; blocks and reports."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.crypto import EncryptedText
from app.kit.db import Base
from app.kit.i18n import N_


class Channel(StrEnum):
    WECHAT = "wechat"
    PHONE = "phone"


CHANNEL_LABELS = {Channel.WECHAT: N_("微信号"), Channel.PHONE: N_("手机号")}


class ExchangeStatus(StrEnum):
    """`asked` until the other one answers; what is `ended` was declined, taken back or revoked."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    ENDED = "ended"


class ReportSubject(StrEnum):
    ROOMMATE = "roommate"
    POST = "post"
    THREAD = "thread"


REPORT_REASONS = {
    "harass": N_("骚扰、辱骂"),
    "fraud": N_("诈骗、推销"),
    "impostor": N_("冒充他人"),
    "private": N_("泄露他人信息"),
    "other": N_("其他"),
}


class Consent(Base):
    """A person allowed one purpose, in these words (`text_hash` of the sentence shown), until `withdrawn_at`."""

    __tablename__ = "welcome_consents"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    purpose: Mapped[str]
    version: Mapped[str]
    text_hash: Mapped[str]
    given_at: Mapped[clock.datetime]
    withdrawn_at: Mapped[clock.datetime | None]

    __table_args__ = (
        Index(
            "uq_welcome_consents_given",
            "person_id",
            "purpose",
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
        Index("ix_welcome_consents_person", "person_id"),
    )


class Contact(Base):
    """What a freshman entered to give to roommates. Nobody sees it without an accepted exchange."""

    __tablename__ = "welcome_contacts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    channel: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText)
    updated_at: Mapped[clock.datetime]

    __table_args__ = (
        UniqueConstraint("person_id", "channel"),
        CheckConstraint("channel IN ('wechat','phone')", name="channel"),
    )


class Exchange(Base):
    """Two roommates swap one channel: shown to both while `accepted`, ended by either at any time."""

    __tablename__ = "welcome_exchanges"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    channel: Mapped[str]
    status: Mapped[str]
    asked_at: Mapped[clock.datetime]
    decided_at: Mapped[clock.datetime | None]
    ended_at: Mapped[clock.datetime | None]
    ended_by_id: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("status IN ('asked','accepted','ended')", name="status"),
        CheckConstraint("channel IN ('wechat','phone')", name="channel"),
        CheckConstraint("asker_id <> other_id", name="two"),
        Index(
            "uq_welcome_exchanges_pair",
            text("least(asker_id, other_id)"),
            text("greatest(asker_id, other_id)"),
            "channel",
            unique=True,
            postgresql_where="status <> 'ended'",
        ),
        Index("ix_welcome_exchanges_asker", "asker_id"),
        Index("ix_welcome_exchanges_other", "other_id"),
    )


class Block(Base):
    """Neither sees the other any more, anywhere in welcome."""

    __tablename__ = "welcome_blocks"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    blocked_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    created_at: Mapped[clock.datetime]

    __table_args__ = (UniqueConstraint("person_id", "blocked_id"),)


class Report(Base):
    """A freshman asks the desk to look at somebody, or at what they wrote. `subject_ref` is its public id."""

    __tablename__ = "welcome_reports"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    reported_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    subject: Mapped[str]
    subject_ref: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[clock.datetime]
    outcome: Mapped[str | None]
    answer: Mapped[str | None]
    settled_by_id: Mapped[int | None]
    settled_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("subject IN ('roommate','post','thread')", name="subject"),
        Index("ix_welcome_reports_open", "id", postgresql_where="settled_at IS NULL"),
        Index("ix_welcome_reports_reporter", "reporter_id"),
    )
