"""What an answer of a vendor means for a delivery. `report` is the only way in."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, text, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.log import log
from app.kit.prepared import Prepared
from app.payments.events import (
    FulfilmentAbandoned,
    FulfilmentAccepted,
    FulfilmentApplied,
)
from app.payments.models import FeeItem, Fulfilment, FulfilmentCall, FulfilmentStatus, Order
from app.payments.service import ledger, refunds
from app.payments.service.fulfilments import NO_BLANKS, Outcome, Rules, Step, to_review

S = FulfilmentStatus
SEND_AGAIN = timedelta(seconds=15)
ASK_AFTER = tuple(timedelta(seconds=s) for s in (15, 60, 180, 600, 1800, 3600))
BLANKS_APART = timedelta(seconds=60)
GIVE_UP_ASKING = timedelta(hours=36)

_fulfilments, _calls, _orders, _items = (
    cast("Table", model.__table__) for model in (Fulfilment, FulfilmentCall, Order, FeeItem)
)
_END_CALL = Prepared(
    update(_calls).where(
        _calls.c.fulfilment_id == bindparam("row_id"), _calls.c.fence == bindparam("row_fence")
    )
)
_HELD = Prepared(
    select(_fulfilments)
    .where(
        _fulfilments.c.id == bindparam("row_id"),
        _fulfilments.c.fence == bindparam("row_fence"),
        text("payments_fulfilments.status IN ('waiting','sending','unknown','accepted')"),
    )
    .with_for_update()
)
_MOVE = Prepared(
    update(_fulfilments)
    .where(_fulfilments.c.id == bindparam("row_id"), _fulfilments.c.fence == bindparam("row_fence"))
    .returning(_fulfilments.c.id)
)
_ORDER = Prepared(
    select(_orders.c.fen, _orders.c.service_key, _orders.c.subject, _items.c.code.label("fee_code"))
    .join_from(_orders, _items, _items.c.id == _orders.c.fee_item_id)
    .where(_orders.c.id == bindparam("order_id"))
)


def report(session: Session, step: Step, outcome: Outcome, rules: Rules) -> None:
    """Note what a call brought. Under an old fence only the call itself is noted, as evidence."""
    _END_CALL.rows(
        session,
        row_id=step.fulfilment_id,
        row_fence=step.fence,
        ended_at=clock.now(),
        outcome=outcome.state,
        code=outcome.code[:80] or None,
    )
    row = _HELD.first(session, row_id=step.fulfilment_id, row_fence=step.fence)
    if row is None:
        log.warning("fulfilment_zombie", fulfilment=step.fulfilment_id, outcome=outcome.state)
        return
    REPORTS[outcome.state](session, row, step, outcome, rules)


def _applied(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    mark_applied(session, row, vendor_ref=outcome.vendor_ref)


def mark_applied(session: Session, row: AnyRow, *, vendor_ref: str) -> None:
    """Delivered: booked from `due` to `delivered`, once."""
    now = clock.now()
    move(session, row, status=S.APPLIED, applied_at=now, vendor_ref=vendor_ref or row.vendor_ref)
    order = _order(session, row.order_id)
    ledger.post(
        session,
        kind="delivery",
        reference=str(row.id),
        debit=ledger.due(order.fee_code),
        credit=ledger.delivered(order.fee_code),
        fen=order.fen,
        happened_at=now,
        order_id=row.order_id,
    )
    outbox.emit(session, FulfilmentApplied(row.order_id, order.service_key, order.subject))


def _accepted(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """The vendor has it; when it will be in the meter is another question."""
    now = clock.now()
    if row.accepted_at is None:
        order = _order(session, row.order_id)
        outbox.emit(session, FulfilmentAccepted(row.order_id, order.service_key, order.subject))
    values: dict[str, Any] = {"accepted_at": row.accepted_at or now}
    if step.action == "send":
        values["last_sent_at"] = now
    if outcome.vendor_ref:
        values["vendor_ref"] = outcome.vendor_ref
    _ask_later(session, row, S.ACCEPTED, **values)


def _not_found(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """Believed at once where a repeat is harmless; otherwise only by the settle rule."""
    now = clock.now()
    blanks, first = row.blanks + 1, row.first_blank_at or now
    values = {"blanks": blanks, "first_blank_at": first, "last_blank_at": now}
    if rules.order_class in ("A", "B") and not row.is_refused:
        return move(session, row, status=S.WAITING, next_at=now, **values)
    if rules.order_class == "D" or row.accepted_at is not None:
        return _ask_later(session, row, row.status, **values)
    if not _is_settled(blanks, first, row.last_sent_at, rules):
        pause = max(BLANKS_APART, min(ASK_AFTER[min(row.asks, 5)], rules.settle))
        return move(session, row, status=row.status, next_at=now + pause, **values)
    if row.is_refused:
        return abandon(session, row, code=row.refusal, by=None)
    if _same_vendor_day(row.last_sent_at, now, rules):
        return move(session, row, status=S.WAITING, next_at=now, **values)
    return to_review(session, row.id, row.fence, **values)


def _is_settled(
    blanks: int, first_blank_at: datetime | None, last_sent_at: datetime | None, rules: Rules
) -> bool:
    """The vendor does not have it and never will: two blanks a minute apart, the last after its settle time."""
    now = clock.now()
    if blanks < 2 or first_blank_at is None or last_sent_at is None:
        return False
    return now - first_blank_at >= BLANKS_APART and now - last_sent_at >= rules.settle


def _same_vendor_day(sent_at: datetime, now: datetime, rules: Rules) -> bool:
    if rules.day_ends_at is None:
        return True
    cut = timedelta(hours=rules.day_ends_at.hour, minutes=rules.day_ends_at.minute)
    return (clock.local(sent_at) - cut).date() == (clock.local(now) - cut).date()


def _pending(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    _ask_later(session, row, row.status, **NO_BLANKS)


def _refused(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """A definite no to a sending: it will never be delivered, so the money goes back, in one transaction."""
    code = outcome.code[:80]
    if step.action == "send" and (
        row.last_sent_at is None or _is_settled(row.blanks, row.first_blank_at, row.last_sent_at, rules)
    ):
        return abandon(session, row, code=code, by=None)
    # An earlier sending may still be on its way, and this no speaks of the last one only.
    return _ask_later(session, row, S.UNKNOWN, refusal=code, is_refused=True)


def abandon(session: Session, row: AnyRow, *, code: str, by: Caller | None, note: str = "") -> None:
    """Never to be sent again; the whole payment goes back."""
    move(
        session,
        row,
        status=S.ABANDONED,
        refusal=code[:80],
        decided_by_id=by.person_id if by else None,
        decision_note=note or None,
    )
    order = _order(session, row.order_id)
    refunds.open_unfulfilled(session, row.order_id, by=by, reason="未能到账，自动退回")
    outbox.emit(session, FulfilmentAbandoned(row.order_id, order.service_key, order.subject))


def _duplicate(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """Known to the vendor already: ask at once, never treat as failed."""
    move(session, row, status=S.UNKNOWN, next_at=clock.now(), last_sent_at=clock.now())


def _unavailable(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """Nothing happened: send again soon, or ask again later."""
    if step.action == "ask":
        return _ask_later(session, row, row.status)
    status = S.WAITING if row.last_sent_at is None else S.UNKNOWN
    return move(session, row, status=status, next_at=clock.now() + SEND_AGAIN)


def _unknown(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    if step.action == "ask":
        return _ask_later(session, row, row.status)
    return move(
        session,
        row,
        status=S.UNKNOWN,
        last_sent_at=clock.now(),
        next_at=clock.now() + ASK_AFTER[0],
        **NO_BLANKS,
    )


def _mismatch(session: Session, row: AnyRow, step: Step, outcome: Outcome, rules: Rules) -> None:
    """The vendor knows the number with another amount or room."""
    to_review(session, row.id, row.fence, refusal=outcome.code[:80] or "mismatch")


REPORTS = {
    "applied": _applied,
    "accepted": _accepted,
    "pending": _pending,
    "not_found": _not_found,
    "refused": _refused,
    "duplicate": _duplicate,
    "unavailable": _unavailable,
    "unknown": _unknown,
    "mismatch": _mismatch,
}


def _ask_later(session: Session, row: AnyRow, status: str, **values: Any) -> None:
    """15 s, 1, 3, 10, 30 min, then hourly; after a day and a half a person looks."""
    now = clock.now()
    if now - row.created_at > GIVE_UP_ASKING:
        return to_review(session, row.id, row.fence, **values)
    pause = ASK_AFTER[min(row.asks, len(ASK_AFTER) - 1)]
    return move(session, row, status=status, next_at=now + pause, **values)


def move(session: Session, row: AnyRow, **values: Any) -> None:
    """The row is locked by whoever calls."""
    if "status" in values:
        values["status"] = str(values["status"])
    moved = _MOVE.first(session, row_id=row.id, row_fence=row.fence, leased_until=None, **values)
    assert moved is not None, "the row is locked: nobody else can have moved it"


def _order(session: Session, order_id: int) -> AnyRow:
    return cast("AnyRow", _ORDER.first(session, order_id=order_id))
