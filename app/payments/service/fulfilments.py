"""Delivering what was paid, exactly once: who may send, who must ask first, and what an answer means.

The four classes of vendors (campus card reference §2.4) by what a repeated order number does:
A the first result comes again; B it is refused as a duplicate; C it is carried out again; D there is no number.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, or_, select, text, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.prepared import Prepared
from app.payments.events import (
    FulfilmentNeedsReview,
)
from app.payments.models import (
    Fulfilment,
    FulfilmentCall,
    FulfilmentStatus,
)

S = FulfilmentStatus
DUE = (S.WAITING, S.SENDING, S.UNKNOWN, S.ACCEPTED)
LEASE = timedelta(seconds=45)
LONGEST_CALL = timedelta(seconds=20)
"""To a vendor; what lasts longer is asked about by the next claim."""
_fulfilments, _calls = (cast("Table", model.__table__) for model in (Fulfilment, FulfilmentCall))
_IS_DUE = text("payments_fulfilments.status IN ('waiting','sending','unknown','accepted')")
_DUE = Prepared(
    select(
        _fulfilments.c.id,
        _fulfilments.c.order_id,
        _fulfilments.c.number,
        _fulfilments.c.status,
        _fulfilments.c.fence,
        _fulfilments.c.tries,
        _fulfilments.c.asks,
    )
    .where(
        _fulfilments.c.id == bindparam("row_id"),
        _IS_DUE,
        _fulfilments.c.next_at <= bindparam("moment"),
        or_(_fulfilments.c.leased_until.is_(None), _fulfilments.c.leased_until < bindparam("moment")),
    )
    .with_for_update(skip_locked=True)
)
_CLAIM = Prepared(update(_fulfilments).where(_fulfilments.c.id == bindparam("row_id")))
_WRITE_CALL = Prepared(insert(_calls).inline())
_HELD = Prepared(
    select(_fulfilments.c.fence).where(
        _fulfilments.c.id == bindparam("row_id"), _fulfilments.c.fence == bindparam("row_fence")
    )
)
_OF_ORDER = Prepared(select(_fulfilments.c.id).where(_fulfilments.c.order_id == bindparam("order_id")))
_ORDER_OF = Prepared(select(_fulfilments.c.order_id).where(_fulfilments.c.id == bindparam("row_id")))
NO_BLANKS: dict[str, Any] = {"blanks": 0, "first_blank_at": None, "last_blank_at": None}


@dataclass(frozen=True)
class Rules:
    """What is known of the vendor. `settle`: the longest time from taking an order to showing it.

    `day_ends_at`: after the vendor's day cut a number is not sent again.
    """

    order_class: str
    can_ask: bool
    settle: timedelta
    day_ends_at: time | None = None


@dataclass(frozen=True)
class Step:
    """One call that may be made now: `send` or `ask`. Only under this fence."""

    fulfilment_id: int
    order_id: int
    number: str
    fence: int
    action: str
    asks: int
    leased_until: datetime


@dataclass(frozen=True)
class Outcome:
    """`state`: applied, accepted, pending, not_found, refused, duplicate, unavailable, unknown or mismatch."""

    state: str
    vendor_ref: str = ""
    code: str = ""


def claim_step(session: Session, fulfilment_id: int, rules: Rules) -> Step | None:
    """Decide the next call and write it down, to be committed before the socket is opened.

    None when nothing is due, or somebody else is at it. A call that never ended (its process died) counts
    as unknown from now on.
    """
    now = clock.now()
    row = _DUE.first(session, row_id=fulfilment_id, moment=now)
    if row is None:
        return None
    status = S(row.status)
    if status == S.SENDING:
        status = _bury_open_call(session, row.id, now)
    action = "send" if status == S.WAITING else "ask"
    if action == "ask" and not rules.can_ask:
        to_review(session, row.id, row.fence)
        return None
    fence = row.fence + 1
    _CLAIM.rows(
        session,
        row_id=row.id,
        fence=fence,
        leased_until=now + LEASE,
        status=str(S.SENDING if action == "send" else status),
        tries=row.tries + (action == "send"),
        asks=row.asks + (action == "ask"),
    )
    _WRITE_CALL.rows(session, fulfilment_id=row.id, fence=fence, action=action, started_at=now)
    return Step(row.id, row.order_id, row.number, fence, action, row.asks, now + LEASE)


def _bury_open_call(session: Session, fulfilment_id: int, now: datetime) -> FulfilmentStatus:
    """Its process died between sending and hearing: nobody knows, so it is asked about."""
    session.execute(
        update(FulfilmentCall)
        .where(FulfilmentCall.fulfilment_id == fulfilment_id, FulfilmentCall.ended_at.is_(None))
        .values(ended_at=now, outcome="lost")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Fulfilment)
        .where(Fulfilment.id == fulfilment_id)
        .values(status=S.UNKNOWN, last_sent_at=now, **NO_BLANKS)
        .execution_options(synchronize_session=False)
    )
    return S.UNKNOWN


def may_still_call(session: Session, step: Step) -> bool:
    """Looked at right before the socket is opened: a process that slept since the claim must not send."""
    held = _HELD.first(session, row_id=step.fulfilment_id, row_fence=step.fence)
    return held is not None and clock.now() < step.leased_until - LONGEST_CALL


def to_review(session: Session, fulfilment_id: int, fence: int, **values: Any) -> None:
    order_id = session.execute(
        update(Fulfilment)
        .where(Fulfilment.id == fulfilment_id, Fulfilment.fence == fence)
        .values(status=S.REVIEW, leased_until=None, **values)
        .returning(Fulfilment.order_id)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    outbox.emit(session, FulfilmentNeedsReview(order_id))


def due_fulfilments(session: Session, service_key: str, *, limit: int) -> list[int]:
    """Those that may be driven on now, the oldest payment first."""
    now = clock.now()
    return list(
        session.scalars(
            select(Fulfilment.id)
            .where(
                Fulfilment.service_key == service_key,
                Fulfilment.status.in_(DUE),
                Fulfilment.next_at <= now,
                or_(Fulfilment.leased_until.is_(None), Fulfilment.leased_until < now),
            )
            .order_by(Fulfilment.created_at, Fulfilment.id)
            .limit(limit)
        )
    )


def order_of(session: Session, fulfilment_id: int) -> int:
    return int(_ORDER_OF.first(session, row_id=fulfilment_id).order_id)


def fulfilment_of(session: Session, order_id: int) -> int | None:
    row = _OF_ORDER.first(session, order_id=order_id)
    return None if row is None else int(row.id)


def is_queueing(session: Session, service_key: str) -> bool:
    """Whether a payment of this service was put off because its vendor was away."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Fulfilment.service_key == service_key,
                    Fulfilment.status == S.WAITING,
                    Fulfilment.tries > 0,
                )
            )
        )
    )
