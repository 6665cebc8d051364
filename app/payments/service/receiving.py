"""Money has arrived: what a notice, a query or a bill says of a payment, applied exactly once.

Lock order everywhere: order, attempt, payment, refund. Whoever tells of the same payment again changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, failpoint, outbox
from app.kit.db import AnyRow
from app.kit.log import log
from app.kit.prepared import Prepared
from app.payments.events import DisputeOpened, PaymentSucceeded, SurplusReceived
from app.payments.models import (
    Attempt,
    AttemptStatus,
    Dispute,
    FeeItem,
    Fulfilment,
    FulfilmentStatus,
    Order,
    OrderStatus,
    Payment,
)
from app.payments.service import ledger, refunds

LATE_AT_MOST = timedelta(days=1)

_orders, _attempts, _payments, _items, _fulfilments = (
    cast("Table", model.__table__) for model in (Order, Attempt, Payment, FeeItem, Fulfilment)
)
_successor = _orders.alias("successor")
_LOOK = Prepared(
    select(
        _orders.c.id,
        _orders.c.number,
        _orders.c.status,
        _orders.c.closed_reason,
        _orders.c.closed_at,
        _orders.c.service_key,
        _orders.c.subject,
        _attempts.c.id.label("attempt_id"),
        _attempts.c.channel,
        _attempts.c.merchant_no,
        _attempts.c.fen,
        _items.c.code.label("fee_code"),
        _items.c.takes_late,
    )
    .join_from(_attempts, _orders, _orders.c.id == _attempts.c.order_id)
    .join(_items, _items.c.id == _orders.c.fee_item_id)
    .where(_attempts.c.number == bindparam("attempt_number"))
    .with_for_update(of=_orders)
)
_KNOWN = Prepared(
    select(_payments.c.transaction_id, _payments.c.fen).where(
        _payments.c.attempt_id == bindparam("attempt_id")
    )
)
_INSERT = Prepared(insert(_payments).returning(_payments.c.id))
_ATTEMPT_PAID = Prepared(
    update(_attempts)
    .where(_attempts.c.id == bindparam("attempt_id"))
    .values(status=bindparam("attempt_status"), next_check_at=null())
)
_ORDER_PAID = Prepared(
    update(_orders)
    .where(_orders.c.id == bindparam("order_id"))
    .values(status=bindparam("order_status"), paid_at=bindparam("moment"), is_late=bindparam("late"))
)
_FULFIL = Prepared(insert(_fulfilments).inline())


@dataclass(frozen=True)
class Arrival:
    """What a channel says it took. `fen` in fen, `paid_at` aware UTC, `learned_by` notify, query, debit or bill."""

    attempt_number: str
    channel: str
    merchant_no: str
    transaction_id: str
    fen: int
    paid_at: datetime
    learned_by: str


class Mismatch(Exception):
    """The arrival does not fit the attempt it names. `kind` is the dispute's."""

    def __init__(self, kind: str, order_number: str = "") -> None:
        super().__init__(kind)
        self.kind, self.order_number = kind, order_number


def accept_payment(session: Session, arrival: Arrival) -> bool:
    """Book the money and let the order be fulfilled, or send it back. True when it was news.

    A payment of an open order settles it; one that comes within a day after the order ran out does too,
    if the fee item allows and nothing has taken its place. Any other is surplus and is refunded by itself.
    Raises Mismatch before it writes: unknown_order, wrong_merchant, wrong_amount, other_transaction.
    """
    order = _LOOK.first(session, attempt_number=arrival.attempt_number)
    if order is None:
        raise Mismatch("unknown_order", arrival.attempt_number)
    if (arrival.channel, arrival.merchant_no) != (order.channel, order.merchant_no):
        raise Mismatch("wrong_merchant", order.number)
    known = _KNOWN.first(session, attempt_id=order.attempt_id)
    if known is not None:
        if known.transaction_id != arrival.transaction_id:
            raise Mismatch("other_transaction", order.number)
        return False
    if arrival.fen != order.fen:
        raise Mismatch("wrong_amount", order.number)
    settles = _settles(session, order)
    payment_id = _book(session, order, arrival, role="settles" if settles else "surplus")
    failpoint.hit("payments.booked")
    if settles:
        _settle(session, order, arrival)
    else:
        refunds.open_surplus(session, payment_id)
        outbox.emit(session, SurplusReceived(payment_id))
        log.info("payment_surplus", order=order.id, payment=payment_id)
    failpoint.hit("payments.accepted")
    return True


def _settles(session: Session, order: AnyRow) -> bool:
    if order.status == OrderStatus.OPEN:
        return True
    if order.status == OrderStatus.PAID or order.closed_reason != "expired" or not order.takes_late:
        return False
    if clock.now() - order.closed_at > LATE_AT_MOST:
        return False
    has_successor = exists().where(
        _successor.c.service_key == order.service_key,
        _successor.c.subject == order.subject,
        _successor.c.id != order.id,
        _successor.c.status != OrderStatus.CLOSED,
    )
    return not session.scalar(select(has_successor))


def _book(session: Session, order: AnyRow, arrival: Arrival, *, role: str) -> int:
    """The payment's row and its entry in the ledger."""
    payment = _INSERT.first(
        session,
        order_id=order.id,
        attempt_id=order.attempt_id,
        channel=order.channel,
        merchant_no=order.merchant_no,
        transaction_id=arrival.transaction_id,
        fen=arrival.fen,
        role=role,
        learned_by=arrival.learned_by,
        paid_at=arrival.paid_at,
        received_at=clock.now(),
        refunding_fen=0,
        refunded_fen=0,
    )
    _ATTEMPT_PAID.rows(session, attempt_id=order.attempt_id, attempt_status=str(AttemptStatus.PAID))
    ledger.post(
        session,
        kind="payment",
        reference=str(payment.id),
        debit=ledger.channel(order.channel, order.merchant_no),
        credit=ledger.due(order.fee_code) if role == "settles" else ledger.SURPLUS,
        fen=arrival.fen,
        happened_at=arrival.paid_at,
        order_id=order.id,
    )
    return int(payment.id)


def _settle(session: Session, order: AnyRow, arrival: Arrival) -> None:
    now = clock.now()
    is_late = order.status != OrderStatus.OPEN
    _ORDER_PAID.rows(
        session, order_id=order.id, order_status=str(OrderStatus.PAID), moment=arrival.paid_at, late=is_late
    )
    _FULFIL.rows(
        session,
        order_id=order.id,
        service_key=order.service_key,
        number=order.number,
        status=str(FulfilmentStatus.WAITING),
        fence=0,
        next_at=now,
        tries=0,
        asks=0,
        blanks=0,
        is_refused=False,
        created_at=now,
    )
    outbox.emit(session, PaymentSucceeded(order.id, order.service_key, order.subject))


def open_dispute(
    session: Session, *, source: str, external_id: str, kind: str, order_number: str, evidence: dict[str, Any]
) -> bool:
    """Keep what does not fit for a person to look at. False when it was here already: it is kept once."""
    row = session.execute(
        upsert(Dispute)
        .values(
            source=source,
            external_id=external_id,
            kind=kind,
            order_number=order_number,
            evidence=evidence,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Dispute.id)
    ).first()
    if row is None:
        return False
    log.error("payment_dispute", dispute=row.id, kind=kind, source=source)
    outbox.emit(session, DisputeOpened(row.id))
    return True
