"""Reads of arrivals: what a freshman may choose, what the dispatcher sees coming."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.welcome.models import Admission, Arrival, ArrivalStatus, Boarding, Season, Shuttle, Slot, Station

EXPECTED = (ArrivalStatus.PLANNED, ArrivalStatus.BOARDED)


@dataclass(frozen=True)
class Hour:
    """Heads of one station in one hour. `station` None: on their own."""

    hour: datetime
    station_id: int | None
    people: int
    companions: int
    luggage: int
    boarded: int

    @property
    def heads(self) -> int:
        return self.people + self.companions


def days_of(season: Season) -> list[date]:
    count = (season.arrival_ends_on - season.arrives_on).days + 1
    return [season.arrives_on + timedelta(days=at) for at in range(count)]


def stations(session: Session, *, all_of_them: bool = False) -> Sequence[Station]:
    stmt = select(Station).order_by(Station.id)
    return session.scalars(stmt if all_of_them else stmt.where(Station.is_active)).all()


def slots_on(session: Session, *, season_id: int, station_id: str, day: date) -> Sequence[AnyRow]:
    """What can be booked at a station on a day, with the places that are left."""
    starts = clock.start_of_day(day)
    return session.execute(
        select(
            Slot.public_id,
            Slot.starts_at,
            Slot.ends_at,
            (Slot.capacity - Slot.taken).label("left"),
        )
        .join(Station, Station.id == Slot.station_id)
        .where(
            Slot.season_id == season_id,
            Station.public_id == station_id,
            Station.is_active,
            Slot.status == "open",
            Slot.starts_at >= max(starts, clock.now()),
            Slot.starts_at < starts + timedelta(days=1),
        )
        .order_by(Slot.starts_at)
    ).all()


def find_arrival(session: Session, admission_id: int) -> AnyRow | None:
    """What somebody booked, with its slot and station."""
    return session.execute(
        select(
            Arrival.public_id,
            Arrival.status,
            Arrival.notice,
            Arrival.expected_at,
            Arrival.vehicle,
            Arrival.companions,
            Arrival.luggage,
            Arrival.version,
            Slot.public_id.label("slot_id"),
            Slot.starts_at,
            Slot.ends_at,
            Station.public_id.label("station_id"),
            Station.name,
            Station.name_en,
            Station.address,
        )
        .outerjoin(Slot, Slot.id == Arrival.slot_id)
        .outerjoin(Station, Station.id == Slot.station_id)
        .where(Arrival.admission_id == admission_id)
    ).first()


def hours(session: Session, *, season_id: int, day: date) -> list[Hour]:
    """Hour × station × heads of a day, in one statement."""
    starts = clock.start_of_day(day)
    hour = func.date_trunc("hour", Arrival.expected_at).label("hour")
    rows = session.execute(
        select(
            hour,
            Slot.station_id,
            func.count().label("people"),
            func.sum(Arrival.companions).label("companions"),
            func.sum(Arrival.luggage).label("luggage"),
            func.count(case((Arrival.status == ArrivalStatus.BOARDED, 1))).label("boarded"),
        )
        .join(Admission, Admission.id == Arrival.admission_id)
        .outerjoin(Slot, Slot.id == Arrival.slot_id)
        .where(
            Admission.season_id == season_id,
            Arrival.status.in_((*EXPECTED, ArrivalStatus.ARRIVED)),
            Arrival.expected_at >= starts,
            Arrival.expected_at < starts + timedelta(days=1),
        )
        .group_by(hour, Slot.station_id)
        .order_by(hour, Slot.station_id)
    )
    return [Hour(r.hour, r.station_id, r.people, int(r.companions), int(r.luggage), r.boarded) for r in rows]


def scale(session: Session, season_id: int) -> float:
    """By how much more people will come than have registered: all who are awaited over those who said when."""
    awaited, said = session.execute(
        select(func.count(), func.count(Arrival.id))
        .select_from(Admission)
        .outerjoin(
            Arrival, (Arrival.admission_id == Admission.id) & (Arrival.status != ArrivalStatus.CANCELLED)
        )
        .where(
            Admission.season_id == season_id,
            Admission.status.in_(("admitted", "excused", "registered")),
        )
    ).one()
    return float(awaited) / said if said else 0.0


def slots(session: Session, *, season_id: int, day: date) -> Sequence[AnyRow]:
    """For the desk: every slot of a day."""
    starts = clock.start_of_day(day)
    return session.execute(
        select(
            Slot.public_id,
            Slot.starts_at,
            Slot.ends_at,
            Slot.capacity,
            Slot.taken,
            Slot.status,
            Slot.version,
            Station.name,
        )
        .join(Station, Station.id == Slot.station_id)
        .where(
            Slot.season_id == season_id,
            Slot.starts_at >= starts,
            Slot.starts_at < starts + timedelta(days=1),
        )
        .order_by(Slot.starts_at, Station.id)
    ).all()


def shuttles(session: Session, *, season_id: int, day: date) -> Sequence[AnyRow]:
    starts = clock.start_of_day(day)
    return session.execute(
        _shuttle_columns()
        .where(
            Shuttle.season_id == season_id,
            Shuttle.leaves_at >= starts,
            Shuttle.leaves_at < starts + timedelta(days=1),
        )
        .order_by(Shuttle.leaves_at, Shuttle.id)
    ).all()


def find_shuttle(session: Session, public_id: str) -> AnyRow | None:
    return session.execute(_shuttle_columns().where(Shuttle.public_id == public_id)).first()


def boardings(session: Session, shuttle_id: str) -> Sequence[AnyRow]:
    """Who is on a bus, the last one first: 80 heads at most."""
    return session.execute(
        select(Admission.public_id, Admission.person_id, Boarding.heads, Boarding.boarded_at)
        .join(Admission, Admission.id == Boarding.admission_id)
        .join(Shuttle, Shuttle.id == Boarding.shuttle_id)
        .where(Shuttle.public_id == shuttle_id)
        .order_by(Boarding.id.desc())
    ).all()


def _shuttle_columns() -> Any:
    return select(
        Shuttle.public_id,
        Shuttle.leaves_at,
        Shuttle.seats,
        Shuttle.taken,
        Shuttle.plate,
        Shuttle.driver,
        Shuttle.status,
        Station.name,
    ).join(Station, Station.id == Shuttle.station_id)


def driver_list(session: Session, *, season_id: int, day: date) -> Iterable[AnyRow]:
    """Whom the drivers fetch on a day, by time and station; own ways are not among them."""
    starts = clock.start_of_day(day)
    return session.execute(
        select(
            Admission.person_id,
            Slot.starts_at,
            Slot.ends_at,
            Station.name,
            Arrival.vehicle,
            Arrival.companions,
            Arrival.luggage,
            Arrival.status,
        )
        .join(Admission, Admission.id == Arrival.admission_id)
        .join(Slot, Slot.id == Arrival.slot_id)
        .join(Station, Station.id == Slot.station_id)
        .where(
            Admission.season_id == season_id,
            Arrival.status.in_(EXPECTED),
            Slot.starts_at >= starts,
            Slot.starts_at < starts + timedelta(days=1),
        )
        .order_by(Slot.starts_at, Station.id, Arrival.id)
    ).all()
