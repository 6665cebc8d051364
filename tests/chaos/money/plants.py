"""The application with one protection missing, and a life in which that must show.

Each plant takes away what a careless hand would leave out; the harness has to cry. `PLANTS` maps a name to
(take it away, a plan in which it matters).
"""

import copy
import dataclasses
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.kit import clock, db, failpoint, outbox
from app.payments.events import PaymentSucceeded
from app.payments.flows import fulfilling
from app.payments.service import fulfilments, outcomes, receiving
from tests.chaos.money.history import Plan
from tests.chaos.money.world import World, fulfiller

Patch = pytest.MonkeyPatch


def calm(seed: int, **changes: Any) -> Plan:
    """A life in which nothing goes wrong but what is named."""
    plan = Plan(seed)
    plan.dice = random.Random(7)  # all of them pass the time alike
    plan.system, plan.notice, plan.meter_faults, plan.pay_faults = "isims", "ok", [], []
    plan.query_fails = plan.two_phones = plan.refund = plan.sleeps_over = False
    plan.deaths = {"start": [], "web": [], "work": []}
    for name, value in changes.items():
        setattr(plan, name, copy.deepcopy(value))
    return plan


def no_question_before_a_retry(patch: Patch, world: World) -> None:
    def again(session: Any, row: Any, *_: Any) -> None:
        outcomes.move(session, row, status="waiting", next_at=clock.now())

    patch.setitem(outcomes.REPORTS, "unknown", again)


def another_number_on_retry(patch: Patch, world: World) -> None:
    """A prefix of the number and the time: the vendor takes it for another order."""
    send = fulfiller().send

    def renumbered(task: Any, number: str, clients: Any) -> Any:
        return send(task, f"{number[:8]}{time.monotonic_ns() % 10**6:06d}", clients)

    wrong = dataclasses.replace(fulfiller(), send=renumbered)
    patch.setattr(fulfilling, "_fulfillers", {"chaos": wrong})


def delivery_in_a_second_transaction(patch: Patch, world: World) -> None:
    def only_paid(session: Any, order: Any, arrival: Any) -> None:
        receiving._ORDER_PAID.rows(
            session, order_id=order.id, order_status="paid", moment=arrival.paid_at, late=False
        )
        session.info["later"] = order

    def afterwards(session: Any) -> None:
        order = session.info.pop("later", None)
        if order is None:
            return
        failpoint.hit("planted.between")
        with db.unit_of_work() as second:
            zero = {"fence": 0, "tries": 0, "asks": 0, "blanks": 0, "is_refused": False}
            now = clock.now()
            receiving._FULFIL.rows(
                second,
                order_id=order.id,
                service_key=order.service_key,
                number=order.number,
                status="waiting",
                next_at=now,
                created_at=now,
                **zero,
            )
            outbox.emit(second, PaymentSucceeded(order.id, order.service_key, order.subject))

    patch.setattr(receiving, "_settle", only_paid)
    patch.setattr(db, "_after_commit", [*db._after_commit, afterwards])


def no_fence(patch: Patch, world: World) -> None:
    patch.setattr(fulfilments, "may_still_call", lambda session, step: True)


def check_then_insert(patch: Patch, world: World) -> None:
    """Looks, then writes, without lock or constraint. The database stays spoilt: the last one to be planted."""
    with world.stage.connection() as connection:
        for table, name in (
            ("payments_payments", "uq_payments_payments_attempt_id"),
            ("payments_payments", "uq_payments_payments_channel_transaction_id"),
            ("payments_fulfilments", "uq_payments_fulfilments_order_id"),
            ("payments_fulfilments", "uq_payments_fulfilments_number"),
        ):
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        connection.execute("DROP INDEX uq_payments_payments_settles")
    unlocked = receiving.Prepared(receiving._LOOK._stmt.with_for_update(of=None, read=True, nowait=False))
    unlocked._stmt._for_update_arg = None
    patch.setattr(receiving, "_LOOK", unlocked)

    def slowly(session: Any, order: Any) -> bool:
        time.sleep(0.3)
        return True

    patch.setattr(receiving, "_settles", slowly)


PLANTS: dict[str, tuple[Callable[[Patch, World], None], dict[str, Any]]] = {
    "no_question_before_a_retry": (no_question_before_a_retry, {"meter_faults": ["timeout_after"]}),
    "another_number_on_retry": (another_number_on_retry, {}),
    "delivery_in_a_second_transaction": (
        delivery_in_a_second_transaction,
        {"deaths": {"start": [], "web": ["planted.between"], "work": []}},
    ),
    "no_fence": (no_fence, {"sleeps_over": True}),
    "check_then_insert": (check_then_insert, {"notice": "dup"}),
}
