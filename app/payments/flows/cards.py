"""Paying by card takes a look at it first: it must be the person's, and in use."""

from typing import Any

from app.clients.card.protocol import NoSuchAccount
from app.clients.vendor import VendorError
from app.kit.breaker import CircuitOpen
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.i18n import N_
from app.kit.log import log
from app.payments.errors import CardUnusable, ChannelAway, ChannelClosed
from app.payments.service.agreements import sign_agreement
from app.platform.directory import queries as directory

STATUS_NAMES = {
    "lost": N_("已挂失"),
    "frozen": N_("已冻结"),
    "closed": N_("已销户"),
    "expired": N_("已过期"),
    "none": N_("没有校园卡"),
}


def sign(*, by: Caller, clients: Any) -> None:
    """Agree to debits without PIN. Raises as `usable_account` does, and ChannelClosed where that is not offered."""
    if clients.card is None or not clients.card.capabilities.has_agreements:
        raise ChannelClosed()
    account_no = usable_account(by=by, clients=clients)
    with unit_of_work() as session:
        sign_agreement(session, by=by, account_no=account_no)


def usable_account(*, by: Caller, clients: Any) -> str:
    """The card system's name for the person's account. Raises CardUnusable, ChannelAway."""
    with unit_of_work() as session:
        number = directory.person(session, by.person_id).number
    if not number:
        raise CardUnusable(status=STATUS_NAMES["none"])
    try:
        account = clients.card.account(number)
    except NoSuchAccount:
        raise CardUnusable(status=STATUS_NAMES["none"]) from None
    except (VendorError, CircuitOpen) as error:
        log.warning("card_away", error=type(error).__name__)
        raise ChannelAway() from None
    if account.status != "normal":
        raise CardUnusable(status=STATUS_NAMES[account.status])
    return str(account.account_no)
