"""What WeChat tells afterwards about a push, and about what people agreed to."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.outbox import RetryLater
from app.platform.notifications.events import MessageQueued
from app.platform.notifications.models import Delivery, Status
from app.platform.notifications.service import credits

SETTLES_WITHIN = timedelta(minutes=10)
"""The outcome may overtake our own note of the msgid. Older news is of somebody else's messages."""
ASK_AGAIN = timedelta(seconds=5)


def note_template_outcome(session: Session, *, msgid: str, status: str, at: datetime) -> None:
    """Delivered, or failed: then the next step of the ladder takes its turn. Raises RetryLater."""
    is_delivered = status == "success"
    row = session.execute(
        update(Delivery)
        .where(Delivery.msgid == msgid, Delivery.step == "template", Delivery.status == Status.ACCEPTED)
        .values(
            status=Status.DELIVERED if is_delivered else Status.FAILED,
            error=None if is_delivered else status.removeprefix("failed:").strip()[:40],
            done_at=clock.now(),
        )
        .returning(Delivery.message_id)
    ).one_or_none()
    if row is not None and not is_delivered:
        outbox.emit(session, MessageQueued(row.message_id))
    elif row is None and not _is_known(session, msgid) and clock.now() - at < SETTLES_WITHIN:
        raise RetryLater(ASK_AGAIN)


def _is_known(session: Session, msgid: str) -> bool:
    return session.scalar(select(Delivery.id).where(Delivery.msgid == msgid).limit(1)) is not None


def note_subscription_change(
    session: Session, *, openid: str, template_id: str, change: str, answer: str, msgid: str
) -> None:
    """One more credit, none any more, or the outcome of a subscription message."""
    if change == "sent":
        _note_sent(session, openid=openid, error=answer, msgid=msgid)
    elif answer == "accept":
        if change == "popup":
            credits.add(session, openid=openid, template_id=template_id)
    elif change == "change":
        credits.clear(session, openid=openid, template_id=template_id)


def _note_sent(session: Session, *, openid: str, error: str, msgid: str) -> None:
    """WeChat gave no id with the call: the oldest accepted message without one is meant."""
    if _is_known(session, msgid):
        return
    meant = (
        select(Delivery.id)
        .where(
            Delivery.openid == openid,
            Delivery.step == "subscription",
            Delivery.status.in_([Status.ACCEPTED, Status.SENT, Status.UNKNOWN]),
            Delivery.msgid.is_(None),
        )
        .order_by(Delivery.id)
        .limit(1)
        .with_for_update()
    )
    is_delivered = error in ("", "0")
    row = session.execute(
        update(Delivery)
        .where(Delivery.id == meant.scalar_subquery())
        .values(
            status=Status.DELIVERED if is_delivered else Status.FAILED,
            error=None if is_delivered else error[:40],
            msgid=msgid,
            done_at=clock.now(),
        )
        .returning(Delivery.message_id)
    ).one_or_none()
    if row is not None and not is_delivered:
        outbox.emit(session, MessageQueued(row.message_id))
