"""What happened to a repair. Ids only: subscribers read the rest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TicketMoved:
    """One action of the table was applied; `seq` is its line in the timeline."""

    ticket_id: int
    seq: int
    action: str
