"""Top-ups, and the cases that people open about them."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class TopUpStatus(StrEnum):
    UNPAID = "unpaid"
    CLOSED = "closed"
    PAID = "paid"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    ABANDONED = "abandoned"


TOP_UP_LABELS = {
    TopUpStatus.UNPAID: N_("待支付"),
    TopUpStatus.CLOSED: N_("已关闭"),
    TopUpStatus.PAID: N_("充值中"),
    TopUpStatus.ACCEPTED: N_("已受理"),
    TopUpStatus.APPLIED: N_("已到账"),
    TopUpStatus.ABANDONED: N_("未到账，退款中"),
}


class TopUp(Base):
    """Money for one meter. `public_id` is the subject of the order in payments, which holds the money.

    `kwh_before` and `fen_before` are what was shown to confirm. `settle_seconds` is the vendor's promise on that day.
    """

    __tablename__ = "electricity_top_ups"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("electricity_rooms.id"))
    meter_id: Mapped[int] = mapped_column(ForeignKey("electricity_meters.id"))
    fen: Mapped[int]
    status: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("payments_orders.id"), unique=True)
    kwh_before: Mapped[Decimal | None]
    fen_before: Mapped[int | None]
    settle_seconds: Mapped[int]
    created_at: Mapped[clock.datetime]
    paid_at: Mapped[clock.datetime | None]
    accepted_at: Mapped[clock.datetime | None]
    applied_at: Mapped[clock.datetime | None]
    refunded_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint(
            "status IN ('unpaid','closed','paid','accepted','applied','abandoned')", name="status"
        ),
        Index("ix_electricity_top_ups_person", "person_id", "created_at"),
        Index("ix_electricity_top_ups_room", "room_id", "id"),
        Index("ix_electricity_top_ups_created", "created_at"),
    )


class Share(Base):
    """A roommate's part of a top-up, for the record between friends: no money moves by it."""

    __tablename__ = "electricity_shares"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    top_up_id: Mapped[int] = mapped_column(ForeignKey("electricity_top_ups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    fen: Mapped[int]
    created_at: Mapped[clock.datetime]
    settled_at: Mapped[clock.datetime | None]

    __table_args__ = (UniqueConstraint("top_up_id", "person_id"), CheckConstraint("fen > 0", name="fen"))


class CaseKind(StrEnum):
    NOT_ARRIVED = "not_arrived"
    WRONG_ROOM = "wrong_room"


CASE_KINDS = {CaseKind.NOT_ARRIVED: N_("未到账"), CaseKind.WRONG_ROOM: N_("充错房间")}


class CaseStatus(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"


CASE_LABELS = {
    CaseStatus.OPEN: N_("待处理"),
    CaseStatus.TAKEN: N_("处理中"),
    CaseStatus.ANSWERED: N_("已答复"),
}


class Case(Base):
    """Something wrong with a top-up, in the words of who opened it. `evidence` is what was known then."""

    __tablename__ = "electricity_cases"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    top_up_id: Mapped[int] = mapped_column(ForeignKey("electricity_top_ups.id"))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    note: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    answer: Mapped[str | None]
    opened_at: Mapped[clock.datetime]
    answered_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('not_arrived','wrong_room')", name="kind"),
        CheckConstraint("status IN ('open','taken','answered')", name="status"),
        CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name="answered_at"),
        Index("uq_electricity_cases_open", "top_up_id", unique=True, postgresql_where="status <> 'answered'"),
        Index("ix_electricity_cases_status", "status", "id"),
    )
