"""What repairs knows of a person, for the person."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.models import Rating, Ticket


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """Their reports and ratings as plain values."""
    tickets = session.execute(
        select(
            Ticket.number,
            Ticket.status,
            Ticket.place_text,
            Ticket.place_note,
            Ticket.category_name,
            Ticket.detail,
            Ticket.contact_phone,
            Ticket.created_at,
        )
        .where(Ticket.reporter_id == person_id)
        .order_by(Ticket.id)
    )
    ratings = session.execute(
        select(Ticket.number, Rating.speed, Rating.quality, Rating.attitude, Rating.tags, Rating.comment)
        .join(Ticket, Ticket.id == Rating.ticket_id)
        .where(Rating.by_id == person_id)
        .order_by(Rating.id)
    )
    return {
        "tickets": [row._asdict() | {"created_at": row.created_at.isoformat()} for row in tickets],
        "ratings": [row._asdict() for row in ratings],
    }


def ticket_ids_of(session: Session, *, person_id: int) -> list[str]:
    """The public ids of what somebody reported: so the record names them."""
    return list(session.scalars(select(Ticket.public_id).where(Ticket.reporter_id == person_id)))
