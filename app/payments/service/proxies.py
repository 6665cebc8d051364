"""请人代付: a link with which somebody else may pay; the room is masked, and a refund goes to who paid."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.payments.errors import OrderNotFound, ProxyLinkInvalid
from app.payments.models import Order, OrderStatus, ProxyLink

LIVES = timedelta(hours=2)


def make_proxy_link(session: Session, *, by: Caller, public_id: str) -> str:
    """A fresh token for one's own open order; older links of it end. It lives as long as the order, at most 2 h."""
    order = session.execute(
        select(Order.id, Order.expires_at)
        .where(Order.public_id == public_id, Order.owner_id == by.person_id, Order.status == OrderStatus.OPEN)
        .with_for_update()
    ).first()
    now = clock.now()
    if order is None or order.expires_at <= now:
        raise OrderNotFound()
    session.execute(
        update(ProxyLink)
        .where(ProxyLink.order_id == order.id, ProxyLink.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    token = secrets.token_urlsafe(18)
    session.execute(
        insert(ProxyLink).values(
            order_id=order.id, token_hash=_hash(token), expires_at=min(order.expires_at, now + LIVES)
        )
    )
    return token


def order_of_link(session: Session, token: str) -> int:
    """The order behind a link that still holds. An order that is paid or closed still shows how it ended."""
    order_id = session.scalar(
        select(ProxyLink.order_id).where(
            ProxyLink.token_hash == _hash(token),
            ProxyLink.revoked_at.is_(None),
            ProxyLink.expires_at > clock.now(),
        )
    )
    if order_id is None:
        raise ProxyLinkInvalid()
    return order_id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
