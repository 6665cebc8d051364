"""Whether a top-up would arrive: asked before any money is taken."""

from typing import Any

from app.clients.meters.protocol import ElectricityMeters
from app.kit import clock
from app.miniapps.electricity.errors import OutOfHours, VendorAway
from app.miniapps.electricity.flows.reading import Answer, refresh
from app.miniapps.electricity.queries.rooms import RoomFacts


def check_open(room: RoomFacts, *, clients: Any) -> int:
    """The vendor takes orders now and answers: returns its settle time in seconds.

    Raises OutOfHours or VendorAway. A balance that can't be read does not stop a top-up: the room is known.
    """
    meters: ElectricityMeters | None = clients.meters.get(room.system)
    if meters is None:
        raise VendorAway()
    hours = meters.capabilities.service_hours
    if not hours.cover(clock.now()):
        raise OutOfHours(since=f"{hours.since:%H:%M}", until=f"{hours.until:%H:%M}")
    answer = refresh(room.id, clients=clients)
    if answer == Answer.AWAY or (answer == Answer.BUSY and room.problem == Answer.AWAY):
        raise VendorAway()
    return meters.capabilities.settle_seconds
