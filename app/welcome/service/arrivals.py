"""A freshman's way to the campus: booking, changing, cancelling, confirming a new time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.welcome.errors import (
    ArrivalChanged,
    ArrivalInvalid,
    ArrivalNotFound,
    ArrivalOver,
    SlotFull,
    SlotNotFound,
)
from app.welcome.models import Admission, Arrival, ArrivalStatus, Boarding, Season, Slot, Station
from app.welcome.queries.admissions import admission_of

MOST_COMPANIONS, MOST_LUGGAGE = 6, 20


@dataclass(frozen=True)
class Way:
    """What a person says. With a slot the bus fetches them; without, `expected_at` is when they come themselves."""

    slot_id: str | None
    companions: int
    luggage: int
    vehicle: str = ""
    expected_at: datetime | None = None


def plan_arrival(session: Session, *, by: Caller, way: Way, version: int | None = None) -> str:
    """Book, or change what was booked (`version` as it was read); returns the arrival's public id.

    A slot's places are exact however many come at once: they are taken by one conditional UPDATE, whose row
    count is believed. Locks: the arrival's row, then slots in the order of their ids.
    """
    admission = admission_of(session, by.person_id)
    _check(way)
    _check_open(admission)
    old = _locked(session, admission.id)
    if old is not None:
        _check_old(old, version)
    slot = _slot(session, way.slot_id, admission.season_id) if way.slot_id else None
    heads = 1 + way.companions
    gives = old.slot_id if old and old.slot_id is not None else None
    _exchange(
        session,
        gives=(gives, 1 + old.companions) if old and gives is not None else None,
        takes=(slot.id, heads) if slot else None,
        at=slot.starts_at if slot else None,
    )
    values = {
        "slot_id": slot.id if slot else None,
        "expected_at": slot.starts_at if slot else _own_time(session, way, admission),
        "vehicle": way.vehicle.strip()[:30] or None,
        "companions": way.companions,
        "luggage": way.luggage,
        "status": ArrivalStatus.PLANNED,
        "notice": None,
        "updated_at": clock.now(),
    }
    return _write(session, admission.id, old, values)


def cancel_arrival(session: Session, *, by: Caller, version: int) -> None:
    """Give the places back."""
    admission = admission_of(session, by.person_id)
    old = _locked(session, admission.id)
    if old is None or old.status == ArrivalStatus.CANCELLED:
        raise ArrivalNotFound()
    _check_old(old, version)
    _exchange(session, gives=(old.slot_id, 1 + old.companions) if old.slot_id else None, takes=None)
    _write_cancelled(session, old.id)


def _write_cancelled(session: Session, arrival_id: int) -> None:
    session.execute(
        update(Arrival)
        .where(Arrival.id == arrival_id)
        .values(
            status=ArrivalStatus.CANCELLED,
            slot_id=None,
            notice=None,
            version=Arrival.version + 1,
            updated_at=clock.now(),
        )
    )


def confirm_arrival(session: Session, *, by: Caller, version: int) -> None:
    """The new time suits. Safe to repeat."""
    admission = admission_of(session, by.person_id)
    old = _locked(session, admission.id)
    if old is None:
        raise ArrivalNotFound()
    if old.notice is None:
        return
    if old.version != version or old.notice != "moved":
        raise ArrivalChanged()
    session.execute(
        update(Arrival)
        .where(Arrival.id == old.id)
        .values(notice=None, version=Arrival.version + 1, updated_at=clock.now())
    )


def release_arrival(session: Session, admission_id: int) -> None:
    """Whoever will not come needs no place on a bus. Safe to repeat."""
    old = _locked(session, admission_id)
    if old is None or old.status != ArrivalStatus.PLANNED:
        return
    _exchange(session, gives=(old.slot_id, 1 + old.companions) if old.slot_id else None, takes=None)
    _write_cancelled(session, old.id)


def note_arrived(session: Session, admission_id: int) -> None:
    """The desk has seen the person. Safe to repeat."""
    old = _locked(session, admission_id)
    if old is None or old.status not in (ArrivalStatus.PLANNED, ArrivalStatus.BOARDED):
        return
    session.execute(
        update(Arrival)
        .where(Arrival.id == old.id)
        .values(
            status=ArrivalStatus.ARRIVED, notice=None, version=Arrival.version + 1, updated_at=clock.now()
        )
    )


def note_not_arrived(session: Session, admission_id: int) -> None:
    """The desk was wrong: on their way again, as before. Safe to repeat."""
    has_boarded = select(Boarding.id).where(Boarding.admission_id == admission_id).exists()
    session.execute(
        update(Arrival)
        .where(Arrival.admission_id == admission_id, Arrival.status == ArrivalStatus.ARRIVED)
        .values(
            status=case((has_boarded, ArrivalStatus.BOARDED.value), else_=ArrivalStatus.PLANNED.value),
            version=Arrival.version + 1,
            updated_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )


def _check(way: Way) -> None:
    wrong = {}
    if not 0 <= way.companions <= MOST_COMPANIONS:
        wrong["companions"] = [ArrivalInvalid.msgid]
    if not 0 <= way.luggage <= MOST_LUGGAGE:
        wrong["luggage"] = [ArrivalInvalid.msgid]
    if way.slot_id is None and way.expected_at is None:
        wrong["expected"] = [ArrivalInvalid.msgid]
    if wrong:
        raise ArrivalInvalid(details=wrong)


def _check_open(admission: Admission) -> None:
    if admission.status not in ("admitted", "excused"):
        raise ArrivalOver()


def _check_old(old: Any, version: int | None) -> None:
    if old.status in (ArrivalStatus.BOARDED, ArrivalStatus.ARRIVED):
        raise ArrivalOver()
    if old.status != ArrivalStatus.CANCELLED and old.version != version:
        raise ArrivalChanged()


def _own_time(session: Session, way: Way, admission: Admission) -> datetime:
    """Within the season's days of arrival."""
    season = session.get_one(Season, admission.season_id)
    moment = way.expected_at
    if moment is None or not season.arrives_on <= clock.local(moment).date() <= season.arrival_ends_on:
        raise ArrivalInvalid(details={"expected": [ArrivalInvalid.msgid]})
    return moment


def _locked(session: Session, admission_id: int) -> Any:
    return session.execute(
        select(
            Arrival.id, Arrival.slot_id, Arrival.companions, Arrival.status, Arrival.notice, Arrival.version
        )
        .where(Arrival.admission_id == admission_id)
        .with_for_update()
    ).first()


def _slot(session: Session, slot_id: str, season_id: int) -> Any:
    found = session.execute(
        select(Slot.id, Slot.starts_at)
        .join(Station, Station.id == Slot.station_id)
        .where(Slot.public_id == slot_id, Slot.season_id == season_id, Station.is_active)
    ).first()
    if found is None:
        raise SlotNotFound()
    return found


def _exchange(
    session: Session,
    *,
    gives: tuple[int, int] | None,
    takes: tuple[int, int] | None,
    at: datetime | None = None,
) -> None:
    """Move heads between slots, the smaller id first; `at` is when the taken one starts, as the person was told.

    Raises SlotFull; SlotNotFound when the slot was closed or moved meanwhile.
    """
    changes: dict[int, int] = {}
    if gives:
        changes[gives[0]] = -gives[1]
    if takes:
        changes[takes[0]] = changes.get(takes[0], 0) + takes[1]
    for slot_id, heads in sorted(changes.items()):
        is_taken = takes is not None and slot_id == takes[0]
        stmt = update(Slot).where(Slot.id == slot_id).values(taken=Slot.taken + heads)
        if is_taken:
            stmt = stmt.where(
                Slot.status == "open",
                Slot.starts_at > clock.now(),
                Slot.starts_at == at,
                Slot.taken + heads <= Slot.capacity,
            )
        if not db.rows_changed(session, stmt.execution_options(synchronize_session=False)) and is_taken:
            raise _why_not(session, slot_id, at)


def _why_not(session: Session, slot_id: int, at: datetime | None) -> SlotFull | SlotNotFound:
    row = session.execute(
        select(Slot.status, Slot.starts_at, Slot.capacity, Slot.taken).where(Slot.id == slot_id)
    ).one()
    if row.status != "open" or row.starts_at <= clock.now() or row.starts_at != at:
        return SlotNotFound()
    return SlotFull(left=row.capacity - row.taken)


def _write(session: Session, admission_id: int, old: Any, values: dict[str, Any]) -> str:
    if old is not None:
        return session.execute(
            update(Arrival)
            .where(Arrival.id == old.id)
            .values(version=Arrival.version + 1, **values)
            .returning(Arrival.public_id)
        ).scalar_one()
    made = session.execute(
        insert(Arrival)
        .values(
            public_id=ids.public_id("arr"),
            admission_id=admission_id,
            version=1,
            created_at=clock.now(),
            **values,
        )
        .on_conflict_do_nothing(index_elements=["admission_id"])
        .returning(Arrival.public_id)
    ).scalar()
    if made is None:  # the same person, at the same moment, on another phone
        raise ArrivalChanged()
    return made
