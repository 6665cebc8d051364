"""What the desk decides about stations and slots, and whom it must tell."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.welcome.errors import (
    SlotChanged,
    SlotInvalid,
    SlotNotFound,
    SlotSmallerThanTaken,
    SlotTwin,
    StationNotFound,
)
from app.welcome.events import SlotClosed, SlotMoved
from app.welcome.models import Arrival, ArrivalStatus, Season, Slot, Station, StationKind

LONGEST = timedelta(hours=12)
MOST_PLACES = 5000


def add_station(
    session: Session, *, by: Caller | None, name: str, kind: str, address: str, name_en: str | None = None
) -> str:
    """A place where the school meets people; returns its public id."""
    if not name.strip() or kind not in set(StationKind):
        raise SlotInvalid(details={"name": [SlotInvalid.msgid]})
    check_seen(name=name, name_en=name_en or "", address=address)
    public_id = ids.public_id("stn")
    try:
        with session.begin_nested():
            session.execute(
                insert(Station).values(
                    public_id=public_id,
                    name=name.strip()[:60],
                    name_en=(name_en or "").strip()[:80] or None,
                    kind=kind,
                    address=address.strip()[:200],
                    is_active=True,
                )
            )
    except IntegrityError:
        raise SlotTwin() from None
    audit.record(session, by=by, action="welcome.station_added", object_type="station", object_id=public_id)
    return public_id


def set_station_active(session: Session, *, by: Caller, station_id: str, is_active: bool) -> None:
    """A station that is not active takes no new bookings; what is booked stays."""
    if not db.rows_changed(
        session, update(Station).where(Station.public_id == station_id).values(is_active=is_active)
    ):
        raise StationNotFound()
    action = "welcome.station_opened" if is_active else "welcome.station_closed"
    audit.record(session, by=by, action=action, object_type="station", object_id=station_id)


def add_slot(
    session: Session,
    *,
    by: Caller | None,
    season_id: int,
    station_id: str,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
) -> str:
    """Places on the buses of a station from–to; returns the slot's public id."""
    _check(session.get_one(Season, season_id), starts_at, ends_at, capacity)
    station = session.scalar(select(Station.id).where(Station.public_id == station_id))
    if station is None:
        raise StationNotFound()
    public_id = ids.public_id("slt")
    try:
        with session.begin_nested():
            session.execute(
                insert(Slot).values(
                    public_id=public_id,
                    season_id=season_id,
                    station_id=station,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    capacity=capacity,
                    taken=0,
                    status="open",
                    version=1,
                )
            )
    except IntegrityError:
        raise SlotTwin() from None
    audit.record(session, by=by, action="welcome.slot_added", object_type="slot", object_id=public_id)
    return public_id


def resize_slot(session: Session, *, by: Caller, slot_id: str, capacity: int) -> None:
    """More places, or fewer; never fewer than are booked."""
    if not 0 < capacity <= MOST_PLACES:
        raise SlotInvalid(details={"capacity": [SlotInvalid.msgid]})
    if not db.rows_changed(
        session,
        update(Slot)
        .where(Slot.public_id == slot_id, Slot.taken <= capacity)
        .values(capacity=capacity, version=Slot.version + 1),
    ):
        raise SlotSmallerThanTaken(taken=slot_row(session, slot_id).taken)
    audit.record(session, by=by, action="welcome.slot_resized", object_type="slot", object_id=slot_id)


def move_slot(
    session: Session, *, by: Caller, slot_id: str, version: int, starts_at: datetime, ends_at: datetime
) -> int:
    """Another time. Everybody booked is told and asked to confirm; returns how many bookings."""
    slot = slot_row(session, slot_id)
    _check(session.get_one(Season, slot.season_id), starts_at, ends_at, slot.capacity)
    _lock_bookings(session, slot.id)
    try:
        with session.begin_nested():
            moved = db.rows_changed(
                session,
                update(Slot)
                .where(Slot.id == slot.id, Slot.version == version, Slot.status == "open")
                .values(starts_at=starts_at, ends_at=ends_at, version=Slot.version + 1),
            )
    except IntegrityError:
        raise SlotTwin() from None
    if not moved:
        raise SlotChanged()
    affected = _note(session, slot.id, notice="moved", expected_at=starts_at)
    outbox.emit(session, SlotMoved(slot.id, version + 1))
    audit.record(session, by=by, action="welcome.slot_moved", object_type="slot", object_id=slot_id)
    return affected


def close_slot(session: Session, *, by: Caller, slot_id: str, version: int) -> int:
    """No bus at that time. Those booked lose their places and are asked to choose anew; returns how many."""
    slot = slot_row(session, slot_id)
    _lock_bookings(session, slot.id)
    if not db.rows_changed(
        session,
        update(Slot)
        .where(Slot.id == slot.id, Slot.version == version, Slot.status == "open")
        .values(status="closed", taken=0, version=Slot.version + 1),
    ):
        raise SlotChanged()
    lost = session.scalars(
        update(Arrival)
        .where(Arrival.slot_id == slot.id, Arrival.status == ArrivalStatus.PLANNED)
        .values(slot_id=None, notice="closed", version=Arrival.version + 1, updated_at=clock.now())
        .returning(Arrival.id)
    ).all()
    outbox.emit(session, SlotClosed(slot.id, list(lost)))
    audit.record(session, by=by, action="welcome.slot_closed", object_type="slot", object_id=slot_id)
    return len(lost)


def slot_row(session: Session, slot_id: str) -> Slot:
    found = session.scalar(
        select(Slot).where(Slot.public_id == slot_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise SlotNotFound()
    return found


def _lock_bookings(session: Session, slot_id: int) -> None:
    """Bookings before their slot, as whoever changes a booking locks them."""
    session.execute(
        select(Arrival.id).where(Arrival.slot_id == slot_id).order_by(Arrival.id).with_for_update()
    )


def _note(session: Session, slot_id: int, *, notice: str, expected_at: datetime) -> int:
    return db.rows_changed(
        session,
        update(Arrival)
        .where(Arrival.slot_id == slot_id, Arrival.status == ArrivalStatus.PLANNED)
        .values(
            notice=notice,
            expected_at=expected_at,
            version=Arrival.version + 1,
            updated_at=clock.now(),
        ),
    )


def _check(season: Season, starts_at: datetime, ends_at: datetime, capacity: int) -> None:
    """On one of the season's days of arrival: on any other no page would show it."""
    if not season.arrives_on <= clock.local(starts_at).date() <= season.arrival_ends_on:
        raise SlotInvalid(details={"starts": [SlotInvalid.msgid]})
    if not timedelta(0) < ends_at - starts_at <= LONGEST or not 0 < capacity <= MOST_PLACES:
        raise SlotInvalid(details={"ends": [SlotInvalid.msgid]})
