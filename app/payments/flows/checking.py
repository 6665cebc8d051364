"""Ask channels about attempts whose notice has not come, and end those that nobody shall pay any more."""

from datetime import timedelta
from typing import Any

from app.clients.vendor import Refused, VendorError
from app.kit import clock, failpoint
from app.kit.breaker import CircuitOpen
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.channels import CHANNELS, Found
from app.payments.models import AttemptStatus, Channel
from app.payments.service import attempts, charges, receiving
from app.payments.service.attempts import AttemptTask
from app.payments.service.receiving import Arrival, Mismatch

BATCH = 100
FORGET_AFTER = timedelta(minutes=10)
"""An attempt that a channel never heard of ends after this; nobody can pay it."""


def check_due(*, clients: Any) -> None:
    """By the clock: close what ran out, then ask about every attempt that is due."""
    with unit_of_work() as session:
        charges.expire_orders(session)
    with unit_of_work() as session:
        tasks = attempts.claim_checks(session, limit=BATCH)
    for task in tasks:
        check_attempt(task, clients=clients)


def check_order(order_id: int, *, clients: Any) -> None:
    """Ask about every live attempt of one order, now."""
    with unit_of_work() as session:
        tasks = attempts.live_attempts(session, order_id)
    for task in tasks:
        check_attempt(task, clients=clients)


def check_attempt(task: AttemptTask, *, clients: Any) -> str:
    """Bring one attempt up to what the channel knows; returns paid, unpaid, closed, absent or away."""
    try:
        found = CHANNELS[Channel(task.channel)].query(task, clients)
    except (VendorError, CircuitOpen, KeyError) as error:
        log.info("check_failed", attempt=task.id, channel=task.channel, error=type(error).__name__)
        return "away"
    if found.state == "paid":
        arrive(found.arrival(task), source=f"query:{task.channel}")
    elif found.state == "closed":
        _end(task)
    elif found.state == "absent" and task.status != AttemptStatus.PENDING:
        _absent(task)
    elif not _is_open(task):
        return close_attempt(task, clients=clients)
    return found.state


def _absent(task: AttemptTask) -> None:
    """A debit that the card system does not know, or an attempt that never reached its channel."""
    with unit_of_work() as session:
        age = clock.now() - attempts.created_at(session, task.id)
        if age > FORGET_AFTER and task.checks >= 2:
            attempts.note_closed(session, task.id)


def close_order_attempts(order_id: int, *, clients: Any) -> None:
    """After an order was paid or closed: nothing else of it may be paid."""
    with unit_of_work() as session:
        tasks = attempts.live_attempts(session, order_id)
    for task in tasks:
        close_attempt(task, clients=clients)


def close_attempt(task: AttemptTask, *, clients: Any) -> str:
    """Close at the channel first; one that was paid in between is accepted instead. As `check_attempt`."""
    if task.status == AttemptStatus.UNKNOWN:
        return "unknown"  # a debit under way can't be closed; the checks find out
    try:
        CHANNELS[Channel(task.channel)].close(task, clients)
    except Refused:
        found = _ask_once(task, clients)
        if found is not None and found.state == "paid":
            arrive(found.arrival(task), source=f"query:{task.channel}")
            return "paid"
        if found is None or found.state not in ("closed", "absent") or _may_appear(task, found, clients):
            return "away"
    except (VendorError, CircuitOpen, KeyError) as error:
        log.info("close_failed", attempt=task.id, channel=task.channel, error=type(error).__name__)
        return "away"
    failpoint.hit("payments.attempt_closed")
    _end(task)
    return "closed"


def _may_appear(task: AttemptTask, found: Found, clients: Any) -> bool:
    """The payer holds an address of the channel's page: until it runs out the channel may yet hear of the order."""
    if found.state != "absent":
        return False
    if task.trade_type == "PIN":
        settles = timedelta(seconds=clients.card.capabilities.settle_seconds)
        return task.expires_at + settles > clock.now()
    return task.channel == Channel.PLATFORM and task.expires_at > clock.now()


def _ask_once(task: AttemptTask, clients: Any) -> Found | None:
    try:
        return CHANNELS[Channel(task.channel)].query(task, clients)
    except (VendorError, CircuitOpen):
        return None


def arrive(arrival: Arrival, *, source: str) -> None:
    """Book what a query or a debit found; what does not fit becomes a dispute."""
    try:
        with unit_of_work() as session:
            receiving.accept_payment(session, arrival)
    except Mismatch as mismatch:
        with unit_of_work() as session:
            receiving.open_dispute(
                session,
                source=source,
                external_id=arrival.transaction_id,
                kind=mismatch.kind,
                order_number=mismatch.order_number,
                evidence={"fen": arrival.fen, "attempt": arrival.attempt_number},
            )


def _end(task: AttemptTask) -> None:
    with unit_of_work() as session:
        attempts.note_closed(session, task.id)


def _is_open(task: AttemptTask) -> bool:
    with unit_of_work() as session:
        return attempts.is_order_open(session, task.order_id)
