"""Refunds by what they wait for."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, union
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, count_up_to, page
from app.payments.errors import RefundNotFound
from app.payments.models import FeeItem, Order, Payment, Refund, RefundStatus
from app.platform.directory import queries as directory

R = RefundStatus
QUEUES = {
    "waiting": (N_("待复核"), (R.WAITING,)),
    "short": (N_("待备款"), (R.SHORT,)),
    "abnormal": (N_("退款异常"), (R.ABNORMAL,)),
    "offline": (N_("线下退款"), (R.OFFLINE,)),
    "all": (N_("全部"), ()),
}
FOR_PEOPLE = (R.WAITING, R.SHORT, R.ABNORMAL, R.OFFLINE)
CAUSES = {"surplus": N_("长款退回"), "unfulfilled": N_("未到账退回"), "requested": N_("人工申请")}

_COLUMNS = (
    Refund.id,
    Refund.public_id,
    Refund.number,
    Refund.former_numbers,
    Refund.fen,
    Refund.cause,
    Refund.reason,
    Refund.status,
    Refund.requested_by_id,
    Refund.approved_by_id,
    Refund.paid_out_by_id,
    Refund.checked_by_id,
    Refund.paid_out_note,
    Refund.channel_refund_id,
    Refund.refusal,
    Refund.tries,
    Refund.next_try_at,
    Refund.created_at,
    Refund.ended_at,
    Order.public_id.label("order_public_id"),
    Order.number.label("order_number"),
    Order.title,
    Order.owner_id,
    FeeItem.title.label("item_title"),
    Payment.channel,
    Payment.merchant_no,
    Payment.transaction_id,
    Payment.fen.label("payment_fen"),
)
_REFUNDS = (
    select(*_COLUMNS)
    .join(Order, Order.id == Refund.order_id)
    .join(FeeItem, FeeItem.id == Order.fee_item_id)
    .join(Payment, Payment.id == Refund.payment_id)
)


def refunds(
    session: Session, *, queue: str = "waiting", text: str = "", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """A queue has the oldest first; all refunds have the newest first."""
    statuses = QUEUES.get(queue, QUEUES["waiting"])[1]
    stmt = _REFUNDS
    if statuses:
        stmt = stmt.where(Refund.status.in_([str(status) for status in statuses]))
    if text.strip():
        stmt = stmt.where(_matches(text.strip().upper()))
    keys = [Key("id", Refund.id, descending=not statuses)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=limit)


def _matches(number: str) -> ColumnElement[bool]:
    found = union(
        select(Refund.id).where(Refund.number == number),
        select(Refund.id).where(Refund.former_numbers.contains([number])),
        select(Refund.id).join(Order, Order.id == Refund.order_id).where(Order.number == number),
    )
    return Refund.id.in_(found)


def counts(session: Session) -> dict[str, int]:
    return {
        str(status): count_up_to(session, select(Refund.id).where(Refund.status == str(status)))
        for status in FOR_PEOPLE
    }


def refunds_waiting(session: Session, caller: Caller) -> int:
    """What waits for a person: the live figure of the rail."""
    return sum(counts(session).values())


@dataclass(frozen=True)
class RefundFile:
    """One refund, with who is named in it."""

    refund: AnyRow
    people: dict[int, directory.PersonBrief]


def refund_file(session: Session, public_id: str) -> RefundFile:
    """Raises RefundNotFound."""
    row = session.execute(_REFUNDS.where(Refund.public_id == public_id)).first()
    if row is None:
        raise RefundNotFound()
    named = (row.owner_id, row.requested_by_id, row.approved_by_id, row.paid_out_by_id, row.checked_by_id)
    return RefundFile(row, directory.people(session, [one for one in named if one is not None]))
