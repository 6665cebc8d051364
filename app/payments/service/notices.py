"""What channels tell us unasked: stored and applied in one transaction, before they get their answer."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.kit import external_events
from app.payments.service import receiving, refund_calls
from app.payments.service.receiving import Arrival, Mismatch


def note_payment(
    session: Session, *, source: str, external_id: str, arrival: Arrival, evidence: dict[str, Any]
) -> bool:
    """Apply a genuine notice of a payment, once. False: it has become a dispute, no money moved, tell it again.

    `evidence` is stored for good; it holds no personal values.
    """
    try:
        receiving.accept_payment(session, arrival)  # raises before it writes
    except Mismatch as mismatch:
        return note_misfit(
            session,
            source=source,
            external_id=external_id,
            kind=mismatch.kind,
            order_number=mismatch.order_number,
            evidence=evidence,
        )
    external_events.store(session, source=source, external_id=external_id, payload=evidence)
    return True


def note_misfit(
    session: Session, *, source: str, external_id: str, kind: str, order_number: str, evidence: dict[str, Any]
) -> bool:
    """A genuine notice that the door sees not to be for us, or of no payment at all. True when told before.

    Told twice it is no race of ours with our own order: a person has it, and the channel may rest.
    """
    is_new = receiving.open_dispute(
        session,
        source=source,
        external_id=external_id,
        kind=kind,
        order_number=order_number,
        evidence=evidence,
    )
    return not is_new


def note_refund(
    session: Session,
    *,
    source: str,
    external_id: str,
    number: str,
    status: str,
    channel_refund_id: str,
    succeeded_at: datetime | None,
    letter: dict[str, str],
) -> None:
    """A refund has ended at the channel. Unknown numbers and closed ones change nothing: the query will tell."""
    at = succeeded_at.isoformat() if succeeded_at else None
    evidence = {"refund": number, "status": status, "at": at, "letter": letter}
    if external_events.store(session, source=source, external_id=external_id, payload=evidence) is None:
        return
    if status == "SUCCESS":
        refund_calls.finish_refund(session, number=number, channel_refund_id=channel_refund_id)
    elif status == "ABNORMAL":
        refund_calls.note_abnormal(session, number=number)
