"""Repairs follow their people: two become one, leavers are forgotten."""

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.repairs.models import Rating, Ticket, TicketEvent


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """Move everything that names one person to another. Safe to repeat."""
    for column in (
        Ticket.reporter_id,
        Ticket.submitted_by_id,
        Ticket.worker_id,
        TicketEvent.actor_id,
        Rating.by_id,
    ):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget the numbers a person left with their reports; what broke and was mended stays."""
    session.execute(
        update(Ticket)
        .where(or_(Ticket.reporter_id == person_id, Ticket.submitted_by_id == person_id))
        .values(contact_phone=None, contact_phone_index=None)
    )
