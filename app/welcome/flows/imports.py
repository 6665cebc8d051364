"""A worker looks at an uploaded list, and writes it once somebody said yes. Each may run twice."""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import DomainError
from app.kit.workbook import Sheet
from app.welcome.errors import ImportFileGone, ImportStale
from app.welcome.events import ListConfirmed, ListUploaded
from app.welcome.imports import reading, report
from app.welcome.imports.columns import ADMISSIONS, BEDS
from app.welcome.imports.reading import Read
from app.welcome.models import ImportStatus
from app.welcome.service import bedding, imports, listing
from app.welcome.service.imports import Upload

CHUNK = 1 << 20
TOLD_EVERY = 0.5
KEPT = "welcome/lists/"
KINDS: dict[str, tuple[Sheet, Any]] = {"admissions": (ADMISSIONS, listing), "beds": (BEDS, bedding)}
FILES_STAY, LINES_STAY = timedelta(days=7), timedelta(days=60)
"""A list names identity numbers: its file goes when it is written, and a week after it was uploaded at the latest."""


def keep(file: BinaryIO, *, clients: Any) -> tuple[str, str, int]:
    """Put the very bytes away; key, SHA-256, size."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while part := file.read(CHUNK):
        digest.update(part)
        size += len(part)
    file.seek(0)
    key = f"{KEPT}{secrets.token_hex(12)}"
    clients.storage.put(key, file)
    return key, digest.hexdigest(), size


def on_list_uploaded(event: ListUploaded, *, clients: Any) -> None:
    """Check everything, write nothing but what was found."""
    with unit_of_work() as session:
        upload = imports.find_import(session, event.import_id, ImportStatus.UPLOADED)
    if upload is None:
        return
    try:
        found = _read(upload, clients)
    except DomainError as error:
        sentence = error.msgid % error.params if error.params else error.msgid
        with unit_of_work() as session:
            imports.note_check(session, upload.id, rows=0, counts={}, plan="", lines=[], problem=sentence)
        return
    with unit_of_work() as session:
        planned = KINDS[upload.kind][1].plan(
            session, **_scope(upload), rows=found.rows, problems=found.problems
        )
        imports.note_check(
            session,
            upload.id,
            rows=len(found.rows),
            counts=planned.counts(withdraws=upload.withdraws_missing),
            plan=planned.digest,
            lines=planned.lines(),
        )


def on_list_confirmed(event: ListConfirmed, *, clients: Any) -> None:
    """All of it in one transaction, or nothing: what was shown is worked out once more first."""
    with unit_of_work() as session:
        upload = imports.find_import(session, event.import_id, ImportStatus.CONFIRMED)
    if upload is None:
        return
    found = _read(upload, clients)
    try:
        with unit_of_work() as session:
            imports.lock(session, upload.season_id)
            planned = KINDS[upload.kind][1].plan(
                session, **_scope(upload), rows=found.rows, problems=found.problems
            )
            if planned.digest != upload.plan or planned.problems:
                raise ImportStale()
            KINDS[upload.kind][1].write(
                session,
                by=Caller(upload.confirmed_by_id),
                season_id=upload.season_id,
                planned=planned,
                withdraws=upload.withdraws_missing,
                progress=_teller(upload.id),
            )
            imports.end(session, upload.id)
    except ImportStale as error:
        with unit_of_work() as session:
            imports.end(session, upload.id, problem=error.msgid)
    _drop_file(upload.id, upload.file_key, clients)


def forget_lists(*, clients: Any) -> None:
    """The schedule's handler: files of lists that nobody needs any more, and previews of long ago. May run twice."""
    with unit_of_work() as session:
        old = imports.old_files(session, before=clock.now() - FILES_STAY)
        imports.forget_lines(session, before=clock.now() - LINES_STAY)
    for row in old:
        _drop_file(row.id, row.file_key, clients)


def _drop_file(import_id: int, key: str, clients: Any) -> None:
    clients.storage.delete(key)
    with unit_of_work() as session:
        imports.note_file_gone(session, import_id)


def annotated(upload: AnyRow, *, clients: Any) -> bytes:
    """The uploader's own rows, with what is wrong beside each: an .xlsx. Raises ImportFileGone."""
    if not upload.file_key:
        raise ImportFileGone()
    found = _read(upload, clients)
    with unit_of_work() as session:
        planned = KINDS[upload.kind][1].plan(
            session, **_scope(upload), rows=found.rows, problems=found.problems
        )
    with clients.storage.open(upload.file_key) as stream:
        return report.annotate(stream, planned.problems)


def _scope(upload: AnyRow) -> dict[str, Any]:
    return {"season_id": upload.season_id, "profile": upload.profile, "college_id": upload.college_id}


def _read(upload: AnyRow, clients: Any) -> Read:
    with clients.storage.open(upload.file_key) as stream:
        found = reading.read_list(stream, KINDS[upload.kind][0])
    if upload.kind == "admissions":
        reading.check_people(found, upload.profile)
    return found


def _teller(import_id: int) -> Callable[[int], None]:
    """Writes now and then, in a transaction of its own: the import's is not over."""
    told_at = 0.0

    def tell(done_rows: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < TOLD_EVERY:
            return
        told_at = time.monotonic()
        with unit_of_work() as session:
            imports.note_progress(session, import_id, done_rows)

    return tell


def new_upload(
    file: BinaryIO,
    *,
    kind: str,
    name: str,
    season_id: int,
    college_id: int | None,
    profile: str,
    withdraws_missing: bool,
    clients: Any,
) -> Upload:
    """The file in the store, and what is claimed of it."""
    key, digest, size = keep(file, clients=clients)
    return Upload(kind, season_id, college_id, profile, withdraws_missing, key, name[:200], digest, size)
