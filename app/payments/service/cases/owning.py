"""Whose case it is, and what is written about it."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import DifferenceEnded, DifferenceNotFound, NoteMissing
from app.payments.models import Difference, DifferenceNote
from app.platform.audit import service as audit

SHORTEST_NOTE, LONGEST_NOTE = 4, 500
TYPE = "difference"


def locked(session: Session, number: str) -> AnyRow:
    """The difference, held until the end of the transaction. Raises DifferenceNotFound."""
    row = session.execute(
        select(Difference.__table__).where(Difference.number == number).with_for_update()
    ).first()
    if row is None:
        raise DifferenceNotFound()
    return row


def assign(session: Session, *, by: Caller, number: str, owner_id: int) -> None:
    """Make somebody responsible. Raises DifferenceEnded when there is nothing left to do."""
    row = locked(session, number)
    changed = db.rows_changed(
        session,
        update(Difference)
        .where(Difference.id == row.id, Difference.ended_at.is_(None))
        .values(owner_id=owner_id)
        .execution_options(synchronize_session=False),
    )
    if changed != 1:
        raise DifferenceEnded()
    audit.record(session, by=by, action="payments.assign_difference", object_type=TYPE, object_id=row.id)


def add_note(
    session: Session,
    *,
    by: Caller,
    number: str,
    text: str,
    file_key: str | None = None,
    file_name: str | None = None,
) -> None:
    """Notes can be added to ended ones too: what is learned later belongs to it."""
    row = locked(session, number)
    write_note(session, row.id, by=by, text=text, file_key=file_key, file_name=file_name)
    audit.record(session, by=by, action="payments.note_difference", object_type=TYPE, object_id=row.id)


def write_note(
    session: Session,
    difference_id: int,
    *,
    by: Caller,
    text: str,
    file_key: str | None = None,
    file_name: str | None = None,
) -> None:
    """Raises NoteMissing for one that says nothing."""
    said = text.strip()
    if len(said) < SHORTEST_NOTE:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    session.add(
        DifferenceNote(
            difference_id=difference_id,
            by_id=by.person_id,
            text=said[:LONGEST_NOTE],
            file_key=file_key,
            file_name=file_name,
            at=clock.now(),
        )
    )
