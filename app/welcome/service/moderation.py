"""The desk's decisions about what freshmen write: read first, then shown. Everything is noted."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.platform.audit import service as audit
from app.welcome.errors import (
    DecisionReasonMissing,
    MatterDecided,
    MatterNotFound,
    MuteDaysInvalid,
    WordInvalid,
)
from app.welcome.events import NoteDecided, ReportSettled
from app.welcome.models import (
    Admission,
    CompanionMute,
    CompanionPost,
    CompanionSwitch,
    CompanionWord,
    Mode,
    NoteStatus,
    PostStatus,
    Report,
)
from app.welcome.queries import moderation as queries
from app.welcome.service import screening

MOST_DAYS = 30
OUTCOMES = ("dismissed", "hidden", "muted", "renamed")


def approve_note(session: Session, *, by: Caller, post_id: str) -> None:
    """Others read it from now on. Raises MatterNotFound, MatterDecided."""
    _decide_note(session, by, post_id, NoteStatus.APPROVED, None)


def refuse_note(session: Session, *, by: Caller, post_id: str, reason: str) -> None:
    """Nobody will read it; the author learns why. The rest of the post stays. Raises also DecisionReasonMissing."""
    _decide_note(session, by, post_id, NoteStatus.REFUSED, checked_reason(reason))


def _decide_note(session: Session, by: Caller, post_id: str, status: NoteStatus, reason: str | None) -> None:
    post = queries.note_for(session, by, post_id)
    changed = rows_changed(
        session,
        update(CompanionPost)
        .where(CompanionPost.id == post.id, CompanionPost.note_status == NoteStatus.PENDING)
        .values(note_status=status, note_reason=reason),
    )
    if not changed:
        raise MatterDecided()
    outbox.emit(session, NoteDecided(post.id))
    _note(session, by, f"note_{status}", "welcome_companion", post_id)


def hide_post(session: Session, *, by: Caller, post_id: str, reason: str) -> None:
    """Take a whole post off the board; its author learns why, its threads fall silent."""
    post = queries.note_for(session, by, post_id)
    said = checked_reason(reason)
    changed = rows_changed(
        session,
        update(CompanionPost)
        .where(CompanionPost.id == post.id, CompanionPost.status != PostStatus.HIDDEN)
        .values(status=PostStatus.HIDDEN, status_reason=said, closed_at=clock.now()),
    )
    if not changed:
        raise MatterDecided()
    outbox.emit(session, NoteDecided(post.id))
    _note(session, by, "post_hidden", "welcome_companion", post_id)


def mute_author(session: Session, *, by: Caller, post_id: str, days: int, reason: str) -> None:
    """Whoever wrote this post neither posts nor writes for some days."""
    _mute(session, by, queries.note_for(session, by, post_id).person_id, days, checked_reason(reason))


def settle_report(
    session: Session, *, by: Caller, report_id: str, outcome: str, answer: str, days: int = 0
) -> None:
    """Answer a report: nothing wrong, its post hidden, the person muted, or the nickname taken away.

    Raises MatterNotFound, MatterDecided, DecisionReasonMissing, MuteDaysInvalid; then the report stays open.
    """
    report = queries.report_for(session, by, report_id)
    said = checked_reason(answer)
    if outcome not in OUTCOMES:
        raise MatterNotFound()
    changed = rows_changed(
        session,
        update(Report)
        .where(Report.id == report.id, Report.settled_at.is_(None))
        .values(outcome=outcome, answer=said, settled_by_id=by.person_id, settled_at=clock.now()),
    )
    if not changed:
        raise MatterDecided()
    post, _said = queries.subject_of(session, report)
    if outcome == "hidden":
        if post is None or post.person_id != report.reported_id:
            raise MatterNotFound()
        hide_post(session, by=by, post_id=post.public_id, reason=said)
    elif outcome == "muted":
        _mute(session, by, report.reported_id, days, said)
    elif outcome == "renamed":
        session.execute(
            update(Admission).where(Admission.person_id == report.reported_id).values(nickname=None)
        )
    outbox.emit(session, ReportSettled(report.id))
    _note(session, by, f"report_{outcome}", "welcome_report", report_id)


def _mute(session: Session, by: Caller, person_id: int, days: int, reason: str) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise MuteDaysInvalid()
    values = {
        "until": clock.now() + timedelta(days=days),
        "reason": reason,
        "by_id": by.person_id,
        "created_at": clock.now(),
    }
    session.execute(
        insert(CompanionMute)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    _note(session, by, "muted", "person", person_id, str(days))


def set_mode(session: Session, *, by: Caller, mode: Mode) -> None:
    """The one switch: all on, no free text and no messages, or the whole board off. Holds at once."""
    values = {"mode": mode, "changed_by_id": by.person_id, "changed_at": clock.now()}
    session.execute(
        insert(CompanionSwitch)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=["id"], set_=values)
    )
    _note(session, by, "companions_switched", "welcome_companion_switch", 1, mode)


def add_word(session: Session, *, by: Caller, word: str) -> None:
    """From now on no text may hold it, however it is spaced. Raises WordInvalid."""
    given = screening.plain(word).strip()
    if not 2 <= len(given) <= 20:
        raise WordInvalid(details={"word": [WordInvalid.msgid]})
    session.execute(
        insert(CompanionWord)
        .values(word=given, added_by_id=by.person_id, added_at=clock.now())
        .on_conflict_do_nothing(index_elements=["word"])
    )
    _note(session, by, "word_added", "welcome_companion_word", given)


def remove_word(session: Session, *, by: Caller, word_id: int) -> None:
    """May be run again."""
    session.execute(delete(CompanionWord).where(CompanionWord.id == word_id))
    _note(session, by, "word_removed", "welcome_companion_word", word_id)


def checked_reason(text: str) -> str:
    said = " ".join(text.split())
    if not 2 <= len(said) <= 100:
        raise DecisionReasonMissing(details={"reason": [DecisionReasonMissing.msgid]})
    return said


def _note(
    session: Session, by: Caller, action: str, object_type: str, object_id: int | str, *fields: str
) -> None:
    audit.record(
        session,
        by=by,
        action=f"welcome.{action}",
        object_type=object_type,
        object_id=object_id,
        fields=fields,
    )
