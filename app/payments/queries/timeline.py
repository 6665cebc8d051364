"""An order from beginning to end, as its service shows it to the payer and to the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.payments.models import (
    CHANNEL_NAMES,
    FULFILMENT_LABELS,
    REFUND_LABELS,
    Channel,
    FulfilmentStatus,
    Order,
    RefundStatus,
)
from app.payments.queries.orders import calls_of, order_of


@dataclass(frozen=True)
class PaidLine:
    """Money that arrived. `settles`: for the order; else it was too much and goes back."""

    channel: str
    transaction_id: str
    fen: int
    settles: bool
    paid_at: datetime


@dataclass(frozen=True)
class CallLine:
    """One call to the vendor: send or ask. `outcome` is None while it runs."""

    action: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    code: str | None


@dataclass(frozen=True)
class RefundLine:
    number: str
    fen: int
    status: str
    label: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Timeline:
    """Labels are texts of the catalogue."""

    order_id: int
    public_id: str
    number: str
    subject: str
    fen: int
    status: str
    closed_reason: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    payments: tuple[PaidLine, ...]
    delivery: str | None
    delivery_label: str
    delivery_number: str | None
    vendor_ref: str | None
    accepted_at: datetime | None
    applied_at: datetime | None
    calls: tuple[CallLine, ...]
    refunds: tuple[RefundLine, ...]


def timeline(session: Session, order_id: int) -> Timeline:
    """Whether the caller may see it is for the service to know. From the rows that the desk's own page shows."""
    view = order_of(session, order_id)
    order = view.order
    return Timeline(
        order_id=order.id,
        public_id=order.public_id,
        number=order.number,
        subject=order.subject,
        fen=order.fen,
        status=order.status,
        closed_reason=order.closed_reason,
        created_at=order.created_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        closed_at=order.closed_at,
        payments=tuple(_paid(one) for one in sorted(view.payments, key=lambda one: (one.paid_at, one.id))),
        calls=tuple(
            CallLine(one.action, one.started_at, one.ended_at, one.outcome, one.code)
            for one in calls_of(session, order_id)
        ),
        refunds=tuple(_refund(one) for one in view.refunds),
        **_delivery(view.fulfilment),
    )


def orders_of(session: Session, order_ids: Iterable[int]) -> dict[int, AnyRow]:
    """(id, public_id, number, status) by order id, in one statement."""
    wanted = set(order_ids)
    if not wanted:
        return {}
    stmt = select(Order.id, Order.public_id, Order.number, Order.status).where(Order.id.in_(wanted))
    return {row.id: row for row in session.execute(stmt)}


def subject_of(session: Session, order_id: int) -> str:
    return session.scalars(select(Order.subject).where(Order.id == order_id)).one()


def _delivery(made: AnyRow | None) -> dict[str, Any]:
    if made is None:
        names = ("delivery", "delivery_number", "vendor_ref", "accepted_at", "applied_at")
        return {**dict.fromkeys(names), "delivery_label": ""}
    return {
        "delivery": made.status,
        "delivery_label": FULFILMENT_LABELS[FulfilmentStatus(made.status)],
        "delivery_number": made.number,
        "vendor_ref": made.vendor_ref,
        "accepted_at": made.accepted_at,
        "applied_at": made.applied_at,
    }


def _paid(row: AnyRow) -> PaidLine:
    name = CHANNEL_NAMES[Channel(row.channel)]
    return PaidLine(name, row.transaction_id, row.fen, row.role == "settles", row.paid_at)


def _refund(row: AnyRow) -> RefundLine:
    label = REFUND_LABELS[RefundStatus(row.status)]
    return RefundLine(row.number, row.fen, row.status, label, row.created_at, row.ended_at)
