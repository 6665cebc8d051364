"""Asking for money: an order with a price that the server set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.payments.errors import AmountInvalid, FeeItemNotCollected, FeeItemUnknown, OrderNotFound
from app.payments.events import OrderClosed
from app.payments.models import FeeItem, Order, OrderStatus

LARGEST_FEN = 1_000_000_00
Fact = tuple[str, str]

_orders, _items = (cast("Table", model.__table__) for model in (Order, FeeItem))
_ITEM = Prepared(
    select(
        _items.c.id,
        _items.c.code,
        _items.c.service_key,
        _items.c.link_url,
        _items.c.order_minutes,
        _items.c.valid_from,
        _items.c.valid_until,
    ).where(_items.c.code == bindparam("code"))
)
_LIVE = Prepared(
    select(_orders.c.id, _orders.c.public_id, _orders.c.fen, _orders.c.owner_id, _orders.c.expires_at)
    .where(
        _orders.c.service_key == bindparam("service_key"),
        _orders.c.subject == bindparam("subject"),
        _orders.c.status == OrderStatus.OPEN,
    )
    .with_for_update()
)
_INSERT = Prepared(upsert(_orders).on_conflict_do_nothing().returning(_orders.c.id, _orders.c.public_id))


@dataclass(frozen=True)
class Charge:
    """Where to pay."""

    order_id: int
    public_id: str
    url: str


def request_charge(
    session: Session,
    *,
    by: Caller,
    fee_item: str,
    subject: str,
    fen: int,
    title: str,
    return_path: str,
    facts: Sequence[Fact] = (),
    masked_facts: Sequence[Fact] = (),
    campus_id: int | None = None,
) -> Charge:
    """Record what is to be paid and return the cashier's address: one call, in the micro-app's transaction.

    An open order for the same subject and price is used again; one with another price is closed and a new one
    takes its place. `facts` are shown to the owner before paying, `masked_facts` to whoever pays for them.
    The micro-app learns of the payment by PaymentSucceeded.
    """
    item = fee_item_open(session, fee_item)
    if not 0 < fen <= LARGEST_FEN:
        raise AmountInvalid()
    while True:
        live = _LIVE.first(session, service_key=item.service_key, subject=subject)
        if live is not None and _fits(live, by, fen):
            return _charge(live.id, live.public_id)
        if live is not None:
            close_order(session, live.id, reason="renewed")
        made = _insert(session, by, item, subject, fen, title, return_path, facts, masked_facts, campus_id)
        if made is not None:
            return made


def _fits(live: AnyRow, by: Caller, fen: int) -> bool:
    return bool(live.fen == fen and live.owner_id == by.person_id and live.expires_at > clock.now())


def _insert(
    session: Session,
    by: Caller,
    item: AnyRow,
    subject: str,
    fen: int,
    title: str,
    return_path: str,
    facts: Sequence[Fact],
    masked_facts: Sequence[Fact],
    campus_id: int | None,
) -> Charge | None:
    """None when a twin was faster: its order is there now."""
    now = clock.now()
    row = _INSERT.first(
        session,
        public_id=ids.public_id("ord"),
        number=ids.serial("W", clock.today()),
        fee_item_id=item.id,
        service_key=item.service_key,
        subject=subject,
        owner_id=by.person_id,
        campus_id=campus_id,
        fen=fen,
        title=title[:60],
        facts=[list(fact) for fact in facts],
        masked_facts=[list(fact) for fact in masked_facts or facts],
        return_path=return_path,
        status=str(OrderStatus.OPEN),
        is_late=False,
        created_at=now,
        expires_at=now + timedelta(minutes=item.order_minutes),
    )
    return None if row is None else _charge(row.id, row.public_id)


def _charge(order_id: int, public_id: str) -> Charge:
    return Charge(order_id, public_id, f"/m/pay/{public_id}")


def fee_item_open(session: Session, code: str) -> AnyRow:
    """The fee item, if it may be collected today."""
    item = _ITEM.first(session, code=code)
    if item is not None and item.link_url:
        raise FeeItemNotCollected()
    today = clock.today()
    if item is None or today < item.valid_from or (item.valid_until and today > item.valid_until):
        raise FeeItemUnknown()
    return cast("AnyRow", item)


def close_order(session: Session, order_id: int, *, reason: str) -> bool:
    """Close an open order: expired, cancelled or renewed. False when it is not open any more.

    Attempts that a channel may know are closed there by a flow; until then they may still be paid, and then
    `receiving` says what becomes of the money.
    """
    closed = db.rows_changed(
        session,
        update(Order)
        .where(Order.id == order_id, Order.status == OrderStatus.OPEN)
        .values(status=OrderStatus.CLOSED, closed_reason=reason, closed_at=clock.now())
        .execution_options(synchronize_session=False),
    )
    if closed:
        outbox.emit(session, OrderClosed(order_id))
    return bool(closed)


def cancel_order(session: Session, *, by: Caller, public_id: str) -> None:
    """The owner does not want it any more."""
    row = session.execute(
        select(Order.id).where(Order.public_id == public_id, Order.owner_id == by.person_id)
    ).first()
    if row is None:
        raise OrderNotFound()
    close_order(session, row.id, reason="cancelled")


def expire_orders(session: Session, *, limit: int = 200) -> int:
    """Close what was not paid in time. Run by the clock."""
    overdue = session.scalars(
        select(Order.id)
        .where(Order.status == OrderStatus.OPEN, Order.expires_at <= clock.now())
        .order_by(Order.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return sum(close_order(session, order_id, reason="expired") for order_id in overdue)
