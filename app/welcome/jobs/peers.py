"""Telling freshmen that somebody waits for them. No name and no word of the other goes into a message."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.platform.notifications import service as notifications
from app.welcome import regions
from app.welcome.events import (
    CompanionWrote,
    ExchangeAccepted,
    ExchangeAsked,
    JoinAccepted,
    JoinAsked,
    NoteDecided,
    ReportSettled,
)
from app.welcome.models import (
    CHANNEL_LABELS,
    Admission,
    Channel,
    CompanionMessage,
    CompanionPost,
    CompanionThread,
    Exchange,
    ExchangeStatus,
    NoteStatus,
    PostStatus,
    Report,
    ThreadStatus,
)
from app.welcome.service.companions import close_past


def on_exchange_asked(session: Session, event: ExchangeAsked) -> None:
    row = session.get(Exchange, event.exchange_id)
    if row is not None and row.status == ExchangeStatus.ASKED:
        _tell_of_exchange(session, row, "welcome.exchange_asked", row.other_id, row.asker_id)


def on_exchange_accepted(session: Session, event: ExchangeAccepted) -> None:
    row = session.get(Exchange, event.exchange_id)
    if row is not None and row.status == ExchangeStatus.ACCEPTED:
        _tell_of_exchange(session, row, "welcome.exchange_accepted", row.asker_id, row.other_id)


def _tell_of_exchange(session: Session, row: Exchange, kind: str, person_id: int, about_id: int) -> None:
    """The link leads to the other's page, which shows what the reader may see now."""
    mate = session.scalar(
        select(Admission.public_id).where(Admission.person_id == about_id).order_by(Admission.id.desc())
    )
    key = f"welcome:exchange:{row.id}"
    params = {"channel": CHANNEL_LABELS[Channel(row.channel)], "mate_id": mate, "time": _now()}
    notifications.tell(
        session, kind=kind, person_id=person_id, params=params, key=f"{key}:{kind}", matter=key
    )


def on_join_asked(session: Session, event: JoinAsked) -> None:
    thread = session.get(CompanionThread, event.thread_id)
    if thread is not None and thread.status == ThreadStatus.ASKED:
        _tell_of_thread(session, thread, "welcome.join_asked", thread.author_id, "asked")


def on_join_accepted(session: Session, event: JoinAccepted) -> None:
    thread = session.get(CompanionThread, event.thread_id)
    if thread is not None and thread.status == ThreadStatus.ACCEPTED:
        _tell_of_thread(session, thread, "welcome.join_accepted", thread.joiner_id, "accepted")


def on_companion_wrote(session: Session, event: CompanionWrote) -> None:
    """One notice an hour of each thread, however many messages."""
    message = session.get(CompanionMessage, event.message_id)
    thread = session.get(CompanionThread, message.thread_id) if message else None
    if message is None or thread is None or thread.status != ThreadStatus.ACCEPTED:
        return
    reader = thread.joiner_id if message.writer_id == thread.author_id else thread.author_id
    _tell_of_thread(session, thread, "welcome.companion_wrote", reader, f"{message.created_at:%y%m%d%H}")


def _tell_of_thread(session: Session, thread: CompanionThread, kind: str, person_id: int, once: str) -> None:
    post = session.get_one(CompanionPost, thread.post_id)
    key = f"welcome:thread:{thread.id}"
    params = {
        "city": regions.city(post.city),
        "day": post.travels_on.isoformat(),
        "thread_id": thread.public_id,
        "time": _now(),
    }
    notifications.tell(
        session, kind=kind, person_id=person_id, params=params, key=f"{key}:{once}", matter=key
    )


def on_note_decided(session: Session, event: NoteDecided) -> None:
    post = session.get(CompanionPost, event.post_id)
    if post is None:
        return
    if post.status == PostStatus.HIDDEN:
        kind, reason = "welcome.post_hidden", post.status_reason
    elif post.note_status == NoteStatus.REFUSED:
        kind, reason = "welcome.note_refused", post.note_reason
    elif post.note_status == NoteStatus.APPROVED:
        kind, reason = "welcome.note_approved", ""
    else:
        return
    params = {"reason": reason or "", "time": _now()}
    key = f"welcome:post:{post.id}:{kind}"
    notifications.tell(session, kind=kind, person_id=post.person_id, params=params, key=key)


def on_report_settled(session: Session, event: ReportSettled) -> None:
    """The reporter learns the answer; whoever was muted learns of it when they next try."""
    report = session.get(Report, event.report_id)
    if report is None or report.settled_at is None:
        return
    notifications.tell(
        session,
        kind="welcome.report_settled",
        person_id=report.reporter_id,
        params={"answer": report.answer or "", "time": _now()},
        key=f"welcome:report:{report.id}",
    )


def close_past_posts(*, clients: Any) -> None:
    """The schedule's handler: journeys that are over leave the board."""
    with unit_of_work() as session:
        close_past(session)


def _now() -> str:
    return f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
