"""学校统一支付平台: the payer is sent to its cashier and comes back."""

from typing import Any

from app.clients.vendor import NoSuchOrder
from app.payments.channels.found import Found, RefundFound, Started
from app.payments.service.attempts import AttemptTask
from app.payments.service.refund_calls import RefundTask


def start(task: AttemptTask, clients: Any) -> Started:
    url = clients.unipay[task.merchant_no].cashier_url(
        order_no=task.number,
        description=task.title,
        fen=task.fen,
        payer_ref=str(task.payer_id),
        expires_at=task.expires_at,
        notify_url=f"{clients.base_url}/callbacks/unipay/{task.merchant_no}",
        return_url=f"{clients.base_url}/m/pay/{task.order_public_id}/result",
    )
    return Started("redirect", {"url": url}, prepay="cashier")


def query(task: AttemptTask, clients: Any) -> Found:
    try:
        trade = clients.unipay[task.merchant_no].query(task.number)
    except NoSuchOrder:
        return Found("absent")
    if trade.is_paid:
        return Found("paid", trade.transaction_id, trade.fen, trade.paid_at)
    return Found("closed" if trade.state == "CLOSED" else "unpaid")


def close(task: AttemptTask, clients: Any) -> None:
    clients.unipay[task.merchant_no].close(task.number)


def refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.unipay[task.merchant_no].refund(
        refund_no=task.number,
        order_no=task.attempt_number,
        fen=task.fen,
        total_fen=task.payment_fen,
        reason=task.reason,
    )
    return RefundFound(state.status, state.refund_id)


def query_refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.unipay[task.merchant_no].query_refund(task.number)
    return RefundFound(state.status, state.refund_id)
