"""Blocking and reporting: everybody's way out."""

from sqlalchemy import and_, delete, insert, or_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.welcome.errors import BlockNotFound, ReportIncomplete
from app.welcome.models import (
    REPORT_REASONS,
    Block,
    CompanionThread,
    Exchange,
    ExchangeStatus,
    Report,
    ReportSubject,
    ThreadStatus,
)

LONGEST_NOTE = 200


def block(session: Session, *, by: Caller, person_id: int) -> None:
    """Neither sees the other from now on; what the two had agreed ends. Doors prove that they have met.

    Unblocking brings back the sight of each other, not what was agreed. May be run again.
    """
    session.execute(
        upsert(Block)
        .values(
            public_id=ids.public_id("blk"),
            person_id=by.person_id,
            blocked_id=person_id,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["person_id", "blocked_id"])
    )
    _end_between(session, by.person_id, person_id)
    audit.record(
        session, by=by, action="welcome.blocked", object_type="person", object_id=person_id, fields=[]
    )


def _end_between(session: Session, one: int, other: int) -> None:
    moment = clock.now()
    session.execute(
        update(Exchange)
        .where(
            or_(
                and_(Exchange.asker_id == one, Exchange.other_id == other),
                and_(Exchange.asker_id == other, Exchange.other_id == one),
            ),
            Exchange.status != ExchangeStatus.ENDED,
        )
        .values(status=ExchangeStatus.ENDED, ended_at=moment, ended_by_id=one)
    )
    session.execute(
        update(CompanionThread)
        .where(
            or_(
                and_(CompanionThread.author_id == one, CompanionThread.joiner_id == other),
                and_(CompanionThread.author_id == other, CompanionThread.joiner_id == one),
            ),
            CompanionThread.status != ThreadStatus.ENDED,
        )
        .values(status=ThreadStatus.ENDED, ended_at=moment)
    )


def unblock(session: Session, *, by: Caller, block_id: str) -> None:
    """They see each other again, without anything between them: what was asked at the very moment of the block,
    and nobody saw since, ends as well. Raises BlockNotFound.
    """
    blocked_id = session.scalar(
        delete(Block)
        .where(Block.public_id == block_id, Block.person_id == by.person_id)
        .returning(Block.blocked_id)
    )
    if blocked_id is None:
        raise BlockNotFound()
    _end_between(session, by.person_id, blocked_id)
    audit.record(session, by=by, action="welcome.unblocked", object_type="welcome_block", object_id=block_id)


def report(
    session: Session,
    *,
    by: Caller,
    reported_id: int,
    subject: ReportSubject,
    subject_ref: str,
    reason: str,
    note: str,
) -> str:
    """Ask the desk to look. Doors prove that the reporter sees the subject. Raises ReportIncomplete."""
    if reason not in REPORT_REASONS or len(note.strip()) > LONGEST_NOTE:
        raise ReportIncomplete(details={"reason": [ReportIncomplete.msgid]})
    public_id = ids.public_id("rpt")
    session.execute(
        insert(Report).values(
            public_id=public_id,
            reporter_id=by.person_id,
            reported_id=reported_id,
            subject=subject,
            subject_ref=subject_ref,
            reason=reason,
            note=note.strip(),
            created_at=clock.now(),
        )
    )
    audit.record(
        session,
        by=by,
        action="welcome.reported",
        object_type="welcome_report",
        object_id=public_id,
        fields=[subject, reason],
    )
    return public_id
