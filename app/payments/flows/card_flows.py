"""Read on in the card centre's flow: page by page to its end, each kept before the next is asked for."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clients.card.protocol import CardSystem, FlowPage
from app.clients.vendor import VendorError
from app.kit import clock, failpoint
from app.kit.breaker import CircuitOpen
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.flows import fetching
from app.payments.flows.card_flow_pages import FlowBroken, digest, news
from app.payments.models import BillKind, Source
from app.payments.queries import card_flows as queries
from app.payments.service import bill_alarms, card_flows
from app.payments.service.bill_fetches import KEPT_DAYS
from app.payments.service.bills import Matter
from app.payments.service.card_flows import Place

PAGE = 200
"""Lines asked for at once."""
TURN = 100
"""Pages of one turn; what is left over is for the next."""
PATIENCE = {"gap": timedelta(minutes=10), "reset": timedelta(0), "changed": timedelta(0)}
"""A number may be a moment late at the vendor; for the rest there is no harmless reason."""


def read_on_by_the_clock(*, clients: Any) -> None:
    for account in accounts(clients):
        read_on(account, clients=clients)


def accounts(clients: Any) -> list[str]:
    """Merchant numbers of the card whose system has a flow."""
    if clients.card is None or not clients.card.capabilities.has_flow:
        return []
    with unit_of_work() as session:
        every = fetching.accounts(session, clients)
    return [one.account for one in every if (one.source, one.kind) == (Source.CARD, BillKind.TRADE)]


def missing(session: Session) -> list[Matter]:
    """The days that it should have whole by now, and has not."""
    since = clock.today() - timedelta(days=KEPT_DAYS)
    return [
        Matter(Source.CARD, "flow", account, day) for account, day in queries.missing(session, since=since)
    ]


def read_on(account: str, *, clients: Any) -> str:
    """`end`, `more` (it was a long way), `unavailable`, or what FlowBroken says. Safe to run twice at once."""
    try:
        for _ in range(TURN):
            if _take_page(account, clients.card):
                return "end"
    except (VendorError, CircuitOpen) as error:
        log.warning("card_flow_unavailable", account=account, error=type(error).__name__)
        return "unavailable"
    except FlowBroken as broken:
        return broken.problem
    return "more"


def _take_page(account: str, card: CardSystem) -> bool:
    """Whether that was the last one."""
    with unit_of_work() as session:
        at = card_flows.place(session, account)
    if at is None:
        return _begin(account, card)
    asked_at = clock.now()
    page = card.flow(at.asks_after, PAGE)
    try:
        new = news(at, page)
    except FlowBroken as broken:
        _tell(at, page, broken.problem)
        raise
    with unit_of_work() as session:
        is_end = card_flows.take(session, at, new, asked_at=asked_at)
        failpoint.hit("payments.card_flow_taken")
    return is_end


def _begin(account: str, card: CardSystem) -> bool:
    """At the flow's end as it is now."""
    last = card.flow(0, 1).last
    lines = card.flow(last - 1, 1).lines if last else ()
    anchor = next((digest(one) for one in lines if one.no == last), None)
    with unit_of_work() as session:
        card_flows.begin(session, account, after=last, anchor=anchor)
    log.info("card_flow_begun", account=account, after=last)
    return True


def _tell(at: Place, page: FlowPage, problem: str) -> None:
    log.error("card_flow_broken", account=at.account, cursor=at.cursor, last=page.last, problem=problem)
    with unit_of_work() as session:
        now = card_flows.note_problem(session, at, problem)
        if now.problem_at and now.problem_at + PATIENCE[problem] <= clock.now():
            bill_alarms.tell_broken_flow(session, now)


def give_up(*, by: Caller) -> list[str]:
    """The accounts whose flow was ended. What it has whole stays; days until it is begun anew have no flow."""
    with unit_of_work() as session:
        return card_flows.end(session, by=by)
