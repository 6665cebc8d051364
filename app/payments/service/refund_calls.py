"""Refunds on their way through the channel: claimed, sent under one number, ended once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session

from app.kit import clock, db, failpoint, ids, outbox
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.payments.events import RefundSucceeded
from app.payments.models import Attempt, Payment, Refund, RefundStatus
from app.payments.service import ledger
from app.payments.service.receipts.holding import holds_back
from app.payments.service.refunds import APART

LEASE = timedelta(seconds=90)
RETRY = tuple(timedelta(seconds=s) for s in (15, 60, 180, 600, 1800, 3600))
SHORT_RETRY = timedelta(minutes=10)
SENDABLE = (RefundStatus.READY, RefundStatus.PROCESSING, RefundStatus.SHORT)

_refunds, _payments = (cast("Table", model.__table__) for model in (Refund, Payment))
_FINISH = Prepared(
    update(_refunds)
    .where(
        _refunds.c.number == bindparam("refund_number"),
        text("payments_refunds.status NOT IN ('succeeded','paid_offline','rejected')"),
    )
    .returning(_refunds.c.id, _refunds.c.fen, _refunds.c.payment_id, _refunds.c.order_id)
)
_PAID_BACK = Prepared(
    update(_payments)
    .where(_payments.c.id == bindparam("payment_id"))
    .values(
        refunding_fen=_payments.c.refunding_fen - bindparam("sum_fen"),
        refunded_fen=_payments.c.refunded_fen + bindparam("sum_fen"),
    )
    .returning(_payments.c.channel, _payments.c.merchant_no)
)


@dataclass(frozen=True)
class RefundTask:
    """All that a channel needs to refund or to ask about it. Whoever holds an old `fence` may not write."""

    id: int
    number: str
    fen: int
    reason: str
    status: str
    tries: int
    fence: int
    payment_fen: int
    channel: str
    merchant_no: str
    transaction_id: str
    attempt_number: str
    payer_account: str


def claim_refund(session: Session, refund_id: int | None = None) -> RefundTask | None:
    """The given refund, or the longest due one, if nobody else and no receipt holds it. Committed before the call."""
    now = clock.now()
    due = (
        select(Refund.id)
        .where(
            Refund.status.in_(SENDABLE),
            Refund.next_try_at <= now,
            or_(Refund.leased_until.is_(None), Refund.leased_until < now),
            ~holds_back(),
        )
        .order_by(Refund.next_try_at, Refund.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if refund_id is not None:
        due = due.where(Refund.id == refund_id)
    claimed = session.execute(
        update(Refund)
        .where(Refund.id == due.scalar_subquery())
        .values(leased_until=now + LEASE, fence=Refund.fence + 1, tries=Refund.tries + 1)
        .returning(Refund.id)
        .execution_options(synchronize_session=False)
    ).first()
    return None if claimed is None else _task(session, claimed.id)


def _task(session: Session, refund_id: int) -> RefundTask:
    row = session.execute(
        select(
            Refund.id,
            Refund.number,
            Refund.fen,
            Refund.reason,
            Refund.status,
            Refund.tries,
            Refund.fence,
            Payment.fen.label("payment_fen"),
            Payment.channel,
            Payment.merchant_no,
            Payment.transaction_id,
            Attempt.number.label("attempt_number"),
            Attempt.payer_account,
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Attempt, Attempt.id == Payment.attempt_id)
        .where(Refund.id == refund_id)
    ).one()
    return RefundTask(**db.as_dict(row))


def report_sent(session: Session, task: RefundTask, *, channel_refund_id: str, status: str) -> None:
    """The channel has it: `status` SUCCESS, PROCESSING, ABNORMAL or CLOSED."""
    if status == "SUCCESS":
        return finish_refund(session, number=task.number, channel_refund_id=channel_refund_id)
    if status == "ABNORMAL":
        _settle_claim(session, task, status=RefundStatus.ABNORMAL, channel_refund_id=channel_refund_id)
    elif status == "CLOSED":
        renew_number(session, task)
    else:
        pause = RETRY[min(task.tries, len(RETRY) - 1)]
        _settle_claim(
            session,
            task,
            status=RefundStatus.PROCESSING,
            channel_refund_id=channel_refund_id,
            next_try_at=clock.now() + pause,
        )
    return None


def report_unsent(session: Session, task: RefundTask, *, code: str) -> None:
    """No answer, or not now: the same number again later."""
    pause = RETRY[min(task.tries - 1, len(RETRY) - 1)]
    _settle_claim(session, task, refusal=code[:80], next_try_at=clock.now() + pause)


def report_short(session: Session, task: RefundTask) -> None:
    """待备款: the merchant's balance is too small; the same number again once finance has topped it up."""
    _settle_claim(session, task, status=RefundStatus.SHORT, next_try_at=clock.now() + SHORT_RETRY)


def report_refused(session: Session, task: RefundTask, *, code: str) -> None:
    """The channel will never do it (too old, payer's account gone): onto the roster for paying by hand."""
    _settle_claim(session, task, status=RefundStatus.OFFLINE, refusal=code[:80], next_try_at=None)


def renew_number(session: Session, task: RefundTask) -> None:
    """The channel closed the number and nothing was refunded: a new number may not double anything."""
    _settle_claim(
        session,
        task,
        status=RefundStatus.READY,
        former_numbers=func.array_append(Refund.former_numbers, task.number),
        number=ids.serial("B", clock.today()),
        next_try_at=clock.now() + APART,
    )


def _settle_claim(session: Session, task: RefundTask, **values: Any) -> None:
    """Under the fence: a sleeper that wakes up late writes nothing."""
    session.execute(
        update(Refund)
        .where(Refund.id == task.id, Refund.fence == task.fence, Refund.status.in_(SENDABLE))
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )


def finish_refund(session: Session, *, number: str, channel_refund_id: str) -> None:
    """The money is back. By whatever way we learn of it, booked once."""
    row = _FINISH.first(
        session,
        refund_number=number,
        status=str(RefundStatus.SUCCEEDED),
        channel_refund_id=channel_refund_id,
        ended_at=clock.now(),
        next_try_at=None,
        leased_until=None,
    )
    if row is None:
        return
    book_out(session, row, credit=None)


def note_abnormal(session: Session, *, number: str) -> None:
    """The payer's account can't take it: a person has to decide."""
    session.execute(
        update(Refund)
        .where(Refund.number == number, Refund.status.in_(SENDABLE))
        .values(status=RefundStatus.ABNORMAL, next_try_at=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )


def book_out(session: Session, row: AnyRow, *, credit: str | None) -> None:
    payment = _PAID_BACK.first(session, payment_id=row.payment_id, sum_fen=row.fen)
    failpoint.hit("payments.refund_booked")
    ledger.post(
        session,
        kind="refund_paid",
        reference=str(row.id),
        debit=ledger.refunding(payment.channel, payment.merchant_no),
        credit=credit or ledger.channel(payment.channel, payment.merchant_no),
        fen=row.fen,
        happened_at=clock.now(),
        order_id=row.order_id,
    )
    outbox.emit(session, RefundSucceeded(row.id, row.order_id))
