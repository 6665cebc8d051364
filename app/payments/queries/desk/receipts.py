"""Electronic receipts and claims of bank receipts, as the desk lists them."""

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, page
from app.payments.errors import ReceiptMovedOn
from app.payments.models import (
    BillLine,
    Claim,
    FeeItem,
    Order,
    Payment,
    Receipt,
    ReceiptStatus,
    RedReceipt,
    Refund,
)

VIEWS = {"wait": N_("待处理"), "issuing": N_("开票中"), "all": N_("全部")}
_NEEDS_SOMEBODY = or_(
    Receipt.status == ReceiptStatus.REFUSED,
    exists().where(RedReceipt.receipt_id == Receipt.id, RedReceipt.status == "refused")
    & (Receipt.status == ReceiptStatus.ISSUED),
)
_LIST = (
    select(
        Receipt.__table__,
        Order.number.label("order_number"),
        Order.public_id.label("order_public_id"),
        FeeItem.title.label("item_title"),
        Payment.fen.label("payment_fen"),
        _NEEDS_SOMEBODY.label("needs_somebody"),
    )
    .join(Payment, Payment.id == Receipt.payment_id)
    .join(Order, Order.id == Payment.order_id)
    .join(FeeItem, FeeItem.id == Order.fee_item_id)
)


def receipts(
    session: Session, *, view: str = "wait", text: str = "", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """The newest first; by the number of order, receipt or ours."""
    stmt = _LIST
    if text:
        stmt = stmt.where(or_(Order.number == text, Receipt.number == text, Receipt.receipt_no == text))
    elif view == "wait":
        stmt = stmt.where(_NEEDS_SOMEBODY)
    elif view == "issuing":
        stmt = stmt.where(Receipt.status == ReceiptStatus.ISSUING)
    keys = [Key("id", Receipt.id, descending=True)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=limit)


def receipts_waiting(session: Session, caller: Caller) -> int:
    """What waits for a person: the live figure of the rail."""
    return int(session.scalar(select(func.count()).select_from(Receipt).where(_NEEDS_SOMEBODY)) or 0)


def receipt_file(session: Session, public_id: str) -> tuple[AnyRow, list[AnyRow]]:
    """A receipt and what was taken back of it. Raises ReceiptMovedOn when it is not there."""
    row = session.execute(_LIST.where(Receipt.public_id == public_id)).first()
    if row is None:
        raise ReceiptMovedOn()
    reds = session.execute(
        select(
            RedReceipt.__table__, Refund.number.label("refund_number"), Refund.public_id.label("refund_id")
        )
        .join(Refund, Refund.id == RedReceipt.refund_id)
        .where(RedReceipt.receipt_id == row.id)
        .order_by(RedReceipt.id.desc())
    ).all()
    return row, list(reds)


def receipts_of(session: Session, payment_ids: list[int]) -> list[AnyRow]:
    """For the payer: live, refused and reversed ones, the newest first."""
    return list(
        session.execute(
            select(Receipt.__table__).where(Receipt.payment_id.in_(payment_ids)).order_by(Receipt.id.desc())
        )
    )


def claims_waiting(session: Session, caller: Caller) -> int:
    return int(session.scalar(select(func.count()).select_from(Claim).where(Claim.status == "waiting")) or 0)


def claims(session: Session) -> list[AnyRow]:
    """Waiting ones first, then the newest decided."""
    return list(
        session.execute(
            select(
                Claim.__table__,
                FeeItem.title.label("item_title"),
                BillLine.at,
                BillLine.reference,
                BillLine.note.label("bank_note"),
            )
            .join(FeeItem, FeeItem.id == Claim.fee_item_id)
            .join(BillLine, BillLine.id == Claim.line_id)
            .order_by(Claim.status != "waiting", Claim.id.desc())
            .limit(100)
        )
    )
