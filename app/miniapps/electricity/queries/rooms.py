"""Reads about systems, buildings and rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.miniapps.electricity.errors import RoomNotServed
from app.miniapps.electricity.models import Binding, BindingStatus, Building, Room, System, TopUp
from app.platform.directory import queries as directory

FRESH = timedelta(seconds=60)


@dataclass(frozen=True)
class RoomFacts:
    """What a flow needs to ask about a room. `topped_up_at`: when the last top-up arrived."""

    id: int
    room_id: int | None
    system: str
    path: Sequence[str]
    vendor_key: str
    names: Sequence[str]
    read_at: datetime | None
    problem: str | None
    uses_read_at: datetime | None
    topped_up_at: datetime | None

    @property
    def is_fresh(self) -> bool:
        """Read within the minute, and since the last top-up arrived."""
        if self.read_at is None or self.read_at < clock.now() - FRESH:
            return False
        return self.topped_up_at is None or self.read_at > self.topped_up_at


@dataclass(frozen=True)
class ServedBuilding:
    """Directory ids of its rooms by door number."""

    id: int
    name: str
    campus: str
    rooms: dict[str, int]


@dataclass(frozen=True)
class ServedSystem:
    id: int
    key: str
    buildings: tuple[ServedBuilding, ...]


def facts(session: Session, room_id: int) -> RoomFacts:
    return RoomFacts(*session.execute(_facts().where(Room.id == room_id)).one())


def oldest_read(
    session: Session, *, before: datetime, unclaimed_since: datetime, without: Sequence[str]
) -> RoomFacts | None:
    """A bound room that was not looked at since `before`, those never read first; failed ones wait as long."""
    is_bound = exists().where(Binding.room_id == Room.id, Binding.status == BindingStatus.LIVE)
    row = session.execute(
        _facts()
        .where(
            is_bound,
            System.key.not_in(without),
            or_(Room.read_at.is_(None), Room.read_at < before),
            or_(Room.failed_at.is_(None), Room.failed_at < before),
            or_(Room.reading_since.is_(None), Room.reading_since < unclaimed_since),
        )
        .order_by(Room.read_at.nulls_first(), Room.id)
        .limit(1)
    ).first()
    return RoomFacts(*row) if row else None


def _facts() -> Select:
    arrived = select(func.max(TopUp.applied_at)).where(TopUp.room_id == Room.id).scalar_subquery()
    return select(
        Room.id,
        Room.room_id,
        System.key,
        Room.path,
        Room.vendor_key,
        Room.names,
        Room.read_at,
        Room.problem,
        Room.uses_read_at,
        arrived,
    ).join(System, System.id == Room.system_id)


def served_system(session: Session, key: str) -> ServedSystem:
    """A system with its buildings and their rooms as the directory has them. Raises RoomNotServed."""
    system_id = session.scalar(select(System.id).where(System.key == key))
    if system_id is None:
        raise RoomNotServed()
    ids = session.scalars(select(Building.building_id).where(Building.system_id == system_id)).all()
    places = directory.places_of_buildings(session, ids)
    return ServedSystem(
        system_id,
        key,
        tuple(
            ServedBuilding(
                place.building_id,
                place.building_name,
                place.campus_name,
                {room.number: room.id for room in directory.rooms(session, place.building_id)},
            )
            for place in places.values()
        ),
    )


def systems(session: Session) -> Sequence[AnyRow]:
    return session.execute(select(System.__table__).order_by(System.id)).all()


def served_building_ids(session: Session) -> list[int]:
    """Buildings whose rooms may be asked for."""
    stmt = select(Building.building_id).join(System, System.id == Building.system_id)
    return list(session.scalars(stmt.where(System.is_active).order_by(Building.id)))
