"""校园卡: debited at once under a signed agreement for small sums, or by the vendor's page for the PIN.

The card system answers a debit with yes, no, or not at all. What became of its page is asked for.
"""

from typing import Any

from app.clients.vendor import NoSuchOrder, Refused
from app.kit import clock
from app.payments.channels.found import Found, RefundFound, Started
from app.payments.service import Arrival
from app.payments.service.attempts import AttemptTask
from app.payments.service.refund_calls import RefundTask

REFUND_STATUS = {"applied": "SUCCESS", "pending": "PROCESSING", "accepted": "PROCESSING", "refused": "CLOSED"}


def start(task: AttemptTask, clients: Any) -> Started:
    """A debit is only for whoever holds the claim on the attempt: the card system may carry a repeat out again."""
    if task.trade_type == "PIN":
        return _pin_page(task, clients)
    state = clients.card.debit(task.number, task.payer_account, task.fen, memo=task.title)
    if state.status != "applied":
        return Started("checking")
    paid_at = state.at or clock.now()
    return Started(
        "paid",
        arrival=Arrival(
            task.number,
            task.channel,
            task.merchant_no,
            state.vendor_ref or task.number,
            task.fen,
            paid_at,
            "debit",
        ),
    )


def _pin_page(task: AttemptTask, clients: Any) -> Started:
    url = clients.card.pin_page(
        task.number,
        task.payer_account,
        task.fen,
        task.title,
        expires_at=task.expires_at,
        return_url=f"{clients.base_url}/m/pay/{task.order_public_id}/result",
    )
    return Started("redirect", {"url": url}, prepay="pin")


def query(task: AttemptTask, clients: Any) -> Found:
    try:
        state = clients.card.query(task.number)
    except NoSuchOrder:
        return Found("absent")
    if state.status == "applied":
        fen = task.fen if state.fen is None else state.fen
        return Found("paid", state.vendor_ref or task.number, fen, state.at or clock.now())
    return Found({"not_found": "absent", "refused": "closed"}.get(state.status, "unpaid"))


def close(task: AttemptTask, clients: Any) -> None:
    """A debit is done or not; there is nothing to close. The vendor's page stays open until it runs out."""
    if task.trade_type == "PIN":
        raise Refused("page_open", call="close")


def refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.card.refund(
        task.number, task.attempt_number, task.transaction_id, task.payer_account, task.fen
    )
    return RefundFound(REFUND_STATUS[state.status], state.vendor_ref or "")


def query_refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.card.query_refund(task.number, task.attempt_number)
    if state.status == "not_found":
        raise NoSuchOrder(call="query_refund")
    return RefundFound(REFUND_STATUS[state.status], state.vendor_ref or "")
