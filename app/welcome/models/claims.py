"""How a claim is made: profiles, every try at it, codes that prove a phone, and alarms."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base

TRY_KINDS = ("claim", "guardian", "code")
ALARM_KINDS = ("person", "network", "all")
UNLUCKY = text("NOT succeeded")
COUNTED = text("NOT succeeded AND NOT is_refused")


class Profile(Base):
    """A way of being admitted: which number and which document the person has in hand, in the school's words."""

    __tablename__ = "welcome_profiles"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_en: Mapped[str]
    number_label: Mapped[str]
    number_label_en: Mapped[str]
    number_hint: Mapped[str] = mapped_column(default="")
    number_hint_en: Mapped[str] = mapped_column(default="")
    number_pattern: Mapped[str]
    document_label: Mapped[str]
    document_label_en: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class ClaimTry(Base):
    """A try at a claim, written before it is looked at. `number_index` stands for the claim, there or not.

    `network` is a hash. `is_refused`: over a limit, so that nothing was looked at; it counts for alarms alone.
    """

    __tablename__ = "welcome_claim_tries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    number_index: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    network: Mapped[str]
    tried_at: Mapped[clock.datetime] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)
    is_refused: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"kind IN {TRY_KINDS}", name="kind"),
        Index("ix_welcome_claim_tries_number", "number_index", "tried_at", postgresql_where=COUNTED),
        Index("ix_welcome_claim_tries_person", "person_id", "tried_at", postgresql_where=UNLUCKY),
        Index("ix_welcome_claim_tries_network", "network", "tried_at"),
        Index("ix_welcome_claim_tries_unlucky", "tried_at", postgresql_where=UNLUCKY),
    )


class ClaimCode(Base):
    """Somebody asked for a code to the phone on file of what they claim; whether there is such a claim or not.

    `code_hash` comes later, when the code is made and sent; of a claim that is not there it never comes.
    """

    __tablename__ = "welcome_claim_codes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    claim_index: Mapped[str]
    code_hash: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[clock.datetime] = mapped_column(index=True)
    expires_at: Mapped[clock.datetime]
    used_at: Mapped[clock.datetime | None]

    __table_args__ = (Index("ix_welcome_claim_codes_person", "person_id", "claim_index", "id"),)


class ClaimAlarm(Base):
    """A pattern of failures that looks like enumeration. `subject` is a person's id, a network's hash, or empty."""

    __tablename__ = "welcome_claim_alarms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    tries: Mapped[int]
    opened_at: Mapped[clock.datetime]
    last_at: Mapped[clock.datetime]
    closed_at: Mapped[clock.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        CheckConstraint(f"kind IN {ALARM_KINDS}", name="kind"),
        Index(
            "uq_welcome_claim_alarms_open",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
