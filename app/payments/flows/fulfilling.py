"""Deliver what was paid for: the one driver of every micro-app's fulfiller.

Intent, commit, call, outcome, commit. A process may die between any two: the claim runs out and the next
one asks the vendor before anything is sent again.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.clients.vendor import (
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    VendorError,
)
from app.clients.vendor import Unavailable as VendorUnavailable
from app.kit import failpoint
from app.kit.breaker import CircuitOpen
from app.kit.db import unit_of_work
from app.kit.log import log
from app.kit.module import Fulfiller, Registry
from app.payments.service import fulfilments, outcomes
from app.payments.service.fulfilments import Outcome, Step

AT_ONCE = 4
"""Calls in a row for one order, as long as each next one is due at once."""
BATCH = 200

_fulfillers: Mapping[str, Fulfiller] = {}


def configure(registry: Registry) -> None:
    """Who delivers for which service. Done at the start."""
    global _fulfillers
    _fulfillers = {module.key: module.fulfiller for module in registry.modules if module.fulfiller}


def purchases(system: str, day: date, *, clients: Any) -> Iterator[Any]:
    """What a vendor without a statement says it has sold, of every service that can ask. Raises VendorError."""
    for fulfiller in _fulfillers.values():
        if fulfiller.purchases is not None:
            yield from fulfiller.purchases(system, day, clients)


def deliver_due(*, clients: Any) -> None:
    """By the clock: of each service the oldest payment first, until its vendor is away."""
    for service_key in _fulfillers:
        with unit_of_work() as session:
            due = fulfilments.due_fulfilments(session, service_key, limit=BATCH)
        for fulfilment_id in due:
            if drive(fulfilment_id, service_key, clients=clients) == "unavailable":
                break


def drive(fulfilment_id: int, service_key: str, *, clients: Any) -> str:
    """Make the calls that are due for one order; returns the last outcome's state, "" when none was due.

    Safe to run at any time, any number of times, in any number of processes.
    """
    fulfiller = _fulfillers.get(service_key)
    state = ""
    for _ in range(AT_ONCE if fulfiller else 0):
        assert fulfiller is not None
        made = _one_call(fulfilment_id, fulfiller, clients)
        if made is None:
            break
        state = made
    return state


def _one_call(fulfilment_id: int, fulfiller: Fulfiller, clients: Any) -> str | None:
    with unit_of_work() as session:
        order_id = fulfilments.order_of(session, fulfilment_id)
        task = fulfiller.prepare(session, order_id)
        rules = fulfiller.rules(task, clients)
        step = fulfilments.claim_step(session, fulfilment_id, rules)
    if step is None:
        return None
    failpoint.hit("payments.step_claimed")
    with unit_of_work() as session:
        is_mine = fulfilments.may_still_call(session, step)
    if not is_mine:
        return None
    failpoint.hit("payments.before_call")
    outcome = (
        _send(fulfiller, task, step, clients)
        if step.action == "send"
        else _ask(fulfiller, task, step, clients)
    )
    failpoint.hit("payments.after_call")
    with unit_of_work() as session:
        outcomes.report(session, step, outcome, rules)
        failpoint.hit("payments.reported")
    failpoint.hit("payments.step_done")
    log.info(
        "fulfilment_call", order=step.order_id, action=step.action, state=outcome.state, code=outcome.code
    )
    return outcome.state


def _send(fulfiller: Fulfiller, task: Any, step: Step, clients: Any) -> Outcome:
    """Whatever is not a clear answer is unknown: it may have been applied."""
    try:
        outcome: Outcome = fulfiller.send(task, step.number, clients)
    except DuplicateOrder as error:
        return Outcome("duplicate", code=error.code)
    except Refused as error:
        return Outcome("refused", code=error.code)
    except VendorUnavailable as error:
        return Outcome("unavailable", code=error.code)
    except CircuitOpen:
        return Outcome("unavailable", code="circuit_open")
    except (OutcomeUnknown, BadReply) as error:
        return Outcome("unknown", code=error.code)
    except Exception as error:  # a bug of ours or a library's, after the request may have gone out
        log.error("fulfilment_send_failed", order=step.order_id, exc_info=error)
        return Outcome("unknown", code=type(error).__name__)
    return outcome


def _ask(fulfiller: Fulfiller, task: Any, step: Step, clients: Any) -> Outcome:
    """A question that fails is asked again later."""
    try:
        outcome: Outcome = fulfiller.ask(task, step.number, clients)
    except NoSuchOrder as error:
        return Outcome("not_found", code=error.code)
    except (VendorError, CircuitOpen) as error:
        return Outcome("unavailable", code=getattr(error, "code", ""))
    except Exception as error:
        log.error("fulfilment_ask_failed", order=step.order_id, exc_info=error)
        return Outcome("unavailable", code=type(error).__name__)
    return outcome
