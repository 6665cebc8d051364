"""Somebody presses 支付: an attempt is written down, the channel is asked, the payer goes on."""

from typing import Any

from app.clients.vendor import OrderPaid, OutcomeUnknown, Refused, VendorError
from app.kit import failpoint
from app.kit.breaker import CircuitOpen
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.channels import CHANNELS, Started
from app.payments.errors import (
    CardBalanceShort,
    ChannelAway,
    ChannelClosed,
    ChannelRefused,
    OrderAlreadyPaid,
    StillChecking,
)
from app.payments.flows import checking
from app.payments.models import AttemptStatus, Channel
from app.payments.service import attempts
from app.payments.service.attempts import AttemptTask

BALANCE_SHORT = frozenset({"60010"})


def start_payment(
    order_id: int, *, payer_id: int, payer_account: str, channel: Channel, trade_type: str, clients: Any
) -> Started:
    """Begin to pay, or go on where the payer left off: the same attempt keeps its number.

    Other attempts of the order are closed at their channels first, so that two phones rarely pay twice; when they
    do, the second payment is sent back. Raises the errors of `attempts.begin_attempt`, StillChecking, ChannelAway,
    ChannelRefused, CardBalanceShort.
    """
    _close_others(order_id, payer_id, channel, trade_type, clients)
    with unit_of_work() as session:
        task = attempts.begin_attempt(
            session,
            order_id=order_id,
            payer_id=payer_id,
            payer_account=payer_account,
            channel=channel,
            trade_type=trade_type,
        )
    failpoint.hit("payments.attempt_begun")
    if channel == Channel.CARD and trade_type != "PIN":
        return _debit(task, clients)
    return _prepay(task, clients)


def _close_others(order_id: int, payer_id: int, channel: Channel, trade_type: str, clients: Any) -> None:
    with unit_of_work() as session:
        live = attempts.live_attempts(session, order_id)
    for task in live:
        if task.status == AttemptStatus.UNKNOWN:
            raise StillChecking()
        if (task.payer_id, task.channel, task.trade_type) == (payer_id, channel, trade_type):
            continue
        if checking.close_attempt(task, clients=clients) == "paid":
            raise OrderAlreadyPaid()


def _prepay(task: AttemptTask, clients: Any) -> Started:
    """No money moves by a prepay: whatever goes wrong, the payer may press again."""
    try:
        started = CHANNELS[Channel(task.channel)].start(task, clients)
    except OrderPaid:
        checking.check_attempt(task, clients=clients)
        raise OrderAlreadyPaid() from None
    except Refused as error:
        log.warning("prepay_refused", attempt=task.id, code=error.code)
        with unit_of_work() as session:
            attempts.note_refused(session, task.id, error.code)
        raise ChannelRefused() from None
    except (VendorError, CircuitOpen) as error:
        log.warning("prepay_failed", attempt=task.id, error=type(error).__name__)
        raise ChannelAway() from None
    except KeyError:
        raise ChannelClosed() from None
    failpoint.hit("payments.prepaid")
    with unit_of_work() as session:
        if started.prepay and started.prepay != task.prepay:
            attempts.note_prepaid(session, task.id, started.prepay)
    return started


def _debit(task: AttemptTask, clients: Any) -> Started:
    """The claim is committed before the card system hears of it: a second click finds it taken."""
    with unit_of_work() as session:
        is_mine = attempts.claim_debit(session, task.id)
    if not is_mine:
        raise StillChecking()
    failpoint.hit("payments.debit_claimed")
    try:
        started = CHANNELS[Channel.CARD].start(task, clients)
    except OutcomeUnknown:
        return Started("checking")
    except Refused as error:
        _refuse(task, error.code)
        raise (CardBalanceShort if error.code in BALANCE_SHORT else ChannelRefused)() from None
    except (VendorError, CircuitOpen) as error:
        _refuse(task, type(error).__name__)  # nothing happened: the next press is another number
        raise ChannelAway() from None
    failpoint.hit("payments.debited")
    if started.arrival is not None:
        checking.arrive(started.arrival, source="debit:card")
    return started


def _refuse(task: AttemptTask, code: str) -> None:
    log.info("debit_refused", attempt=task.id, code=code)
    with unit_of_work() as session:
        attempts.note_refused(session, task.id, code)
