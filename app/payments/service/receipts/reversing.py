"""冲红: a receipt is taken back, by the rule of its kind, before a refund of its payment goes out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import ReceiptMovedOn, ReceiptNotReversed
from app.payments.events import RefundReady
from app.payments.models import (
    Payment,
    Receipt,
    ReceiptKind,
    ReceiptStatus,
    RedReceipt,
    Refund,
    RefundStatus,
)
from app.payments.service.receipts.asking import LEASE, RETRY, open_receipt
from app.payments.service.receipts.holding import going_out, holds_back
from app.platform.audit import service as audit

CONFIRMING = timedelta(minutes=30)
"""How often to ask whether the buyer has agreed."""
_DUE = (RefundStatus.READY, RefundStatus.OFFLINE)


@dataclass(frozen=True)
class RedTask:
    """All that the issuer needs. Whoever holds an old `fence` may not write."""

    id: int
    number: str
    of_number: str
    fen: int
    reason: str
    tries: int
    fence: int


def open_reds(session: Session) -> None:
    """One red receipt for each refund that a receipt holds back. One that was refused waits for a person."""
    rows = session.execute(
        select(Refund.id.label("refund_id"), Refund.fen, Receipt.id.label("receipt_id"))
        .join(Receipt, Receipt.payment_id == Refund.payment_id)
        .where(
            Refund.status.in_([str(one) for one in _DUE]),
            Receipt.status == ReceiptStatus.ISSUED,
            holds_back(),
            ~exists().where(RedReceipt.receipt_id == Receipt.id, RedReceipt.refund_id == Refund.id),
        )
        .order_by(Refund.id)
    ).all()
    for row in rows:
        _open(session, row.receipt_id, row.refund_id, row.fen)


def _open(session: Session, receipt_id: int, refund_id: int, fen: int) -> None:
    """All of a fiscal receipt, once; of an invoice as much as the refund is. The receipt is locked meanwhile."""
    receipt = session.execute(
        select(Receipt.__table__).where(Receipt.id == receipt_id).with_for_update()
    ).one()
    live = session.scalars(
        select(RedReceipt.fen).where(RedReceipt.receipt_id == receipt_id, RedReceipt.status == "issuing")
    ).all()
    left = receipt.fen - receipt.reversed_fen - sum(live)
    wanted = left if receipt.kind == ReceiptKind.FISCAL else min(fen, left)
    known = select(exists().where(RedReceipt.refund_id == refund_id, RedReceipt.status != "refused"))
    if receipt.status != ReceiptStatus.ISSUED or wanted <= 0 or session.scalar(known):
        return
    now = clock.now()
    session.execute(
        insert(RedReceipt).values(
            number=ids.serial("H", clock.today()),
            receipt_id=receipt_id,
            refund_id=refund_id,
            fen=wanted,
            status="issuing",
            created_at=now,
            next_try_at=now,
        )
    )


def reverse_again(session: Session, *, by: Caller, public_id: str) -> None:
    """Refused reversals of a receipt once more, by a clerk who has seen to the cause. Raises ReceiptMovedOn."""
    rows = session.execute(
        select(RedReceipt.receipt_id, RedReceipt.refund_id, Refund.fen)
        .join(Receipt, Receipt.id == RedReceipt.receipt_id)
        .join(Refund, Refund.id == RedReceipt.refund_id)
        .where(
            Receipt.public_id == public_id,
            Receipt.status == ReceiptStatus.ISSUED,
            RedReceipt.status == "refused",
            Refund.status.in_([str(one) for one in _DUE]),
        )
        .distinct()
    ).all()
    if not rows:
        raise ReceiptMovedOn()
    for row in rows:
        _open(session, row.receipt_id, row.refund_id, row.fen)
    audit.record(
        session, by=by, action="payments.reverse_receipt", object_type="receipt", object_id=rows[0].receipt_id
    )


def refuse_while_receipted(session: Session, refund_id: int) -> None:
    """Paying out by hand waits as well. Raises ReceiptNotReversed."""
    if session.scalar(select(exists().where(Refund.id == refund_id, holds_back()))):
        raise ReceiptNotReversed()


def claim_red(session: Session, refund_id: int | None = None) -> RedTask | None:
    """Of the given refund, or the longest due one, if nobody else has it."""
    now = clock.now()
    due = (
        select(RedReceipt.id)
        .where(
            RedReceipt.status == "issuing",
            RedReceipt.next_try_at <= now,
            or_(RedReceipt.leased_until.is_(None), RedReceipt.leased_until < now),
        )
        .order_by(RedReceipt.next_try_at, RedReceipt.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if refund_id is not None:
        due = due.where(RedReceipt.refund_id == refund_id)
    row = session.execute(
        update(RedReceipt)
        .where(RedReceipt.id == due.scalar_subquery())
        .values(leased_until=now + LEASE, fence=RedReceipt.fence + 1, tries=RedReceipt.tries + 1)
        .returning(
            RedReceipt.id,
            RedReceipt.number,
            RedReceipt.fen,
            RedReceipt.tries,
            RedReceipt.fence,
            RedReceipt.receipt_id,
            RedReceipt.refund_id,
        )
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    of_number = session.scalars(select(Receipt.number).where(Receipt.id == row.receipt_id)).one()
    reason = session.scalars(select(Refund.reason).where(Refund.id == row.refund_id)).one()
    return RedTask(row.id, row.number, of_number, row.fen, reason, row.tries, row.fence)


def report_red(session: Session, task: RedTask, *, status: str, receipt_no: str) -> None:
    """DONE lets the refund go; CONFIRMING is asked about again; DECLINED needs a person."""
    if status == "CONFIRMING":
        _settle(session, task, refusal="等待购买方确认", next_try_at=clock.now() + CONFIRMING)
        return
    if status != "DONE":
        report_refused(session, task, words="购买方没有同意冲红")
        return
    row = _settle(
        session,
        task,
        status="issued",
        receipt_no=receipt_no,
        ended_at=clock.now(),
        refusal=None,
        next_try_at=None,
    )
    if row is not None:
        _take_back(session, row)


def _take_back(session: Session, red: AnyRow) -> None:
    """The receipt says less now; of a fiscal one a new receipt says the rest. The refund may go at once."""
    whole = Receipt.reversed_fen + red.fen == Receipt.fen
    receipt = session.execute(
        update(Receipt)
        .where(Receipt.id == red.receipt_id)
        .values(
            reversed_fen=Receipt.reversed_fen + red.fen,
            status=case((whole, str(ReceiptStatus.REVERSED)), else_=str(ReceiptStatus.ISSUED)),
        )
        .returning(Receipt.__table__)
        .execution_options(synchronize_session=False)
    ).one()
    if receipt.kind == ReceiptKind.FISCAL:
        left = session.scalar(
            select(Payment.fen - Payment.refunded_fen - going_out(Payment.id)).where(
                Payment.id == receipt.payment_id
            )
        )
        if left:
            open_receipt(
                session,
                payment_id=receipt.payment_id,
                kind=receipt.kind,
                title=receipt.title,
                fen=left,
                by_id=receipt.asked_by_id,
            )
    outbox.emit(session, RefundReady(red.refund_id))


def report_refused(session: Session, task: RedTask, *, words: str) -> None:
    _settle(
        session, task, status="refused", refusal=words[:200] or "—", ended_at=clock.now(), next_try_at=None
    )


def report_unsent(session: Session, task: RedTask, *, words: str) -> None:
    pause = RETRY[min(task.tries - 1, len(RETRY) - 1)]
    _settle(session, task, refusal=words[:200], next_try_at=clock.now() + pause)


def _settle(session: Session, task: RedTask, **values: Any) -> AnyRow | None:
    """Under the fence; None for a sleeper that wakes up late."""
    return session.execute(
        update(RedReceipt)
        .where(RedReceipt.id == task.id, RedReceipt.fence == task.fence, RedReceipt.status == "issuing")
        .values(leased_until=None, **values)
        .returning(RedReceipt.receipt_id, RedReceipt.refund_id, RedReceipt.fen)
        .execution_options(synchronize_session=False)
    ).first()
