"""Who belongs to the school today, as conditions for statements of this package.

The tables are directory's. They are named here because a caller is loaded by one statement, sessions,
roles and affiliations together; nothing else of directory is read past its doors.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, column, exists, or_, select, table

people = table("directory_people", column("id"), column("merged_into_id"), column("erased_at"))
affiliations = table(
    "directory_affiliations",
    column("person_id"),
    column("kind", String),
    column("starts_on", Date),
    column("ends_on", Date),
)


def runs(day: Any) -> ColumnElement[bool]:
    """The affiliation holds on this day: from `starts_on` up to, not including, `ends_on`."""
    return and_(
        affiliations.c.starts_on <= day, or_(affiliations.c.ends_on.is_(None), affiliations.c.ends_on > day)
    )


def is_present(person_id: Any, day: Any) -> ColumnElement[bool]:
    """The person studies or works here on this day; visitors, graduates and leavers do not."""
    return exists().where(affiliations.c.person_id == person_id, affiliations.c.kind != "visitor", runs(day))


def lock_person(person_id: int) -> Select[Any]:
    """Two who bind to the same person at once go one after the other."""
    stmt = select(people.c.id).where(people.c.id == person_id)
    return stmt.with_for_update(key_share=True)
