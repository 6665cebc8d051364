"""Closing days: by a person, several after a holiday, and by itself when nothing differs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.log import log
from app.payments.flows import reconciling
from app.payments.queries.closing import days_to_close
from app.payments.service import closing


def close_day(day: date, *, by: Caller | None, clients: Any) -> dict[str, Any]:
    """The certificate. Raises what `closing.close_day` raises."""
    with unit_of_work() as session:
        return closing.close_day(
            session,
            by=by,
            day=day,
            deliveries=reconciling.deliveries(),
            meters=reconciling.statement_meters(clients),
            settled=reconciling.settled_by_net(clients),
        )


def close_days(days: Iterable[date], *, by: Caller, clients: Any) -> dict[date, DomainError | None]:
    """Each in a transaction of its own, the oldest first; what stood in the way of those that stay open."""
    told: dict[date, DomainError | None] = {}
    for day in sorted(days):
        try:
            close_day(day, by=by, clients=clients)
            told[day] = None
        except DomainError as error:
            told[day] = error
    return told


def close_quiet_days(*, clients: Any) -> None:
    """By the clock: days of which the last run found all bills and no difference."""
    with unit_of_work() as session:
        days = days_to_close(session, today=clock.today(), quiet=True)
    for day in days:
        try:
            close_day(day, by=None, clients=clients)
        except DomainError as error:
            log.info("day_stays_open", day=f"{day}", code=error.code)
