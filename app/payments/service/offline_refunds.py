"""退款线下名册: what the channel can't send back, paid out by one person and checked by another."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.payments.errors import NoteMissing, RefundMovedOn, SamePerson
from app.payments.models import Refund, RefundStatus
from app.payments.service import ledger
from app.payments.service.receipts.reversing import refuse_while_receipted
from app.payments.service.refund_calls import book_out
from app.payments.service.refunds import move, refund_row
from app.platform.audit import service as audit


def move_offline(session: Session, *, by: Caller, public_id: str) -> None:
    """A person gives up on the channel: the refund goes onto the roster for paying by hand."""
    refund = refund_row(session, public_id)
    move(session, refund.id, RefundStatus.ABNORMAL, RefundStatus.OFFLINE, next_try_at=None)
    audit.record(session, by=by, action="payments.refund_offline", object_type="refund", object_id=refund.id)


def note_paid_out(session: Session, *, by: Caller, public_id: str, note: str) -> None:
    """经办: somebody paid it out by bank transfer or in cash; `note` says how."""
    if len(note.strip()) < 4:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    refund = refund_row(session, public_id)
    if refund.status != RefundStatus.OFFLINE or refund.paid_out_by_id is not None:
        raise RefundMovedOn()
    refuse_while_receipted(session, refund.id)
    session.execute(
        update(Refund)
        .where(Refund.id == refund.id)
        .values(paid_out_by_id=by.person_id, paid_out_note=note.strip()[:200])
        .execution_options(synchronize_session=False)
    )
    audit.record(session, by=by, action="payments.pay_out", object_type="refund", object_id=refund.id)


def check_paid_out(session: Session, *, by: Caller, public_id: str) -> None:
    """复核: another person has seen the proof; now it is booked."""
    refund = refund_row(session, public_id)
    if refund.status != RefundStatus.OFFLINE or refund.paid_out_by_id is None:
        raise RefundMovedOn()
    if refund.paid_out_by_id == by.person_id:
        raise SamePerson()
    row = session.execute(
        update(Refund)
        .where(Refund.id == refund.id)
        .values(status=RefundStatus.PAID_OFFLINE, checked_by_id=by.person_id, ended_at=clock.now())
        .returning(Refund.id, Refund.fen, Refund.payment_id, Refund.order_id)
        .execution_options(synchronize_session=False)
    ).one()
    book_out(session, row, credit=ledger.BANK)
    audit.record(session, by=by, action="payments.check_pay_out", object_type="refund", object_id=refund.id)
