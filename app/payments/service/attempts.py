"""Attempts to pay: one per order, channel and payer, under a number that is used again when they try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import BigInteger, Table, any_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.payments.errors import ChannelClosed, OrderAlreadyPaid, OrderClosed, OrderNotFound, PaymentsStopped
from app.payments.models import (
    LIVE_ATTEMPTS,
    Attempt,
    AttemptStatus,
    FeeItem,
    Merchant,
    Order,
    OrderStatus,
    PaymentStop,
)

CHECK_AFTER = tuple(timedelta(seconds=s) for s in (5, 30, 60, 180, 300, 600, 1800))
PREPAY_LIVES = timedelta(hours=1, minutes=50)


@dataclass(frozen=True)
class AttemptTask:
    """All that a channel needs to start, ask for, or end an attempt."""

    id: int
    order_id: int
    number: str
    channel: str
    trade_type: str
    merchant_no: str
    payer_id: int
    payer_account: str
    fen: int
    status: str
    prepay: str | None
    prepaid_at: datetime | None
    checks: int
    title: str
    expires_at: datetime
    order_public_id: str

    @property
    def has_fresh_prepay(self) -> bool:
        return self.prepaid_at is not None and clock.now() - self.prepaid_at < PREPAY_LIVES


_orders, _attempts, _items, _merchants = (
    cast("Table", model.__table__) for model in (Order, Attempt, FeeItem, Merchant)
)
_LIVE_ONES = text("payments_attempts.status IN ('created','pending','unknown')")
_TASKS = select(
    _attempts.c.id,
    _attempts.c.order_id,
    _attempts.c.number,
    _attempts.c.channel,
    _attempts.c.trade_type,
    _attempts.c.merchant_no,
    _attempts.c.payer_id,
    _attempts.c.payer_account,
    _attempts.c.fen,
    _attempts.c.status,
    _attempts.c.prepay,
    _attempts.c.prepaid_at,
    _attempts.c.checks,
    _orders.c.title,
    _orders.c.expires_at,
    _orders.c.public_id.label("order_public_id"),
).join_from(_attempts, _orders, _orders.c.id == _attempts.c.order_id)
_LIVE_TASKS = Prepared(_TASKS.where(_attempts.c.order_id == bindparam("order_id"), _LIVE_ONES))
_stopped_until = (
    select(func.max(PaymentStop.ends_at))
    .where(PaymentStop.starts_at <= bindparam("now"), PaymentStop.ends_at > bindparam("now"))
    .scalar_subquery()
)
_LOCK = Prepared(
    select(
        _orders.c.status,
        _orders.c.fen,
        _orders.c.expires_at,
        _orders.c.fee_item_id,
        _orders.c.campus_id,
        _stopped_until.label("stopped_until"),
    )
    .where(_orders.c.id == bindparam("order_id"))
    .with_for_update()
)
_INSERT = Prepared(insert(_attempts).on_conflict_do_nothing())
_MERCHANT = Prepared(
    select(_merchants.c.merchant_no)
    .join_from(_merchants, _items, _items.c.id == _merchants.c.fee_item_id)
    .where(
        _merchants.c.fee_item_id == bindparam("fee_item_id"),
        _merchants.c.channel == bindparam("channel"),
        bindparam("channel") == any_(_items.c.channels),
        or_(
            _merchants.c.campus_id.is_(None),
            _merchants.c.campus_id == bindparam("campus_id", type_=BigInteger),
        ),
    )
    .order_by(_merchants.c.campus_id.is_(None))
    .limit(1)
)
_MOVE = Prepared(update(_attempts).where(_attempts.c.id == bindparam("attempt_id"), _LIVE_ONES))


def begin_attempt(
    session: Session, *, order_id: int, payer_id: int, payer_account: str, channel: str, trade_type: str
) -> AttemptTask:
    """The payer's live attempt through this channel, made if there is none. Locks the order."""
    order = _LOCK.first(session, order_id=order_id, now=clock.now())
    _check_open(order)
    _INSERT.rows(
        session,
        order_id=order_id,
        number=ids.serial("A", clock.today()),
        channel=str(channel),
        trade_type=trade_type,
        merchant_no=merchant_no(session, order.fee_item_id, channel, order.campus_id),
        payer_id=payer_id,
        payer_account=payer_account,
        fen=order.fen,
        status=str(AttemptStatus.CREATED),
        checks=0,
        next_check_at=clock.now() + CHECK_AFTER[1],
        created_at=clock.now(),
    )
    return next(
        task
        for task in live_attempts(session, order_id)
        if (task.channel, task.trade_type, task.payer_id) == (channel, trade_type, payer_id)
    )


def _check_open(order: AnyRow | None) -> None:
    if order is None:
        raise OrderNotFound()
    if order.status == OrderStatus.PAID:
        raise OrderAlreadyPaid()
    if order.status == OrderStatus.CLOSED or order.expires_at <= clock.now():
        raise OrderClosed()
    if order.stopped_until is not None:
        raise PaymentsStopped(until=f"{clock.local(order.stopped_until):%m-%d %H:%M}")


def merchant_no(session: Session, fee_item_id: int, channel: str, campus_id: int | None) -> str:
    """Who collects: the campus's own merchant number, else the item's general one."""
    found = _MERCHANT.first(session, fee_item_id=fee_item_id, channel=str(channel), campus_id=campus_id)
    if found is None:
        raise ChannelClosed()
    return str(found.merchant_no)


def live_attempts(session: Session, order_id: int) -> list[AttemptTask]:
    """Every attempt of an order that may still turn into money."""
    return [AttemptTask(**row._asdict()) for row in _LIVE_TASKS.rows(session, order_id=order_id)]


def find_code(session: Session, *, order_id: int, payer_id: int) -> str | None:
    """What the QR code of this payer's Native attempt says, while WeChat knows it."""
    wanted = (
        task.prepay
        for task in live_attempts(session, order_id)
        if (task.trade_type, task.payer_id) == ("NATIVE", payer_id) and task.has_fresh_prepay
    )
    return next(wanted, None)


def attempt_task(session: Session, attempt_id: int) -> AttemptTask:
    return AttemptTask(**db.as_dict(session.execute(_TASKS.where(_attempts.c.id == attempt_id)).one()))


def note_prepaid(session: Session, attempt_id: int, prepay: str) -> None:
    """The channel knows the attempt and can be paid."""
    _move(session, attempt_id, AttemptStatus.PENDING, prepay=prepay, prepaid_at=clock.now())


def note_refused(session: Session, attempt_id: int, code: str) -> None:
    """The channel said no, and nothing was taken."""
    _move(session, attempt_id, AttemptStatus.REFUSED, refusal=code[:80], next_check_at=None)


def note_unknown(session: Session, attempt_id: int) -> None:
    """A debit without an answer: asked about soon, and nothing else is started meanwhile."""
    _move(session, attempt_id, AttemptStatus.UNKNOWN, next_check_at=clock.now() + CHECK_AFTER[0])


def note_closed(session: Session, attempt_id: int) -> None:
    """The channel will take no money for it any more."""
    _move(session, attempt_id, AttemptStatus.CLOSED, next_check_at=None)


def _move(session: Session, attempt_id: int, status: AttemptStatus, **values: object) -> None:
    """A paid attempt stays paid, whatever arrives later."""
    _MOVE.rows(session, attempt_id=attempt_id, status=str(status), **values)


def claim_checks(session: Session, *, limit: int) -> list[AttemptTask]:
    """Attempts to ask the channel about now, the longest due first; each is put off to its next turn."""
    now = clock.now()
    due = (
        select(Attempt.id)
        .where(Attempt.status.in_(LIVE_ATTEMPTS), Attempt.next_check_at <= now)
        .order_by(Attempt.next_check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = list(session.scalars(due))
    if not claimed:
        return []
    tasks = [
        AttemptTask(**db.as_dict(row)) for row in session.execute(_TASKS.where(_attempts.c.id.in_(claimed)))
    ]
    for task in tasks:
        put_off(session, task)
    return tasks


def put_off(session: Session, task: AttemptTask) -> None:
    """5 s, 30 s, 1, 3, 5, 10, 30 min, then every half an hour until it ends."""
    pause = CHECK_AFTER[min(task.checks + 1, len(CHECK_AFTER) - 1)]
    db.rows_changed(
        session,
        update(Attempt)
        .where(Attempt.id == task.id)
        .values(checks=task.checks + 1, next_check_at=clock.now() + pause)
        .execution_options(synchronize_session=False),
    )


def check_soon(session: Session, order_id: int) -> None:
    """Somebody waits for the result: ask in the next seconds."""
    session.execute(
        update(Attempt)
        .where(Attempt.order_id == order_id, Attempt.status.in_(LIVE_ATTEMPTS))
        .values(next_check_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def created_at(session: Session, attempt_id: int) -> datetime:
    return session.scalars(select(Attempt.created_at).where(Attempt.id == attempt_id)).one()


def is_order_open(session: Session, order_id: int) -> bool:
    return session.scalar(select(Order.status).where(Order.id == order_id)) == OrderStatus.OPEN


def claim_debit(session: Session, attempt_id: int) -> bool:
    """Only the first of several clicks may debit. From here on the outcome counts as unknown until heard."""
    claimed = db.rows_changed(
        session,
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.status == AttemptStatus.CREATED)
        .values(status=AttemptStatus.UNKNOWN, next_check_at=clock.now() + CHECK_AFTER[1])
        .execution_options(synchronize_session=False),
    )
    return claimed == 1
