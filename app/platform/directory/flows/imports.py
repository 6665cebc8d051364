"""A worker looks at an uploaded list, and writes it once somebody said yes. Each may run twice."""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import DomainError
from app.kit.list_files import read_lists
from app.kit.list_reports import annotate
from app.kit.lists import ListKind, Plan
from app.kit.workbook import Workbook
from app.platform.directory.errors import ImportFileGone, ImportStale
from app.platform.directory.events import ListConfirmed, ListUploaded
from app.platform.directory.models import ImportStatus
from app.platform.directory.queries.desks import kind_of
from app.platform.directory.service import imports

CHUNK = 1 << 20
TOLD_EVERY = 0.5
KEPT = "lists/"
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
        book = _read(upload, clients)
    except DomainError as error:
        said = _sentence(error)
        with unit_of_work() as session:
            imports.note_check(session, upload.id, rows=0, counts={}, plan="", lines=[], problem=said)
        return
    with unit_of_work() as session:
        planned = _plan(session, upload, book)
        imports.note_check(
            session,
            upload.id,
            rows=sum(map(len, book.rows.values())),
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
    book = _read(upload, clients)
    try:
        with unit_of_work() as session:
            imports.lock(session)
            planned = _plan(session, upload, book)
            if planned.digest != upload.plan or planned.problems:
                raise ImportStale()
            _kind(upload).write(
                session,
                by=Caller(upload.confirmed_by_id),
                scope=upload.scope,
                planned=planned,
                withdraws=upload.withdraws_missing,
                progress=_teller(upload.id),
            )
            imports.end(session, upload.id)
    except DomainError as error:
        with unit_of_work() as session:
            imports.end(session, upload.id, problem=_sentence(error))
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
    book = _read(upload, clients)
    with unit_of_work() as session:
        planned = _plan(session, upload, book)
    with clients.storage.open(upload.file_key) as stream:
        return annotate(stream, _kind(upload).sheets, planned.problems)


def _sentence(error: DomainError) -> str:
    return error.msgid % error.params if error.params else error.msgid


def _kind(upload: AnyRow) -> ListKind:
    return kind_of(upload.desk, upload.kind)


def _plan(session: Session, upload: AnyRow, book: Workbook) -> Plan:
    return _kind(upload).plan(session, scope=upload.scope, book=book)


def _read(upload: AnyRow, clients: Any) -> Workbook:
    kind = _kind(upload)
    with clients.storage.open(upload.file_key) as stream:
        book = read_lists(stream, kind.sheets)
    kind.check(book, upload.scope)
    return book


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
