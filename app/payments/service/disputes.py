"""Closing what a person has looked into."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.errors import DisputeNotFound, NoteMissing
from app.payments.models import Dispute
from app.platform.audit import service as audit


def close_dispute(session: Session, *, by: Caller, dispute_id: int, note: str) -> None:
    """处理完毕: `note` says what was found and done. Raises DisputeNotFound when it is closed already."""
    if len(note.strip()) < 4:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    closed = db.rows_changed(
        session,
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.closed_at.is_(None))
        .values(closed_at=clock.now(), closed_by_id=by.person_id, note=note.strip()[:200])
        .execution_options(synchronize_session=False),
    )
    if closed != 1:
        raise DisputeNotFound()
    audit.record(session, by=by, action="payments.close_dispute", object_type="dispute", object_id=dispute_id)
