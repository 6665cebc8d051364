"""A person's desk for deliveries that the machine can't decide any more."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import FulfilmentMovedOn, NoteMissing
from app.payments.models import Fulfilment, FulfilmentStatus, Order
from app.payments.service import outcomes
from app.platform.audit import service as audit


def decide(session: Session, *, by: Caller, order_public_id: str, decision: str, note: str) -> None:
    """`applied`: seen in the vendor's books. `ask`: ask again. `abandon`: certainly not there, refund.

    Only what the machine gave up (review) can be decided; `note` says on what ground.
    """
    if len(note.strip()) < 4:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    row = session.execute(
        select(Fulfilment.__table__)
        .join(Order, Order.id == Fulfilment.order_id)
        .where(Order.public_id == order_public_id, Fulfilment.status == FulfilmentStatus.REVIEW)
        .with_for_update(of=Fulfilment)
    ).first()
    if row is None:
        raise FulfilmentMovedOn()
    if decision == "applied":
        outcomes.mark_applied(session, row, vendor_ref="")
        _sign(session, row, by, note)
    elif decision == "abandon":
        outcomes.abandon(session, row, code="decided", by=by, note=note.strip()[:200])
    else:
        outcomes.move(session, row, status=FulfilmentStatus.UNKNOWN, next_at=clock.now(), asks=0)
        _sign(session, row, by, note)
    audit.record(
        session, by=by, action=f"payments.decide_{decision}", object_type="order", object_id=row.order_id
    )


def _sign(session: Session, row: AnyRow, by: Caller, note: str) -> None:
    session.execute(
        update(Fulfilment)
        .where(Fulfilment.id == row.id)
        .values(decided_by_id=by.person_id, decision_note=note.strip()[:200])
        .execution_options(synchronize_session=False)
    )
