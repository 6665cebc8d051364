"""Where a student belongs and lives: what rules and lists go by."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.miniapps.leave.queries.units import DEEPEST, with_parents
from app.platform.directory import queries as directory


@dataclass(frozen=True)
class Student:
    """`unit_ids` are the class and all above it, the nearest first."""

    person_id: int
    class_id: int | None
    college_id: int | None
    building_id: int | None
    unit_ids: tuple[int, ...]


def find_student(session: Session, person_id: int) -> Student | None:
    """None for who does not study here today."""
    person = directory.people(session, [person_id]).get(person_id)
    if person is None or not person.kinds & {"student", "freshman"}:
        return None
    unit_id = directory.study_unit_of(session, person_id)
    path = directory.org_path(session, unit_id) if unit_id else []
    home = directory.room_of(session, person_id)
    of_kind = {unit.kind: unit.id for unit in path}
    return Student(
        person_id,
        of_kind.get("class"),
        of_kind.get("college"),
        home.building_id if home else None,
        tuple(unit.id for unit in reversed(path)),
    )


def find_students(session: Session, person_ids: Collection[int]) -> dict[int, Student]:
    """The same for many at once; who does not study here is absent. A few statements, however many people."""
    asked = directory.students_within(None).subquery()
    stmt = select(asked.c.person_id, asked.c.unit_id).where(asked.c.person_id.in_(person_ids))
    rows = session.execute(stmt).all()
    known = with_parents(session, {row.unit_id for row in rows})
    homes = directory.homes_of(session, person_ids)
    return {row.person_id: _student(row.person_id, row.unit_id, known, homes) for row in rows}


def _student(
    person_id: int,
    unit_id: int,
    known: dict[int, directory.OrgBrief],
    homes: dict[int, directory.BedHome],
) -> Student:
    path: list[directory.OrgBrief] = []
    at = known.get(unit_id)
    while at is not None and len(path) < DEEPEST:
        path.append(at)
        at = known.get(at.parent_id) if at.parent_id is not None else None
    of_kind = {unit.kind: unit.id for unit in reversed(path)}
    home = homes.get(person_id)
    return Student(
        person_id,
        of_kind.get("class"),
        of_kind.get("college"),
        home.building_id if home else None,
        tuple(unit.id for unit in path),
    )
