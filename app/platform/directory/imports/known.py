"""What the directory holds already, by the codes that workbooks use."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.platform.directory.models import (
    Affiliation,
    Bed,
    BedOccupancy,
    Building,
    Campus,
    OrgUnit,
    Person,
    Post,
    Room,
    Term,
)

Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]


@dataclass(frozen=True)
class Period:
    """A from–to row of the directory."""

    id: int
    starts_on: date
    ends_on: date | None
    title: str | None = None


def rows_of(session: Session, stmt: Select, key: tuple[str, ...]) -> Rows:
    """The rows of a statement by their key."""
    found: Rows = {}
    for row in session.execute(stmt):
        values = dict(row._mapping)
        found[tuple(values[name] for name in key)] = values
    return found


def terms(session: Session) -> Rows:
    return rows_of(
        session,
        select(Term.id, Term.code, Term.name, Term.name_en, Term.starts_on, Term.ends_on),
        ("code",),
    )


def campuses(session: Session) -> Rows:
    return rows_of(session, select(Campus.id, Campus.code, Campus.name, Campus.name_en), ("code",))


def buildings(session: Session) -> Rows:
    return rows_of(session, select(*Building.__table__.columns), ("code",))


def rooms(session: Session) -> Rows:
    stmt = select(*Room.__table__.columns, Building.code.label("building_code")).join(
        Building, Building.id == Room.building_id
    )
    return rows_of(session, stmt, ("building_code", "number"))


def beds(session: Session) -> Rows:
    stmt = (
        select(
            Bed.id,
            Bed.room_id,
            Bed.code,
            Building.code.label("building_code"),
            Room.number.label("room_number"),
        )
        .join(Room, Room.id == Bed.room_id)
        .join(Building, Building.id == Room.building_id)
    )
    return rows_of(session, stmt, ("building_code", "room_number", "code"))


def org_units(session: Session) -> Rows:
    return rows_of(session, select(*OrgUnit.__table__.columns), ("code",))


def people(session: Session) -> Rows:
    """Without the encrypted columns: their indexes tell whether a value is the same."""
    stmt = select(
        Person.id,
        Person.number,
        Person.name,
        Person.name_en,
        Person.gender,
        Person.phone_index,
        Person.id_number_index,
    ).where(Person.number.is_not(None))
    return rows_of(session, stmt, ("number",))


def affiliations(session: Session) -> dict[Key, list[Period]]:
    """By (number, kind, unit code)."""
    return _periods(
        session,
        select(
            Person.number,
            Affiliation.kind,
            OrgUnit.code,
            Affiliation.id,
            Affiliation.starts_on,
            Affiliation.ends_on,
        )
        .join_from(Affiliation, Person, Person.id == Affiliation.person_id)
        .outerjoin(OrgUnit, OrgUnit.id == Affiliation.org_unit_id)
        .where(Person.number.is_not(None)),
    )


def posts(session: Session) -> dict[Key, list[Period]]:
    """By (number, post, unit code)."""
    return _periods(
        session,
        select(
            Person.number,
            Post.post,
            OrgUnit.code,
            Post.id,
            Post.starts_on,
            Post.ends_on,
            Post.title,
        )
        .join_from(Post, Person, Person.id == Post.person_id)
        .join(OrgUnit, OrgUnit.id == Post.org_unit_id)
        .where(Person.number.is_not(None)),
    )


def occupancies(session: Session) -> dict[Key, list[Period]]:
    """By (number, building code, room number, bed code); people without a number by their id."""
    stmt = (
        select(
            Person.number,
            Person.id,
            Building.code,
            Room.number,
            Bed.code,
            BedOccupancy.id,
            BedOccupancy.starts_on,
            BedOccupancy.ends_on,
        )
        .join_from(BedOccupancy, Person, Person.id == BedOccupancy.person_id)
        .join(Bed, Bed.id == BedOccupancy.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .join(Building, Building.id == Room.building_id)
    )
    found: dict[Key, list[Period]] = defaultdict(list)
    for number, person_id, building, room, bed, *period in session.execute(stmt):
        dates: Any = period
        found[(number or f"#{person_id}", building, room, bed)].append(Period(*dates))
    return found


def _periods(session: Session, stmt: Select) -> dict[Key, list[Period]]:
    found: dict[Key, list[Period]] = defaultdict(list)
    for row in session.execute(stmt):
        values: Any = tuple(row)
        found[values[:3]].append(Period(*values[3:]))
    return found
