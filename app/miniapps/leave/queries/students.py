"""Where a student belongs and lives: what rules and lists go by."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

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
