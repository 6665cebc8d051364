"""Orders as people look at them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.payments.errors import OrderNotFound
from app.payments.models import (
    Channel,
    FeeItem,
    Fulfilment,
    FulfilmentCall,
    Merchant,
    Order,
    OrderStatus,
    Payment,
    Refund,
)

_ORDER = (
    Order.id,
    Order.public_id,
    Order.number,
    Order.service_key,
    Order.subject,
    Order.owner_id,
    Order.campus_id,
    Order.fen,
    Order.title,
    Order.facts,
    Order.masked_facts,
    Order.return_path,
    Order.status,
    Order.closed_reason,
    Order.is_late,
    Order.created_at,
    Order.expires_at,
    Order.paid_at,
    Order.closed_at,
    Order.fee_item_id,
)


@dataclass(frozen=True)
class OrderView:
    """An order with all that became of it. `state` is one word for its owner: see `state_of`."""

    order: AnyRow
    item: AnyRow
    fulfilment: AnyRow | None
    payments: list[AnyRow]
    refunds: list[AnyRow]
    state: str

    @property
    def refunded_fen(self) -> int:
        return sum(payment.refunded_fen for payment in self.payments)


def order_for(session: Session, caller: Caller, public_id: str) -> OrderView:
    """Of the owner's orders, or of any for who may read payments. Otherwise OrderNotFound."""
    order = session.execute(select(*_ORDER).where(Order.public_id == public_id)).first()
    if order is None or not (order.owner_id == caller.person_id or caller.may("payments.read")):
        raise OrderNotFound()
    return view_of(session, order)


def order_of(session: Session, order_id: int) -> OrderView:
    """Without a look at who asks: for payments itself and for the service that charged."""
    return view_of(session, session.execute(select(*_ORDER).where(Order.id == order_id)).one())


def view_of(session: Session, order: AnyRow) -> OrderView:
    item = session.execute(select(FeeItem.__table__).where(FeeItem.id == order.fee_item_id)).one()
    fulfilment = session.execute(select(Fulfilment.__table__).where(Fulfilment.order_id == order.id)).first()
    payments = session.execute(
        select(Payment.__table__).where(Payment.order_id == order.id).order_by(Payment.id)
    ).all()
    refunds = session.execute(
        select(Refund.__table__).where(Refund.order_id == order.id).order_by(Refund.id)
    ).all()
    state = state_of(order, fulfilment.status if fulfilment else None)
    return OrderView(order, item, fulfilment, list(payments), list(refunds), state)


def calls_of(session: Session, order_id: int) -> list[AnyRow]:
    """Every call to the vendor about this order, in turn."""
    return list(
        session.execute(
            select(FulfilmentCall.__table__)
            .join(Fulfilment, Fulfilment.id == FulfilmentCall.fulfilment_id)
            .where(Fulfilment.order_id == order_id)
            .order_by(FulfilmentCall.id)
        )
    )


def state_of(order: AnyRow, fulfilment_status: str | None) -> str:
    """open, expired (nobody closed it yet), closed, or the fulfilment's own state once it is paid."""
    if order.status == OrderStatus.OPEN:
        return "open" if order.expires_at > clock.now() else "closed"
    return fulfilment_status or "closed"


def channels_of(session: Session, order: AnyRow) -> list[Channel]:
    """The ways in which this order can be paid, in the item's order."""
    item = session.execute(select(FeeItem.channels).where(FeeItem.id == order.fee_item_id)).one()
    ready = set(
        session.scalars(
            select(Merchant.channel).where(
                Merchant.fee_item_id == order.fee_item_id,
                or_(Merchant.campus_id.is_(None), Merchant.campus_id == order.campus_id),
            )
        )
    )
    return [Channel(channel) for channel in item.channels if channel in ready]


def my_orders(session: Session, person_id: int, *, cursor: str | None = None) -> Page[Any]:
    """What this person ordered and paid, or can still pay; the newest first."""
    stmt = (
        select(*_ORDER, Fulfilment.status.label("fulfilment_status"), FeeItem.title.label("item_title"))
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .outerjoin(Fulfilment, Fulfilment.order_id == Order.id)
        .where(
            Order.owner_id == person_id,
            or_(
                Order.status != OrderStatus.CLOSED,
                exists().where(Payment.order_id == Order.id),
            ),
        )
    )
    return page(session, stmt, keys=[Key("id", Order.id, descending=True)], cursor=cursor, limit=20)


def fee_items(session: Session) -> list[AnyRow]:
    """收费公示: what is collected or linked today, with its ground."""
    today = clock.today()
    return list(
        session.execute(
            select(FeeItem.__table__)
            .where(
                FeeItem.valid_from <= today,
                or_(FeeItem.valid_until.is_(None), FeeItem.valid_until >= today),
            )
            .order_by(FeeItem.link_url.is_not(None), FeeItem.code)
        )
    )
