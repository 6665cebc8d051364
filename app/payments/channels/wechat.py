"""WeChat Pay: JSAPI inside WeChat, Native as a QR code."""

from typing import Any

from app.clients.vendor import NoSuchOrder
from app.payments.channels.found import Found, RefundFound, Started
from app.payments.service.attempts import AttemptTask
from app.payments.service.refund_calls import RefundTask


def start(task: AttemptTask, clients: Any) -> Started:
    """The same attempt asks with the same parameters; a prepay of the last two hours is used again."""
    merchant = clients.wxpay[task.merchant_no]
    if task.trade_type == "NATIVE":
        url = task.prepay if task.has_fresh_prepay else merchant.prepay_native(**_order(task, clients))
        return Started("qr", {"url": url}, prepay=url)
    prepay = (
        task.prepay
        if task.has_fresh_prepay
        else merchant.prepay_jsapi(**_order(task, clients), openid=task.payer_account)
    )
    return Started("invoke", merchant.invocation(prepay), prepay=prepay)


def _order(task: AttemptTask, clients: Any) -> dict[str, Any]:
    return {
        "order_no": task.number,
        "description": task.title,
        "fen": task.fen,
        "expires_at": task.expires_at,
        "notify_url": notify_url(clients, task.merchant_no),
    }


def notify_url(clients: Any, merchant_no: str) -> str:
    return f"{clients.base_url}/callbacks/wxpay/{merchant_no}"


def query(task: AttemptTask, clients: Any) -> Found:
    try:
        trade = clients.wxpay[task.merchant_no].query(task.number)
    except NoSuchOrder:
        return Found("absent")
    if trade.is_paid:
        return Found("paid", trade.transaction_id, trade.fen, trade.paid_at)
    return Found("closed" if trade.state in ("CLOSED", "REVOKED", "PAYERROR") else "unpaid")


def close(task: AttemptTask, clients: Any) -> None:
    """Raises OrderPaid when it was paid meanwhile."""
    clients.wxpay[task.merchant_no].close(task.number)


def refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.wxpay[task.merchant_no].refund(
        refund_no=task.number,
        order_no=task.attempt_number,
        fen=task.fen,
        total_fen=task.payment_fen,
        reason=task.reason,
        notify_url=notify_url(clients, task.merchant_no),
    )
    return RefundFound(state.status, state.refund_id)


def query_refund(task: RefundTask, clients: Any) -> RefundFound:
    state = clients.wxpay[task.merchant_no].query_refund(task.number)
    return RefundFound(state.status, state.refund_id)
