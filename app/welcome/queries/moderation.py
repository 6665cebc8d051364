"""What waits for the desk: free texts before anybody reads them, and reports. Names are masked."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.paging import Key, Page, page
from app.platform.directory import queries as directory
from app.welcome.errors import MatterNotFound
from app.welcome.models import (
    Admission,
    CompanionMessage,
    CompanionMute,
    CompanionPost,
    CompanionThread,
    CompanionWord,
    NoteStatus,
    PostStatus,
    Report,
    ReportSubject,
)
from app.welcome.queries.admissions import within

MODERATE = "welcome.moderate"
SHOWN_OF_A_THREAD = 50


def notes(session: Session, by: Caller, cursor: str | None = None, *, limit: int = 50) -> Page[Any]:
    """Free texts that nobody has decided, oldest first."""
    stmt = _posts().where(
        CompanionPost.note_status == NoteStatus.PENDING,
        CompanionPost.status == PostStatus.OPEN,
        CompanionPost.expires_on >= clock.today(),
        _may_see(by, CompanionPost.person_id),
    )
    return page(session, stmt, keys=[Key("id", CompanionPost.id)], cursor=cursor, limit=limit)


def reports(session: Session, by: Caller, *, settled: bool = False, cursor: str | None = None) -> Page[Any]:
    """Open reports oldest first, settled ones newest first."""
    is_settled = Report.settled_at.is_not(None) if settled else Report.settled_at.is_(None)
    stmt = select(
        Report.id,
        Report.public_id,
        Report.reported_id,
        Report.subject,
        Report.reason,
        Report.note,
        Report.created_at,
        Report.outcome,
        Report.answer,
        Report.settled_at,
    ).where(is_settled, _may_see(by, Report.reported_id))
    return page(session, stmt, keys=[Key("id", Report.id, descending=settled)], cursor=cursor)


def waiting(session: Session, by: Caller) -> int:
    """The live figure of the rail."""
    texts = session.scalar(
        select(func.count()).where(
            CompanionPost.note_status == NoteStatus.PENDING,
            CompanionPost.status == PostStatus.OPEN,
            CompanionPost.expires_on >= clock.today(),
            _may_see(by, CompanionPost.person_id),
        )
    )
    open_reports = session.scalar(
        select(func.count()).where(Report.settled_at.is_(None), _may_see(by, Report.reported_id))
    )
    return (texts or 0) + (open_reports or 0)


def note_for(session: Session, by: Caller, post_id: str) -> Any:
    """A post within the caller's colleges. Raises MatterNotFound."""
    row = session.execute(
        _posts().where(CompanionPost.public_id == post_id, _may_see(by, CompanionPost.person_id))
    ).first()
    if row is None:
        raise MatterNotFound()
    return row


def report_for(session: Session, by: Caller, report_id: str) -> Report:
    """Raises MatterNotFound."""
    found = session.scalar(
        select(Report).where(Report.public_id == report_id, _may_see(by, Report.reported_id))
    )
    if found is None:
        raise MatterNotFound()
    return found


def subject_of(session: Session, report: Report) -> tuple[Any, list[Any]]:
    """The post that a report speaks of, if any, and of a thread its last messages; both may be gone."""
    if report.subject == ReportSubject.ROOMMATE:
        return None, []
    if report.subject == ReportSubject.POST:
        return session.execute(_posts().where(CompanionPost.public_id == report.subject_ref)).first(), []
    thread = session.execute(
        select(CompanionThread.id, CompanionThread.post_id).where(
            CompanionThread.public_id == report.subject_ref
        )
    ).first()
    if thread is None:
        return None, []
    said = session.execute(
        select(CompanionMessage.writer_id, CompanionMessage.text, CompanionMessage.created_at)
        .where(CompanionMessage.thread_id == thread.id)
        .order_by(CompanionMessage.id.desc())
        .limit(SHOWN_OF_A_THREAD)
    )
    post = session.execute(_posts().where(CompanionPost.id == thread.post_id)).first()
    return post, list(reversed(said.all()))


def mutes_of(session: Session, person_ids: list[int]) -> dict[int, Any]:
    """Until when each of them is mute now."""
    rows = session.execute(
        select(CompanionMute.person_id, CompanionMute.until).where(
            CompanionMute.person_id.in_(person_ids), CompanionMute.until > clock.now()
        )
    )
    return {row.person_id: row.until for row in rows}


def masked_names(session: Session, person_ids: list[int]) -> dict[int, str]:
    found = directory.people(session, person_ids)
    return {key: directory.mask_name(person.name) for key, person in found.items()}


def nickname_of(session: Session, person_id: int) -> str:
    """What the person calls themselves, in the latest season."""
    found = session.scalar(
        select(Admission.nickname).where(Admission.person_id == person_id).order_by(Admission.id.desc())
    )
    return found or ""


def word_rows(session: Session) -> list[CompanionWord]:
    return list(session.scalars(select(CompanionWord).order_by(CompanionWord.id.desc()).limit(1000)))


def _posts() -> Any:
    return select(
        CompanionPost.id,
        CompanionPost.public_id,
        CompanionPost.person_id,
        CompanionPost.city,
        CompanionPost.travels_on,
        CompanionPost.transport,
        CompanionPost.train_number,
        CompanionPost.note,
        CompanionPost.note_status,
        CompanionPost.status,
        CompanionPost.created_at,
    )


def _may_see(by: Caller, person_column: Any) -> ColumnElement[bool]:
    """The person was admitted to a college of the caller's grant."""
    return exists().where(Admission.person_id == person_column, within(by.scope(MODERATE)))
