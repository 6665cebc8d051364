"""Uploaded lists: noted, looked at, said yes to, written. Nothing of a list is kept but its file and masked lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow, rows_changed
from app.kit.list_files import read_lists
from app.kit.lists import Line, ListKind, Plan, Progress
from app.platform.audit import service as audit
from app.platform.directory.errors import ImportMoved, ImportNeedsSecond, ImportNotFound
from app.platform.directory.events import ListConfirmed, ListUploaded
from app.platform.directory.models import Import, ImportLine, ImportStatus

IMPORT_LOCK = 7_305_003
MOST_LINES = 2000
ALONE_AT_MOST, ALONE_SHARE = 20, 0.05


@dataclass(frozen=True)
class Upload:
    """The file lies in the store. `scope`: what it claims to be complete for."""

    desk: str
    kind: str
    scope: dict[str, Any]
    withdraws_missing: bool
    file_key: str
    file_name: str
    sha256: str
    size: int


def note_upload(session: Session, *, by: Caller, upload: Upload) -> str:
    """A worker looks at it next; the public id (imp_…)."""
    row = session.execute(
        insert(Import)
        .values(
            **vars(upload),
            public_id=ids.public_id("imp"),
            status=ImportStatus.UPLOADED,
            uploaded_by_id=by.person_id,
            uploaded_at=clock.now(),
        )
        .returning(Import.id, Import.public_id)
    ).one()
    outbox.emit(session, ListUploaded(row.id))
    _note(session, by, "list_uploaded", row.public_id, upload.desk, upload.kind)
    return str(row.public_id)


def find_import(session: Session, import_id: int, status: ImportStatus) -> AnyRow | None:
    """None when it is past that state: a delivery may come twice."""
    stmt = select(Import.__table__).where(Import.id == import_id, Import.status == status)
    return session.execute(stmt).first()


def note_check(
    session: Session,
    import_id: int,
    *,
    rows: int,
    counts: dict[str, int],
    plan: str,
    lines: Sequence[Line],
    problem: str | None = None,
) -> None:
    """What the look has shown. With problems the list is refused whole."""
    refused = problem is not None or counts.get("problem", 0) > 0
    withdrawn, scope = counts.get("withdrawn", 0), counts.get("scope", 0)
    changed = rows_changed(
        session,
        update(Import)
        .where(Import.id == import_id, Import.status == ImportStatus.UPLOADED)
        .values(
            status=ImportStatus.REFUSED if refused else ImportStatus.CHECKED,
            rows=rows,
            counts=counts,
            plan=plan,
            problem=problem,
            needs_second=withdrawn > max(ALONE_AT_MOST, int(scope * ALONE_SHARE)),
            ended_at=clock.now() if refused else None,
        ),
    )
    if changed:
        _keep_lines(session, import_id, lines)


def _keep_lines(session: Session, import_id: int, lines: Sequence[Line]) -> None:
    counted: dict[str, int] = {}
    rows = []
    for line in lines:
        no = counted[line.sort] = counted.get(line.sort, 0) + 1
        if no <= MOST_LINES:
            rows.append({"import_id": import_id, "no": no, **vars(line)})
    if rows:
        session.execute(insert(ImportLine), rows)


def confirm(session: Session, *, by: Caller, desk: str, public_id: str) -> None:
    """Let it be written, by a worker. Raises ImportNeedsSecond, ImportMoved, ImportNotFound."""
    row = import_of(session, desk, public_id)
    if row.needs_second and row.uploaded_by_id == by.person_id:
        raise ImportNeedsSecond(count=row.counts.get("withdrawn", 0))
    _move(
        session,
        row.id,
        ImportStatus.CHECKED,
        ImportStatus.CONFIRMED,
        confirmed_by_id=by.person_id,
        confirmed_at=clock.now(),
    )
    outbox.emit(session, ListConfirmed(row.id))
    _note(session, by, "list_confirmed", public_id)


def cancel(session: Session, *, by: Caller, desk: str, public_id: str) -> None:
    """Raises ImportMoved, ImportNotFound."""
    row = import_of(session, desk, public_id)
    _move(session, row.id, ImportStatus.CHECKED, ImportStatus.CANCELLED, ended_at=clock.now())
    _note(session, by, "list_cancelled", public_id)


def end(session: Session, import_id: int, *, problem: str | None = None) -> None:
    """Written, or not: then nothing of it is."""
    status = ImportStatus.DONE if problem is None else ImportStatus.REFUSED
    _move(session, import_id, ImportStatus.CONFIRMED, status, problem=problem, ended_at=clock.now())


def import_of(session: Session, desk: str, public_id: str) -> AnyRow:
    """Of this desk alone. Raises ImportNotFound."""
    stmt = select(Import.__table__).where(Import.public_id == public_id, Import.desk == desk)
    row = session.execute(stmt).first()
    if row is None:
        raise ImportNotFound()
    return row


def note_progress(session: Session, import_id: int, done_rows: int) -> None:
    session.execute(update(Import).where(Import.id == import_id).values(done_rows=done_rows))


def lock(session: Session) -> None:
    """Lists are written one after the other: all of them write people."""
    session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def look_at(session: Session, *, kind: ListKind, source: BinaryIO, scope: dict[str, Any]) -> Plan:
    """What a file at hand would change, for whoever may write it at once: an operator at the machine.

    The lock is held until the end of the transaction. Raises what `read_lists` does.
    """
    lock(session)
    book = read_lists(source, kind.sheets)
    kind.check(book, scope)
    return kind.plan(session, scope=scope, book=book)


def write_at_once(
    session: Session, *, kind: ListKind, planned: Plan, scope: dict[str, Any], progress: Progress
) -> None:
    """What was looked at in this transaction, unless it has problems. Nobody who is missing goes by this."""
    if not planned.problems:
        kind.write(session, by=None, scope=scope, planned=planned, withdraws=False, progress=progress)


def old_files(session: Session, before: clock.datetime) -> list[AnyRow]:
    """Lists uploaded before, whose file is still there and which no worker is writing."""
    stmt = select(Import.id, Import.file_key).where(
        Import.uploaded_at < before, Import.file_key != "", Import.status != ImportStatus.CONFIRMED
    )
    return list(session.execute(stmt))


def note_file_gone(session: Session, import_id: int) -> None:
    """A list that was still waiting for a yes can't be written any more."""
    session.execute(update(Import).where(Import.id == import_id).values(file_key=""))
    session.execute(
        update(Import)
        .where(Import.id == import_id, Import.status == ImportStatus.CHECKED)
        .values(status=ImportStatus.CANCELLED, ended_at=clock.now())
    )


def forget_lines(session: Session, before: clock.datetime) -> int:
    """Previews of long ago."""
    old = select(Import.id).where(Import.uploaded_at < before)
    return rows_changed(session, delete(ImportLine).where(ImportLine.import_id.in_(old)))


def _move(session: Session, import_id: int, old: ImportStatus, new: ImportStatus, **values: object) -> None:
    moved = rows_changed(
        session,
        update(Import).where(Import.id == import_id, Import.status == old).values(status=new, **values),
    )
    if not moved:
        raise ImportMoved()


def _note(session: Session, by: Caller, action: str, public_id: str, *fields: str) -> None:
    audit.record(
        session,
        by=by,
        action=f"directory.{action}",
        object_type="import",
        object_id=public_id,
        fields=fields,
    )
