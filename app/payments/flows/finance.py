"""Hand vouchers to the finance system and follow them to their end, each under its one number."""

from typing import Any

from app.clients.vendor import DuplicateOrder, NoSuchOrder, Refused, VendorError
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.service.vouchers import pushing
from app.payments.service.vouchers.pushing import PushTask

BATCH = 100


def push_due(*, clients: Any) -> None:
    """By the clock."""
    if clients.finance is None:
        return
    for _ in range(BATCH):
        if not drive(None, clients=clients):
            return


def drive(voucher_id: int | None, *, clients: Any) -> bool:
    """Hand in or ask about one voucher that is due. False when there is none. Safe to run anywhere, any time."""
    if clients.finance is None:
        return False
    with unit_of_work() as session:
        task = pushing.claim_voucher(session, voucher_id)
    if task is None:
        return False
    try:
        booked = _call(task, clients.finance)
    except Refused as error:
        _refused(task, error, error.said or error.code)
    except VendorError as error:
        log.info("voucher_unsent", voucher=task.id, code=error.code)
        with unit_of_work() as session:
            pushing.report_unsent(session, task, words=error.said or error.code)
    else:
        with unit_of_work() as session:
            pushing.report_booked(session, task, finance_no=booked.finance_no, debit_fen=booked.debit_fen)
    return True


def _call(task: PushTask, finance: Any) -> Any:
    """Ask before repeating: whether every finance system keeps our number apart is not for us to bet on."""
    if task.tries > 1:
        try:
            return finance.query(task.sheet.number)
        except NoSuchOrder:
            log.info("voucher_unknown_there", voucher=task.id)
    try:
        return finance.push(_message(task))
    except DuplicateOrder:  # it came in before, or something else did: the sums will tell
        return finance.query(task.sheet.number)


def _message(task: PushTask) -> dict[str, Any]:
    sheet = task.sheet
    return {
        "number": sheet.number,
        "period": sheet.period,
        "voucher_on": sheet.voucher_on.isoformat(),
        "lines": [vars(line) for line in sheet.lines],
    }


def _refused(task: PushTask, error: VendorError, words: str) -> None:
    log.warning("voucher_refused", voucher=task.id, code=error.code)
    with unit_of_work() as session:
        pushing.report_refused(session, task, words=words)
