"""Delivering a paid top-up to the vendor. Payments decides when each of these is called, and how often."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clients.meters.protocol import ElectricityMeters, Purchase, RoomRef, TopUpRequest, TopUpState
from app.clients.vendor import Unavailable
from app.kit.db import unit_of_work
from app.kit.module import Fulfiller
from app.miniapps.electricity.queries import top_ups
from app.payments.queries import timeline as orders
from app.payments.service import Outcome, Rules
from app.platform.directory import queries as directory

LONGEST_SETTLE = timedelta(hours=2)


@dataclass(frozen=True)
class Task:
    """All that a call needs, read before the first one."""

    system: str
    room: RoomRef
    meter: str
    fen: int
    student_no: str
    requested_at: datetime


def prepare(session: Session, order_id: int) -> Task:
    row = top_ups.to_deliver(session, orders.subject_of(session, order_id))
    payer = directory.person(session, row.person_id)
    room = RoomRef(row.system, tuple(row.path), row.vendor_key, tuple(row.names))
    return Task(row.system, room, row.code, row.fen, payer.number or "", row.created_at)


def rules(task: Task, clients: Any) -> Rules:
    """A system that the settings do not name is sent nothing, so the strictest rules do no harm."""
    meters: ElectricityMeters | None = clients.meters.get(task.system)
    if meters is None:
        return Rules("D", can_ask=False, settle=LONGEST_SETTLE)
    offers = meters.capabilities
    return Rules(
        offers.order_class, offers.can_query_order, timedelta(seconds=max(offers.settle_seconds, 60))
    )


def send(task: Task, number: str, clients: Any) -> Outcome:
    meters = _meters(task, clients)
    return _outcome(meters.top_up(_request(task, number)), _request(task, number))


def ask(task: Task, number: str, clients: Any) -> Outcome:
    meters = _meters(task, clients)
    return _outcome(meters.query_top_up(_request(task, number)), _request(task, number))


def purchases(system: str, day: date, clients: Any) -> Iterator[tuple[str, str, Purchase]]:
    """Room by room, of those that got a top-up of ours on the day or beside it."""
    with unit_of_work() as session:
        asked = top_ups.delivered_meters(session, system, day)
    for row in asked:
        room = RoomRef(system, tuple(row.path), row.vendor_key, tuple(row.names))
        for purchase in clients.meters[system].purchases(room, row.code, day, day):
            yield row.vendor_key, row.code, purchase


def _meters(task: Task, clients: Any) -> ElectricityMeters:
    meters: ElectricityMeters | None = clients.meters.get(task.system)
    if meters is None:
        raise Unavailable("no_such_system")
    return meters


def _request(task: Task, number: str) -> TopUpRequest:
    return TopUpRequest(number, task.room, task.meter, task.fen, task.student_no, task.requested_at)


def _outcome(state: TopUpState, request: TopUpRequest) -> Outcome:
    """Money or room of another order is for a person to look at."""
    if not state.agrees_with(request):
        return Outcome("mismatch", vendor_ref=state.vendor_ref or "")
    return Outcome(state.status, vendor_ref=state.vendor_ref or "")


fulfiller = Fulfiller(prepare=prepare, rules=rules, send=send, ask=ask, purchases=purchases)
