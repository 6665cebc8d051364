"""What a paid order still owes: the delivery by an outside system, exactly once."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class FulfilmentStatus(StrEnum):
    """`accepted`: the vendor has the order. `applied`: it is in the meter. `unknown`: it may be either, or neither."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    REVIEW = "review"
    ABANDONED = "abandoned"


FULFILMENT_LABELS = {
    FulfilmentStatus.WAITING: N_("等待到账"),
    FulfilmentStatus.SENDING: N_("正在到账"),
    FulfilmentStatus.UNKNOWN: N_("核实中"),
    FulfilmentStatus.ACCEPTED: N_("已受理"),
    FulfilmentStatus.APPLIED: N_("已到账"),
    FulfilmentStatus.REVIEW: N_("人工核实"),
    FulfilmentStatus.ABANDONED: N_("未到账，已退款"),
}

_DUE_SQL = "status IN ('waiting','sending','unknown','accepted')"


class Fulfilment(Base):
    """One per order. `fence` grows with every claim: whoever holds an old one may neither send nor write.

    `blanks` counts the answers "no such order" since the last sending, `first_blank_at` and `last_blank_at` say
    when. `is_refused`: the last sending was refused while an earlier one is unsettled.
    """

    __tablename__ = "payments_fulfilments"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payments_orders.id"), unique=True)
    service_key: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    fence: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[clock.datetime | None]
    next_at: Mapped[clock.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    asks: Mapped[int] = mapped_column(default=0)
    blanks: Mapped[int] = mapped_column(default=0)
    first_blank_at: Mapped[clock.datetime | None]
    last_blank_at: Mapped[clock.datetime | None]
    last_sent_at: Mapped[clock.datetime | None]
    vendor_ref: Mapped[str | None]
    refusal: Mapped[str | None]
    is_refused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[clock.datetime]
    accepted_at: Mapped[clock.datetime | None]
    applied_at: Mapped[clock.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    decision_note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name="applied_at"),
        Index("ix_payments_fulfilments_due", "service_key", "created_at", "id", postgresql_where=_DUE_SQL),
        Index("ix_payments_fulfilments_review", "id", postgresql_where="status = 'review'"),
    )


class FulfilmentCall(Base):
    """A call to the vendor, written down before the socket is opened. One `send` may be open at a time."""

    __tablename__ = "payments_fulfilment_calls"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    fulfilment_id: Mapped[int] = mapped_column(ForeignKey("payments_fulfilments.id"))
    fence: Mapped[int]
    action: Mapped[str]
    started_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]
    outcome: Mapped[str | None]
    code: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("fulfilment_id", "fence"),
        CheckConstraint("action IN ('send','ask')", name="action"),
        Index(
            "uq_payments_fulfilment_calls_open",
            "fulfilment_id",
            unique=True,
            postgresql_where="ended_at IS NULL AND action = 'send'",
        ),
    )
