"""The worker's side: take, decline, arrive, hold, resume, finish."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.platform.files import service as files
from app.repairs.errors import AfterPhotoMissing, HoldTooLong, TooManyPhotos
from app.repairs.models import Category, TicketPhoto
from app.repairs.service import moves
from app.repairs.service.clocks import AUTO_CLOSE_AFTER

MAX_PHOTOS = 6
_FAULT = Prepared(select(Category.needs_after_photo).where(Category.id == bindparam("category_id")))


def take_ticket(session: Session, *, by: Caller, ticket_id: str, version: int) -> None:
    """接单: the accept clock stops."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "take", version=version, session=session)
    now = clock.now()
    late = ticket.accept_due_at is not None and now > ticket.accept_due_at
    values = {"taken_at": now, "is_accept_late": late, "next_due_at": ticket.resolve_due_at}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values)


def decline_ticket(
    session: Session, *, by: Caller, ticket_id: str, version: int, reason: str, note: str = ""
) -> None:
    """退单 back to the dispatcher; the resolve clock goes on."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "decline", version=version, session=session)
    why = moves.reason_of(session, "decline", reason, note)
    payload = {"from_worker_id": ticket.worker_id}
    moves.apply(
        session,
        by=by,
        ticket=ticket,
        action=action,
        values=unassigned(ticket),
        reason=why.code,
        note=note,
        payload=payload,
    )


def unassigned(ticket: AnyRow) -> dict[str, object]:
    """Back on the dispatcher's desk."""
    return {
        "worker_id": None,
        "accept_due_at": None,
        "taken_at": None,
        "next_due_at": ticket.resolve_due_at,
    }


def arrive_ticket(
    session: Session, *, by: Caller, ticket_id: str, version: int, door_code: str | None = None
) -> None:
    """到场, by scanning the door's code or by two taps; which of them is noted."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "arrive", version=version, session=session)
    payload = {"proof": "door_code" if door_code else "tap"}
    moves.apply(
        session, by=by, ticket=ticket, action=action, values={"arrived_at": clock.now()}, payload=payload
    )


def hold_ticket(
    session: Session,
    *,
    by: Caller,
    ticket_id: str,
    version: int,
    reason: str,
    until: datetime,
    note: str = "",
) -> None:
    """挂起 until a moment. The resolve clock pauses only when the reason says so."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "hold", version=version, session=session)
    why = moves.reason_of(session, "hold", reason, note)
    now = clock.now()
    if not now < until <= now + timedelta(days=why.longest_days):
        raise HoldTooLong(days=why.longest_days)
    values = {
        "hold_reason": why.code,
        "hold_until": until,
        "paused_at": now if why.pauses_clock else None,
        "next_due_at": until if why.pauses_clock else min(until, ticket.resolve_due_at),
    }
    payload = {"until": until.isoformat(), "pauses": why.pauses_clock}
    moves.apply(
        session,
        by=by,
        ticket=ticket,
        action=action,
        values=values,
        reason=why.code,
        note=note,
        payload=payload,
    )


def resume_ticket(session: Session, *, by: Caller, ticket_id: str, version: int | None) -> None:
    """恢复: the clock runs again from where it stood."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "resume", version=version, session=session)
    now = clock.now()
    values = moves.unpause(moves.clock_of(session, ticket), ticket, now)
    values["next_due_at"] = values.get("resolve_due_at", ticket.resolve_due_at)
    values["arrived_at"] = ticket.arrived_at or now
    moves.apply(session, by=by, ticket=ticket, action=action, values=values)


def finish_ticket(
    session: Session,
    *,
    by: Caller,
    ticket_id: str,
    version: int,
    note: str = "",
    photos: tuple[str, ...] = (),
) -> None:
    """完工 with photos where the fault asks for one. The reporter has 7 days to confirm or refuse."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "finish", version=version, session=session)
    if not photos and _FAULT.first(session, category_id=ticket.category_id).needs_after_photo:
        raise AfterPhotoMissing(details={"photos": [AfterPhotoMissing.msgid]})
    add_photos(session, by=by, ticket=ticket, photos=photos, kind="after")
    now = clock.now()
    values = {
        "finished_at": now,
        "is_resolve_late": now > ticket.resolve_due_at,
        "next_due_at": now + AUTO_CLOSE_AFTER,
    }
    payload = {"resolve_due_at": ticket.resolve_due_at.isoformat(), "photos": len(photos)}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, note=note, payload=payload)


def add_photos(session: Session, *, by: Caller, ticket: AnyRow, photos: tuple[str, ...], kind: str) -> None:
    """Tie uploaded photos to the ticket. Raises when one is not the caller's or already in use."""
    if len(photos) > MAX_PHOTOS:
        raise TooManyPhotos()
    if not photos:
        return
    ids = files.claim_photos(
        session, by=by, public_ids=photos, object_type="repairs.ticket", object_id=ticket.public_id
    )
    now = clock.now()
    session.execute(
        insert(TicketPhoto),
        [{"ticket_id": ticket.id, "photo_id": id_, "kind": kind, "added_at": now} for id_ in ids],
    )
