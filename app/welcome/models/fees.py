"""Service fees of a season, what each freshman owes of them, and the green channel."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock, crypto
from app.kit.db import Base
from app.kit.i18n import N_


class DueStatus(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    REFUNDED = "refunded"


class DeferralStatus(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


DEFERRAL_LABELS = {
    DeferralStatus.ASKED: N_("等待审核"),
    DeferralStatus.GRANTED: N_("已缓交"),
    DeferralStatus.REFUSED: N_("未同意"),
    DeferralStatus.WITHDRAWN: N_("已撤回"),
}


class Fee(Base):
    """A service fee. `fee_item` is the 收费项目 of payments; a fee with `link_url` (tuition) is only linked."""

    __tablename__ = "welcome_fees"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    key: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str | None]
    fee_item: Mapped[str | None]
    fen: Mapped[int | None]
    link_url: Mapped[str | None]
    may_defer: Mapped[bool] = mapped_column(default=True)
    closes_on: Mapped[date]
    profiles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    levels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    college_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    position: Mapped[int] = mapped_column(default=100)
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("season_id", "key"),
        CheckConstraint(
            "(link_url IS NULL) = (fee_item IS NOT NULL) AND (fee_item IS NULL) = (fen IS NULL)", name="way"
        ),
        CheckConstraint("fen > 0", name="fen"),
    )


class FeeDue(Base):
    """A freshman's part of a fee, from the first time they go to pay. `order_id` is the order that was paid."""

    __tablename__ = "welcome_fee_dues"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    fee_id: Mapped[int] = mapped_column(ForeignKey("welcome_fees.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    fen: Mapped[int]
    status: Mapped[str] = mapped_column(default=DueStatus.UNPAID)
    order_id: Mapped[int | None] = mapped_column(index=True)
    paid_at: Mapped[clock.datetime | None]
    created_at: Mapped[clock.datetime]

    __table_args__ = (
        UniqueConstraint("fee_id", "person_id"),
        CheckConstraint("status IN ('unpaid','paid','refunded')", name="status"),
        Index("ix_welcome_fee_dues_person", "person_id"),
    )


class Deferral(Base):
    """绿色通道: leave to pay later, for all deferrable fees of the season. What was written is encrypted."""

    __tablename__ = "welcome_deferrals"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    statement: Mapped[str | None] = mapped_column(crypto.EncryptedText)
    loan_code: Mapped[str | None] = mapped_column(crypto.EncryptedText)
    status: Mapped[str]
    reason: Mapped[str | None]
    asked_at: Mapped[clock.datetime]
    decided_at: Mapped[clock.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        CheckConstraint("status IN ('asked','granted','refused','withdrawn')", name="status"),
        Index(
            "uq_welcome_deferrals_live",
            "admission_id",
            unique=True,
            postgresql_where="status IN ('asked','granted')",
        ),
        Index("ix_welcome_deferrals_status", "status", "id"),
    )
