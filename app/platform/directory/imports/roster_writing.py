"""Writing a roster's plan: all of it in the caller's transaction, in batches."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, failpoint
from app.kit.caller import Caller
from app.kit.lists import Progress
from app.kit.workbook import Sheet
from app.platform.audit import service as audit
from app.platform.directory.imports.rostering import Entry, Old, RosterPlan
from app.platform.directory.imports.writing import upsert
from app.platform.directory.models import Affiliation, BedOccupancy, Person, Post
from app.platform.directory.queries.people import holds_after
from app.platform.directory.service.people import NewMember, add_members

BATCH = 500


def write_of(sheet: Sheet) -> Callable[..., None]:
    """The writer of one roster."""

    def write(
        session: Session,
        *,
        by: Caller | None,
        scope: Mapping[str, Any],
        planned: RosterPlan,
        withdraws: bool,
        progress: Progress = lambda _: None,
    ) -> None:
        """What people are besides, in other units or as something else, stays."""
        done = 0
        for new in _batches(planned.new):
            add_members(session, by=by, members=[_member(planned.kind, entry) for entry in new])
            done += len(new)
            progress(done)
            failpoint.hit("directory.roster_batch_written")
        for changed in _batches(planned.changed):
            _change(session, by, sheet, planned.kind, changed)
            done += len(changed)
            progress(done)
        if withdraws:
            _let_go(session, by, planned.missing)

    return write


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _member(kind: str, entry: Entry) -> NewMember:
    return NewMember(
        kind=kind,
        org_unit_id=entry.unit_id,
        number=entry.number,
        starts_on=entry.starts_on,
        **entry.given,
    )


def _change(
    session: Session,
    by: Caller | None,
    sheet: Sheet,
    kind: str,
    changed: Sequence[tuple[Entry, Old, tuple[str, ...]]],
) -> None:
    upsert(
        session,
        by,
        sheet=sheet,
        table=Person,
        known={(old.number,): dict(old.person) for _entry, old, _how in changed},
        rows=[((old.number,), dict(entry.person), {}) for entry, old, _how in changed],
    )
    moved = [(entry, old) for entry, old, how in changed if {"unit", "belongs"} & set(how)]
    _end(session, by, [old for _entry, old in moved if old.held])
    rows = [
        {"person_id": old.id, "kind": kind, "org_unit_id": entry.unit_id, "starts_on": clock.today()}
        for entry, old in moved
    ]
    if rows:
        session.execute(insert(Affiliation), rows)
    deeds = [audit.Deed("directory.affiliation_added", "person", old.id, [kind]) for _entry, old in moved]
    audit.record_all(session, by=by, deeds=deeds)


def _end(session: Session, by: Caller | None, people: Sequence[Old]) -> None:
    """From today on they hold this no more."""
    today = clock.today()
    ids = [affiliation_id for old in people for affiliation_id in old.held]
    session.execute(
        update(Affiliation)
        .where(Affiliation.id.in_(ids))
        .values(ends_on=func.greatest(Affiliation.starts_on, today))
    )
    deeds = [audit.Deed("directory.affiliation_ended", "person", old.id, list(old.held)) for old in people]
    audit.record_all(session, by=by, deeds=deeds)


def _let_go(session: Session, by: Caller | None, missing: Sequence[Old]) -> None:
    """Who is nothing else here gives up posts and bed, too, as every leaver does. Nobody is deleted."""
    today = clock.today()
    _end(session, by, missing)
    stay = set(
        session.scalars(
            select(Affiliation.person_id).where(
                Affiliation.person_id.in_([old.id for old in missing]), holds_after(Affiliation, today)
            )
        )
    )
    gone = [old.id for old in missing if old.id not in stay]
    for table in (Post, BedOccupancy):
        session.execute(
            update(table)
            .where(table.person_id.in_(gone), holds_after(table, today))
            .values(ends_on=func.greatest(table.starts_on, today))
        )
    deeds = [audit.Deed("directory.person_left", "person", one, ["list"]) for one in gone]
    audit.record_all(session, by=by, deeds=deeds)
