"""Somebody says that an admission is theirs and cannot claim it, or that another did."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.crypto import EncryptedText
from app.kit.db import Base
from app.kit.i18n import N_


class DisputeStatus(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


DISPUTE_LABELS = {
    DisputeStatus.OPEN: N_("等待核实"),
    DisputeStatus.GRANTED: N_("申诉通过"),
    DisputeStatus.DECLINED: N_("申诉未通过"),
}


class Dispute(Base):
    """What the person holds, encrypted. `admission_id` is where the number leads, found later by a worker; the person
    is not told whether it leads anywhere. `matches` says in field names what agrees with the list.
    """

    __tablename__ = "welcome_disputes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    admission_id: Mapped[int | None] = mapped_column(ForeignKey("welcome_admissions.id"))
    profile: Mapped[str]
    name: Mapped[str] = mapped_column(EncryptedText)
    number: Mapped[str] = mapped_column(EncryptedText)
    letter: Mapped[str] = mapped_column(EncryptedText)
    phone: Mapped[str] = mapped_column(EncryptedText)
    words: Mapped[str] = mapped_column(EncryptedText)
    matches: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[clock.datetime]
    decided_at: Mapped[clock.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("status IN ('open','granted','declined')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_at"),
        Index("ix_welcome_disputes_status", "status", "id"),
        Index("ix_welcome_disputes_admission", "admission_id", "status"),
    )
