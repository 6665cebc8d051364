"""Orders as a clerk looks for them, and all that is known of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, CompoundSelect, exists, literal_column, or_, select, union
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, count_up_to, page
from app.payments.models import (
    Attempt,
    Channel,
    Dispute,
    FeeItem,
    Fulfilment,
    FulfilmentStatus,
    LedgerAccount,
    LedgerEntry,
    Order,
    Payment,
    Refund,
    RefundStatus,
)
from app.payments.queries.orders import OrderView, calls_of, order_for
from app.platform.directory import queries as directory

S = FulfilmentStatus
STUCK = (RefundStatus.SHORT, RefundStatus.ABNORMAL, RefundStatus.OFFLINE)
VIEWS = {
    "all": N_("全部"),
    "due": N_("已付待到账"),
    "unknown": N_("核实中"),
    "review": N_("人工核实"),
    "refunded": N_("已退款"),
    "odd": N_("异常"),
}
# Said with literal values, so that the partial indexes fit.
IN_REVIEW_SQL = literal_column("payments_fulfilments.status = 'review'", Boolean)
SURPLUS_SQL = literal_column(
    "payments_payments.role = 'surplus' AND payments_payments.refunded_fen < payments_payments.fen", Boolean
)


def _condition(view: str) -> ColumnElement[bool] | None:
    """`odd`: a refund that is stuck, money on top that is not back, or a dispute that nobody has closed."""
    if view == "due":
        return Fulfilment.status.in_((S.WAITING, S.SENDING, S.ACCEPTED))
    if view == "unknown":
        return Fulfilment.status == S.UNKNOWN
    if view == "review":
        return IN_REVIEW_SQL
    if view == "refunded":
        return exists().where(Payment.order_id == Order.id, Payment.refunded_fen > 0)
    if view == "odd":
        return Order.id.in_(_odd_ones())
    return None


def _odd_ones() -> CompoundSelect[Any]:
    """Orders with a refund that is stuck, with money too much, or with an open dispute; each from its index."""
    disputed = select(Dispute.order_number).where(Dispute.closed_at.is_(None))
    return union(
        select(Refund.order_id).where(Refund.status.in_(STUCK)),
        select(Payment.order_id).where(SURPLUS_SQL),
        select(Order.id).where(Order.number.in_(disputed)),
    )


_settling = Payment.__table__.alias("settling")


def orders(
    session: Session, *, view: str = "all", text: str = "", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """The newest first, in one statement however many there are; a search finds whole numbers only."""
    stmt = (
        select(
            Order.id,
            Order.public_id,
            Order.number,
            Order.owner_id,
            Order.fen,
            Order.title,
            Order.status,
            Order.expires_at,
            Order.is_late,
            Order.created_at,
            Order.paid_at,
            FeeItem.title.label("item_title"),
            Fulfilment.status.label("fulfilment_status"),
            _settling.c.channel,
            _settling.c.transaction_id,
            _settling.c.refunding_fen,
            _settling.c.refunded_fen,
        )
        .join(FeeItem, FeeItem.id == Order.fee_item_id)
        .outerjoin(Fulfilment, Fulfilment.order_id == Order.id)
        .outerjoin(_settling, (_settling.c.order_id == Order.id) & (_settling.c.role == "settles"))
    )
    if (condition := _condition(view)) is not None:
        stmt = stmt.where(condition)
    if text.strip():
        stmt = stmt.where(_matches(session, text.strip()))
    return page(session, stmt, keys=[Key("id", Order.id, descending=True)], cursor=cursor, limit=limit)


def _matches(session: Session, text: str) -> ColumnElement[bool]:
    """A number of ours or of the channel, or a person's: their own orders and those they tried to pay."""
    upper = text.upper()
    found = union(
        select(Order.id).where(Order.number == upper),
        select(Attempt.order_id).where(Attempt.number == upper),
        select(Payment.order_id).where(
            Payment.channel.in_([str(channel) for channel in Channel]), Payment.transaction_id == text
        ),
        select(Refund.order_id).where(Refund.number == upper),
        select(Refund.order_id).where(Refund.former_numbers.contains([upper])),
    )
    ids = set(session.scalars(found))
    person = directory.find_person_by_number(session, text)
    if person is not None:
        tried = select(Attempt.order_id).where(Attempt.payer_id == person.id)
        return or_(Order.id.in_(ids), Order.owner_id == person.id, Order.id.in_(tried))
    return Order.id.in_(ids)


def counts(session: Session) -> dict[str, int]:
    """How many orders wait in each of the views that somebody works through."""
    found = {"odd": count_up_to(session, _odd_ones())}
    for view in ("due", "unknown", "review"):
        condition = _condition(view)
        assert condition is not None
        found[view] = count_up_to(session, select(Fulfilment.id).where(condition))
    return found


def reviews_waiting(session: Session, caller: Caller) -> int:
    """The live figure of the rail."""
    return count_up_to(session, select(Fulfilment.id).where(IN_REVIEW_SQL))


@dataclass(frozen=True)
class OrderFile:
    """One order with everything that happened to it. `people` holds all who are named in it."""

    view: OrderView
    attempts: list[AnyRow]
    calls: list[AnyRow]
    entries: list[AnyRow]
    disputes: list[AnyRow]
    people: dict[int, directory.PersonBrief]
    item_names: dict[str, str]

    @property
    def left_fen(self) -> int:
        """What may still be refunded of the payment that settles."""
        return sum(
            one.fen - one.refunding_fen - one.refunded_fen
            for one in self.view.payments
            if one.role == "settles"
        )


def order_file(session: Session, caller: Caller, public_id: str) -> OrderFile:
    """Raises OrderNotFound."""
    view = order_for(session, caller, public_id)
    order_id = view.order.id
    attempts = session.execute(select(Attempt.__table__).where(Attempt.order_id == order_id)).all()
    disputes = session.execute(
        select(Dispute.id, Dispute.kind, Dispute.created_at, Dispute.closed_at).where(
            Dispute.order_number.in_([view.order.number, *(one.number for one in attempts)])
        )
    ).all()
    return OrderFile(
        view,
        list(attempts),
        calls_of(session, order_id),
        _entries_of(session, order_id),
        list(disputes),
        directory.people(session, _named(view, attempts)),
        {view.item.code: view.item.title},
    )


def _entries_of(session: Session, order_id: int) -> list[AnyRow]:
    debit, credit = (LedgerAccount.__table__.alias(name) for name in ("debit", "credit"))
    return list(
        session.execute(
            select(
                LedgerEntry.kind,
                LedgerEntry.fen,
                LedgerEntry.posted_at,
                debit.c.code.label("debit"),
                credit.c.code.label("credit"),
            )
            .join(debit, debit.c.id == LedgerEntry.debit_id)
            .join(credit, credit.c.id == LedgerEntry.credit_id)
            .where(LedgerEntry.order_id == order_id)
            .order_by(LedgerEntry.id)
        )
    )


def _named(view: OrderView, attempts: Iterable[AnyRow]) -> set[int]:
    ids = {view.order.owner_id, *(one.payer_id for one in attempts)}
    if view.fulfilment is not None:
        ids.add(view.fulfilment.decided_by_id)
    for one in view.refunds:
        ids |= {one.requested_by_id, one.approved_by_id, one.paid_out_by_id, one.checked_by_id}
    return {person_id for person_id in ids if person_id is not None}
