"""Give the school's own gates the list of who may pass, until they have it."""

from typing import Any

from app.clients.gates import Gates, Held
from app.clients.vendor import VendorError
from app.kit import clock, failpoint
from app.kit.db import unit_of_work
from app.kit.log import log
from app.miniapps.leave import service
from app.miniapps.leave.service.gate_lists import Change

TRIES = 3
"""Lists that are given in one turn: the gates may say that they hold something else than we gave."""


def push(*, clients: Any, is_whole: bool = False) -> str:
    """`off`, `taken`, or `waiting`: the clock tries again. Safe to run twice at once."""
    if clients.gates is None:
        return "off"
    with unit_of_work() as session:
        service.refresh_list(session, is_whole=is_whole)
    try:
        held = clients.gates.held()
        for _ in range(TRIES):
            change = _next_change(held)
            if change is None:
                return "taken"
            held = _give(clients.gates, change)
        if _next_change(held) is None:
            return "taken"
    except VendorError as error:
        log.warning("gates_list_not_taken", error=type(error).__name__, code=error.code)
        return "waiting"
    with unit_of_work() as session:
        next_try_at = service.note_refused(session)
    log.error(
        "gates_hold_another_list", version=held.version, count=held.count, until=next_try_at.isoformat()
    )
    return "waiting"


def push_by_the_clock(*, clients: Any) -> None:
    """Gates that went on holding another list are left alone for a while.

    The office hears of it when they have been silent too long: about the list, or their log.
    """
    if clients.gates is None:
        return
    with unit_of_work() as session:
        is_left_alone = service.is_left_alone(session)
    if not is_left_alone:
        push(clients=clients)
    after = clock.timedelta(minutes=clients.gates.settings.silent_minutes)
    with unit_of_work() as session:
        service.tell_silent(session, after=after)


def push_whole(*, clients: Any) -> None:
    """Each night: whatever the gates lost or were told by others is put right."""
    push(clients=clients, is_whole=True)


def _next_change(held: Held) -> Change | None:
    with unit_of_work() as session:
        return service.next_change(session, version=held.version, count=held.count, digest=held.digest)


def _give(gates: Gates, change: Change) -> Held:
    held = gates.give(change.body, key=change.key)
    failpoint.hit("leave.gate_list_given")
    log.info("gates_list_given", version=change.version, base=change.base, entries=len(change.entries))
    return held
