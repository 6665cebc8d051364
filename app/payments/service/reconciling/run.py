"""One run of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import Table, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit import clock
from app.payments.errors import DayBeingReconciled, DayNotOver
from app.payments.models import Channel, Day, Run
from app.payments.service.reconciling import (
    card_flows,
    fees,
    figures,
    found,
    fund_flows,
    matching,
    settlements,
    trades,
)
from app.payments.service.reconciling import deliveries as delivered
from app.payments.service.reconciling.places import Deliveries
from app.payments.service.reconciling.sql import WINDOW, Scope

LOCK_NOT_AVAILABLE = "55P03"
BY_NET = (Channel.CARD, Channel.PLATFORM)
"""Channels that list no settlements: they owe the bank the net of each bill."""

_days = cast("Table", Day.__table__)


@dataclass(frozen=True)
class Report:
    """`is_explained`: every expected bill is here, and each difference has been decided or has an owner."""

    day: date
    run_id: int
    accounts: list[figures.Account]

    @property
    def missing(self) -> list[figures.Account]:
        return [one for one in self.accounts if one.is_missing]

    @property
    def live(self) -> int:
        """Differences that nobody has explained yet."""
        return sum(live for one in self.accounts for _, _, live in one.differences.values())

    @property
    def is_explained(self) -> bool:
        return not self.missing and not self.live


def reconcile(
    session: Session,
    *,
    day: date,
    by_id: int | None,
    deliveries: Deliveries = (),
    meters: Sequence[str] = (),
    settled: Sequence[str] = BY_NET,
) -> Report:
    """Compare all that others say of `day` with our ledger; run it as often as you like.

    `deliveries` are the Module's of that name; `meters` the systems that make statements; `settled` those of BY_NET
    that pay into a bank account whose lines we get. In the caller's transaction, which should hold nothing else.
    Raises DayNotOver, and DayBeingReconciled while another run, of whichever day, is under way or a closing holds
    the day.
    """
    if day >= clock.today():
        raise DayNotOver()
    try:
        return _run(session, day, by_id, deliveries, meters, settled)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise DayBeingReconciled(day=f"{day:%Y-%m-%d}") from error
        raise


def _run(
    session: Session,
    day: date,
    by_id: int | None,
    deliveries: Deliveries,
    meters: Sequence[str],
    settled: Sequence[str],
) -> Report:
    is_closed = _lock(session, day)
    scope = _begin(session, day, by_id, settled)
    matching.match(session, scope, deliveries)
    settlements.match(session, scope)
    found.begin(session, scope)
    for part in (trades, delivered, fees, fund_flows, card_flows, settlements):
        part.find(session, scope)
    found.store(session, scope)
    report = Report(day, scope.run_id, figures.read(session, scope, meters))
    _end(session, report, is_closed)
    return report


def _lock(session: Session, day: date) -> bool:
    """The day, and that no other day is run: neighbours share lines and entries. Whether it is closed."""
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('payments.reconcile'))")):
        raise DayBeingReconciled(day=f"{day:%Y-%m-%d}")
    session.execute(text("SET LOCAL lock_timeout = '1s'"))
    session.execute(upsert(_days).values(day=day, status="open").on_conflict_do_nothing())
    status = session.scalar(select(_days.c.status).where(_days.c.day == day).with_for_update(nowait=True))
    return status == "closed"


def _begin(session: Session, day: date, by_id: int | None, settled: Sequence[str]) -> Scope:
    session.execute(text("SET LOCAL statement_timeout = '10min'"))
    session.execute(text("SET LOCAL lock_timeout = '10s'"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    now = clock.now()
    run_id = session.execute(
        insert(Run)
        .values(day=day, figures={}, started_at=now, ended_at=now, started_by_id=by_id)
        .returning(Run.id)
    ).scalar_one()
    return Scope(day, day - WINDOW, day + WINDOW, clock.today(), now, run_id, [*settled])


def _end(session: Session, report: Report, is_closed: bool) -> None:
    """A closed day keeps the run that it was closed by."""
    values = {
        "accounts": figures.as_json(report.accounts),
        "missing": len(report.missing),
        "live": report.live,
        "is_explained": report.is_explained,
    }
    session.execute(update(Run).where(Run.id == report.run_id).values(figures=values, ended_at=clock.now()))
    if not is_closed:
        session.execute(update(Day).where(Day.day == report.day).values(last_run_id=report.run_id))
