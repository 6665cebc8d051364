"""Money on its way back."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class RefundStatus(StrEnum):
    """`waiting`: for the second person. `ready`: to be sent, or sent and not known to have arrived."""

    WAITING = "waiting"
    READY = "ready"
    PROCESSING = "processing"
    SHORT = "short"
    ABNORMAL = "abnormal"
    OFFLINE = "offline"
    SUCCEEDED = "succeeded"
    PAID_OFFLINE = "paid_offline"
    REJECTED = "rejected"


REFUND_LABELS = {
    RefundStatus.WAITING: N_("待复核"),
    RefundStatus.READY: N_("待退款"),
    RefundStatus.PROCESSING: N_("退款中"),
    RefundStatus.SHORT: N_("待备款"),
    RefundStatus.ABNORMAL: N_("退款异常"),
    RefundStatus.OFFLINE: N_("线下退款"),
    RefundStatus.SUCCEEDED: N_("已退款"),
    RefundStatus.PAID_OFFLINE: N_("已线下退款"),
    RefundStatus.REJECTED: N_("未通过"),
}

_DUE_SQL = "status IN ('ready','processing','short')"


class Refund(Base):
    """Part or all of one payment, back to where it came from. Its sum is reserved on the payment meanwhile.

    A retry keeps `number`; only a number that the channel closed for good is replaced, and kept in `former_numbers`.
    """

    __tablename__ = "payments_refunds"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    former_numbers: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments_payments.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    fen: Mapped[int]
    cause: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str]
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    paid_out_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    paid_out_note: Mapped[str | None]
    channel_refund_id: Mapped[str | None]
    refusal: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[clock.datetime | None]
    leased_until: Mapped[clock.datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("cause IN ('surplus','unfulfilled','requested')", name="cause"),
        CheckConstraint("requested_by_id IS NOT NULL OR cause <> 'requested'", name="somebody_asked"),
        CheckConstraint("approved_by_id <> requested_by_id", name="second_person"),
        CheckConstraint("checked_by_id <> paid_out_by_id", name="second_person_offline"),
        Index("ix_payments_refunds_due", "next_try_at", "id", postgresql_where=_DUE_SQL),
        Index("ix_payments_refunds_status", "status", "id"),
        Index("ix_payments_refunds_former_numbers", "former_numbers", postgresql_using="gin"),
    )
