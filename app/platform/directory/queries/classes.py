"""Students in numbers: who studies where, as a statement that other statements stand on, and where many live."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.cells import normal_number
from app.platform.directory.models import (
    Affiliation,
    AffiliationKind,
    Bed,
    BedOccupancy,
    OrgUnit,
    Person,
    Room,
)
from app.platform.directory.queries.people import PersonBrief, holds_after, holds_on, people

STUDYING = (AffiliationKind.STUDENT, AffiliationKind.FRESHMAN)


@dataclass(frozen=True)
class BedHome:
    """A bed somebody has."""

    building_id: int
    room_id: int
    room: str
    bed: str


def students_within(unit_ids: Collection[int] | None) -> Select[Any]:
    """(person_id, unit_id) of who studies today in these units or below; None: anywhere. Each once."""
    latest = (
        select(Affiliation.person_id, Affiliation.org_unit_id.label("unit_id"))
        .where(
            Affiliation.kind.in_(STUDYING),
            Affiliation.org_unit_id.is_not(None),
            holds_on(Affiliation, clock.today()),
        )
        .ext(distinct_on(Affiliation.person_id))
        .order_by(Affiliation.person_id, Affiliation.starts_on.desc(), Affiliation.id.desc())
        .subquery()
    )
    stmt = select(latest.c.person_id, latest.c.unit_id)
    if unit_ids is None:
        return stmt
    down = select(OrgUnit.id).where(OrgUnit.id.in_(unit_ids)).cte("down", recursive=True)
    down = down.union(select(OrgUnit.id).join(down, OrgUnit.parent_id == down.c.id))
    return stmt.where(latest.c.unit_id.in_(select(down.c.id)))


def students_since(day: date) -> Select[Any]:
    """person_id of who studies here, or did on this day or later."""
    return select(Affiliation.person_id).where(Affiliation.kind.in_(STUDYING), holds_after(Affiliation, day))


def student_of_each(session: Session, unit_ids: Collection[int]) -> dict[int, int]:
    """Some student of each of these units or below, by unit; those without one are absent. One statement."""
    down = select(OrgUnit.id.label("root_id"), OrgUnit.id).where(OrgUnit.id.in_(unit_ids))
    tree = down.cte("tree", recursive=True)
    tree = tree.union(select(tree.c.root_id, OrgUnit.id).join(tree, OrgUnit.parent_id == tree.c.id))
    rows = session.execute(
        select(tree.c.root_id, func.min(Affiliation.person_id).label("person_id"))
        .join(Affiliation, Affiliation.org_unit_id == tree.c.id)
        .where(Affiliation.kind == AffiliationKind.STUDENT, holds_on(Affiliation, clock.today()))
        .group_by(tree.c.root_id)
    )
    return {row.root_id: row.person_id for row in rows}


def people_by_numbers(session: Session, numbers: Collection[str]) -> dict[str, PersonBrief]:
    """By student or staff number as it is kept; unknown ones are absent. Two statements, however many."""
    wanted = {normal_number(number) for number in numbers}
    rows = session.execute(
        select(Person.number, Person.id).where(Person.number.in_(wanted), Person.merged_into_id.is_(None))
    ).all()
    known = people(session, [row.id for row in rows])
    return {row.number: known[row.id] for row in rows if row.number and row.id in known}


def homes_of(session: Session, person_ids: Collection[int]) -> dict[int, BedHome]:
    """Where these people live today; who has no bed is absent."""
    rows = session.execute(
        select(BedOccupancy.person_id, Room.building_id, Room.id, Room.number, Bed.code)
        .join(Bed, Bed.id == BedOccupancy.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(BedOccupancy.person_id.in_(person_ids), holds_on(BedOccupancy, clock.today()))
    )
    return {row[0]: BedHome(*row[1:]) for row in rows}
