"""What payments does when something happened, and by the clock."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.payments.events import (
    BillDue,
    BillUploaded,
    OrderClosed,
    PaymentSucceeded,
    ReceiptReady,
    RefundReady,
    VoucherReady,
)
from app.payments.flows import (
    card_flows,
    checking,
    closing,
    fetching,
    finance,
    fulfilling,
    receipts,
    reconciling,
    refunding,
    uploading,
)
from app.payments.service import bill_alarms, digest, fulfilments
from app.payments.service.bills import Matter


def on_payment_succeeded(event: PaymentSucceeded, *, clients: Any) -> None:
    """Deliver at once, unless older payments of the service are waiting: those come first, by the clock."""
    with unit_of_work() as session:
        fulfilment_id = fulfilments.fulfilment_of(session, event.order_id)
        goes_first = _goes_first(session, event.service_key, fulfilment_id)
    if fulfilment_id is not None and goes_first:
        fulfilling.drive(fulfilment_id, event.service_key, clients=clients)
    checking.close_order_attempts(event.order_id, clients=clients)


def _goes_first(session: Session, service_key: str, fulfilment_id: int | None) -> bool:
    """Others that were just paid are on their way too; a queue is when a vendor was away."""
    return fulfilment_id is not None and not fulfilments.is_queueing(session, service_key)


def on_order_closed(event: OrderClosed, *, clients: Any) -> None:
    checking.close_order_attempts(event.order_id, clients=clients)


def on_refund_ready(event: RefundReady, *, clients: Any) -> None:
    """What its receipt says is taken back first; until that is confirmed the refund is not claimed."""
    receipts.take_back(event.refund_id, clients=clients)
    refunding.drive(event.refund_id, clients=clients)


def check_attempts(*, clients: Any) -> None:
    checking.check_due(clients=clients)


def deliver(*, clients: Any) -> None:
    fulfilling.deliver_due(clients=clients)


def send_refunds(*, clients: Any) -> None:
    refunding.refund_due(clients=clients)


def reconcile_days(*, clients: Any) -> None:
    """Yesterday and the days before it that are not closed: when news has come for them, or once a day."""
    reconciling.reconcile_due(clients=clients)


def close_quiet_days(*, clients: Any) -> None:
    closing.close_quiet_days(clients=clients)


def tell_finance(*, clients: Any) -> None:
    with unit_of_work() as session:
        digest.tell_finance(session)


def on_voucher_ready(event: VoucherReady, *, clients: Any) -> None:
    finance.drive(event.voucher_id, clients=clients)


def push_vouchers(*, clients: Any) -> None:
    finance.push_due(clients=clients)


def on_receipt_ready(event: ReceiptReady, *, clients: Any) -> None:
    receipts.issue(event.receipt_id, clients=clients)


def issue_receipts(*, clients: Any) -> None:
    receipts.work_due(clients=clients)


def ask_for_bills(*, clients: Any) -> None:
    fetching.ask_for_due(clients=clients)


def read_card_flow(*, clients: Any) -> None:
    card_flows.read_on_by_the_clock(clients=clients)


def on_bill_due(event: BillDue, *, clients: Any) -> None:
    """May take minutes: another worker that takes it over meanwhile finds the same file."""
    matter = Matter(event.source, event.kind, event.account, date.fromisoformat(event.day))
    fetching.fetch(matter, clients=clients)


def on_bill_uploaded(event: BillUploaded, *, clients: Any) -> None:
    uploading.import_upload(event.upload_id, clients=clients)


def tell_missing_bills(*, clients: Any) -> None:
    """Every morning, after the channels have had their time."""
    with unit_of_work() as session:
        bill_alarms.tell_missing(session, [*fetching.missing(session, clients), *card_flows.missing(session)])
