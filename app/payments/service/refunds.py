"""Opening refunds: reserved on the payment, agreed to by a second person where the sum asks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids, money, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.payments.errors import (
    OrderNotFound,
    RefundMovedOn,
    RefundNeedsReason,
    RefundNotFound,
    RefundNotNow,
    RefundTooMuch,
    SamePerson,
)
from app.payments.events import RefundReady
from app.payments.models import (
    FeeItem,
    Fulfilment,
    FulfilmentStatus,
    Order,
    Payment,
    Refund,
    RefundStatus,
)
from app.payments.service import ledger
from app.platform.audit import service as audit

APART = timedelta(minutes=1)

_orders, _payments, _items, _refunds, _fulfilments = (
    cast("Table", model.__table__) for model in (Order, Payment, FeeItem, Refund, Fulfilment)
)
_LOCK_ORDER = Prepared(
    select(_orders.c.id, _payments.c.id.label("payment_id"), _items.c.refund_alone_fen)
    .join_from(_orders, _payments, _payments.c.order_id == _orders.c.id)
    .join(_items, _items.c.id == _orders.c.fee_item_id)
    .where(_orders.c.public_id == bindparam("public_id"), _payments.c.role == "settles")
    .with_for_update(of=_orders)
)
_DELIVERY = Prepared(
    select(_fulfilments.c.status).where(_fulfilments.c.order_id == bindparam("order_id")).with_for_update()
)
_LOCK_PAYMENT = Prepared(
    select(
        _payments.c.order_id,
        _payments.c.channel,
        _payments.c.merchant_no,
        _payments.c.role,
        (_payments.c.fen - _payments.c.refunding_fen - _payments.c.refunded_fen).label("left"),
    )
    .where(_payments.c.id == bindparam("payment_id"))
    .with_for_update()
)
_RESERVE = Prepared(
    update(_payments)
    .where(_payments.c.id == bindparam("payment_id"))
    .values(refunding_fen=_payments.c.refunding_fen + bindparam("more"))
)
_LAST_TRY = Prepared(
    select(func.max(_refunds.c.next_try_at).label("at")).where(
        _refunds.c.payment_id == bindparam("payment_id")
    )
)
_INSERT = Prepared(insert(_refunds).returning(_refunds.c.id, _refunds.c.public_id))
_BY_NAME = Prepared(
    select(
        _refunds.c.id,
        _refunds.c.status,
        _refunds.c.fen,
        _refunds.c.payment_id,
        _refunds.c.requested_by_id,
        _refunds.c.paid_out_by_id,
    )
    .where(_refunds.c.public_id == bindparam("wanted"))
    .with_for_update()
)
_MOVE = Prepared(
    update(_refunds)
    .where(_refunds.c.id == bindparam("refund_id"), _refunds.c.status == bindparam("from_status"))
    .returning(_refunds.c.id)
)
_OWED = Prepared(
    select(_items.c.code, _fulfilments.c.status)
    .join_from(_orders, _items, _items.c.id == _orders.c.fee_item_id)
    .join(_fulfilments, _fulfilments.c.order_id == _orders.c.id)
    .where(_orders.c.id == bindparam("order_id"))
)


def open_surplus(session: Session, payment_id: int) -> int:
    """Send back what came on top. Nobody has to ask."""
    opened = _open(session, payment_id, None, cause="surplus", reason="重复或逾期支付，自动退回", by_id=None)
    return int(opened.id)


def open_unfulfilled(session: Session, order_id: int, *, by: Caller | None, reason: str) -> int:
    """Send back the whole payment of an order that was not delivered; its fulfilment is abandoned by the caller."""
    payment_id = session.scalars(
        select(Payment.id).where(Payment.order_id == order_id, Payment.role == "settles")
    ).one()
    by_id = by.person_id if by else None
    return int(_open(session, payment_id, None, cause="unfulfilled", reason=reason, by_id=by_id).id)


def request_refund(session: Session, *, by: Caller, order_public_id: str, fen: int, reason: str) -> str:
    """A clerk wants part or all of a payment to go back; returns the refund's public id.

    Above the fee item's limit a second person has to agree. Not while it is unknown whether the order was
    delivered: a late delivery after the refund would be lost money.
    """
    if len(reason.strip()) < 4:
        raise RefundNeedsReason(details={"reason": [RefundNeedsReason.msgid]})
    found = _LOCK_ORDER.first(session, public_id=order_public_id)
    if found is None:
        raise OrderNotFound()
    _refuse_while_undecided(session, found.id)
    opened = _open(
        session,
        found.payment_id,
        fen,
        cause="requested",
        reason=reason.strip(),
        by_id=by.person_id,
        status=RefundStatus.WAITING if fen > found.refund_alone_fen else RefundStatus.READY,
    )
    audit.record(session, by=by, action="payments.request_refund", object_type="refund", object_id=opened.id)
    return str(opened.public_id)


def _refuse_while_undecided(session: Session, order_id: int) -> None:
    row = _DELIVERY.first(session, order_id=order_id)
    status = row.status if row else None
    if status not in (FulfilmentStatus.APPLIED, FulfilmentStatus.ABANDONED):
        raise RefundNotNow()


def _open(
    session: Session,
    payment_id: int,
    fen: int | None,
    *,
    cause: str,
    reason: str,
    by_id: int | None,
    status: RefundStatus = RefundStatus.READY,
) -> AnyRow:
    """Reserve the sum on the payment and write the refund down. `fen` None: all that is left."""
    payment = _reserve(session, payment_id, fen)
    now = clock.now()
    opened = _INSERT.first(
        session,
        public_id=ids.public_id("ref"),
        number=ids.serial("B", clock.today()),
        former_numbers=[],
        payment_id=payment_id,
        order_id=payment.order_id,
        fen=payment.fen,
        cause=cause,
        reason=reason[:80],
        status=str(status),
        requested_by_id=by_id,
        tries=0,
        fence=0,
        next_try_at=_not_too_soon(session, payment_id, now),
        created_at=now,
    )
    ledger.post(
        session,
        kind="refund_reserved",
        reference=str(opened.id),
        debit=_owed_by(session, payment),
        credit=ledger.refunding(payment.channel, payment.merchant_no),
        fen=payment.fen,
        happened_at=now,
        order_id=payment.order_id,
    )
    if status == RefundStatus.READY:
        outbox.emit(session, RefundReady(opened.id))
    return cast("AnyRow", opened)


@dataclass(frozen=True)
class _Reserved:
    order_id: int
    channel: str
    merchant_no: str
    role: str
    fen: int


def _reserve(session: Session, payment_id: int, fen: int | None) -> _Reserved:
    """Raises RefundTooMuch. The row is locked, and its CHECK is the last word."""
    row = _LOCK_PAYMENT.first(session, payment_id=payment_id)
    wanted = row.left if fen is None else fen
    if not 0 < wanted <= row.left:
        raise RefundTooMuch(left=money.yuan(row.left))
    _RESERVE.rows(session, payment_id=payment_id, more=wanted)
    return _Reserved(row.order_id, row.channel, row.merchant_no, row.role, wanted)


def _not_too_soon(session: Session, payment_id: int, now: datetime) -> datetime:
    """Channels want a minute between two refunds of one payment."""
    last = _LAST_TRY.first(session, payment_id=payment_id).at
    return now if last is None else max(now, last + APART)


def _owed_by(session: Session, payment: _Reserved) -> str:
    """The account that holds the money now: surplus, still due, or delivered already."""
    if payment.role == "surplus":
        return ledger.SURPLUS
    row = _OWED.first(session, order_id=payment.order_id)
    is_delivered = row.status == FulfilmentStatus.APPLIED
    return ledger.delivered(row.code) if is_delivered else ledger.due(row.code)


def approve_refund(session: Session, *, by: Caller, public_id: str) -> None:
    """复核: another person agrees, and the refund may be sent."""
    refund = _waiting(session, by, public_id)
    move(session, refund.id, RefundStatus.WAITING, RefundStatus.READY, approved_by_id=by.person_id)
    audit.record(session, by=by, action="payments.approve_refund", object_type="refund", object_id=refund.id)
    outbox.emit(session, RefundReady(refund.id))


def reject_refund(session: Session, *, by: Caller, public_id: str) -> None:
    """复核不通过: nothing goes back, the reservation is reversed."""
    refund = _waiting(session, by, public_id)
    move(
        session,
        refund.id,
        RefundStatus.WAITING,
        RefundStatus.REJECTED,
        approved_by_id=by.person_id,
        ended_at=clock.now(),
    )
    _RESERVE.rows(session, payment_id=refund.payment_id, more=-refund.fen)
    ledger.reverse(session, kind="refund_reserved", reference=str(refund.id), under=f"refund:{refund.id}")
    audit.record(session, by=by, action="payments.reject_refund", object_type="refund", object_id=refund.id)


def _waiting(session: Session, by: Caller, public_id: str) -> AnyRow:
    refund = refund_row(session, public_id)
    if refund.status != RefundStatus.WAITING:
        raise RefundMovedOn()
    if refund.requested_by_id == by.person_id:
        raise SamePerson()
    return refund


def refund_row(session: Session, public_id: str) -> AnyRow:
    """Locked. Raises RefundNotFound."""
    row = _BY_NAME.first(session, wanted=public_id)
    if row is None:
        raise RefundNotFound()
    return cast("AnyRow", row)


def move(
    session: Session, refund_id: int, from_status: RefundStatus, to_status: RefundStatus, **values: Any
) -> None:
    """Raises RefundMovedOn when it is not in `from_status` any more."""
    moved = _MOVE.first(
        session, refund_id=refund_id, from_status=str(from_status), status=str(to_status), **values
    )
    if moved is None:
        raise RefundMovedOn()
