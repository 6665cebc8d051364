"""A browser's queue: each line has one effect and one answer, however often it is sent."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.errors import DomainError
from app.welcome.errors import SequenceReused
from app.welcome.models import SentEntry
from app.welcome.service.check_in import Doing, mark_step, undo_step

LARGEST = 2**53


def send(
    session: Session, *, by: Caller, client: str, sequence: int, deed: str, doing: Doing
) -> dict[str, Any]:
    """Do a line of the queue once; a duplicate is answered as the first time, a concurrent twin waits for it.

    Refusals are answers too: `{status: done | conflict | refused, code?, message?}`. Raises SequenceReused when
    the number stands for something else already.
    """
    if not 8 <= len(client) <= 64 or not 0 < sequence < LARGEST:
        raise SequenceReused()
    fingerprint = _fingerprint(deed, doing)
    entry_id = session.scalar(
        insert(SentEntry)
        .values(
            client=client,
            sequence=sequence,
            by_id=by.person_id,
            fingerprint=fingerprint,
            answer={},
            received_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["client", "sequence"])
        .returning(SentEntry.id)
    )
    if entry_id is None:
        return _answered(session, by, client, sequence, fingerprint)
    answer = _do(session, by, deed, doing)
    session.execute(update(SentEntry).where(SentEntry.id == entry_id).values(answer=answer))
    return answer


def _do(session: Session, by: Caller, deed: str, doing: Doing) -> dict[str, Any]:
    work = undo_step if deed == "undo" else mark_step
    try:
        with session.begin_nested():
            return {"status": "done", "id": work(session, by=by, doing=doing)}
    except DomainError as error:
        if error.status >= 500:
            raise
        status = "conflict" if error.status == 409 else "refused"
        return {"status": status, "code": error.code, "message": error.msgid % error.params}


def _answered(session: Session, by: Caller, client: str, sequence: int, fingerprint: str) -> dict[str, Any]:
    row = session.execute(
        select(SentEntry.by_id, SentEntry.fingerprint, SentEntry.answer).where(
            SentEntry.client == client, SentEntry.sequence == sequence
        )
    ).one()
    if row.by_id != by.person_id or row.fingerprint != fingerprint:
        raise SequenceReused()
    return dict(row.answer)


def _fingerprint(deed: str, doing: Doing) -> str:
    at = doing.at.isoformat() if isinstance(doing.at, datetime) else ""
    parts = (deed, doing.code, doing.step, at, str(doing.is_proxy), doing.reason)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
