"""Orders, the attempts to pay them, and the payments that came of it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class Channel(StrEnum):
    WECHAT = "wechat"
    CARD = "card"
    PLATFORM = "platform"


CHANNEL_NAMES = {
    Channel.WECHAT: N_("微信支付"),
    Channel.CARD: N_("校园卡"),
    Channel.PLATFORM: N_("学校支付平台"),
}


class OrderStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


class AttemptStatus(StrEnum):
    """`created`: the channel may or may not know it. `pending`: it does. `unknown`: a debit whose answer is missing."""

    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    REFUSED = "refused"
    CLOSED = "closed"


LIVE_ATTEMPTS = (AttemptStatus.CREATED, AttemptStatus.PENDING, AttemptStatus.UNKNOWN)
_LIVE_SQL = "status IN ('created','pending','unknown')"


_SURPLUS_SQL = "role = 'surplus' AND refunded_fen < fen"


class Order(Base):
    """Something to pay. The price is the server's and never changes; another price is another order.

    `number` is what people say and vendors get: 14 of 0-9A-Z. `subject` names the thing to pay within its
    service: there is one open order for it at a time. `facts` are the lines shown before paying.
    """

    __tablename__ = "payments_orders"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("payments_fee_items.id"))
    service_key: Mapped[str]
    subject: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("directory_campuses.id"))
    fen: Mapped[int]
    title: Mapped[str]
    facts: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    masked_facts: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    return_path: Mapped[str]
    status: Mapped[str]
    closed_reason: Mapped[str | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[clock.datetime]
    expires_at: Mapped[clock.datetime]
    paid_at: Mapped[clock.datetime | None]
    closed_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("status IN ('open','paid','closed')", name="status"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
        Index(
            "uq_payments_orders_live",
            "service_key",
            "subject",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index("ix_payments_orders_owner", "owner_id", "id"),
        Index("ix_payments_orders_expiring", "expires_at", postgresql_where="status = 'open'"),
        Index("ix_payments_orders_newest", "id"),
    )


class Attempt(Base):
    """One way of paying an order by one person, with the number under which the channel knows it."""

    __tablename__ = "payments_attempts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    trade_type: Mapped[str]
    merchant_no: Mapped[str]
    payer_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    payer_account: Mapped[str]
    fen: Mapped[int]
    status: Mapped[str]
    prepay: Mapped[str | None]
    prepaid_at: Mapped[clock.datetime | None]
    refusal: Mapped[str | None]
    checks: Mapped[int] = mapped_column(default=0)
    next_check_at: Mapped[clock.datetime | None]
    created_at: Mapped[clock.datetime]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        Index(
            "uq_payments_attempts_live",
            "order_id",
            "channel",
            "trade_type",
            "payer_id",
            unique=True,
            postgresql_where=_LIVE_SQL,
        ),
        Index("ix_payments_attempts_due", "next_check_at", postgresql_where=_LIVE_SQL),
    )


class Payment(Base):
    """Money that a channel says it took. Of an order one `settles`; any other is `surplus` and goes back."""

    __tablename__ = "payments_payments"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payments_attempts.id"), unique=True)
    channel: Mapped[str]
    merchant_no: Mapped[str]
    transaction_id: Mapped[str]
    fen: Mapped[int]
    role: Mapped[str]
    learned_by: Mapped[str]
    paid_at: Mapped[clock.datetime]
    received_at: Mapped[clock.datetime]
    refunding_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("channel", "transaction_id"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("role IN ('settles','surplus')", name="role"),
        CheckConstraint(
            "refunding_fen >= 0 AND refunded_fen >= 0 AND refunding_fen + refunded_fen <= fen", name="refunds"
        ),
        Index("ix_payments_payments_surplus", "order_id", postgresql_where=_SURPLUS_SQL),
        Index("uq_payments_payments_settles", "order_id", unique=True, postgresql_where="role = 'settles'"),
    )


class Dispute(Base):
    """A genuine notice that does not fit what we know: no money moves by it, a person looks at it."""

    __tablename__ = "payments_disputes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    kind: Mapped[str]
    order_number: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[clock.datetime]
    closed_at: Mapped[clock.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    note: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("source", "external_id", "kind"),
        Index("ix_payments_disputes_open", "id", postgresql_where="closed_at IS NULL"),
    )


class ProxyLink(Base):
    """请人代付: whoever holds the link may pay the order. `token_hash` is the SHA-256 of what the link carries."""

    __tablename__ = "payments_proxy_links"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[clock.datetime]
    revoked_at: Mapped[clock.datetime | None]
