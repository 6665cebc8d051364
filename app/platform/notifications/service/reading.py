"""People read, wish, and are phoned."""

from collections.abc import Collection
from datetime import time

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.kit.errors import NotFound
from app.platform.audit import service as audit
from app.platform.notifications.errors import CallSettled, PhoneUnknown
from app.platform.notifications.models import Delivery, Message, Preference, Status
from app.platform.privacy import service as privacy


def mark_read(session: Session, *, by: Caller, public_id: str) -> str:
    """Mark one's own message as read; returns the page it speaks of. Raises NotFound."""
    mine = (Message.public_id == public_id, Message.person_id == by.person_id)
    link = session.scalar(select(Message.link).where(*mine))
    if link is None:
        raise NotFound()
    session.execute(update(Message).where(*mine, Message.read_at.is_(None)).values(read_at=clock.now()))
    return link


def mark_all_read(session: Session, *, by: Caller) -> int:
    """Mark all of one's own messages as read; returns how many were not."""
    return _mark(session, Message.person_id == by.person_id)


def mark_read_about(session: Session, *, person_id: int, link: str) -> int:
    """The person has the page before them that these messages speak of."""
    return _mark(session, Message.person_id == person_id, Message.link == link)


def _mark(session: Session, *clauses: object) -> int:
    unread = update(Message).where(*clauses, Message.read_at.is_(None))  # type: ignore[arg-type]
    return rows_changed(session, unread.values(read_at=clock.now()))


def set_wishes(
    session: Session, *, by: Caller, muted: Collection[str], quiet: tuple[time, time] | None
) -> None:
    """Keep what the caller wishes. `quiet` None: the house's quiet hours; the same hour twice: never."""
    values = {
        "muted": sorted(set(muted)),
        "quiet_from": quiet[0] if quiet else None,
        "quiet_until": quiet[1] if quiet else None,
        "changed_at": clock.now(),
    }
    session.execute(
        insert(Preference)
        .values(person_id=by.person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def note_call(session: Session, *, by: Caller, delivery_id: int, was_reached: bool) -> None:
    """Somebody phoned. Raises CallSettled when somebody else did so before."""
    changed = rows_changed(
        session,
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.step == "call_list",
            Delivery.status == Status.QUEUED,
        )
        .values(
            status=Status.DELIVERED if was_reached else Status.FAILED,
            error=None if was_reached else "not_reached",
            attempts=Delivery.attempts + 1,
            done_at=clock.now(),
            done_by=by.person_id,
        ),
    )
    if changed != 1:
        raise CallSettled()
    audit.record(session, by=by, action="notifications.phoned", object_type="delivery", object_id=delivery_id)


def phone_to_call(session: Session, *, by: Caller, delivery_id: int) -> str:
    """The full number of somebody on the call list; noted in audit. Raises NotFound, PhoneUnknown."""
    person_id = session.scalar(
        select(Message.person_id)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.id == delivery_id, Delivery.step == "call_list", Delivery.status == Status.QUEUED)
    )
    if person_id is None:
        raise NotFound()
    reason = f"notifications.call_list:{delivery_id}"
    phone = privacy.reveal_phone(session, by=by, person_id=person_id, reason=reason)
    if not phone:
        raise PhoneUnknown()
    return phone
