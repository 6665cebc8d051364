"""Files become bills: archived first, then believed as a whole or refused with a reason.

Whatever ends this half-way leaves an archived file and nothing else; doing it again does it.
"""

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import psycopg
from sqlalchemy.exc import IntegrityError

from app.clients.bill_lines import BadBill, Line, Reader
from app.kit import clock, failpoint
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.log import log
from app.payments.errors import BillBusy, BillDayUnfinished, BillHashDiffers
from app.payments.flows.bill_files import open_reader
from app.payments.models import BillStatus
from app.payments.queries.desk import refusals
from app.payments.service import bills
from app.payments.service.bills import ArchivedFile, Matter

CHUNK = 1 << 20
STEP = 2000
"""Lines between two words about the progress."""
TWICE = "uq_payments_bill_lines_reference"
Progress = Callable[[int], None]
"""Told how many bytes of the file have been read."""


@dataclass(frozen=True)
class Imported:
    """`outcome`: new, version, same (was here before) or refused. `refusal` and `line` say why."""

    outcome: str
    bill_id: int
    public_id: str
    version: int = 0
    refusal: str | None = None
    line: int | None = None


def import_file(
    matter: Matter,
    file: BinaryIO,
    *,
    name: str,
    origin: str,
    clients: Any,
    by: Caller | None = None,
    is_proved: bool = False,
    progress: Progress = lambda _bytes: None,
) -> Imported:
    """Archive and import. `is_proved`: a digest of the source vouches for the very bytes."""
    archived = archive(matter, file, name=name, clients=clients)
    return import_archived(
        matter, archived, origin=origin, clients=clients, by=by, is_proved=is_proved, progress=progress
    )


def archive(matter: Matter, file: BinaryIO, *, name: str, clients: Any, published: str = "") -> ArchivedFile:
    """Put the very bytes away, unless they lie there already.

    `published`: the SHA-1 that the source tells of the file (WeChat's `hash_value`), when somebody copied it. Raises
    BillDayUnfinished, and BillHashDiffers before anything is kept.
    """
    if matter.day >= clock.today():
        raise BillDayUnfinished(day=matter.day.isoformat())
    digest, sha1, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    file.seek(0)
    while part := file.read(CHUNK):
        digest.update(part)
        sha1.update(part)
        size += len(part)
    file.seek(0)
    if published and published.lower() != sha1.hexdigest():
        raise BillHashDiffers(published=published.lower(), found=sha1.hexdigest())
    with unit_of_work() as session:
        known = bills.known_file(session, matter, digest.hexdigest())
    key = known.file_key if known else f"payments/bills/{_stem(matter)}_{secrets.token_hex(6)}"
    if known is None:
        clients.storage.put(key, file)
    failpoint.hit("payments.bill_archived")
    return ArchivedFile(key, name, digest.hexdigest(), size)


def _stem(matter: Matter) -> str:
    return f"{matter.day:%Y/%m}/{matter.day:%Y%m%d}_{matter.source}_{matter.kind}"


def import_archived(
    matter: Matter,
    file: ArchivedFile,
    *,
    origin: str,
    clients: Any,
    by: Caller | None = None,
    is_proved: bool = False,
    progress: Progress = lambda _bytes: None,
) -> Imported:
    """Safe to run twice, also at once: the second finds the first's bill. Raises BillBusy, BillInHalves."""
    with unit_of_work() as session:
        known = bills.known_file(session, matter, file.sha256)
    if known is not None and known.status != BillStatus.REFUSED:
        return Imported("same", known.id, known.public_id)
    try:
        return _believe(matter, file, origin, clients, by, is_proved, progress)
    except BadBill as error:
        flaw = error
    except IntegrityError:
        raise BillBusy() from None
    refusal = refusals.sentence(flaw.code, flaw.params)
    log.warning("bill_refused", source=matter.source, day=str(matter.day), code=flaw.code, line=flaw.line)
    with unit_of_work() as session:
        kept = bills.refuse_bill(session, matter, file, origin=origin, refusal=refusal, line=flaw.line, by=by)
    return Imported("refused", kept.id, kept.public_id, refusal=refusal, line=flaw.line)


def _believe(
    matter: Matter,
    file: ArchivedFile,
    origin: str,
    clients: Any,
    by: Caller | None,
    is_proved: bool,
    progress: Progress,
) -> Imported:
    def read(stream: BinaryIO) -> Reader:
        return open_reader(matter, stream, is_proved=is_proved, clients=clients)

    try:
        with clients.storage.open(file.key) as stream, unit_of_work() as session:
            reader = read(stream)
            bill_id, public_id, version = bills.begin_bill(session, matter, file, origin=origin, by=by)
            bills.copy_lines(session, bill_id, _watched(reader, progress))
            bills.finish_bill(session, bill_id, asdict(reader.totals), by=by)
            failpoint.hit("payments.bill_copied")
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name != TWICE:
            raise
        repeated = _copied_line(error)
    else:
        progress(file.size)
        return Imported("version" if version > 1 else "new", bill_id, public_id, version)
    with clients.storage.open(file.key) as stream:
        line = next(itertools.islice(read(stream), repeated - 1, None))
    raise BadBill("twice", line.no, what=line.reference)


def _watched(reader: Reader, progress: Progress) -> Iterator[Line]:
    lines = iter(reader)
    while batch := list(itertools.islice(lines, STEP)):
        yield from batch
        progress(batch[-1].start)


def _copied_line(error: psycopg.errors.UniqueViolation) -> int:
    """The server says `COPY payments_bill_lines, line 17`."""
    return int((error.diag.context or "").rpartition("line ")[2].split(":")[0])
