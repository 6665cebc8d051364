"""Electronic receipts of payments, and what was taken back of them."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class ReceiptKind(StrEnum):
    """财政电子票据 is reversed as a whole and anew for the rest; 数电发票 also in part."""

    FISCAL = "fiscal"
    INVOICE = "invoice"


RECEIPT_KINDS = {ReceiptKind.FISCAL: N_("财政电子票据"), ReceiptKind.INVOICE: N_("数电发票")}


class ReceiptStatus(StrEnum):
    """`issuing`: to be sent, or sent and not known to have arrived."""

    ISSUING = "issuing"
    ISSUED = "issued"
    REFUSED = "refused"
    REVERSED = "reversed"


RECEIPT_LABELS = {
    ReceiptStatus.ISSUING: N_("开票中"),
    ReceiptStatus.ISSUED: N_("已开票"),
    ReceiptStatus.REFUSED: N_("未开出"),
    ReceiptStatus.REVERSED: N_("已冲红"),
}


class Receipt(Base):
    """One live receipt per payment. `reversed_fen` is what confirmed red receipts took back."""

    __tablename__ = "payments_receipts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments_payments.id"))
    kind: Mapped[str]
    title: Mapped[str]
    fen: Mapped[int]
    reversed_fen: Mapped[int] = mapped_column(default=0)
    status: Mapped[str]
    receipt_code: Mapped[str | None]
    receipt_no: Mapped[str | None]
    check_code: Mapped[str | None]
    url: Mapped[str | None]
    refusal: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[clock.datetime | None]
    leased_until: Mapped[clock.datetime | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    created_at: Mapped[clock.datetime]
    issued_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('fiscal','invoice')", name="kind"),
        CheckConstraint("status IN ('issuing','issued','refused','reversed')", name="status"),
        CheckConstraint("fen > 0 AND reversed_fen BETWEEN 0 AND fen", name="fen"),
        CheckConstraint("(status = 'reversed') = (reversed_fen = fen)", name="reversed"),
        Index(
            "uq_payments_receipts_live",
            "payment_id",
            unique=True,
            postgresql_where="status IN ('issuing','issued')",
        ),
        Index("ix_payments_receipts_payment", "payment_id"),
        Index("ix_payments_receipts_due", "next_try_at", "id", postgresql_where="status = 'issuing'"),
    )


class RedReceipt(Base):
    """冲红: what takes a receipt back, wholly or in part, before a refund goes out."""

    __tablename__ = "payments_red_receipts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("payments_receipts.id"))
    refund_id: Mapped[int] = mapped_column(ForeignKey("payments_refunds.id"))
    fen: Mapped[int]
    status: Mapped[str]
    receipt_no: Mapped[str | None]
    refusal: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[clock.datetime | None]
    leased_until: Mapped[clock.datetime | None]
    created_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("status IN ('issuing','issued','refused')", name="status"),
        Index(
            "uq_payments_red_receipts_live",
            "receipt_id",
            "refund_id",
            unique=True,
            postgresql_where="status <> 'refused'",
        ),
        Index("ix_payments_red_receipts_due", "next_try_at", "id", postgresql_where="status = 'issuing'"),
    )
