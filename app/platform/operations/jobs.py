"""Work by the clock: what the schedules of all modules say, and tidying up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.external_events import ExternalEvent
from app.kit.idempotency import IdempotencyKey
from app.kit.log import log
from app.kit.module import Registry
from app.kit.outbox import OutboxDelivery
from app.platform.official_account.service import SOURCE as CHAT
from app.platform.operations import service

KEEP_DONE = timedelta(days=7)
KEEP_KEYS = timedelta(days=2)
KEEP_CHAT = timedelta(days=14)


def ticker(registry: Registry) -> Callable[[Any], None]:
    """A function for the sweeper: starts every schedule that is due."""
    schedules = registry.schedules()

    def tick(clients: Any) -> None:
        for key, schedule in schedules:
            with unit_of_work() as session:
                is_mine = service.claim_due(session, key, schedule)
            if is_mine:
                _run(key, schedule.handler, clients)

    return tick


def _run(key: str, handler: Callable[..., None], clients: Any) -> None:
    error = None
    try:
        handler(clients=clients)
    except Exception as problem:
        error = type(problem).__name__
        log.error("schedule_failed", schedule=key, exc_info=problem)
    with unit_of_work() as session:
        service.note_run(session, key, error)


def tidy(*, clients: Any) -> None:
    """Forget done deliveries after 7 days, answered requests after 2, what WeChat's chat told after 14.

    What others told is evidence and stays: of payments the law wants it for years.
    """
    now = clock.now()
    with unit_of_work() as session:
        session.execute(
            delete(OutboxDelivery).where(
                OutboxDelivery.status == "done", OutboxDelivery.done_at < now - KEEP_DONE
            )
        )
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEEP_KEYS))
        session.execute(
            delete(ExternalEvent).where(
                ExternalEvent.source == CHAT, ExternalEvent.received_at < now - KEEP_CHAT
            )
        )
