"""What each action does. Everything goes through the same use-cases as money that came by itself."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import ActionImpossible
from app.payments.models import (
    Action,
    BillLine,
    DifferenceKind,
    Fulfilment,
    FulfilmentStatus,
    LineSort,
    Order,
    Payment,
    Refund,
    RefundStatus,
)
from app.payments.service import outcomes, refund_calls, refunds
from app.payments.service.cases import posting
from app.payments.service.receiving import Arrival, Mismatch, accept_payment

A, K = Action, DifferenceKind
ACTIONS: dict[str, tuple[Action, ...]] = {
    K.SURPLUS: (A.ACCEPT, A.REFUND, A.SUSPEND, A.CLEAR),
    K.SHORTAGE: (A.SUSPEND, A.ADJUST, A.CLEAR),
    K.AMOUNT: (A.SUSPEND, A.ADJUST, A.CLEAR),
    K.STATUS: (A.ACCEPT, A.REFUND, A.SUSPEND, A.CLEAR),
    K.CUTOFF: (A.ACCEPT, A.SUSPEND, A.CLEAR),
    K.DOUBLE: (A.REFUND, A.SUSPEND, A.CLEAR),
    K.FEE: (A.SUSPEND, A.CLEAR),
    K.REFUND: (A.ACCEPT, A.SUSPEND, A.ADJUST, A.CLEAR),
    K.SETTLEMENT: (A.SUSPEND, A.CLEAR),
    K.FULFILMENT: (A.ACCEPT, A.REFUND, A.SUSPEND, A.CLEAR),
}
"""By the kind of a difference, what may be proposed; the first is the usual one."""

UNDELIVERED = (FulfilmentStatus.WAITING, FulfilmentStatus.REVIEW, FulfilmentStatus.UNKNOWN)


def possible_actions(session: Session, row: AnyRow) -> tuple[Action, ...]:
    """What may be proposed for this one now. 冲正 is for what stands in suspense."""
    actions = ACTIONS[row.kind]
    if row.line_id is None:
        actions = tuple(a for a in actions if a not in (A.ACCEPT, A.REFUND) or row.order_id is not None)
    if not posting.is_about_money(row):
        actions = tuple(a for a in actions if a != A.ADJUST)
    if posting.live_entry(session, row) is not None:
        actions = (*(a for a in actions if a != A.SUSPEND), A.REVERSE)
    return actions


def carry_out(session: Session, row: AnyRow, *, by: Caller) -> None:
    """Do what was proposed. Raises ActionImpossible when the world has moved on; then nothing is done."""
    if row.action != A.SUSPEND:
        posting.lift(session, row)
    _DO[row.action](session, row, by)


def _accept(session: Session, row: AnyRow, by: Caller) -> None:
    """补单: what the source has did happen, so it happens here too."""
    line = _line(session, row)
    _ACCEPT.get(line.sort, _impossible)(session, row, line)


def _accept_payment(session: Session, row: AnyRow, line: AnyRow) -> None:
    arrival = Arrival(
        attempt_number=line.number or "",
        channel=row.source,
        merchant_no=row.account,
        transaction_id=line.reference,
        fen=line.fen,
        paid_at=line.at,
        learned_by="bill",
    )
    try:
        accept_payment(session, arrival)
    except Mismatch:
        raise ActionImpossible() from None


def _accept_refund(session: Session, row: AnyRow, line: AnyRow) -> None:
    refund_calls.finish_refund(session, number=line.number or "", channel_refund_id=line.reference)
    status = session.scalar(select(Refund.status).where(Refund.number == line.number))
    if status != RefundStatus.SUCCEEDED:
        raise ActionImpossible()


def _accept_delivery(session: Session, row: AnyRow, line: AnyRow) -> None:
    fulfilment = _undelivered(session, Fulfilment.number == line.number)
    if fulfilment is None:
        raise ActionImpossible()
    outcomes.mark_applied(session, fulfilment, vendor_ref=line.reference)


def _refund(session: Session, row: AnyRow, by: Caller) -> None:
    """退款: take the money into the books first, then send it back the way it came."""
    if row.line_id is not None and _line(session, row).sort == LineSort.PAYMENT:
        line = _line(session, row)
        _accept_payment(session, row, line)
        _give_back_if_settled(session, row, line, by)
    else:
        _refund_order(session, row, by)


def _give_back_if_settled(session: Session, row: AnyRow, line: AnyRow, by: Caller) -> None:
    """What came on top goes back by itself; what settled its order must not be delivered any more."""
    settled = select(Payment.order_id).where(
        Payment.channel == row.source, Payment.transaction_id == line.reference, Payment.role == "settles"
    )
    fulfilment = _undelivered(session, Fulfilment.order_id.in_(settled))
    if fulfilment is not None:
        outcomes.abandon(session, fulfilment, code="decided", by=by, note=row.number)


def _refund_order(session: Session, row: AnyRow, by: Caller) -> None:
    """Paid, and by the vendor's books not delivered."""
    order = session.execute(select(Order.public_id).where(Order.id == row.order_id)).first()
    if order is None or not row.our_fen:
        raise ActionImpossible()
    refunds.request_refund(
        session, by=by, order_public_id=order.public_id, fen=row.our_fen, reason=f"对账差错 {row.number}"
    )


def _suspend(session: Session, row: AnyRow, by: Caller) -> None:
    posting.suspend(session, row)


def _adjust(session: Session, row: AnyRow, by: Caller) -> None:
    posting.adjust(session, row)


def _nothing_more(session: Session, row: AnyRow, by: Caller) -> None:
    """冲正 has been done by lifting it out of suspense; 平账 moves nothing."""


def _impossible(session: Session, row: AnyRow, line: AnyRow) -> None:
    raise ActionImpossible()


def _line(session: Session, row: AnyRow) -> AnyRow:
    line = session.execute(select(BillLine.__table__).where(BillLine.id == row.line_id)).first()
    if line is None:
        raise ActionImpossible()
    return line


def _undelivered(session: Session, which: object) -> AnyRow | None:
    return session.execute(
        select(Fulfilment.__table__).where(which, Fulfilment.status.in_(UNDELIVERED)).with_for_update()  # type: ignore[arg-type]
    ).first()


_ACCEPT: dict[str, Callable[[Session, AnyRow, AnyRow], None]] = {
    LineSort.PAYMENT: _accept_payment,
    LineSort.REFUND: _accept_refund,
    LineSort.TOP_UP: _accept_delivery,
}
_DO: dict[str, Callable[[Session, AnyRow, Caller], None]] = {
    A.ACCEPT: _accept,
    A.REFUND: _refund,
    A.SUSPEND: _suspend,
    A.REVERSE: _nothing_more,
    A.ADJUST: _adjust,
    A.CLEAR: _nothing_more,
}
