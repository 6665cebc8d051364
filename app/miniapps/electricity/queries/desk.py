"""What the console shows: cases, how systems run, volumes, rooms without a match, requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func, or_, select, true
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.miniapps.electricity.errors import CaseNotFound
from app.miniapps.electricity.models import (
    Binding,
    BindingStatus,
    Building,
    Case,
    CaseStatus,
    Meter,
    Room,
    System,
    TopUp,
    TopUpStatus,
)
from app.miniapps.electricity.service.bindings import CONSENT
from app.payments.queries.timeline import Timeline, timeline
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief, Place

READ = "electricity.read"
UNDER_WAY = (TopUpStatus.PAID, TopUpStatus.ACCEPTED)
MOST_UNMATCHED = 500


@dataclass(frozen=True)
class CaseView:
    case: AnyRow
    top_up: AnyRow
    place: Place
    opener: PersonBrief
    owner: PersonBrief | None
    order: Timeline | None


@dataclass(frozen=True)
class SystemView:
    """`waiting`: paid and not applied yet; `oldest` is since when."""

    system: AnyRow
    rooms: int
    unread: int
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True)
class Volume:
    day: date
    count: int
    fen: int


@dataclass(frozen=True)
class Unmatched:
    """A building and the door numbers that the vendor does not know."""

    building: str
    numbers: tuple[str, ...]


def open_cases(session: Session, caller: Caller) -> int:
    return int(session.scalar(select(func.count()).where(Case.status != CaseStatus.ANSWERED)) or 0)


def cases(session: Session, *, answered: bool, cursor: str | None = None, limit: int = 50) -> Page[Any]:
    """Open cases oldest first, answered ones newest first."""
    is_answered = Case.status == CaseStatus.ANSWERED
    stmt = (
        select(
            Case.id,
            Case.public_id,
            Case.kind,
            Case.status,
            Case.note,
            Case.answer,
            Case.opened_at,
            Case.answered_at,
            Case.opened_by_id,
            Case.owner_id,
            TopUp.fen,
            Room.room_id,
            System.title.label("system_title"),
        )
        .join(TopUp, TopUp.id == Case.top_up_id)
        .join(Room, Room.id == TopUp.room_id)
        .join(System, System.id == Room.system_id)
        .where(is_answered if answered else ~is_answered)
    )
    return page(session, stmt, keys=[Key("id", Case.id, descending=answered)], cursor=cursor, limit=limit)


def case_view(session: Session, public_id: str) -> CaseView:
    """Raises CaseNotFound."""
    case = session.execute(select(Case.__table__).where(Case.public_id == public_id)).first()
    if case is None:
        raise CaseNotFound()
    top_up = session.execute(
        select(TopUp.__table__, Meter.name.label("meter_name"), Room.room_id.label("place_id"))
        .join(Meter, Meter.id == TopUp.meter_id)
        .join(Room, Room.id == TopUp.room_id)
        .where(TopUp.id == case.top_up_id)
    ).one()
    return CaseView(
        case=case,
        top_up=top_up,
        place=directory.place(session, room_id=top_up.place_id),
        opener=directory.person(session, case.opened_by_id),
        owner=directory.person(session, case.owner_id) if case.owner_id else None,
        order=timeline(session, top_up.order_id) if top_up.order_id else None,
    )


def systems(session: Session) -> list[SystemView]:
    rows = session.execute(select(System.__table__).order_by(System.id)).all()
    return [_system(session, row) for row in rows]


def _system(session: Session, system: AnyRow) -> SystemView:
    rooms = session.execute(
        select(func.count(), func.count().filter(Room.problem.is_not(None))).where(
            Room.system_id == system.id
        )
    ).one()
    waiting = session.execute(
        select(func.count(), func.min(TopUp.paid_at))
        .join(Room, Room.id == TopUp.room_id)
        .where(Room.system_id == system.id, TopUp.status.in_(UNDER_WAY))
    ).one()
    return SystemView(system, rooms[0], rooms[1], waiting[0], waiting[1])


def volumes(session: Session, *, days: int = 30) -> list[Volume]:
    """Applied top-ups of each day, days without any too, oldest first."""
    first = clock.today() - timedelta(days=days - 1)
    day = cast(func.timezone("Asia/Shanghai", TopUp.applied_at), Date)
    rows = session.execute(
        select(day, func.count(), func.sum(TopUp.fen))
        .where(TopUp.applied_at >= clock.start_of_day(first))
        .group_by(day)
    )
    known = {row[0]: Volume(row[0], row[1], int(row[2])) for row in rows}
    every = (first + timedelta(days=n) for n in range(days))
    return [known.get(each, Volume(each, 0, 0)) for each in every]


def unmatched_of_vendors(session: Session) -> Sequence[AnyRow]:
    """Rooms that a vendor has and the directory has not."""
    return session.execute(
        select(Room.names, Room.vendor_key, System.title)
        .join(System, System.id == Room.system_id)
        .where(Room.room_id.is_(None))
        .order_by(System.id, Room.vendor_key)
        .limit(MOST_UNMATCHED)
    ).all()


def unmatched_of_directory(session: Session) -> list[Unmatched]:
    """Rooms of served buildings that no vendor has, by building."""
    ids = session.scalars(select(Building.building_id).order_by(Building.id)).all()
    matched = set(session.scalars(select(Room.room_id).where(Room.room_id.is_not(None))))
    places = directory.places_of_buildings(session, ids)
    found = []
    for building_id in ids:
        numbers = tuple(
            room.number for room in directory.rooms(session, building_id) if room.id not in matched
        )
        if numbers:
            found.append(Unmatched(places[building_id].text, numbers))
    return found


def waiting_requests(session: Session, caller: Caller) -> int:
    return int(session.scalar(select(func.count()).where(*_requests(caller))) or 0)


def requests(session: Session, caller: Caller) -> list[tuple[AnyRow, Place, PersonBrief]]:
    """Requests of the buildings and colleges where the caller may consent, oldest first."""
    rows = session.execute(
        select(Binding.public_id, Binding.person_id, Binding.requested_at, Room.room_id.label("place_id"))
        .join(Room, Room.id == Binding.room_id)
        .where(*_requests(caller))
        .order_by(Binding.id)
        .limit(200)
    ).all()
    places = directory.places(session, [row.place_id for row in rows])
    people = directory.people(session, [row.person_id for row in rows])
    return [(row, places[row.place_id], people[row.person_id]) for row in rows]


def _requests(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    scope = caller.scope(CONSENT)
    inside = (
        true()
        if scope.everything
        else or_(Binding.building_id.in_(scope.building_ids), Binding.unit_id.in_(scope.unit_ids))
    )
    return (Binding.status == BindingStatus.REQUESTED, inside)
