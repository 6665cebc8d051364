"""Vouchers on their way to the finance system: claimed, handed in under their number, ended once."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.payments.errors import NothingToExport, VoucherMovedOn, VoucherNotFound
from app.payments.events import VoucherReady
from app.payments.exporters import Sheet
from app.payments.models import Voucher, VoucherStatus
from app.payments.service.vouchers.exporting import sheets_of
from app.payments.service.vouchers.making import make_vouchers
from app.payments.service.vouchers.periods import Period
from app.platform.audit import service as audit

LEASE = timedelta(seconds=90)
RETRY = tuple(timedelta(seconds=s) for s in (15, 60, 180, 600, 1800, 3600))


@dataclass(frozen=True)
class PushTask:
    """All that the finance system needs. Whoever holds an old `fence` may not write."""

    id: int
    tries: int
    fence: int
    fen: int
    sheet: Sheet


def send_period(session: Session, *, by: Caller, period: Period) -> int:
    """Every draft of the period goes to the finance system; returns how many.

    What went out as a file does not: it would be booked twice. Raises PeriodNotOver, DayStillOpen,
    VoucherRuleMissing, NothingToExport.
    """
    make_vouchers(session, by=by, period=period)
    ids = session.scalars(
        update(Voucher)
        .where(Voucher.period == period.text, Voucher.status == VoucherStatus.DRAFT)
        .values(status=VoucherStatus.SENDING, next_try_at=clock.now(), sent_at=clock.now())
        .returning(Voucher.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not ids:
        raise NothingToExport(period=period.text)
    for voucher_id in sorted(ids):
        outbox.emit(session, VoucherReady(voucher_id))
    audit.record(
        session, by=by, action="payments.send_vouchers", object_type="voucher_period", object_id=period.text
    )
    return len(ids)


def send_again(session: Session, *, by: Caller, number: str, voucher_on: date | None = None) -> None:
    """A refused voucher once more, perhaps dated in a period that is open. Raises VoucherMovedOn."""
    found = session.execute(
        select(Voucher.id, Voucher.voucher_on).where(Voucher.number == number).with_for_update()
    ).first()
    if found is None:
        raise VoucherNotFound()
    changed = db.rows_changed(
        session,
        update(Voucher)
        .where(Voucher.id == found.id, Voucher.status == VoucherStatus.REFUSED)
        .values(
            status=VoucherStatus.SENDING,
            voucher_on=voucher_on or found.voucher_on,
            tries=0,
            refusal=None,
            next_try_at=clock.now(),
        )
        .execution_options(synchronize_session=False),
    )
    if changed != 1:
        raise VoucherMovedOn()
    outbox.emit(session, VoucherReady(found.id))
    audit.record(session, by=by, action="payments.send_voucher", object_type="voucher", object_id=found.id)


def claim_voucher(session: Session, voucher_id: int | None = None) -> PushTask | None:
    """The given voucher, or the longest due one, if nobody else has it. Committed before the call goes out."""
    now = clock.now()
    due = (
        select(Voucher.id)
        .where(
            Voucher.status == VoucherStatus.SENDING,
            Voucher.next_try_at <= now,
            or_(Voucher.leased_until.is_(None), Voucher.leased_until < now),
        )
        .order_by(Voucher.next_try_at, Voucher.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if voucher_id is not None:
        due = due.where(Voucher.id == voucher_id)
    row = session.execute(
        update(Voucher)
        .where(Voucher.id == due.scalar_subquery())
        .values(leased_until=now + LEASE, fence=Voucher.fence + 1, tries=Voucher.tries + 1)
        .returning(Voucher.id, Voucher.tries, Voucher.fence, Voucher.fen)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    return PushTask(row.id, row.tries, row.fence, row.fen, sheets_of(session, [row.id])[0])


def report_booked(session: Session, task: PushTask, *, finance_no: str, debit_fen: int) -> None:
    """The finance system has it, with the sum it understood; another sum is no yes."""
    if debit_fen != task.fen:
        report_refused(session, task, words=f"对方入账金额为 {debit_fen / 100:.2f} 元，与凭证不符")
        return
    _settle_claim(
        session,
        task,
        status=VoucherStatus.ACCEPTED,
        finance_no=finance_no[:64],
        accepted_at=clock.now(),
        refusal=None,
        next_try_at=None,
    )


def report_refused(session: Session, task: PushTask, *, words: str) -> None:
    """A definite no: a person has to read why."""
    _settle_claim(
        session, task, status=VoucherStatus.REFUSED, refusal=words[:200] or "对方未说明原因", next_try_at=None
    )


def report_unsent(session: Session, task: PushTask, *, words: str) -> None:
    """No answer, or not now: asked about and handed in again later, under the same number."""
    pause = RETRY[min(task.tries - 1, len(RETRY) - 1)]
    _settle_claim(session, task, refusal=words[:200], next_try_at=clock.now() + pause)


def _settle_claim(session: Session, task: PushTask, **values: Any) -> None:
    """Under the fence: a sleeper that wakes up late writes nothing."""
    session.execute(
        update(Voucher)
        .where(Voucher.id == task.id, Voucher.fence == task.fence, Voucher.status == VoucherStatus.SENDING)
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
