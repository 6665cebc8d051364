"""Reads of repairs."""

from app.repairs.models import LABELS, STUDENT_LABELS
from app.repairs.queries.catalogue import categories, category, door, door_counts, door_labels, reasons
from app.repairs.queries.lists import (
    BOARD_VIEWS,
    archive,
    board,
    board_counts,
    jobs_done_today,
    my_jobs,
    my_tickets,
    open_things,
    search,
    waiting,
)
from app.repairs.queries.people import export_person, ticket_ids_of
from app.repairs.queries.ticket import (
    TicketView,
    find_open_for,
    has_phone,
    ticket_for,
    workers_for,
    workers_in_reach,
)

__all__ = [
    "BOARD_VIEWS",
    "LABELS",
    "STUDENT_LABELS",
    "TicketView",
    "archive",
    "board",
    "board_counts",
    "categories",
    "category",
    "door",
    "door_counts",
    "door_labels",
    "export_person",
    "find_open_for",
    "has_phone",
    "jobs_done_today",
    "my_jobs",
    "my_tickets",
    "open_things",
    "reasons",
    "search",
    "ticket_for",
    "ticket_ids_of",
    "waiting",
    "workers_for",
    "workers_in_reach",
]
