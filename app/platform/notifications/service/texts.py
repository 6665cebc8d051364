"""Text messages: to the phone on file, or to somebody else about the person; at most once, and not many a day.

Lock order: the message or text, then the person's lock, then that of somebody else's phone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.notifications.events import MessageQueued, TextEnded, TextQueued
from app.platform.notifications.models import REACHED, Delivery, Status, TextMessage
from app.platform.notifications.service import catalogue

PER_DAY = 6
"""Text messages to one person on one day (Shanghai's), whatever they are about."""
CODES_PER_DAY = 4
"""Of these for texts without a message: whoever asks for codes again and again can't keep the notice away."""
OTHERS_PER_DAY = 6
"""To others about one person: they are counted by themselves. To one such phone, too, whomever they are about."""
PERSON_LOCK = 7306
PHONE_LOCK = 7316
LIVES = timedelta(minutes=10)
STEP_LIVES = timedelta(hours=12)
LEFT_THE_HOUSE = (Status.SENT, Status.ACCEPTED, Status.DELIVERED, Status.FAILED, Status.UNKNOWN)
REPORTS_WITHIN = timedelta(days=2)
REPORTS_AFTER = timedelta(seconds=30)

Knows = Callable[[str], bool] | None
"""Whether the gateway has a template for a key; None without a gateway."""


@dataclass(frozen=True)
class TextCall:
    """A text message that is to be sent now; its intent is written."""

    text_id: int
    delivery_id: int | None
    number: str
    phone: str
    template: str
    params: Mapping[str, str]
    attempts: int

    def __repr__(self) -> str:
        return f"TextCall({self.text_id})"


@dataclass(frozen=True)
class WaitingText:
    """One whose report is still to come."""

    text_id: int
    serial: str
    phone: str
    sent_at: datetime

    def __repr__(self) -> str:
        return f"WaitingText({self.text_id})"


def text(session: Session, *, kind: str, person_id: int, params: Mapping[str, Any]) -> None:
    """Send a text message to the phone on file, soon, in the caller's transaction, with no message in the centre.

    For codes: nothing of it is ever shown again. Not sent any more after ten minutes. Raises KeyError for a kind
    that no module declares in `texts`.
    """
    if not catalogue.is_text(kind):
        raise KeyError(kind)
    text_id = _insert(session, person_id=person_id, kind=kind, params=params, lives=LIVES)
    outbox.emit(session, TextQueued(text_id))


def text_other(
    session: Session,
    *,
    kind: str,
    person_id: int,
    phone: str,
    params: Mapping[str, Any],
    subject: str,
    expires_at: datetime | None = None,
) -> None:
    """Send a text message about the person to somebody else's phone, soon, in the caller's transaction.

    What became of it is told by TextEnded under `subject`, also a second time when the carrier takes it back. Not
    sent any more after `expires_at`, or twelve hours. Raises KeyError for a kind that no module declares in `texts`.
    """
    if not catalogue.is_text(kind):
        raise KeyError(kind)
    text_id = _insert(
        session,
        person_id=person_id,
        kind=kind,
        params=params,
        lives=STEP_LIVES,
        phone=phone,
        subject=subject,
        expires_at=expires_at,
    )
    outbox.emit(session, TextQueued(text_id))


def begin(session: Session, text_id: int, knows: Knows) -> TextCall | None:
    """Write the intent of a text; None when it is over, or an earlier call was lost: then it stays unknown."""
    row = session.scalar(select(TextMessage).where(TextMessage.id == text_id).with_for_update())
    if row is None or row.status not in (Status.QUEUED, Status.SENT):
        return None
    if row.status == Status.SENT:
        _end(session, row, Status.UNKNOWN, "no_answer")
        return None
    late = clock.now() >= row.expires_at
    why = "too_late" if late else _row_hindrance(session, row, knows)
    if why:
        _end(session, row, Status.SKIPPED, why)
        return None
    return _intend(session, row)


def intend(
    session: Session, *, person_id: int, kind: str, delivery_id: int, params: Mapping[str, Any]
) -> TextCall:
    """The text message of a step of the ladder; the same row at a second attempt."""
    row = session.scalar(select(TextMessage).where(TextMessage.delivery_id == delivery_id).with_for_update())
    if row is None:
        made = _insert(
            session,
            person_id=person_id,
            kind=kind,
            params=params,
            lives=STEP_LIVES,
            delivery_id=delivery_id,
        )
        row = session.get_one(TextMessage, made)
    return _intend(session, row)


def hindrance(session: Session, *, person_id: int, kind: str, knows: Knows) -> str:
    """Why nothing can be sent to the person now; "" when it can. Holds the person's lock until the end."""
    return _hindrance(session, person_id, kind, knows, PER_DAY)


def _row_hindrance(session: Session, row: TextMessage, knows: Knows) -> str:
    most = OTHERS_PER_DAY if row.subject else CODES_PER_DAY
    return _hindrance(
        session, row.person_id, row.kind, knows, most, is_other=row.subject is not None, phone=row.phone
    )


def _hindrance(
    session: Session,
    person_id: int,
    kind: str,
    knows: Knows,
    most: int,
    *,
    is_other: bool = False,
    phone: str | None = None,
) -> str:
    if knows is None:
        return "no_sms_client"
    if not knows(kind):
        return "no_template"
    if not (phone if is_other else directory.phone_of(session, person_id)):
        return "no_phone"
    session.execute(select(func.pg_advisory_xact_lock(PERSON_LOCK, person_id % 2**31)))
    sent = session.scalar(
        select(func.count()).where(
            TextMessage.person_id == person_id,
            TextMessage.created_at >= clock.start_of_day(clock.today()),
            TextMessage.status.in_(LEFT_THE_HOUSE),
            TextMessage.subject.is_not(None) if is_other else TextMessage.subject.is_(None),
        )
    )
    if (sent or 0) >= most or (is_other and phone and _is_phone_full(session, phone)):
        return "sms_quota"
    return ""


def _is_phone_full(session: Session, phone: str) -> bool:
    """Whoever names a stranger's phone as his mother's can't have it flooded."""
    index = directory.phone_index(phone)
    session.execute(select(func.pg_advisory_xact_lock(PHONE_LOCK, func.hashtext(index))))
    sent = session.scalar(
        select(func.count()).where(
            TextMessage.phone_index == index,
            TextMessage.created_at >= clock.start_of_day(clock.today()),
            TextMessage.status.in_(LEFT_THE_HOUSE),
        )
    )
    return (sent or 0) >= OTHERS_PER_DAY


def settle(session: Session, call: TextCall, status: Status, *, error: str = "", serial: str = "") -> None:
    """Note the outcome of a call, once."""
    values: dict[str, Any] = {"status": status, "error": error or None, "serial": serial or None}
    if status != Status.QUEUED:
        values |= {"params": None, "done_at": clock.now()}
    if status != Status.QUEUED and status not in REACHED:
        values["phone"] = None
    settled = session.scalar(
        update(TextMessage)
        .where(TextMessage.id == call.text_id, TextMessage.status == Status.SENT)
        .values(**values)
        .returning(TextMessage.subject)
    )
    if settled and status != Status.QUEUED:
        outbox.emit(session, TextEnded(settled, status.value, error))


def lose(session: Session, delivery_id: int) -> None:
    """The answer to this step's call is lost: whether it was sent nobody knows."""
    session.execute(
        update(TextMessage)
        .where(TextMessage.delivery_id == delivery_id, TextMessage.status == Status.SENT)
        .values(status=Status.UNKNOWN, error="no_answer", params=None, done_at=clock.now())
    )


def waiting_for_report(session: Session, *, limit: int) -> list[WaitingText]:
    """Those whose report may be there by now, the longest unasked first; asking is noted."""
    moment = clock.now()
    rows = session.scalars(
        select(TextMessage)
        .where(
            TextMessage.status == Status.ACCEPTED,
            TextMessage.sent_at > moment - REPORTS_WITHIN,
            TextMessage.sent_at < moment - REPORTS_AFTER,
        )
        .order_by(TextMessage.asked_at.nulls_first(), TextMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    found = []
    for row in rows:
        row.asked_at = moment
        phone = row.phone if row.subject else directory.phone_of(session, row.person_id)
        if phone and row.serial and row.sent_at:
            found.append(WaitingText(row.id, row.serial, phone, row.sent_at))
    return found


def note_report(session: Session, text_id: int, *, is_delivered: bool, reason: str) -> None:
    """What the carrier says. When it did not arrive, the next step of the ladder takes its turn."""
    status = Status.DELIVERED if is_delivered else Status.FAILED
    row = session.execute(
        update(TextMessage)
        .where(TextMessage.id == text_id, TextMessage.status == Status.ACCEPTED)
        .values(status=status, error=None if is_delivered else reason[:40], done_at=clock.now(), phone=None)
        .returning(TextMessage.delivery_id, TextMessage.subject)
    ).one_or_none()
    if row is not None and row.subject and not is_delivered:
        outbox.emit(session, TextEnded(row.subject, status.value, reason[:40]))
    if row is None or row.delivery_id is None:
        return
    message_id = session.scalar(
        update(Delivery)
        .where(Delivery.id == row.delivery_id, Delivery.status == Status.ACCEPTED)
        .values(status=status, error=None if is_delivered else reason[:40], done_at=clock.now())
        .returning(Delivery.message_id)
    )
    if message_id is not None and not is_delivered:
        outbox.emit(session, MessageQueued(message_id))


def _insert(
    session: Session,
    *,
    person_id: int,
    kind: str,
    params: Mapping[str, Any],
    lives: timedelta,
    delivery_id: int | None = None,
    phone: str | None = None,
    subject: str | None = None,
    expires_at: datetime | None = None,
) -> int:
    moment = clock.now()
    return session.scalars(
        insert(TextMessage)
        .values(
            number=ids.serial("T", clock.today()),
            person_id=person_id,
            kind=kind,
            delivery_id=delivery_id,
            phone=phone,
            phone_index=directory.phone_index(phone) if phone else None,
            subject=subject,
            params=json.dumps({name: str(value) for name, value in params.items()}, ensure_ascii=False),
            status=Status.QUEUED,
            attempts=0,
            created_at=moment,
            expires_at=expires_at or moment + lives,
        )
        .returning(TextMessage.id)
    ).one()


def _intend(session: Session, row: TextMessage) -> TextCall:
    """Reading the phone is noted: the number leaves the house."""
    phone = row.phone if row.subject else directory.phone_of(session, row.person_id)
    assert phone  # `hindrance` looked
    assert row.params is not None
    row.status, row.sent_at, row.attempts = Status.SENT, clock.now(), row.attempts + 1
    audit.record(
        session,
        by=None,
        action="notifications.text_sent",
        object_type="person",
        object_id=row.person_id,
        fields=[row.kind, row.id],
    )
    params = json.loads(row.params)
    return TextCall(row.id, row.delivery_id, row.number, phone, row.kind, params, row.attempts)


def _end(session: Session, row: TextMessage, status: Status, error: str) -> None:
    row.status, row.error, row.params, row.phone, row.done_at = status, error, None, None, clock.now()
    if row.subject:
        outbox.emit(session, TextEnded(row.subject, status.value, error))


def forget_old(session: Session, *, keep: timedelta = timedelta(days=90)) -> int:
    """Rows of text messages go after three months."""
    before = clock.now() - keep
    return db.rows_changed(session, delete(TextMessage).where(TextMessage.created_at < before))
