"""Writing down who did what, and sealing what was written.

Seals and out-of-order commits. Ids are handed out before commit, so a row with a small id may appear after
one with a larger id. A trigger therefore makes every writer hold a shared transaction lock from before
its first id until its commit. The sealer takes that lock alone for an instant: at that instant no
writer is under way, so every id up to the largest visible one is final and can be sealed. When a long
transaction keeps the lock for more than a moment, the sealer gives up and comes back: writers wait
at most SETTLE_MILLISECONDS. Nothing depends on clocks, nor on transaction numbers, which a restored
backup would start afresh.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import Row, Table, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.audit.models import SEALER_LOCK, WRITERS_LOCK, AuditEntry, AuditSeal

GENESIS = "0" * 64
BATCH = 2000
SETTLE_MILLISECONDS = 200
LOCK_NOT_AVAILABLE = "55P03"
COLUMNS = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.actor_person_id,
    AuditEntry.surface,
    AuditEntry.action,
    AuditEntry.object_type,
    AuditEntry.object_id,
    AuditEntry.fields,
    AuditEntry.request_id,
)
_INSERT = Prepared(insert(cast("Table", AuditEntry.__table__)).inline())


@dataclass(frozen=True)
class Deed:
    """One line for the record: names of fields and ids only."""

    action: str
    object_type: str
    object_id: int | str
    fields: Sequence[str | int] = ()


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the record. `seal_id` None: the chain as a whole."""

    problem: str
    seal_id: int | None = None
    from_id: int | None = None
    to_id: int | None = None


def record(
    session: Session,
    *,
    by: Caller | None,
    action: str,
    object_type: str,
    object_id: int | str,
    fields: Sequence[str | int] = (),
) -> None:
    """Note a deed in the caller's transaction. `by` None: the system or an operator at the machine."""
    _INSERT.rows(session, **_row(by, Deed(action, object_type, object_id, fields)))


def record_all(session: Session, *, by: Caller | None, deeds: Iterable[Deed]) -> None:
    """Note many deeds with one statement."""
    rows = [_row(by, deed) for deed in deeds]
    if rows:
        session.execute(insert(AuditEntry), rows)


def _row(by: Caller | None, deed: Deed) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "actor_person_id": by.person_id if by else None,
        "surface": by.surface if by else None,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "action": deed.action,
        "object_type": deed.object_type,
        "object_id": str(deed.object_id),
        "fields": list(deed.fields),
    }


def seal(session: Session, key: bytes) -> int:
    """Seal up to BATCH settled entries. Returns how many; 0 also when another sealer or a writer is busy.

    Safe to run anywhere, any number of times at once.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(SEALER_LOCK))):
        return 0
    last = session.execute(
        select(AuditSeal.to_id, AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1)
    ).first()
    begin = last.to_id + 1 if last else 1
    settled = _settled_up_to(session)
    rows = _entries(session, begin, settled, limit=BATCH)
    if not rows:
        return 0
    previous = last.hash if last else GENESIS
    session.execute(
        insert(AuditSeal).values(
            from_id=begin,
            to_id=rows[-1].id,
            entries=len(rows),
            previous=previous,
            hash=_digest(key, previous, begin, rows),
            at=clock.now(),
        )
    )
    return len(rows)


def _settled_up_to(session: Session) -> int:
    """The largest id below which nothing can appear any more; 0 when writers are busy right now."""
    savepoint = session.begin_nested()
    try:
        session.execute(text(f"SET LOCAL lock_timeout = {SETTLE_MILLISECONDS}"))
        session.execute(select(func.pg_advisory_xact_lock(WRITERS_LOCK)))
        return session.scalar(select(func.max(AuditEntry.id))) or 0
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return 0
    finally:
        savepoint.rollback()  # gives the lock back at once


def verify(session: Session, key: bytes, *, anchor: str | None = None) -> list[Finding]:
    """Every sealed row as it was sealed, no seal missing. `anchor`: a seal's hash kept elsewhere.

    Without an anchor a cut-off end of the chain can't be noticed: the worker logs each new head for that.
    """
    findings: list[Finding] = []
    previous, expected_from, anchored = GENESIS, 1, anchor is None
    for one in session.execute(select(AuditSeal.__table__).order_by(AuditSeal.id)):
        anchored = anchored or one.hash == anchor
        if one.previous != previous or one.from_id != expected_from:
            findings.append(Finding("a seal before this one is missing", one.id, one.from_id, one.to_id))
        rows = _entries(session, one.from_id, one.to_id)
        if len(rows) != one.entries:
            findings.append(Finding(f"{one.entries} entries sealed, {len(rows)} found", one.id, *_span(one)))
        elif not hmac.compare_digest(_digest(key, one.previous, one.from_id, rows), one.hash):
            findings.append(Finding("an entry or the seal was changed", one.id, *_span(one)))
        previous, expected_from = one.hash, one.to_id + 1
    if not anchored:
        findings.append(Finding("the anchored seal is not in the chain"))
    return findings


def _span(seal_row: Row) -> tuple[int, int]:
    return seal_row.from_id, seal_row.to_id


def _entries(session: Session, from_id: int, to_id: int, limit: int | None = None) -> Sequence[Row]:
    return session.execute(
        select(*COLUMNS)
        .where(AuditEntry.id >= from_id, AuditEntry.id <= to_id)
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()


def _digest(key: bytes, previous: str, from_id: int, rows: Sequence[Row]) -> str:
    mac = hmac.new(key, f"{previous}\n{from_id}\n".encode(), hashlib.sha256)
    for row in rows:
        plain = [value.isoformat() if column == "at" else value for column, value in row._mapping.items()]
        mac.update(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return mac.hexdigest()
