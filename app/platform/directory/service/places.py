"""Changing places: campuses, buildings, floors, rooms, beds and who sleeps in them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory.errors import (
    AlreadyHoused,
    BedTaken,
    CodeTaken,
    DatesReversed,
    NameMissing,
    PersonNotFound,
    PlaceNotFound,
    UnknownKind,
)
from app.platform.directory.models import (
    Bed,
    BedOccupancy,
    Building,
    BuildingKind,
    Campus,
    Floor,
    Person,
    Room,
)
from app.platform.directory.queries.people import holds_after


def add_campus(
    session: Session, *, by: Caller | None, code: str, name: str, name_en: str | None = None
) -> int:
    """Returns the id. Raises CodeTaken."""
    values = {"code": _code(code), "name": _name(name), "name_en": name_en}
    return _added(session, by, Campus, values, ["code"], code)


def add_building(
    session: Session,
    *,
    by: Caller | None,
    campus_id: int,
    code: str,
    name: str,
    kind: str = BuildingKind.OTHER,
    name_en: str | None = None,
) -> int:
    """Codes are unique over all campuses. A building of kind dorm is lived in."""
    if kind not in set(BuildingKind):
        raise UnknownKind(kind=kind)
    values = {
        "campus_id": campus_id,
        "code": _code(code),
        "name": _name(name),
        "name_en": name_en,
        "kind": kind,
        "is_dorm": kind == BuildingKind.DORM,
        "is_active": True,
    }
    return _added(session, by, Building, values, ["code"], code)


def add_floor(
    session: Session, *, by: Caller | None, building_id: int, number: int, name: str | None = None
) -> int:
    """`number` -1 is the basement. Raises CodeTaken when the building has it."""
    values = {"building_id": building_id, "number": number, "name": name}
    return _added(session, by, Floor, values, ["building_id", "number"], str(number))


def add_room(
    session: Session,
    *,
    by: Caller | None,
    building_id: int,
    floor: int,
    number: str,
    name: str | None = None,
    name_en: str | None = None,
    is_private: bool = False,
) -> int:
    """A room behind a door number; its floor is added when the building has none such."""
    session.execute(insert(Floor).values(building_id=building_id, number=floor).on_conflict_do_nothing())
    values = {
        "building_id": building_id,
        "floor": floor,
        "number": _code(number),
        "name": name,
        "name_en": name_en,
        "is_private": is_private,
        "is_active": True,
    }
    return _added(session, by, Room, values, ["building_id", "number"], number)


def add_bed(session: Session, *, by: Caller | None, room_id: int, code: str) -> int:
    """Returns the id. Raises CodeTaken."""
    values = {"room_id": room_id, "code": _code(code)}
    return _added(session, by, Bed, values, ["room_id", "code"], code)


def close_building(session: Session, *, by: Caller | None, building_id: int) -> None:
    """Chosen by nobody any more; what happened there stays readable."""
    stmt = update(Building).where(Building.id == building_id).values(is_active=False)
    _close(session, by, stmt, "building", building_id)


def close_room(session: Session, *, by: Caller | None, room_id: int) -> None:
    """As close_building, for one room."""
    stmt = update(Room).where(Room.id == room_id).values(is_active=False)
    _close(session, by, stmt, "room", room_id)


def assign_bed(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    bed_id: int,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> int:
    """The person sleeps here from a day on (today). One bed a person, one person a bed, at any time.

    Locks the person, then the bed. Raises BedTaken or AlreadyHoused.
    """
    first = starts_on or clock.today()
    if ends_on is not None and ends_on <= first:
        raise DatesReversed()
    if not session.scalar(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)):
        raise PersonNotFound()
    if not session.scalar(select(Bed.id).where(Bed.id == bed_id).with_for_update(key_share=True)):
        raise PlaceNotFound()
    overlaps = _overlaps(first, ends_on)
    if session.scalar(select(BedOccupancy.id).where(BedOccupancy.bed_id == bed_id, overlaps).limit(1)):
        raise BedTaken()
    if session.scalar(select(BedOccupancy.id).where(BedOccupancy.person_id == person_id, overlaps).limit(1)):
        raise AlreadyHoused()
    occupancy_id = session.scalar(
        insert(BedOccupancy)
        .values(bed_id=bed_id, person_id=person_id, starts_on=first, ends_on=ends_on)
        .returning(BedOccupancy.id)
    )
    assert occupancy_id is not None
    _note(session, by, "bed_assigned", "person", person_id, [bed_id])
    return occupancy_id


def move_into_beds(session: Session, *, by: Caller | None, moves: Mapping[int, int]) -> None:
    """Many people (by id) into beds (by id) from today on, out of those they have; swaps are no matter.

    Raises BedTaken, for all, when a bed is somebody else's who stays in it.
    """
    today = clock.today()
    mine = (BedOccupancy.person_id.in_(moves), BedOccupancy.ends_on.is_(None))
    session.execute(delete(BedOccupancy).where(*mine, BedOccupancy.starts_on >= today))
    session.execute(update(BedOccupancy).where(*mine).values(ends_on=today))
    rows = [
        {"person_id": person_id, "bed_id": bed_id, "starts_on": today} for person_id, bed_id in moves.items()
    ]
    try:
        with session.begin_nested():
            session.execute(insert(BedOccupancy), rows)
    except IntegrityError:
        raise BedTaken() from None
    deeds = [
        audit.Deed("directory.bed_assigned", "person", person_id, [bed_id])
        for person_id, bed_id in moves.items()
    ]
    audit.record_all(session, by=by, deeds=deeds)


def release_bed(session: Session, *, by: Caller | None, person_id: int, on: date | None = None) -> None:
    """From this day (today) on the person sleeps here no more. Without a bed nothing changes."""
    day = on or clock.today()
    released = session.scalars(
        update(BedOccupancy)
        .where(BedOccupancy.person_id == person_id, holds_after(BedOccupancy, day))
        .values(ends_on=func.greatest(BedOccupancy.starts_on, day))
        .returning(BedOccupancy.bed_id)
    ).all()
    if released:
        _note(session, by, "bed_released", "person", person_id, released)


def _overlaps(first: date, ends_on: date | None) -> ColumnElement[bool]:
    still_there = and_(holds_after(BedOccupancy, first), holds_after(BedOccupancy, BedOccupancy.starts_on))
    return still_there if ends_on is None else and_(still_there, BedOccupancy.starts_on < ends_on)


def _added(
    session: Session, by: Caller | None, table: Any, values: dict[str, Any], unique: list[str], code: str
) -> int:
    new_id = session.scalar(
        insert(table).values(**values).on_conflict_do_nothing(index_elements=unique).returning(table.id)
    )
    if new_id is None:
        raise CodeTaken(code=code)
    kind = table.__name__.lower()
    _note(session, by, f"{kind}_added", kind, new_id)
    return int(new_id)


def _close(session: Session, by: Caller | None, stmt: Any, kind: str, object_id: int) -> None:
    if db.rows_changed(session, stmt) == 0:
        raise PlaceNotFound()
    _note(session, by, f"{kind}_closed", kind, object_id)


def _code(text: str) -> str:
    return _name(text).upper()


def _name(text: str) -> str:
    if not text.strip():
        raise NameMissing()
    return text.strip()


def _note(
    session: Session,
    by: Caller | None,
    action: str,
    object_type: str,
    object_id: int,
    fields: Sequence[str | int] = (),
) -> None:
    audit.record(
        session,
        by=by,
        action=f"directory.{action}",
        object_type=object_type,
        object_id=object_id,
        fields=fields,
    )
