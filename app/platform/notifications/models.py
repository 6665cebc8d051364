"""Tables of notifications: the message centre, what was pushed, text messages, wishes, credits and quotas."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.crypto import EncryptedText
from app.kit.db import Base


class Push(StrEnum):
    """Whether a message leaves the message centre at all."""

    QUEUED = "queued"
    STARTED = "started"  # counted among its matter's pushes; the ladder is being climbed
    MUTED = "muted"
    LIMITED = "limited"  # its matter has had its pushes
    SUPERSEDED = "superseded"  # it waited for the morning, and something newer says it all
    EXPIRED = "expired"  # so late that it would only confuse
    SEEDED = "seeded"  # recorded as if it had been pushed


class Status(StrEnum):
    """How one step of the ladder went."""

    QUEUED = "queued"  # nothing has left the house; on the call list: to be phoned
    SENT = "sent"  # the intent is written; whether the vendor has it is not known yet
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"  # no answer came, and asking again might push twice


REACHED = (Status.ACCEPTED, Status.DELIVERED)


class Message(Base):
    """One thing a person was told. `title` and `text` are Chinese msgids, `params` fills their gaps.

    `public_id` is also the client_msg_id by which WeChat knows a repetition.
    """

    __tablename__ = "notifications_messages"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    key: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    link: Mapped[str]
    matter: Mapped[str | None]
    push: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notifications_messages_of_person", "person_id", "id"),
        Index("ix_notifications_messages_unread", "person_id", postgresql_where=sql("read_at IS NULL")),
    )


class Delivery(Base):
    """One step of the ladder for one message. `error` is WeChat's number or a word of ours, no text."""

    __tablename__ = "notifications_deliveries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("notifications_messages.id", ondelete="CASCADE"))
    step: Mapped[str]
    status: Mapped[str]
    client_msg_id: Mapped[str | None]
    openid: Mapped[str | None]
    msgid: Mapped[str | None] = mapped_column(index=True)
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # of the first intent of this round
    next_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        UniqueConstraint("message_id", "step"),
        CheckConstraint("step IN ('template', 'subscription', 'sms', 'call_list')", name="step"),
        Index("ix_notifications_deliveries_status", "status", "id"),
        Index("ix_notifications_deliveries_created_at", "created_at", "status"),
        Index(
            "ix_notifications_deliveries_calls",
            "id",
            postgresql_where=sql("step = 'call_list' AND status = 'queued'"),
        ),
    )


class TextMessage(Base):
    """One SMS to the phone on file, sent at most once. The phone itself is the directory's, and not kept here.

    `number` is ours for the gateway's log, `serial` the gateway's. `params` (a code may be among them) are JSON and go
    as soon as it is over. Of a step of the ladder, `delivery_id` is that step.

    One to somebody else about the person, such as a parent, has that `phone` until it is over, and a `subject` under
    which its end is told; `phone_index` counts what goes to that phone, and goes two days later.
    """

    __tablename__ = "notifications_text_messages"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    kind: Mapped[str]
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("notifications_deliveries.id", ondelete="CASCADE"), unique=True
    )
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[str | None]
    subject: Mapped[str | None]
    params: Mapped[str | None] = mapped_column(EncryptedText)
    status: Mapped[str]
    serial: Mapped[str | None]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notifications_text_messages_person", "person_id", "created_at"),
        Index(
            "ix_notifications_text_messages_phone",
            "phone_index",
            "created_at",
            postgresql_where=sql("phone_index IS NOT NULL"),
        ),
        Index(
            "ix_notifications_text_messages_waiting",
            "asked_at",
            postgresql_where=sql("status = 'accepted'"),
        ),
    )


class Matter(Base):
    """How many messages of one matter were pushed to one person."""

    __tablename__ = "notifications_matters"

    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), primary_key=True)
    matter: Mapped[str] = mapped_column(primary_key=True)
    pushes: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(index=True)


class Preference(Base):
    """What a person wishes: module keys that stay silent, and quiet hours of their own (Shanghai time).

    No row, or no hours in it: the house's quiet hours. The same hour twice: never quiet.
    """

    __tablename__ = "notifications_preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), primary_key=True)
    muted: Mapped[list[str]] = mapped_column(JSONB)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    changed_at: Mapped[datetime]


class SubscriptionCredit(Base):
    """How many subscription messages of a template a WeChat account has agreed to."""

    __tablename__ = "notifications_subscription_credits"

    openid: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(primary_key=True)
    credits: Mapped[int]
    changed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("credits >= 0", name="credits"),)


class Quota(Base):
    """What left on one day by one step, and until when that step rests because WeChat said: enough."""

    __tablename__ = "notifications_quotas"

    day: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)
    stopped_until: Mapped[datetime | None]
