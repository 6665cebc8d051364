"""When a day is compared, and with what: the bills in the database, the micro-apps' deliveries. No network."""

from datetime import date
from typing import Any

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.log import log
from app.kit.module import Registry
from app.payments.errors import DayBeingReconciled
from app.payments.queries.reconciliation import days_due
from app.payments.service.reconciling import BY_NET, Report, reconcile

_deliveries: tuple[Any, ...] = ()


def configure(registry: Registry) -> None:
    """Who can say where an order was delivered. Done at the start."""
    global _deliveries
    _deliveries = tuple(module.deliveries for module in registry.modules if module.deliveries)


def deliveries() -> tuple[Any, ...]:
    """Of every micro-app that delivers what was paid."""
    return _deliveries


def reconcile_day(day: date, *, by_id: int | None, clients: Any) -> Report:
    """One run, committed. Raises DayNotOver and DayBeingReconciled."""
    with unit_of_work() as session:
        return reconcile(
            session,
            day=day,
            by_id=by_id,
            deliveries=_deliveries,
            meters=statement_meters(clients),
            settled=settled_by_net(clients),
        )


def reconcile_due(*, clients: Any) -> None:
    """By the clock, the oldest first: what was left over on one day is looked for on the next."""
    with unit_of_work() as session:
        due = days_due(session, today=clock.today())
    for day in due:
        try:
            report = reconcile_day(day, by_id=None, clients=clients)
        except DayBeingReconciled:
            continue
        log.info(
            "day_reconciled",
            day=f"{day}",
            run=report.run_id,
            explained=report.is_explained,
            missing=len(report.missing),
            open=report.live,
        )


def statement_meters(clients: Any) -> list[str]:
    """The electricity systems that tell what they got."""
    return sorted(key for key, meters in clients.meters.items() if meters.capabilities.has_statement)


def settled_by_net(clients: Any) -> list[str]:
    """The channels without a list of settlements whose money comes to a bank account of ours."""
    return [name for name in BY_NET if any(name in account.settles for account in clients.bank.values())]
