"""Whether a message is pushed now, and what every step of its ladder needs to know."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.module import MessageKind
from app.kit.outbox import RetryLater
from app.platform.notifications.models import Delivery, Matter, Message, Preference, Push, Status
from app.platform.notifications.service import catalogue
from app.platform.notifications.service.quiet import quiet_until

PUSHES = 4
"""Pushes of one matter to one person; what can't be muted may use the last of them, the rest may not."""
TOO_OLD = timedelta(hours=36)
WAITED = timedelta(minutes=10)


@dataclass(frozen=True)
class Task:
    """A message on its way out."""

    message_id: int
    public_id: str
    person_id: int
    kind: MessageKind
    params: dict[str, Any]
    link: str
    matter: str | None

    @property
    def is_important(self) -> bool:
        """Worth a telephone call."""
        return self.kind.is_urgent or not self.kind.can_be_muted


def start(session: Session, message_id: int) -> Task | None:
    """The message, if it is to be pushed now or its pushing goes on; None if it shall not be.

    Raises RetryLater in quiet hours. Locks the message until the transaction ends.
    """
    row = session.execute(
        select(
            Message.id,
            Message.public_id,
            Message.person_id,
            Message.kind,
            Message.params,
            Message.link,
            Message.matter,
            Message.push,
            Message.created_at,
        )
        .where(Message.id == message_id, Message.push.in_([Push.QUEUED, Push.STARTED]))
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    kind = catalogue.kind_of(row.kind)
    if row.push == Push.QUEUED:
        verdict = _verdict(session, row, kind)
        session.execute(update(Message).where(Message.id == row.id).values(push=verdict))
        if verdict != Push.STARTED:
            return None
    elif not _is_half_way(session, row.id):
        _keep_quiet(session, row.person_id, kind)
    return Task(row.id, row.public_id, row.person_id, kind, row.params, row.link, row.matter)


def _verdict(session: Session, row: AnyRow, kind: MessageKind) -> Push:
    if not kind.is_urgent:
        age = clock.now() - row.created_at
        if age > TOO_OLD:
            return Push.EXPIRED
        _keep_quiet(session, row.person_id, kind)
        if age > WAITED and kind.can_be_muted and _is_superseded(session, row):
            return Push.SUPERSEDED
    if row.matter is None or _take_slot(session, row.person_id, row.matter, kind):
        return Push.STARTED
    return Push.LIMITED


def _keep_quiet(session: Session, person_id: int, kind: MessageKind) -> None:
    if kind.is_urgent or kind.answers_own_act:
        return
    own = session.execute(
        select(Preference.quiet_from, Preference.quiet_until).where(Preference.person_id == person_id)
    ).one_or_none()
    moment = clock.now()
    until = quiet_until(moment, starts=own.quiet_from if own else None, ends=own.quiet_until if own else None)
    if until is not None:
        raise RetryLater(until - moment)


def _is_superseded(session: Session, row: AnyRow) -> bool:
    """After a night, one push says where the matter stands now; what came before is in the centre."""
    if row.matter is None:
        return False
    newer = exists().where(
        Message.person_id == row.person_id,
        Message.matter == row.matter,
        Message.id > row.id,
        Message.push.in_([Push.QUEUED, Push.STARTED]),
    )
    return bool(session.scalar(select(newer)))


def _take_slot(session: Session, person_id: int, matter: str, kind: MessageKind) -> bool:
    """Count one push of the matter, unless it has had enough. Exact also when two messages race."""
    most = PUSHES - 1 if kind.can_be_muted else PUSHES
    moment = clock.now()
    stmt = insert(Matter).values(person_id=person_id, matter=matter, pushes=1, changed_at=moment)
    taken = session.scalar(
        stmt.on_conflict_do_update(
            index_elements=["person_id", "matter"],
            set_={"pushes": Matter.pushes + 1, "changed_at": moment},
            where=true() if kind.is_urgent else Matter.pushes < most,
        ).returning(Matter.pushes)
    )
    return taken is not None


def _is_half_way(session: Session, message_id: int) -> bool:
    """A call went out whose answer is not known: that is cleared up at any hour."""
    sent = exists().where(Delivery.message_id == message_id, Delivery.status == Status.SENT)
    return bool(session.scalar(select(sent)))
