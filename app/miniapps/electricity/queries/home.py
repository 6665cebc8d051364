"""One room as its people see it: what is left, how old that is, how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.miniapps.electricity.errors import BindingNotFound
from app.miniapps.electricity.models import (
    Binding,
    BindingStatus,
    Building,
    DailyUse,
    Meter,
    Reading,
    Room,
    System,
)
from app.miniapps.electricity.queries import rooms
from app.miniapps.electricity.service.readings import ELECTRIC, HUNDREDTH, kwh_of
from app.platform.directory import queries as directory
from app.platform.directory.queries import Place

STALE = timedelta(minutes=10)
AVERAGE_DAYS = 7
LONGEST_DAYS = 999


@dataclass(frozen=True)
class MeterView:
    """`kwh` and `fen` as the vendor tells them, None if it does not; `left` is kWh with the free quota.

    `days_left` by the average of the last week, `per_day`. `known_at` is the age of the value: the vendor's own
    time where it tells one.
    """

    code: str
    name: str
    kind: str
    kwh: Decimal | None
    fen: int | None
    subsidy_kwh: Decimal | None
    left: Decimal | None
    is_powered: bool | None
    known_at: datetime | None
    is_stale: bool
    per_day: Decimal | None
    days_left: int | None
    uses: tuple[tuple[date, Decimal | None], ...]

    @property
    def is_electric(self) -> bool:
        return self.kind in ELECTRIC

    @property
    def is_known(self) -> bool:
        return self.kwh is not None or self.fen is not None


@dataclass(frozen=True)
class RoomView:
    """`problem` is how the last question failed, if it did: away or unreadable."""

    binding: AnyRow
    place: Place
    system: AnyRow
    meters: tuple[MeterView, ...]
    read_at: datetime | None
    problem: str | None
    is_due: bool


def bindings_of(session: Session, person_id: int) -> list[tuple[AnyRow, Place]]:
    """Rooms of a person, live and requested, and for a while those of a graduate; the own room first."""
    rows = session.execute(
        select(
            Binding.public_id,
            Binding.status,
            Binding.proof,
            Binding.started_at,
            Binding.requested_at,
            Binding.ended_at,
            Binding.readable_until,
            Room.room_id.label("place_id"),
        )
        .join(Room, Room.id == Binding.room_id)
        .where(
            Binding.person_id == person_id,
            (Binding.status != BindingStatus.ENDED) | (Binding.readable_until >= clock.today()),
        )
        .order_by(Binding.status == BindingStatus.ENDED, Binding.proof != "roster", Binding.id)
    ).all()
    places = directory.places(session, [row.place_id for row in rows])
    return [(row, places[row.place_id]) for row in rows if row.place_id in places]


def binding_for(session: Session, person_id: int, public_id: str, *, is_live: bool = True) -> AnyRow:
    """One's own binding with its room. Raises BindingNotFound."""
    stmt = (
        select(Binding.__table__, Room.room_id.label("place_id"))
        .join(Room, Room.id == Binding.room_id)
        .where(Binding.public_id == public_id, Binding.person_id == person_id)
    )
    row = session.execute(stmt).first()
    if row is None or (is_live and row.status != BindingStatus.LIVE):
        raise BindingNotFound()
    if row.status == BindingStatus.REQUESTED or (row.status == BindingStatus.ENDED and not _readable(row)):
        raise BindingNotFound()
    return row


def _readable(row: AnyRow) -> bool:
    return row.readable_until is not None and row.readable_until >= clock.today()


def room_view(session: Session, binding: AnyRow, *, days: int = AVERAGE_DAYS) -> RoomView:
    """As it is known now; no vendor is asked. Of an ended stay nothing after its end is shown."""
    room = session.execute(select(Room.__table__).where(Room.id == binding.room_id)).one()
    system = session.execute(select(System.__table__).where(System.id == room.system_id)).one()
    rows = session.execute(
        select(Meter.id, Meter.code, Meter.name, Meter.kind)
        .where(Meter.room_id == room.id, ~Meter.is_gone)
        .order_by(Meter.id)
    ).all()
    until = clock.local(binding.ended_at).date() if binding.ended_at else clock.today()
    return RoomView(
        binding=binding,
        place=directory.place(session, room_id=room.room_id),
        system=system,
        meters=tuple(_meter_view(session, row, system, until, days) for row in rows),
        read_at=room.read_at,
        problem=room.problem,
        is_due=binding.ended_at is None and not rooms.facts(session, room.id).is_fresh,
    )


def _meter_view(session: Session, meter: AnyRow, system: AnyRow, until: date, days: int) -> MeterView:
    reading = session.execute(
        select(Reading.__table__)
        .where(Reading.meter_id == meter.id, Reading.day <= until)
        .order_by(Reading.day.desc())
        .limit(1)
    ).first()
    uses = _uses(session, meter.id, until, max(days, AVERAGE_DAYS))
    left = kwh_of(reading, system.price_fen) if reading else None
    known = [kwh for day, kwh in uses if kwh is not None and day < until][-AVERAGE_DAYS:]
    per_day = (sum(known, Decimal(0)) / len(known)).quantize(HUNDREDTH) if known else None
    known_at = (reading.as_of or reading.fetched_at) if reading else None
    return MeterView(
        code=meter.code,
        name=meter.name,
        kind=meter.kind,
        kwh=reading.kwh if reading else None,
        fen=reading.fen if reading else None,
        subsidy_kwh=reading.subsidy_kwh if reading else None,
        left=left,
        is_powered=reading.is_powered if reading else None,
        known_at=known_at,
        is_stale=known_at is not None and known_at < clock.now() - STALE,
        per_day=per_day,
        days_left=_days_left(left, per_day),
        uses=tuple(uses[-days:]),
    )


def _days_left(left: Decimal | None, per_day: Decimal | None) -> int | None:
    if left is None or not per_day:
        return None
    return min(max(int(left / per_day), 0), LONGEST_DAYS)


def _uses(session: Session, meter_id: int, until: date, days: int) -> list[tuple[date, Decimal | None]]:
    """A value for each day, None where nothing is known; the present day is not over and not in it."""
    last = until - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    rows: Sequence[AnyRow] = session.execute(
        select(DailyUse.day, DailyUse.kwh).where(
            DailyUse.meter_id == meter_id, DailyUse.day >= first, DailyUse.day <= last
        )
    ).all()
    known = {row.day: row.kwh for row in rows}
    return [(day, known.get(day)) for day in (first + timedelta(days=n) for n in range(days))]


def requests_to_decide(session: Session, person_id: int) -> list[tuple[AnyRow, Place, str]]:
    """Requests for the rooms where this person is bound and a roommate may consent, with masked names."""
    mine = select(Binding.room_id).where(Binding.person_id == person_id, Binding.status == BindingStatus.LIVE)
    rows = session.execute(
        select(Binding.public_id, Binding.person_id, Binding.requested_at, Room.room_id.label("place_id"))
        .join(Room, Room.id == Binding.room_id)
        .join(Building, Building.building_id == Binding.building_id)
        .where(
            Binding.status == BindingStatus.REQUESTED,
            Binding.room_id.in_(mine),
            Binding.person_id != person_id,
            Building.policy == "roommate",
        )
        .order_by(Binding.id)
        .limit(20)
    ).all()
    people = directory.people(session, [row.person_id for row in rows])
    places = directory.places(session, [row.place_id for row in rows])
    return [(row, places[row.place_id], people[row.person_id].name) for row in rows]
