"""Ask the issuer for receipts and for their reversals, each under its one number."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from app.clients.vendor import DuplicateOrder, NoSuchOrder, Refused, VendorError
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.service.receipts import asking, reversing
from app.payments.service.receipts.asking import ReceiptTask
from app.payments.service.receipts.reversing import RedTask

BATCH = 100


def work_due(*, clients: Any) -> None:
    """By the clock: reversals that refunds wait for, then receipts that people wait for."""
    if clients.receipts is None:
        return
    with unit_of_work() as session:
        reversing.open_reds(session)
    for work in (take_back_next, issue):
        for _ in range(BATCH):
            if not work(None, clients=clients):
                break


def take_back(refund_id: int, *, clients: Any) -> None:
    """What the receipt of a refund's payment says too much, now."""
    if clients.receipts is None:
        return
    with unit_of_work() as session:
        reversing.open_reds(session)
    take_back_next(refund_id, clients=clients)


def issue(receipt_id: int | None, *, clients: Any) -> bool:
    """Ask for one receipt that is due. False when there is none. Safe to run anywhere, any time."""
    if clients.receipts is None:
        return False
    with unit_of_work() as session:
        task = asking.claim_receipt(session, receipt_id)
    return task is not None and _drive(task, clients.receipts, _issue, _note_issued, asking)


def take_back_next(refund_id: int | None, *, clients: Any) -> bool:
    """Ask for one reversal that is due. False when there is none."""
    with unit_of_work() as session:
        task = reversing.claim_red(session, refund_id)
    return task is not None and _drive(task, clients.receipts, _red, _note_red, reversing)


def _drive(
    task: Any,
    issuer: Any,
    call: Callable[[Any, Any], Any],
    note: Callable[[Session, Any, Any], None],
    reports: ModuleType,
) -> bool:
    """The call, and what became of it, noted under the task's fence. `reports`: where a no and a silence are noted."""
    try:
        told = call(task, issuer)
    except VendorError as error:
        report = reports.report_refused if isinstance(error, Refused) else reports.report_unsent
        log.warning("receipt_not_done", call=error.call, code=error.code, is_no=isinstance(error, Refused))
        with unit_of_work() as session:
            report(session, task, words=error.said or error.code)
    else:
        with unit_of_work() as session:
            note(session, task, told)
    return True


def _note_issued(session: Session, task: ReceiptTask, told: Any) -> None:
    asking.report_issued(
        session,
        task,
        receipt_code=told.receipt_code,
        receipt_no=told.receipt_no,
        check_code=told.check_code,
        url=told.url,
    )


def _note_red(session: Session, task: RedTask, told: Any) -> None:
    reversing.report_red(session, task, status=told.status, receipt_no=told.receipt_no)


def _issue(task: ReceiptTask, issuer: Any) -> Any:
    """Ask before repeating; a number that is known already is the one that was lost."""
    if task.tries > 1:
        try:
            return issuer.query(task.number)
        except NoSuchOrder:
            log.info("receipt_unknown_there", receipt=task.id)
    try:
        return issuer.issue(
            number=task.number,
            kind=task.kind,
            title=task.title,
            fen=task.fen,
            item_code=task.item_code,
            item_title=task.item_title,
            paid_at=task.paid_on,
        )
    except DuplicateOrder:
        return issuer.query(task.number)


def _red(task: RedTask, issuer: Any) -> Any:
    if task.tries > 1:
        try:
            return issuer.query_red(task.number)
        except NoSuchOrder:
            log.info("red_unknown_there", red=task.id)
    try:
        return issuer.red(number=task.number, of_number=task.of_number, fen=task.fen, reason=task.reason)
    except DuplicateOrder:
        return issuer.query_red(task.number)
