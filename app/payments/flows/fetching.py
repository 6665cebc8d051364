"""Fetch bills: asked for when their time has come, again and again until they are here."""

import tempfile
from datetime import timedelta
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.clients.statement import StatementMissing, write_statement
from app.clients.vendor import VendorError
from app.clients.wxpay import NoStatement, StatementCreating
from app.kit.breaker import CircuitOpen
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.errors import BillBusy
from app.payments.flows import bills as files
from app.payments.flows import fulfilling
from app.payments.flows.bills import Imported
from app.payments.models import BillKind, Source
from app.payments.service import bill_fetches, bills, empty_days
from app.payments.service.bill_fetches import Account
from app.payments.service.bills import Matter

HALF_AN_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
SPOOLED = 4 << 20
NOT_HERE = {
    "creating": HALF_AN_HOUR,
    "not_made": HOUR,
    "missing": HOUR,
    "unavailable": HALF_AN_HOUR,
    "not_set_up": HOUR,
    "refused": HOUR,
}
"""Why a bill is not here, and when to ask again. `missing`: the channel knows of no trade on a day with sales."""


def ask_for_due(*, clients: Any) -> None:
    """By the clock: one event for every bill whose turn it is. Two schedulers share the work."""
    with unit_of_work() as session:
        due = [matter for matter in missing(session, clients) if bill_fetches.claim(session, matter)]
        for matter in due:
            bill_fetches.ask(session, matter)


def missing(session: Session, clients: Any) -> list[Matter]:
    """What should be here by now."""
    return bill_fetches.missing(session, accounts(session, clients))


def accounts(session: Session, clients: Any) -> list[Account]:
    """Of channels and vendors that tell."""
    meters = [
        name
        for name, system in clients.meters.items()
        if system.capabilities.has_statement or system.capabilities.has_purchases
    ]
    has_card = clients.card is not None and clients.card.capabilities.has_statement
    return bill_fetches.accounts(session, meters=meters, has_card=has_card)


def fetch(matter: Matter, *, clients: Any, progress: files.Progress = lambda _bytes: None) -> Imported | str:
    """Ask once; what came of it, or one of NOT_HERE, or `empty`. Safe to run twice, also at once."""
    with tempfile.SpooledTemporaryFile(SPOOLED) as file:
        answer = _download(matter, clients, file)
        if not answer:
            return _import(matter, file, clients, progress)
    if answer == "missing" and _note_empty(matter):
        return "empty"
    log.warning("bill_not_here", source=matter.source, kind=matter.kind, day=str(matter.day), answer=answer)
    _put_off(matter, answer)
    return answer


def _download(matter: Matter, clients: Any, into: Any) -> str:
    """Empty when the file is in `into`, whole; else why not."""
    try:
        _ask(matter, clients, into)
    except StatementCreating:
        return "creating"
    except NoStatement:
        return "missing"
    except StatementMissing:
        return "not_made"
    except KeyError:
        return "not_set_up"
    except (VendorError, CircuitOpen) as error:
        log.warning("bill_unavailable", source=matter.source, error=type(error).__name__)
        return "unavailable"
    return ""


def _ask(matter: Matter, clients: Any, into: BinaryIO) -> None:
    """Raises VendorError, or KeyError for an account that the settings do not know."""
    if matter.source == Source.WECHAT:
        merchant = clients.wxpay[matter.account]
        if matter.kind == BillKind.FUND:
            merchant.fund_flow_bill(matter.day, account="BASIC", into=into)
        else:
            merchant.trade_bill(matter.day, kind="ALL", into=into)
        return
    if matter.source == Source.CARD and clients.card is None:
        raise KeyError(matter.account)
    of = {Source.PLATFORM: clients.unipay, Source.METERS: clients.meters}
    system = clients.card if matter.source == Source.CARD else of[Source(matter.source)][matter.account]
    if matter.source == Source.METERS and not system.capabilities.has_statement:
        found = fulfilling.purchases(matter.account, matter.day, clients=clients)
        sold = ((key, meter, purchase.fen) for key, meter, purchase in found)
        into.write(write_statement(system.merchant, matter.day, sold))
    else:
        into.write(system.statement_file(matter.day))


def _import(matter: Matter, file: Any, clients: Any, progress: files.Progress) -> Imported | str:
    """WeChat's digest was checked while the file came; vendors' files carry their own."""
    name = f"{matter.source}_{matter.kind}_{matter.account}_{matter.day:%Y%m%d}.{_ending(matter)}"
    try:
        done = files.import_file(
            matter,
            file,
            name=name,
            origin="fetched",
            clients=clients,
            is_proved=matter.source == Source.WECHAT,
            progress=progress,
        )
    except BillBusy:
        _put_off(matter, "unavailable")
        return "unavailable"
    if done.outcome == "refused":
        _put_off(matter, "refused")
    else:
        with unit_of_work() as session:
            bill_fetches.close(session, matter)
    return done


def _ending(matter: Matter) -> str:
    return "csv" if matter.source == Source.WECHAT else "txt"


def _note_empty(matter: Matter) -> bool:
    """An empty day, if nothing else has receipts of it; with sales it is an alarm."""
    with unit_of_work() as session:
        if empty_days.has_receipts(session, matter):
            return False
        bills.note_empty(session, matter)
        bill_fetches.close(session, matter)
        return True


def _put_off(matter: Matter, answer: str) -> None:
    with unit_of_work() as session:
        bill_fetches.put_off(session, matter, answer=answer, delay=NOT_HERE[answer])
