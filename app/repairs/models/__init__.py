"""Tables of repairs, by noun."""

from app.repairs.models.catalogue import Category, DoorCode, Reason, Route
from app.repairs.models.ticket import (
    LABELS,
    OPEN,
    STUDENT_LABELS,
    Rating,
    Status,
    Ticket,
    TicketEvent,
    TicketPhoto,
)

__all__ = [
    "LABELS",
    "OPEN",
    "STUDENT_LABELS",
    "Category",
    "DoorCode",
    "Rating",
    "Reason",
    "Route",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketPhoto",
]
