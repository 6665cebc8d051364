"""A payer asks for a receipt; it is issued under one number, whatever happens on the way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.payments.errors import OrderNotFound, ReceiptExists, ReceiptMovedOn, ReceiptNotOffered
from app.payments.events import ReceiptReady
from app.payments.models import (
    FeeItem,
    Fulfilment,
    FulfilmentStatus,
    Order,
    Payment,
    Receipt,
    ReceiptStatus,
)
from app.payments.service.receipts.holding import LIVE
from app.platform.audit import service as audit

LEASE = timedelta(seconds=90)
RETRY = tuple(timedelta(seconds=s) for s in (15, 60, 180, 600, 1800, 3600))
LONGEST_TITLE = 60


@dataclass(frozen=True)
class ReceiptTask:
    """All that the issuer needs. Whoever holds an old `fence` may not write."""

    id: int
    number: str
    kind: str
    title: str
    fen: int
    tries: int
    fence: int
    item_code: str
    item_title: str
    paid_on: str


def ask_receipt(session: Session, *, by: Caller, order_public_id: str, title: str) -> str:
    """The owner of a delivered order wants a receipt of what is not refunded; returns its public id.

    One at a time. Raises OrderNotFound, ReceiptNotOffered, ReceiptExists, Invalid.
    """
    name = " ".join(title.split())
    if not 2 <= len(name) <= LONGEST_TITLE:
        raise Invalid(details={"title": [N_("请填抬头，2 到 60 个字。")]})
    row = session.execute(
        select(
            Payment.id,
            (Payment.fen - Payment.refunding_fen - Payment.refunded_fen).label("left"),
            Order.owner_id,
            Fulfilment.status,
            FeeItem.receipt_kind,
        )
        .join(Order, Order.id == Payment.order_id)
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .join(Fulfilment, Fulfilment.order_id == Order.id)
        .where(Order.public_id == order_public_id, Payment.role == "settles")
        .with_for_update(of=Payment)
    ).first()
    if row is None or row.owner_id != by.person_id:
        raise OrderNotFound()
    if row.receipt_kind is None or row.status != FulfilmentStatus.APPLIED or row.left <= 0:
        raise ReceiptNotOffered()
    if session.scalar(
        select(exists().where(Receipt.payment_id == row.id, Receipt.status.in_([str(one) for one in LIVE])))
    ):
        raise ReceiptExists()
    receipt_id, public_id = open_receipt(
        session, payment_id=row.id, kind=row.receipt_kind, title=name, fen=row.left, by_id=by.person_id
    )
    audit.record(session, by=by, action="payments.ask_receipt", object_type="receipt", object_id=receipt_id)
    return public_id


def open_receipt(
    session: Session, *, payment_id: int, kind: str, title: str, fen: int, by_id: int | None
) -> tuple[int, str]:
    """Id and public id of a receipt that is on its way to the issuer."""
    now = clock.now()
    row = session.execute(
        insert(Receipt)
        .values(
            public_id=ids.public_id("rcp"),
            number=ids.serial("P", clock.today()),
            payment_id=payment_id,
            kind=kind,
            title=title,
            fen=fen,
            status=str(ReceiptStatus.ISSUING),
            asked_by_id=by_id,
            created_at=now,
            next_try_at=now,
        )
        .returning(Receipt.id, Receipt.public_id)
    ).one()
    outbox.emit(session, ReceiptReady(row.id))
    return row.id, row.public_id


def ask_receipt_again(session: Session, *, by: Caller, public_id: str) -> None:
    """A refused receipt once more, by a clerk who has seen to the cause. Raises ReceiptMovedOn."""
    receipt_id = session.scalar(
        update(Receipt)
        .where(
            Receipt.public_id == public_id,
            Receipt.status == ReceiptStatus.REFUSED,
            Receipt.fen
            == select(Payment.fen - Payment.refunding_fen - Payment.refunded_fen)
            .where(Payment.id == Receipt.payment_id)
            .scalar_subquery(),
        )
        .values(status=ReceiptStatus.ISSUING, refusal=None, tries=0, next_try_at=clock.now())
        .returning(Receipt.id)
        .execution_options(synchronize_session=False)
    )
    if receipt_id is None:
        raise ReceiptMovedOn()
    outbox.emit(session, ReceiptReady(receipt_id))
    audit.record(session, by=by, action="payments.ask_receipt", object_type="receipt", object_id=receipt_id)


def claim_receipt(session: Session, receipt_id: int | None = None) -> ReceiptTask | None:
    """The given receipt, or the longest due one, if nobody else has it. Committed before the call goes out."""
    now = clock.now()
    due = (
        select(Receipt.id)
        .where(
            Receipt.status == ReceiptStatus.ISSUING,
            Receipt.next_try_at <= now,
            or_(Receipt.leased_until.is_(None), Receipt.leased_until < now),
        )
        .order_by(Receipt.next_try_at, Receipt.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if receipt_id is not None:
        due = due.where(Receipt.id == receipt_id)
    claimed = session.scalar(
        update(Receipt)
        .where(Receipt.id == due.scalar_subquery())
        .values(leased_until=now + LEASE, fence=Receipt.fence + 1, tries=Receipt.tries + 1)
        .returning(Receipt.id)
        .execution_options(synchronize_session=False)
    )
    return None if claimed is None else _task(session, claimed)


def _task(session: Session, receipt_id: int) -> ReceiptTask:
    names = ("id", "number", "kind", "title", "fen", "tries", "fence")
    row = session.execute(
        select(
            *(getattr(Receipt, name) for name in names),
            FeeItem.code.label("item_code"),
            FeeItem.title.label("item_title"),
            Payment.paid_at,
        )
        .join(Payment, Payment.id == Receipt.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .where(Receipt.id == receipt_id)
    ).one()
    given = db.as_dict(row)
    paid_at = given.pop("paid_at")
    return ReceiptTask(**given, paid_on=f"{clock.local(paid_at):%Y-%m-%d}")


def report_issued(session: Session, task: ReceiptTask, **told: str) -> None:
    """The issuer has it: receipt_code, receipt_no, check_code, url."""
    _settle(
        session,
        task,
        status=ReceiptStatus.ISSUED,
        issued_at=clock.now(),
        refusal=None,
        next_try_at=None,
        **told,
    )


def report_refused(session: Session, task: ReceiptTask, *, words: str) -> None:
    _settle(session, task, status=ReceiptStatus.REFUSED, refusal=words[:200] or "—", next_try_at=None)


def report_unsent(session: Session, task: ReceiptTask, *, words: str) -> None:
    pause = RETRY[min(task.tries - 1, len(RETRY) - 1)]
    _settle(session, task, refusal=words[:200], next_try_at=clock.now() + pause)


def _settle(session: Session, task: ReceiptTask, **values: Any) -> None:
    """Under the fence: a sleeper that wakes up late writes nothing."""
    session.execute(
        update(Receipt)
        .where(Receipt.id == task.id, Receipt.fence == task.fence, Receipt.status == ReceiptStatus.ISSUING)
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
