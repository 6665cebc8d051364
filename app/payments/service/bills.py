"""Bills as they are kept: begun, filled by COPY and finished in one transaction, or refused in another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.payments.errors import BillBusy, BillInHalves
from app.payments.models import Bill, BillKind, BillLine, BillStatus
from app.platform.audit import service as audit

COLUMNS = (
    "no",
    "sort",
    "at",
    "reference",
    "number",
    "original",
    "key",
    "fen",
    "fee_e5",
    "balance_fen",
    "status",
    "note",
    "start",
    "size",
)
HALVES = (BillKind.PAYMENTS, BillKind.REFUNDS)
_bills, _lines = cast("Table", Bill.__table__), cast("Table", BillLine.__table__)
_COPY = f"COPY {_lines.name} (bill_id, {', '.join(COLUMNS)}) FROM STDIN"


@dataclass(frozen=True)
class Matter:
    """What a bill is about."""

    source: str
    kind: str
    account: str
    day: date


@dataclass(frozen=True)
class ArchivedFile:
    """A file that lies in the storage."""

    key: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Known:
    """A bill of these very bytes."""

    id: int
    public_id: str
    status: str
    file_key: str


def known_file(session: Session, matter: Matter, sha256: str) -> Known | None:
    """Whether this file has been here for this day; one that was believed before one that was refused."""
    row = session.execute(
        select(Bill.id, Bill.public_id, Bill.status, Bill.file_key)
        .where(*_about(matter), Bill.sha256 == sha256)
        .order_by(Bill.status == BillStatus.REFUSED)
        .limit(1)
    ).first()
    return Known(row.id, row.public_id, row.status, row.file_key or "") if row else None


def begin_bill(
    session: Session, matter: Matter, file: ArchivedFile, *, origin: str, by: Caller | None
) -> tuple[int, str, int]:
    """A new version in place of the present one, in the caller's transaction; its id, public id and version.

    One at a time for a day's bill: raises BillBusy while another is being loaded, and BillInHalves.
    """
    about = f"bill:{matter.source}:{matter.kind}:{matter.account}:{matter.day}"
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(about, 0)))):
        raise BillBusy()
    session.execute(text("SET LOCAL statement_timeout = '30min'"))  # a COPY is one statement
    _replace(session, matter)
    version = (
        1
        + session.execute(
            select(func.coalesce(func.max(Bill.version), 0)).where(*_about(matter))
        ).scalar_one()
    )
    values = _values(matter, origin=origin, by=by) | _file(file)
    row = session.execute(
        insert(_bills)
        .values(**values, version=version, status=BillStatus.CURRENT)
        .returning(_bills.c.id, _bills.c.public_id)
    ).one()
    return row.id, row.public_id, version


def copy_lines(session: Session, bill_id: int, lines: Iterable[tuple[Any, ...]]) -> None:
    """Rows in the order of COLUMNS, as many as there are, none kept in memory."""
    connection: Connection = session.connection()
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        write = copy.write_row
        prefix = (bill_id,)
        for line in lines:
            write(prefix + line)


def finish_bill(session: Session, bill_id: int, totals: dict[str, int | None], *, by: Caller | None) -> None:
    """Last in its transaction: from here on the audit's sealer would wait for it."""
    session.execute(update(_bills).where(_bills.c.id == bill_id).values(**totals))
    audit.record(
        session, by=by, action="payments.import_bill", object_type="payments.bill", object_id=bill_id
    )


def refuse_bill(
    session: Session,
    matter: Matter,
    file: ArchivedFile,
    *,
    origin: str,
    refusal: str,
    line: int | None,
    by: Caller | None,
) -> Known:
    """A file that is not believed: kept, with the reason. The same file again is the same row."""
    known = known_file(session, matter, file.sha256)
    if known is not None:
        session.execute(
            update(_bills).where(_bills.c.id == known.id).values(refusal=refusal, refused_line=line)
        )
        return known
    values = _values(matter, origin=origin, by=by) | _file(file)
    row = session.execute(
        insert(_bills)
        .values(**values, version=0, status=BillStatus.REFUSED, refusal=refusal, refused_line=line)
        .returning(_bills.c.id, _bills.c.public_id)
    ).one()
    audit.record(session, by=by, action="payments.refuse_bill", object_type="payments.bill", object_id=row.id)
    return Known(row.id, row.public_id, BillStatus.REFUSED, file.key)


def note_empty(session: Session, matter: Matter) -> None:
    """The source says that there was nothing on that day, and we know of nothing either. Noted once."""
    values = _values(matter, origin="fetched", by=None)
    empty = upsert(_bills).values(**values, version=1, status=BillStatus.CURRENT, is_empty=True)
    session.execute(empty.on_conflict_do_nothing())


def note_download(session: Session, bill_id: int, *, by: Caller) -> None:
    audit.record(
        session, by=by, action="payments.download_bill", object_type="payments.bill", object_id=bill_id
    )


def note_line(session: Session, bill_id: int, *, by: Caller) -> None:
    """The raw line names the payer as the channel does: who looked is known."""
    audit.record(
        session, by=by, action="payments.open_bill_line", object_type="payments.bill", object_id=bill_id
    )


def _replace(session: Session, matter: Matter) -> None:
    """The whole takes the place of halves; a half never takes the place of the whole."""
    kinds = [matter.kind]
    if matter.kind == BillKind.TRADE:
        kinds += [str(half) for half in HALVES]
    elif matter.kind in HALVES and _has_whole(session, matter):
        raise BillInHalves()
    session.execute(
        update(_bills)
        .where(
            _bills.c.source == matter.source,
            _bills.c.kind.in_(kinds),
            _bills.c.account == matter.account,
            _bills.c.day == matter.day,
            _bills.c.status == BillStatus.CURRENT,
        )
        .values(status=BillStatus.REPLACED)
    )


def _has_whole(session: Session, matter: Matter) -> bool:
    whole = Matter(matter.source, BillKind.TRADE, matter.account, matter.day)
    found = select(Bill.id).where(*_about(whole), Bill.status == BillStatus.CURRENT, ~Bill.is_empty)
    return session.execute(found).first() is not None


def _about(matter: Matter) -> tuple[Any, ...]:
    return (
        Bill.source == matter.source,
        Bill.kind == matter.kind,
        Bill.account == matter.account,
        Bill.day == matter.day,
    )


def _values(matter: Matter, *, origin: str, by: Caller | None) -> dict[str, Any]:
    return vars(matter) | {
        "public_id": ids.public_id("bil"),
        "origin": origin,
        "loaded_by_id": by.person_id if by else None,
        "loaded_at": clock.now(),
    }


def _file(file: ArchivedFile) -> dict[str, Any]:
    return {"file_key": file.key, "file_name": file.name, "sha256": file.sha256, "size": file.size}
