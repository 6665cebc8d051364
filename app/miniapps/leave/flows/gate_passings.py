"""Read on in the gates' log: page by page to its end, each kept before the next is asked for."""

from collections import Counter
from typing import Any

from app.clients.gates import Gates, PassingPage
from app.clients.vendor import VendorError
from app.kit import clock, failpoint
from app.kit.db import unit_of_work
from app.kit.log import log
from app.miniapps.leave import service
from app.miniapps.leave.service.gate_log_lines import Passed
from app.miniapps.leave.service.gate_passings import Taken

PAGE = 200
"""Lines asked for at once."""
TURN = 50
"""Pages of one turn; what is left over is for the next."""
ODD = ("unreadable", "too old", "future", "refused")


def pull(*, clients: Any) -> Taken:
    """`answer`: `off`, `end`, `more`, `gap` or `unavailable`. Safe to run twice at once."""
    said: Counter[str] = Counter()
    if clients.gates is None:
        return Taken("off", said)
    answer = "more"
    try:
        for _ in range(TURN):
            taken = _take_page(clients.gates)
            answer, said = taken.answer, said + taken.said
            if answer != "more":
                break
        again = "more"
        for _ in range(TURN):
            taken = _take_again(clients.gates)
            again, said = taken.answer, said + taken.said
            if again != "more":
                break
        answer = again if answer == "end" else answer
    except VendorError as error:
        log.warning("gates_log_unavailable", error=type(error).__name__, code=error.code)
        answer = "unavailable"
    if odd := {word: said[word] for word in ODD if said[word]}:
        log.warning("gates_log_odd_lines", counts=odd)
    return Taken(answer, said)


def pull_by_the_clock(*, clients: Any) -> None:
    pull(clients=clients)


def _take_page(gates: Gates) -> Taken:
    with unit_of_work() as session:
        place = service.log_place(session)
    asked_at = clock.now()
    if place is None:
        return _begin(gates)
    series, after = place
    page = gates.passings(after, PAGE)
    if page.series != series or page.last < after:
        return _restart(page, seen=place)
    lines = _passed(page)
    with unit_of_work() as session:
        taken = service.take_page(
            session, series=series, after=after, last=page.last, lines=lines, asked_at=asked_at
        )
        failpoint.hit("leave.gate_page_taken")
    if taken.answer == "gap":
        log.warning("gates_log_gap", series=series, after=after, last=page.last)
    return taken


def _take_again(gates: Gates) -> Taken:
    """Beside the lines that come in now, which do not wait for it."""
    with unit_of_work() as session:
        place = service.again_place(session)
    if place is None:
        return Taken("end", Counter())
    series, after = place
    page = gates.passings(after, PAGE)
    if page.series != series:
        return Taken("moved", Counter())
    with unit_of_work() as session:
        return service.take_again(session, series=series, after=after, last=page.last, lines=_passed(page))


def _passed(page: PassingPage) -> list[Passed]:
    return [Passed(one.no, one.gate, one.number, one.direction, one.at) for one in page.lines]


def _begin(gates: Gates) -> Taken:
    """At the log's end as it is now."""
    page = gates.passings(0, 1)
    with unit_of_work() as session:
        service.begin_log(session, series=page.series, after=page.last)
    log.info("gates_log_begun", series=page.series, after=page.last)
    return Taken("end", Counter())


def _restart(page: PassingPage, *, seen: tuple[str, int]) -> Taken:
    """They count from 1 again, it seems. Lines that come a second time change nothing, so nobody need be asked."""
    with unit_of_work() as session:
        is_anew = service.restart_log(session, series=page.series, seen=seen)
    if not is_anew:
        log.info("gates_log_shorter", series=page.series, last=page.last, after=seen[1])
        return Taken("gap", Counter())
    log.warning("gates_log_restarted", series=page.series, last=page.last)
    return Taken("more", Counter())
