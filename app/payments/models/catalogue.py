"""What may be charged for, on what ground, into whose account."""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class FeeItem(Base):
    """收费项目. Nothing is charged that has no row here; tuition and dormitory fees are linked, not collected.

    `order_minutes`: how long an order may be paid. `takes_late`: a payment after expiry is fulfilled, not refunded.
    `refund_alone_fen`: a refund above this takes a second person. `receipt_kind`: the electronic receipt payers
    may ask for, if any.
    """

    __tablename__ = "payments_fee_items"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_en: Mapped[str | None]
    service_key: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    filing_number: Mapped[str]
    price_basis: Mapped[str]
    price_text: Mapped[str]
    contact: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    link_url: Mapped[str | None]
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    order_minutes: Mapped[int] = mapped_column(default=30)
    takes_late: Mapped[bool] = mapped_column(default=True)
    refund_alone_fen: Mapped[int] = mapped_column(default=5000)
    receipt_kind: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(service_key IS NULL) = (link_url IS NOT NULL)", name="linked_or_collected"),
        CheckConstraint("receipt_kind IN ('fiscal','invoice')", name="receipt_kind"),
        CheckConstraint("order_minutes BETWEEN 5 AND 1440", name="order_minutes"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="validity"),
    )


class Merchant(Base):
    """The merchant number that collects an item through a channel; a campus row wins over the general one."""

    __tablename__ = "payments_merchants"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("payments_fee_items.id"))
    channel: Mapped[str]
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("directory_campuses.id"))
    merchant_no: Mapped[str]

    __table_args__ = (
        UniqueConstraint(
            "fee_item_id",
            "channel",
            "campus_id",
            name="uq_payments_merchants_where",
            postgresql_nulls_not_distinct=True,
        ),
    )
