"""Reads of notifications: a person's messages and wishes, the delivery log, the call list."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.kit import clock, paging
from app.kit.errors import NotFound
from app.kit.paging import Key, Page
from app.platform.identity import queries as identity
from app.platform.notifications.models import Delivery, Message, Preference, Quota, Status, TextMessage
from app.platform.notifications.service import catalogue
from app.platform.notifications.service.quiet import QUIET_FROM, QUIET_UNTIL

MessageRow = Row[str, str, str, dict[str, Any], str, str, datetime, datetime | None, int]
_MESSAGE = (
    Message.public_id,
    Message.title,
    Message.text,
    Message.params,
    Message.kind,
    Message.link,
    Message.created_at,
    Message.read_at,
    Message.id,
)
_DELIVERY = (
    Delivery.id,
    Delivery.step,
    Delivery.status,
    Delivery.error,
    Delivery.attempts,
    Delivery.created_at,
    Delivery.done_at,
    Message.person_id,
    Message.title,
    Message.text,
    Message.params,
    Message.kind,
    Message.link,
    Message.matter,
)


@dataclass(frozen=True)
class Wishes:
    """What a person wishes; `is_own` says whether the quiet hours are their own."""

    muted: frozenset[str]
    quiet_from: time
    quiet_until: time
    is_own: bool

    @property
    def is_never_quiet(self) -> bool:
        return self.quiet_from == self.quiet_until


def follows(session: Session, person_id: int) -> bool:
    """Whether template messages reach the person; who does not follow is offered to (`/m/follow`)."""
    found = identity.openid_of(session, person_id)
    return found is not None and found.is_following


def messages_of(session: Session, person_id: int, *, cursor: str | None, limit: int = 20) -> Page[MessageRow]:
    """The message centre, newest first."""
    stmt = select(*_MESSAGE).where(Message.person_id == person_id)
    return paging.page(
        session, stmt, keys=[Key("id", Message.id, descending=True)], cursor=cursor, limit=limit
    )


def unread_count(session: Session, person_id: int) -> int:
    """Unread messages, counted up to 100."""
    unread = (
        select(Message.id).where(Message.person_id == person_id, Message.read_at.is_(None)).limit(100)
    ).subquery()
    return session.scalar(select(func.count()).select_from(unread)) or 0


def wishes_of(session: Session, person_id: int) -> Wishes:
    """The person's wishes, or the house's rules."""
    row = session.get(Preference, person_id)
    if row is None or row.quiet_from is None or row.quiet_until is None:
        return Wishes(frozenset(row.muted if row else ()), QUIET_FROM, QUIET_UNTIL, False)
    return Wishes(frozenset(row.muted), row.quiet_from, row.quiet_until, True)


def mutable_groups() -> list[tuple[str, str]]:
    """(module key, title) of the modules that have something to mute."""
    return [
        (module.key, module.title)
        for module in catalogue.speaking_modules()
        if any(kind.can_be_muted and not kind.is_urgent for kind in module.message_kinds)
    ]


def deliveries(
    session: Session, *, status: str = "", step: str = "", group: str = "", cursor: str | None
) -> Page[Any]:
    """The delivery log, newest first."""
    stmt = select(*_DELIVERY).join(Message, Message.id == Delivery.message_id)
    if status:
        stmt = stmt.where(Delivery.status == status)
    if step:
        stmt = stmt.where(Delivery.step == step)
    if group:
        stmt = stmt.where(Message.kind.startswith(f"{group}.", autoescape=True))
    keys = [Key("id", Delivery.id, descending=True)]
    return paging.page(session, stmt, keys=keys, cursor=cursor, limit=50)


def delivery(session: Session, delivery_id: int) -> Any:
    """One line of the log. Raises NotFound."""
    row = session.execute(
        select(*_DELIVERY).join(Message, Message.id == Delivery.message_id).where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def steps_of_message(session: Session, delivery_id: int) -> list[Any]:
    """All steps of the message that a line of the log belongs to, in order."""
    message_id = select(Delivery.message_id).where(Delivery.id == delivery_id).scalar_subquery()
    columns = (Delivery.step, Delivery.status, Delivery.error, Delivery.attempts, Delivery.created_at)
    stmt = select(*columns, Delivery.done_at).where(Delivery.message_id == message_id)
    return list(session.execute(stmt.order_by(Delivery.id)))


def outcomes_today(session: Session) -> dict[str, int]:
    """How today's deliveries stand, by status (Shanghai's day)."""
    since = clock.start_of_day(clock.today())
    rows = session.execute(
        select(Delivery.status, func.count()).where(Delivery.created_at >= since).group_by(Delivery.status)
    )
    return {status: count for status, count in rows}


def template_messages_today(session: Session) -> tuple[int, datetime | None]:
    """How many template messages left today, and until when WeChat wants no more."""
    row = session.execute(
        select(Quota.used, Quota.stopped_until).where(Quota.day == clock.today(), Quota.step == "template")
    ).one_or_none()
    return (row.used, row.stopped_until) if row else (0, None)


def open_calls(session: Session, *, cursor: str | None) -> Page[Any]:
    """People who are to be phoned, the longest waiting first."""
    stmt = (
        select(*_DELIVERY)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.step == "call_list", Delivery.status == Status.QUEUED)
    )
    return paging.page(session, stmt, keys=[Key("id", Delivery.id)], cursor=cursor, limit=50)


def open_call_count(session: Session) -> int:
    """How many wait to be phoned."""
    waiting = select(func.count()).where(Delivery.step == "call_list", Delivery.status == Status.QUEUED)
    return session.scalar(waiting) or 0


def is_to_be_phoned(session: Session, person_id: int, matter: str) -> bool:
    """Whether somebody should phone this person about this matter (未关注，请电话)."""
    found = (
        select(Delivery.id)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Delivery.step == "call_list",
            Delivery.status == Status.QUEUED,
            Message.person_id == person_id,
            Message.matter == matter,
        )
        .limit(1)
    )
    return session.scalar(found) is not None


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """Everything told to a person, and their wishes."""
    columns = (Message.title, Message.text, Message.params, Message.created_at, Message.read_at)
    rows = session.execute(select(*columns).where(Message.person_id == person_id).order_by(Message.id))
    wishes = wishes_of(session, person_id)
    sent = select(TextMessage.kind, TextMessage.status, TextMessage.created_at)
    texts = session.execute(sent.where(TextMessage.person_id == person_id).order_by(TextMessage.id))
    return {
        "text_messages": [
            {"kind": row.kind, "status": row.status, "at": row.created_at.isoformat()} for row in texts
        ],
        "messages": [
            {
                "title": row.title,
                "text": row.text % row.params,
                "at": row.created_at.isoformat(),
                "read_at": row.read_at.isoformat() if row.read_at else None,
            }
            for row in rows
        ],
        "muted": sorted(wishes.muted),
        "quiet": [f"{wishes.quiet_from:%H:%M}", f"{wishes.quiet_until:%H:%M}"],
    }
