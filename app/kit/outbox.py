"""Events for later: rows written with the change they tell of, delivered at least once.

The row is the job. Redis only rings the bell; a sweeper delivers what no bell was rung for.
"""

import socket
import traceback
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Table,
    Text,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock, db, failpoint
from app.kit.db import AnyRow, Base
from app.kit.module import InTransaction, Registry
from app.kit.prepared import Prepared

LEASE = timedelta(seconds=90)
MAX_ATTEMPTS = 12
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


class RetryLater(Exception):
    """Raised by a handler that wants another try at a time of its own choosing."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"again in {delay}")
        self.delay = delay


class OutboxDelivery(Base):
    """One event for one subscriber."""

    __tablename__ = "outbox_deliveries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event: Mapped[str]
    subscriber: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")  # pending, done, dead
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[clock.datetime]
    due_at: Mapped[clock.datetime]
    leased_until: Mapped[clock.datetime | None]
    done_at: Mapped[clock.datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        Index("ix_outbox_deliveries_due", "due_at", "id", postgresql_where="status = 'pending'"),
        Index("ix_outbox_deliveries_dead", "id", postgresql_where="status = 'dead'"),
        Index("ix_outbox_deliveries_done", "done_at", postgresql_where="status = 'done'"),
    )


# Built once: a worker does little else than these.
_table = cast("Table", OutboxDelivery.__table__)
_now: Any = bindparam("now", type_=DateTime(timezone=True))
# The state stands in the statements themselves, so that the partial indexes fit plans made beforehand.
_is_pending: ColumnElement[bool] = literal_column("outbox_deliveries.status = 'pending'", Boolean)
_is_due = and_(
    _is_pending,
    _table.c.due_at <= _now,
    or_(_table.c.leased_until.is_(None), _table.c.leased_until < _now),
)
_TOLD: dict[str, Any] = {
    "event": Text,
    "payload": JSONB,
    "request_id": Text,
    "created_at": DateTime(timezone=True),
    "due_at": DateTime(timezone=True),
    "status": Text,
    "attempts": BigInteger,
    "fence": BigInteger,
}
_INSERT = Prepared(
    insert(_table).from_select(
        ["subscriber", *_TOLD],
        select(
            func.unnest(bindparam("subscribers", type_=ARRAY(Text))),
            *(bindparam(name, type_=type_) for name, type_ in _TOLD.items()),
        ),
    )
)
_CLAIM = Prepared(
    update(_table)
    .where(
        _table.c.id.in_(
            select(_table.c.id)
            .where(_is_due)
            .order_by(_table.c.due_at, _table.c.id)
            .limit(bindparam("batch"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(
        leased_until=bindparam("leased_until"),
        fence=_table.c.fence + 1,
        attempts=_table.c.attempts + 1,
    )
    .returning(
        _table.c.id,
        _table.c.subscriber,
        _table.c.payload,
        _table.c.fence,
        _table.c.attempts,
        _table.c.leased_until,
    )
)
_MARK_DONE = Prepared(
    update(_table)
    .where(
        _table.c.id == bindparam("delivery_id"),
        _table.c.fence == bindparam("held_fence"),
        _is_pending,
    )
    .values(status="done", done_at=bindparam("done_at"), leased_until=null(), last_error=null())
    .returning(_table.c.id)
)
_registry: Registry | None = None
_request_id: Callable[[], str | None] | None = None


def load_registry(registry: Registry, *, request_id: Callable[[], str | None] | None = None) -> None:
    """Tell the outbox who listens. Done by the factory."""
    global _registry, _request_id
    _registry = registry
    _request_id = request_id


def emit(session: Session, event: Any) -> None:
    """Write one row per subscriber that wants this event, in the caller's transaction.

    Raises RuntimeError when no registry is loaded: an event nobody could hear is a bug, not silence.
    """
    if _registry is None:
        raise RuntimeError("no registry: events can't be emitted before the factory ran")
    subscribers = [key for key, sub in _registry.subscribers(type(event)) if sub.wants(event)]
    if not subscribers:
        return
    moment = clock.now()
    _INSERT.rows(
        session,
        subscribers=subscribers,
        event=type(event).__name__,
        payload=vars(event),
        request_id=_request_id() if _request_id else None,
        created_at=moment,
        due_at=moment,
        status="pending",
        attempts=0,
        fence=0,
    )
    session.info["emitted"] = session.info.get("emitted", 0) + len(subscribers)


def drain(*, clients: Any, seconds: float, batch: int = 20) -> int:
    """Deliver what is due until nothing is or time is up. Safe to run in many places at once."""
    deadline = monotonic() + seconds
    delivered = 0
    while monotonic() < deadline:
        rows = _claim(batch)
        if not rows:
            break
        for row in rows:
            deliver(row, clients=clients)
            delivered += 1
    return delivered


def _claim(batch: int) -> list[AnyRow]:
    moment = clock.now()
    with db.unit_of_work() as session:
        rows = _CLAIM.rows(session, now=moment, batch=batch, leased_until=moment + LEASE)
    failpoint.hit("outbox.claimed")
    return sorted(rows, key=lambda row: row.id)


class LostLease(Exception):
    """Another worker took this delivery over; whatever was done here is rolled back."""


def deliver(row: AnyRow, *, clients: Any) -> None:
    """Run the subscriber of one claimed row and note the outcome under its fence."""
    if clock.now() >= row.leased_until - LEASE / 3:
        return  # too little of the lease is left: somebody claims it afresh
    try:
        _run(row, clients)
    except LostLease:
        return
    except RetryLater as wish:
        _postpone(row, f"asked for another try in {wish.delay}", wish.delay, counts=False)
    except Exception as error:
        _postpone(row, _describe(error), _delay(row.attempts), counts=True)


def _run(row: AnyRow, clients: Any) -> None:
    subscription = _registry.subscription(row.subscriber) if _registry else None
    if subscription is None:
        raise LookupError(f"no subscriber {row.subscriber} is running")
    event = subscription.event(**row.payload)
    if isinstance(subscription, InTransaction):
        with db.unit_of_work() as session:
            subscription.handler(session, event)
            failpoint.hit("outbox.handled")
            _mark_done(session, row)
        return
    subscription.handler(event, clients=clients)
    failpoint.hit("outbox.flow_handled")
    with db.unit_of_work() as session:
        _mark_done(session, row)


def _mark_done(session: Session, row: AnyRow) -> None:
    done = _MARK_DONE.first(session, delivery_id=row.id, held_fence=row.fence, done_at=clock.now())
    if done is None:
        raise LostLease(row.id)


def _postpone(row: AnyRow, error: str, delay: timedelta, *, counts: bool) -> None:
    is_dead = counts and row.attempts >= MAX_ATTEMPTS
    with db.unit_of_work() as session:
        session.execute(
            update(OutboxDelivery)
            .where(OutboxDelivery.id == row.id, OutboxDelivery.fence == row.fence)
            .values(
                status="dead" if is_dead else "pending",
                due_at=clock.now() + delay,
                attempts=OutboxDelivery.attempts - (0 if counts else 1),
                leased_until=None,
                last_error=error[:2000],
            )
        )


def _delay(attempts: int) -> timedelta:
    return min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)


def _describe(error: Exception) -> str:
    """Where it failed and of what type; messages may hold personal values, so they stay out."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    code = getattr(error, "code", "")
    return f"{type(error).__name__} {code} at {places} on {socket.gethostname()}"


def is_due(session: Session) -> bool:
    """Whether something could be delivered now."""
    due = select(_table.c.id).where(_is_due).limit(1)
    return session.execute(due, {"now": clock.now()}).first() is not None


def revive(session: Session, delivery_id: int) -> bool:
    """Give a dead delivery a fresh set of tries. False when it is not dead."""
    revived = db.rows_changed(
        session,
        update(OutboxDelivery)
        .where(OutboxDelivery.id == delivery_id, OutboxDelivery.status == "dead")
        .values(status="pending", attempts=0, due_at=clock.now(), leased_until=None),
    )
    session.info["emitted"] = session.info.get("emitted", 0) + revived
    return revived == 1


def backlog(session: Session) -> dict[str, int]:
    """How many deliveries wait and how many are dead."""
    rows = session.execute(
        select(OutboxDelivery.status, func.count())
        .where(OutboxDelivery.status.in_(["pending", "dead"]))
        .group_by(OutboxDelivery.status)
    )
    counted = {status: count for status, count in rows}
    return {"pending": counted.get("pending", 0), "dead": counted.get("dead", 0)}
