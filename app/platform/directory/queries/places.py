"""Reading places: campuses, buildings, floors, rooms, and who lives where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.prepared import Prepared
from app.platform.directory.errors import PlaceNotFound
from app.platform.directory.models import Bed, BedOccupancy, Building, Campus, Floor, Room
from app.platform.directory.queries.people import PersonBrief, briefs_of, holds_on


@dataclass(frozen=True)
class Place:
    """A building, or a room in it, with the words people use for it."""

    campus_id: int
    campus_name: str
    building_id: int
    building_name: str
    building_code: str
    is_dorm: bool
    text: str
    text_en: str
    room_id: int | None = None
    room_number: str | None = None
    floor: int | None = None
    is_private: bool = False
    is_active: bool = True


@dataclass(frozen=True)
class Home:
    """Where somebody lives: the room, the bed, and who else sleeps in that very room, by bed."""

    place: Place
    bed: str
    mate_ids: tuple[int, ...]


@dataclass(frozen=True)
class CampusBrief:
    id: int
    code: str
    name: str
    name_en: str | None


@dataclass(frozen=True)
class BuildingBrief:
    id: int
    code: str
    name: str
    name_en: str | None
    campus_id: int
    kind: str
    is_dorm: bool


@dataclass(frozen=True)
class FloorBrief:
    """`code` is the number as text; `name` what people read: 5楼."""

    id: int
    code: str
    name: str
    name_en: str | None
    building_id: int
    number: int


@dataclass(frozen=True)
class RoomBrief:
    """`code` and `number` are the same: what is written on the door."""

    id: int
    code: str
    name: str
    name_en: str | None
    building_id: int
    floor: int
    number: str
    is_private: bool


def place(session: Session, *, room_id: int | None = None, building_id: int | None = None) -> Place:
    """One room or one building; closed ones too. Raises PlaceNotFound."""
    if room_id is not None:
        row = _PLACE_OF_ROOM.first(session, room_id=room_id)
        if row is None or (building_id is not None and row.building_id != building_id):
            raise PlaceNotFound()
        return _room_place(row)
    row = _PLACE_OF_BUILDING.first(session, building_id=building_id)
    if row is None:
        raise PlaceNotFound()
    return _building_place(row)


def places(session: Session, room_ids: Iterable[int]) -> dict[int, Place]:
    """Places of rooms by room id, in one statement."""
    wanted = set(room_ids)
    if not wanted:
        return {}
    rows = session.execute(_room_places().where(Room.id.in_(wanted)))
    return {row.room_id: _room_place(row) for row in rows}


def places_of_buildings(session: Session, building_ids: Iterable[int]) -> dict[int, Place]:
    """Places of whole buildings by building id, in one statement."""
    wanted = set(building_ids)
    if not wanted:
        return {}
    rows = session.execute(_building_places().where(Building.id.in_(wanted)))
    return {row.building_id: _building_place(row) for row in rows}


def campuses(session: Session) -> list[CampusBrief]:
    rows = session.execute(select(Campus.id, Campus.code, Campus.name, Campus.name_en).order_by(Campus.id))
    return [CampusBrief(*row) for row in rows]


def buildings(session: Session, campus_id: int | None = None) -> list[BuildingBrief]:
    """Open buildings, dorms first: most reports come from there."""
    stmt = _building_briefs().where(Building.is_active)
    if campus_id is not None:
        stmt = stmt.where(Building.campus_id == campus_id)
    rows = session.execute(stmt.order_by(Building.campus_id, Building.is_dorm.desc(), Building.id))
    return [BuildingBrief(*row) for row in rows]


def find_building(session: Session, code: str) -> BuildingBrief | None:
    row = session.execute(_building_briefs().where(Building.code == code.strip().upper())).first()
    return BuildingBrief(*row) if row else None


def floors(session: Session, building_id: int) -> list[FloorBrief]:
    rows = session.execute(
        select(Floor.id, Floor.number, Floor.name)
        .where(Floor.building_id == building_id)
        .order_by(Floor.number)
    )
    return [
        FloorBrief(
            row.id,
            str(row.number),
            row.name or floor_name(row.number),
            f"Floor {row.number}" if row.number > 0 else f"Basement {-row.number}",
            building_id,
            row.number,
        )
        for row in rows
    ]


def floor_name(number: int) -> str:
    return f"{number}楼" if number > 0 else f"地下{-number}层"


def rooms(session: Session, building_id: int, floor: int | None = None) -> list[RoomBrief]:
    """Rooms in use, by floor and door number."""
    stmt = _room_briefs().where(Room.building_id == building_id, Room.is_active)
    if floor is not None:
        stmt = stmt.where(Room.floor == floor)
    return [_room_brief(row) for row in session.execute(stmt.order_by(Room.floor, Room.number))]


def find_room(session: Session, building_code: str, number: str) -> RoomBrief | None:
    stmt = (
        _room_briefs()
        .join(Building, Building.id == Room.building_id)
        .where(Building.code == building_code.strip().upper(), Room.number == number.strip().upper())
    )
    row = session.execute(stmt).first()
    return _room_brief(row) if row else None


def room_of(session: Session, person_id: int, on: date | None = None) -> Place | None:
    """Where a person lives on a day (today by default)."""
    stmt = (
        _room_places()
        .join(Bed, Bed.room_id == Room.id)
        .join(BedOccupancy, BedOccupancy.bed_id == Bed.id)
        .where(BedOccupancy.person_id == person_id, holds_on(BedOccupancy, on or clock.today()))
    )
    row = session.execute(stmt).first()
    return _room_place(row) if row else None


def home_of(session: Session, person_id: int, on: date | None = None) -> Home | None:
    """Room, bed and roommates on a day (today): two prepared statements, for the rush of an opening."""
    day = on or clock.today()
    row = _HOME.first(session, person_id=person_id, day=day)
    if row is None:
        return None
    mates = _MATES.rows(session, room_id=row.room_id, person_id=person_id, day=day)
    return Home(_room_place(row), row.bed, tuple(mate.person_id for mate in mates))


def roommates_of(session: Session, person_id: int, on: date | None = None) -> list[PersonBrief]:
    """Those who live in the same room on a day, by bed; without the person."""
    day = on or clock.today()
    mine, my_bed = aliased(BedOccupancy), aliased(Bed)
    stmt = (
        select(BedOccupancy.person_id)
        .join(Bed, Bed.id == BedOccupancy.bed_id)
        .join(my_bed, my_bed.room_id == Bed.room_id)
        .join(mine, mine.bed_id == my_bed.id)
        .where(
            mine.person_id == person_id,
            holds_on(mine, day),
            holds_on(BedOccupancy, day),
            BedOccupancy.person_id != person_id,
        )
        .order_by(Bed.code)
    )
    return briefs_of(session, list(session.scalars(stmt)))


def beds(session: Session, room_id: int) -> Sequence[Row]:
    """(id, code) of a room's beds."""
    return session.execute(select(Bed.id, Bed.code).where(Bed.room_id == room_id).order_by(Bed.code)).all()


@dataclass(frozen=True)
class BedPlace:
    """A bed and who has it today or later. `floor` is its building with the floor's number."""

    id: int
    room_id: int
    floor: tuple[int, int]
    person_id: int | None


def dorm_beds(session: Session) -> dict[tuple[str, str, str], BedPlace]:
    """Every bed of every dormitory, by building's code, room's number and bed's code."""
    rows = session.execute(
        select(
            Building.code.label("building"),
            Room.number,
            Bed.code.label("bed"),
            Bed.id,
            Bed.room_id,
            Room.building_id,
            Room.floor,
            BedOccupancy.person_id,
        )
        .join(Room, Room.building_id == Building.id)
        .join(Bed, Bed.room_id == Room.id)
        .outerjoin(BedOccupancy, (BedOccupancy.bed_id == Bed.id) & BedOccupancy.ends_on.is_(None))
        .where(Building.is_dorm)
    )
    return {
        (row.building, row.number, row.bed): BedPlace(
            row.id, row.room_id, (row.building_id, row.floor), row.person_id
        )
        for row in rows
    }


def _building_briefs() -> Select:
    return select(
        Building.id,
        Building.code,
        Building.name,
        Building.name_en,
        Building.campus_id,
        Building.kind,
        Building.is_dorm,
    )


def _room_briefs() -> Select:
    return select(
        Room.id, Room.number, Room.name, Room.name_en, Room.building_id, Room.floor, Room.is_private
    )


def _room_brief(row: Row) -> RoomBrief:
    return RoomBrief(
        row.id,
        row.number,
        row.name or row.number,
        row.name_en,
        row.building_id,
        row.floor,
        row.number,
        row.is_private,
    )


def _building_places() -> Select:
    return select(
        Campus.id.label("campus_id"),
        Campus.name.label("campus_name"),
        Campus.name_en.label("campus_name_en"),
        Building.id.label("building_id"),
        Building.code.label("building_code"),
        Building.name.label("building_name"),
        Building.name_en.label("building_name_en"),
        Building.is_dorm,
        Building.is_active.label("building_is_active"),
    ).join_from(Building, Campus, Campus.id == Building.campus_id)


def _room_places() -> Select:
    return (
        _building_places()
        .add_columns(
            Room.id.label("room_id"),
            Room.number.label("room_number"),
            Room.floor,
            Room.is_private,
            Room.is_active.label("room_is_active"),
        )
        .join(Room, Room.building_id == Building.id)
    )


def _building_place(row: Row) -> Place:
    return Place(
        campus_id=row.campus_id,
        campus_name=row.campus_name,
        building_id=row.building_id,
        building_name=row.building_name,
        building_code=row.building_code,
        is_dorm=row.is_dorm,
        text=f"{row.campus_name} {row.building_name}",
        text_en=_english(row, None),
        is_active=row.building_is_active,
    )


def _room_place(row: Row) -> Place:
    return Place(
        campus_id=row.campus_id,
        campus_name=row.campus_name,
        building_id=row.building_id,
        building_name=row.building_name,
        building_code=row.building_code,
        is_dorm=row.is_dorm,
        text=f"{row.campus_name} {row.building_name} {row.room_number}",
        text_en=_english(row, row.room_number),
        room_id=row.room_id,
        room_number=row.room_number,
        floor=row.floor,
        is_private=row.is_private,
        is_active=row.building_is_active and row.room_is_active,
    )


def _english(row: Row, number: str | None) -> str:
    building = f"{row.building_name_en or row.building_name}, {row.campus_name_en or row.campus_name}"
    return f"{number}, {building}" if number else building


# Built once: every report asks for its place, every freshman for theirs.
_DAY = bindparam("day", type_=Date)
_HOME = Prepared(
    _room_places()
    .add_columns(Bed.code.label("bed"))
    .join(Bed, Bed.room_id == Room.id)
    .join(BedOccupancy, BedOccupancy.bed_id == Bed.id)
    .where(BedOccupancy.person_id == bindparam("person_id"), holds_on(BedOccupancy, _DAY))
)
_MATES = Prepared(
    select(BedOccupancy.person_id)
    .join(Bed, Bed.id == BedOccupancy.bed_id)
    .where(
        Bed.room_id == bindparam("room_id"),
        BedOccupancy.person_id != bindparam("person_id"),
        holds_on(BedOccupancy, _DAY),
    )
    .order_by(Bed.code)
)
_PLACE_OF_ROOM = Prepared(_room_places().where(Room.id == bindparam("room_id")))
_PLACE_OF_BUILDING = Prepared(_building_places().where(Building.id == bindparam("building_id")))
