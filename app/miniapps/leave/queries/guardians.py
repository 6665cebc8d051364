"""Parents whom somebody is to call."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.labels import RELATIONS
from app.miniapps.leave.models import Contact, Guardian, LeaveRequest

CALLED_FOR = clock.timedelta(days=7)
"""After the leave is over; then nobody need be called."""


def to_call(session: Session, request: LeaveRequest) -> list[Guardian]:
    """Those with a phone whom a text about this leave did not reach: not those who were told, nor for ever."""
    if request.ended_at is not None and request.ended_at + CALLED_FOR < clock.now():
        return []
    notes = session.scalars(
        select(Contact.note).where(
            Contact.request_id == request.id, Contact.outcome == "not_told", Contact.by_id.is_(None)
        )
    ).all()
    missed = [relation for relation in RELATIONS if any(_is_about(note, relation) for note in notes)]
    stmt = select(Guardian).where(
        Guardian.person_id == request.person_id, Guardian.relation.in_(missed), Guardian.phone.is_not(None)
    )
    return list(session.scalars(stmt.order_by(Guardian.id)))


def _is_about(note: str, relation: str) -> bool:
    """As `telling_parents.note_not_told` begins it: the relation, with the masked phone of then or without."""
    return note.startswith((f"{RELATIONS[relation]} ", f"{RELATIONS[relation]}："))
