"""Tell a person something, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Text, bindparam, case, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.module import MessageKind
from app.kit.prepared import Prepared
from app.platform.notifications.events import MessageQueued
from app.platform.notifications.models import Delivery, Message, Preference, Push, Status
from app.platform.notifications.service import catalogue

_silent: ContextVar[bool] = ContextVar("notifications_silent", default=False)
_table = cast("Table", Message.__table__)
_is_muted = exists().where(
    Preference.person_id == bindparam("reader"),
    Preference.muted.contains(func.jsonb_build_array(bindparam("group", type_=Text))),
)
_INSERT = Prepared(
    insert(_table)
    .values(
        push=func.coalesce(
            bindparam("fate", type_=Text), case((_is_muted, Push.MUTED.value), else_=Push.QUEUED.value)
        )
    )
    .on_conflict_do_nothing(index_elements=["person_id", "key"])
    .returning(_table.c.id, _table.c.push)
)


def tell(
    session: Session,
    *,
    kind: str,
    person_id: int,
    params: dict[str, Any],
    key: str,
    matter: str | None = None,
) -> None:
    """Put a message into the person's message centre and push it later, in the caller's transaction.

    The same key for the same person twice is one message. Of `params` only what the kind shows is kept, and
    its twin `…_en` for those who read English.
    What is muted is not pushed; neither is, for one person, more than four times one matter. Raises KeyError
    for an unknown kind or a missing param.
    """
    declared = catalogue.kind_of(kind)
    gaps = sorted(catalogue.gaps(declared))
    twins = [f"{name}_en" for name in gaps if f"{name}_en" in params]
    kept = {name: str(params[name]) for name in (*gaps, *twins)}
    row = _INSERT.first(
        session,
        public_id=ids.public_id("msg"),
        person_id=person_id,
        key=key,
        kind=kind,
        title=declared.title,
        text=declared.text,
        params=kept,
        link=declared.link % kept,
        matter=matter,
        reader=person_id,
        group=kind.partition(".")[0],
        fate=Push.SEEDED if _silent.get() else _unless_muted(declared),
        created_at=clock.now(),
    )
    if row is not None and row.push == Push.QUEUED:
        outbox.emit(session, MessageQueued(row.id))


def _unless_muted(kind: MessageKind) -> Push | None:
    """None lets the person's wishes decide."""
    return Push.QUEUED if kind.is_urgent or not kind.can_be_muted else None


@contextmanager
def already_sent() -> Iterator[None]:
    """Messages told inside are not pushed; `mark_all_sent` makes them as if they had been."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def mark_all_sent(session: Session, *, read_before: datetime | None = None) -> int:
    """Record all that waits, or was told silently, as pushed: for the demo's invented past. Returns how many
    waited. What is older than `read_before` counts as read.

    Events of the former stay in the outbox and do nothing when delivered.
    """
    waiting = update(Message).where(Message.push == Push.QUEUED).values(push=Push.SEEDED)
    waited = db.rows_changed(session, waiting)
    _note_as_sent(session)
    if read_before is not None:
        session.execute(
            update(Message)
            .where(Message.read_at.is_(None), Message.created_at < read_before)
            .values(read_at=Message.created_at)
        )
    return waited


def _note_as_sent(session: Session) -> None:
    when = Message.created_at
    columns = (
        "message_id",
        "step",
        "status",
        "client_msg_id",
        "attempts",
        "created_at",
        "sent_at",
        "done_at",
    )
    rows = select(
        Message.id,
        literal("template"),
        literal(Status.DELIVERED.value),
        Message.public_id,
        literal(1),
        when,
        when.label("sent_at"),
        when.label("done_at"),
    ).where(Message.push == Push.SEEDED)
    session.execute(
        insert(Delivery)
        .from_select(columns, rows)
        .on_conflict_do_nothing(index_elements=["message_id", "step"])
    )
