"""What ends with a stay: the binding, its pushes, and the consents that rested on it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.miniapps.electricity.models import (
    Binding,
    BindingStatus,
    Case,
    DailyUse,
    Proof,
    Purchase,
    Reading,
    Room,
    Share,
    TopUp,
)
from app.miniapps.electricity.service import bindings
from app.platform.directory import queries as directory

READABLE = timedelta(days=90)
KEEP_READINGS = timedelta(days=400)


def end_stays(session: Session, *, person_id: int | None = None, after: int = 0, limit: int = 200) -> int:
    """End what the directory no longer supports, in the order of ids; returns the last id looked at, 0 at the end.

    Run by the clock over everybody, and for one person whenever they come.
    """
    stmt = (
        select(Binding.id, Binding.person_id, Binding.proof, Room.room_id, Binding.status)
        .join(Room, Room.id == Binding.room_id)
        .where(Binding.status != BindingStatus.ENDED, Binding.id > after)
    )
    if person_id is not None:
        stmt = stmt.where(Binding.person_id == person_id)
    rows = session.execute(stmt.order_by(Binding.id).limit(limit)).all()
    people = directory.people(session, {row.person_id for row in rows})
    for row in rows:
        person = people.get(row.person_id)
        _check(session, row, is_active=person is not None and person.is_active)
    _end_dependent(session)
    return rows[-1].id if len(rows) == limit else 0


def _check(session: Session, row: AnyRow, *, is_active: bool) -> None:
    if not is_active:
        until = clock.today() + READABLE if row.status == BindingStatus.LIVE else None
        bindings.end(session, Binding.id == row.id, reason="left", readable_until=until)
    elif row.status == BindingStatus.LIVE and row.proof == Proof.ROSTER:
        home = directory.room_of(session, row.person_id)
        if home is None or home.room_id != row.room_id:
            bindings.end(session, Binding.id == row.id, reason="moved")


def _end_dependent(session: Session) -> None:
    """Who was let in by a roommate goes when that roommate has gone; a request nobody answers goes too."""
    theirs = aliased(Binding)
    consenter_stays = exists().where(
        theirs.person_id == Binding.decided_by_id,
        theirs.room_id == Binding.room_id,
        theirs.status == BindingStatus.LIVE,
    )
    bindings.end(
        session,
        Binding.status == BindingStatus.LIVE,
        Binding.proof == Proof.ROOMMATE,
        ~consenter_stays,
        reason="consent_ended",
    )
    bindings.end(
        session,
        Binding.status == BindingStatus.REQUESTED,
        Binding.requested_at < clock.now() - bindings.REQUEST_LIVES,
        reason="unanswered",
    )


def retain(session: Session) -> int:
    """Old readings and uses go; money's rows stay with the books."""
    before = clock.today() - KEEP_READINGS
    gone = 0
    for table in (Reading, DailyUse, Purchase):
        gone += len(session.scalars(delete(table).where(table.day < before).returning(table.id)).all())
    return gone


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody: what they have follows. Safe to repeat."""
    theirs = aliased(Binding)
    is_twin = exists().where(
        theirs.person_id == into_id,
        theirs.room_id == Binding.room_id,
        theirs.status != BindingStatus.ENDED,
    )
    bindings.end(session, Binding.person_id == from_id, is_twin, reason="own")
    for column in (
        Binding.person_id,
        Binding.decided_by_id,
        TopUp.person_id,
        Case.opened_by_id,
        Case.owner_id,
    ):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))
    _merge_shares(session, from_id, into_id)


def _merge_shares(session: Session, from_id: int, into_id: int) -> None:
    theirs = aliased(Share)
    is_twin = exists().where(theirs.person_id == into_id, theirs.top_up_id == Share.top_up_id)
    session.execute(delete(Share).where(Share.person_id == from_id, is_twin))
    session.execute(update(Share).where(Share.person_id == from_id).values(person_id=into_id))


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What electricity knows of a person, for the person."""
    stays = session.execute(
        select(Binding.requested_at, Binding.started_at, Binding.ended_at, Binding.proof, Room.names)
        .join(Room, Room.id == Binding.room_id)
        .where(Binding.person_id == person_id)
        .order_by(Binding.id)
    )
    top_ups = session.execute(
        select(TopUp.public_id, TopUp.fen, TopUp.status, TopUp.created_at)
        .where(TopUp.person_id == person_id)
        .order_by(TopUp.id)
    )
    cases = session.execute(
        select(Case.public_id, Case.kind, Case.note, Case.answer, Case.opened_at)
        .where(Case.opened_by_id == person_id)
        .order_by(Case.id)
    )
    return {
        "rooms": [_plain(row) for row in stays],
        "top_ups": [_plain(row) for row in top_ups],
        "cases": [_plain(row) for row in cases],
    }


def _plain(row: AnyRow) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row._mapping.items()
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget rooms and words; what was paid stays with the books, under an id that names nobody. May be run again."""
    bindings.end(session, Binding.person_id == person_id, reason="erased")
    session.execute(
        update(Binding)
        .where(Binding.person_id == person_id)
        .values(readable_until=None, tells_low=False, tells_top_ups=False)
    )
    session.execute(update(Case).where(Case.opened_by_id == person_id).values(note="", evidence={}))
    session.execute(delete(Share).where(Share.person_id == person_id))
