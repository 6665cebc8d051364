"""Send refunds and follow them to their end, each under its one number."""

from typing import Any

from app.clients.vendor import DuplicateOrder, NoSuchOrder, NotEnough, Refused, VendorError
from app.kit import failpoint
from app.kit.breaker import CircuitOpen
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.channels import CHANNELS, RefundFound
from app.payments.models import Channel, RefundStatus
from app.payments.service import refund_calls
from app.payments.service.refund_calls import RefundTask

BATCH = 100


def refund_due(*, clients: Any) -> None:
    """By the clock."""
    for _ in range(BATCH):
        if not drive(None, clients=clients):
            return


def drive(refund_id: int | None, *, clients: Any) -> bool:
    """Send or ask about one refund that is due. False when there is none. Safe to run anywhere, any time."""
    with unit_of_work() as session:
        task = refund_calls.claim_refund(session, refund_id)
    if task is None:
        return False
    failpoint.hit("payments.refund_claimed")
    try:
        found = _call(task, clients)
    except NotEnough:
        with unit_of_work() as session:
            refund_calls.report_short(session, task)
    except DuplicateOrder as error:
        _unsent(task, error.code)  # the channel knows the number: the next try asks
    except Refused as error:
        log.warning("refund_refused", refund=task.id, code=error.code)
        with unit_of_work() as session:
            refund_calls.report_refused(session, task, code=error.code)
    except (VendorError, CircuitOpen, KeyError) as error:
        _unsent(task, getattr(error, "code", "") or type(error).__name__)
    else:
        failpoint.hit("payments.refund_called")
        with unit_of_work() as session:
            refund_calls.report_sent(
                session, task, channel_refund_id=found.channel_refund_id, status=found.status
            )
    return True


def _call(task: RefundTask, clients: Any) -> RefundFound:
    """Ask before repeating: a channel that does not promise one effect per number would refund again."""
    channel = CHANNELS[Channel(task.channel)]
    if task.status == RefundStatus.PROCESSING or task.tries > 1:
        try:
            return channel.query_refund(task, clients)
        except NoSuchOrder:
            log.info("refund_unknown_there", refund=task.id)
    return channel.refund(task, clients)


def _unsent(task: RefundTask, code: str) -> None:
    log.info("refund_unsent", refund=task.id, code=code)
    with unit_of_work() as session:
        refund_calls.report_unsent(session, task, code=code)
