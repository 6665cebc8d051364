"""Phones of others in queued and sent texts: taken back, replaced, or no longer needed."""

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.platform.notifications.events import TextEnded
from app.platform.notifications.models import Status, TextMessage
from app.platform.notifications.service.texts import REPORTS_WITHIN


def cancel_texts(session: Session, *, person_id: int, subject: str, why: str = "") -> None:
    """Texts about the person that are not sent yet, whose subject begins with `subject`, are not sent any more.

    With `why` their end is told by TextEnded; without, nobody need hear of it.
    """
    rows = session.scalars(
        select(TextMessage)
        .where(
            TextMessage.person_id == person_id,
            TextMessage.subject.startswith(subject, autoescape=True),
            TextMessage.status == Status.QUEUED,
        )
        .order_by(TextMessage.id)
        .with_for_update()
    ).all()
    for row in rows:
        _cancel(session, row, why)


def take_back_phone(session: Session, *, person_id: int, starts: str, ends: str, why: str) -> None:
    """As `cancel_texts`, by both ends of the subject; and the phone goes from those that were sent, too."""
    rows = session.scalars(
        select(TextMessage)
        .where(
            TextMessage.person_id == person_id,
            TextMessage.subject.startswith(starts, autoescape=True),
            TextMessage.subject.endswith(ends, autoescape=True),
            TextMessage.phone.is_not(None),
        )
        .order_by(TextMessage.id)
        .with_for_update()
    ).all()
    for row in rows:
        if row.status == Status.QUEUED:
            _cancel(session, row, why)
        row.phone = None


def forget_phones(session: Session) -> int:
    """Of texts whose report does not come any more, or that nobody sent; how many."""
    before = clock.now() - REPORTS_WITHIN
    sent_at = func.coalesce(TextMessage.sent_at, TextMessage.created_at)
    return db.rows_changed(
        session,
        update(TextMessage)
        .where(sent_at < before, or_(TextMessage.phone.is_not(None), TextMessage.phone_index.is_not(None)))
        .values(phone=None, phone_index=None),
    )


def _cancel(session: Session, row: TextMessage, why: str) -> None:
    row.status, row.error, row.params, row.phone = Status.SKIPPED, why or "cancelled", None, None
    row.done_at = clock.now()
    if why and row.subject:
        outbox.emit(session, TextEnded(row.subject, Status.SKIPPED.value, why))
