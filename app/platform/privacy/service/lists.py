"""Lists of people that somebody took out of the house: whoever stands in one can learn of it.

One row for each list, with the ids of all who stand in it: exact, and cheap however long the list is.
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.platform.audit import queries as recorded
from app.platform.audit import service as audit
from app.platform.privacy.models import PersonList

LIST_TAKEN = "privacy.list_taken"
STAY = timedelta(days=3 * 366)
A_NIGHT = 10_000  # lists that are forgotten at once


def note_list(session: Session, *, by: Caller | None, reason: str, person_ids: Collection[int]) -> None:
    """Somebody got a list with data of these people. `reason` is that of a `Seen` with LIST_TAKEN.

    `by` None: the machine's operator.

    The same people, taken again by the same person for the same reason on the same day, are one look. A list of
    nobody is none.
    """
    people = sorted(set(person_ids))
    if not people:
        return
    digest = hashlib.sha256(",".join(map(str, people)).encode()).hexdigest()
    _note_look(session, by, reason, _list_of(session, digest, people), len(people))


def note_list_of_day(
    session: Session, *, by: Caller | None, reason: str, person_ids: Collection[int]
) -> None:
    """As `note_list`, of a list that is taken again whenever it changes: whoever stood in it on a day is in one row."""
    people = sorted(set(person_ids))
    if not people:
        return
    key = f"{reason}|{by.person_id if by else ''}|{clock.today()}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    _note_look(session, by, reason, _list_of(session, digest, people), len(people))


def _note_look(session: Session, by: Caller | None, reason: str, list_id: str, count: int) -> None:
    taker = by.person_id if by else None
    today = clock.start_of_day(clock.today())
    if any(
        entry.actor_person_id == taker and entry.at >= today and reason in entry.fields
        for entry in recorded.entries_about(session, "list", list_id)
    ):
        return
    audit.record(
        session,
        by=by,
        action=LIST_TAKEN,
        object_type="list",
        object_id=list_id,
        fields=(count, reason),
    )


def _list_of(session: Session, digest: str, people: list[int]) -> str:
    """Its public id (lst_…). Whoever takes the same list later meets the same row, which then stays longer and has
    all of both.
    """
    now = clock.now()
    stmt = insert(PersonList).values(
        public_id=ids.public_id("lst"), digest=digest, person_ids=people, taken_at=now
    )
    row = session.execute(
        stmt.on_conflict_do_update(index_elements=["digest"], set_={"taken_at": now}).returning(
            PersonList.id, PersonList.public_id, PersonList.person_ids
        )
    ).one()
    if new := set(people) - set(row.person_ids):
        both = sorted({*row.person_ids, *new})
        session.execute(update(PersonList).where(PersonList.id == row.id).values(person_ids=both))
    return str(row.public_id)


def forget_lists(session: Session) -> int:
    """Who stood in lists of years ago is nobody's business any more."""
    old = select(PersonList.id).where(PersonList.taken_at < clock.now() - STAY).limit(A_NIGHT)
    return db.rows_changed(session, delete(PersonList).where(PersonList.id.in_(old)))


def merge_lists(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody. May be run again."""
    session.execute(
        update(PersonList)
        .where(PersonList.person_ids.contains([from_id]))
        .values(person_ids=func.array_replace(PersonList.person_ids, from_id, into_id))
        .execution_options(synchronize_session=False)
    )


def lists_of(session: Session, *, person_id: int) -> list[str]:
    """Under which ids the record names lists with this person."""
    return list(
        session.scalars(select(PersonList.public_id).where(PersonList.person_ids.contains([person_id])))
    )
