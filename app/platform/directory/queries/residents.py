"""Who lives in a room or a building."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.directory.models import Bed, BedOccupancy, Room
from app.platform.directory.queries.people import PersonBrief, briefs_of, holds_on


def residents_of(session: Session, room_id: int, on: date | None = None) -> list[PersonBrief]:
    """Who lives in a room on a day, by bed."""
    stmt = (
        select(BedOccupancy.person_id)
        .join(Bed, Bed.id == BedOccupancy.bed_id)
        .where(Bed.room_id == room_id, holds_on(BedOccupancy, on or clock.today()))
        .order_by(Bed.code)
    )
    return briefs_of(session, list(session.scalars(stmt)))


def residents_of_building(session: Session, building_id: int, on: date | None = None) -> list[PersonBrief]:
    """Who lives in a building on a day, by room and bed."""
    stmt = (
        select(BedOccupancy.person_id)
        .join(Bed, Bed.id == BedOccupancy.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(Room.building_id == building_id, holds_on(BedOccupancy, on or clock.today()))
        .order_by(Room.floor, Room.number, Bed.code)
    )
    return briefs_of(session, list(session.scalars(stmt)))
