"""Reads of top-ups: to deliver, to show to the payer, to list for the room."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.miniapps.electricity.errors import TopUpNotFound
from app.miniapps.electricity.models import (
    Binding,
    BindingStatus,
    Case,
    Meter,
    Purchase,
    Room,
    Share,
    System,
    TopUp,
    TopUpStatus,
)
from app.miniapps.electricity.service import cases
from app.payments.queries.timeline import Timeline, timeline
from app.platform.directory import queries as directory
from app.platform.directory.queries import Place

SEEN_BY_ALL = (TopUpStatus.PAID, TopUpStatus.ACCEPTED, TopUpStatus.APPLIED, TopUpStatus.ABANDONED)


@dataclass(frozen=True)
class TopUpView:
    """One top-up from order to meter, for its payer. `may_open`: kinds of cases that may be opened now."""

    top_up: AnyRow
    place: Place
    order: Timeline | None
    due_at: datetime | None
    case: AnyRow | None
    may_open: tuple[str, ...]
    shares: tuple[tuple[AnyRow, str], ...]
    may_share: bool


def delivered_meters(session: Session, system: str, day: date) -> list[AnyRow]:
    """Meters of a system that were paid for on the day or the day beside it."""
    since, until = (clock.start_of_day(day + timedelta(days=step)) for step in (-2, 2))
    rows = session.execute(
        select(Room.path, Room.vendor_key, Room.names, Meter.code)
        .join(Meter, Meter.room_id == Room.id)
        .join(System, System.id == Room.system_id)
        .where(
            System.key == system,
            Meter.id.in_(
                select(TopUp.meter_id).where(
                    TopUp.created_at >= since, TopUp.created_at < until, TopUp.paid_at.is_not(None)
                )
            ),
        )
        .order_by(Room.vendor_key, Meter.code)
    )
    return list(rows)


def to_deliver(session: Session, public_id: str) -> AnyRow:
    """What the vendor must be told."""
    return session.execute(
        select(
            TopUp.person_id,
            TopUp.fen,
            TopUp.created_at,
            Meter.code,
            Room.path,
            Room.vendor_key,
            Room.names,
            System.key.label("system"),
        )
        .join(Meter, Meter.id == TopUp.meter_id)
        .join(Room, Room.id == TopUp.room_id)
        .join(System, System.id == Room.system_id)
        .where(TopUp.public_id == public_id)
    ).one()


def deliveries(order_ids: Select[Any]) -> Select[*tuple[Any, ...]]:
    """Where these orders were delivered, as the statements of the systems name it: for reconciliation."""
    return (
        select(TopUp.order_id, System.key, Room.vendor_key, Meter.code)
        .join(Meter, Meter.id == TopUp.meter_id)
        .join(Room, Room.id == TopUp.room_id)
        .join(System, System.id == Room.system_id)
        .where(TopUp.order_id.in_(order_ids))
    )


def top_up_for(session: Session, person_id: int, public_id: str) -> TopUpView:
    """The payer's own. Raises TopUpNotFound for everybody else, roommates included."""
    row = session.execute(
        select(
            TopUp.__table__,
            Meter.name.label("meter_name"),
            Meter.kind.label("meter_kind"),
            Room.room_id.label("place_id"),
            System.wrong_room_hours,
            System.title.label("system_title"),
        )
        .join(Meter, Meter.id == TopUp.meter_id)
        .join(Room, Room.id == TopUp.room_id)
        .join(System, System.id == Room.system_id)
        .where(TopUp.public_id == public_id, TopUp.person_id == person_id)
    ).first()
    if row is None:
        raise TopUpNotFound()
    case = session.execute(
        select(Case.__table__).where(Case.top_up_id == row.id).order_by(Case.id.desc()).limit(1)
    ).first()
    shares = _shares(session, row.id)
    return TopUpView(
        top_up=row,
        place=directory.place(session, room_id=row.place_id),
        order=timeline(session, row.order_id) if row.order_id else None,
        due_at=cases.due_at(row),
        case=case,
        may_open=_may_open(row, case),
        shares=shares,
        may_share=row.status == TopUpStatus.APPLIED and not shares and _roommates(session, row) > 0,
    )


def _may_open(row: AnyRow, case: AnyRow | None) -> tuple[str, ...]:
    due = cases.due_at(row)
    if due is None or (case is not None and case.answered_at is None):
        return ()
    kinds = []
    if row.status != TopUpStatus.ABANDONED and clock.now() >= due:
        kinds.append("not_arrived")
    if clock.now() <= cases.wrong_room_until(row):
        kinds.append("wrong_room")
    return tuple(kinds)


def _roommates(session: Session, row: AnyRow) -> int:
    return int(
        session.scalar(
            select(func.count()).where(
                Binding.room_id == row.room_id,
                Binding.status == BindingStatus.LIVE,
                Binding.person_id != row.person_id,
            )
        )
        or 0
    )


def _shares(session: Session, top_up_id: int) -> tuple[tuple[AnyRow, str], ...]:
    rows = session.execute(
        select(Share.__table__).where(Share.top_up_id == top_up_id).order_by(Share.id)
    ).all()
    people = directory.people(session, [row.person_id for row in rows])
    return tuple((row, _masked(people, row.person_id)) for row in rows)


def my_shares(session: Session, person_id: int) -> list[tuple[AnyRow, str]]:
    """What this person still owes roommates, with the payer's masked name."""
    rows = session.execute(
        select(Share.id, Share.fen, TopUp.person_id, TopUp.created_at)
        .join(TopUp, TopUp.id == Share.top_up_id)
        .where(Share.person_id == person_id, Share.settled_at.is_(None))
        .order_by(Share.id.desc())
        .limit(10)
    ).all()
    people = directory.people(session, [row.person_id for row in rows])
    return [(row, _masked(people, row.person_id)) for row in rows]


def mine(session: Session, person_id: int, cursor: str | None = None) -> Page[Any]:
    """One's own top-ups, newest first, also of rooms left long ago."""
    stmt = (
        select(
            TopUp.id,
            TopUp.public_id,
            TopUp.fen,
            TopUp.status,
            TopUp.created_at,
            TopUp.refunded_at,
            Meter.name.label("meter_name"),
            Room.room_id,
        )
        .join(Meter, Meter.id == TopUp.meter_id)
        .join(Room, Room.id == TopUp.room_id)
        .where(TopUp.person_id == person_id)
    )
    return page(session, stmt, keys=[Key("id", TopUp.id, descending=True)], cursor=cursor, limit=20)


def of_room(
    session: Session, *, room_id: int, me: int, since: datetime, until: datetime | None = None
) -> list[tuple[AnyRow, str]]:
    """Paid top-ups by all during one's stay, with masked names; one's own has none."""
    stmt = (
        select(
            TopUp.public_id,
            TopUp.person_id,
            TopUp.fen,
            TopUp.status,
            TopUp.paid_at,
            TopUp.refunded_at,
            Meter.name.label("meter_name"),
        )
        .join(Meter, Meter.id == TopUp.meter_id)
        .where(TopUp.room_id == room_id, TopUp.status.in_(SEEN_BY_ALL), TopUp.paid_at >= since)
    )
    if until is not None:
        stmt = stmt.where(TopUp.paid_at <= until)
    rows = session.execute(stmt.order_by(TopUp.id.desc()).limit(50)).all()
    people = directory.people(session, [row.person_id for row in rows])
    return [(row, "" if row.person_id == me else _masked(people, row.person_id)) for row in rows]


def bought_elsewhere(
    session: Session, *, room_id: int, since: datetime, until: datetime | None = None
) -> list[AnyRow]:
    """Purchases at a counter or a machine during one's stay, the newest first: (day, fen, kind, meter_name).

    The vendor lists ours among them without their numbers: of the same day and sum as many are left out.
    """
    ours = _our_days(session, room_id, since)
    first, last = clock.local(since).date(), clock.local(until or clock.now()).date()
    rows = session.execute(
        select(Purchase.meter_id, Purchase.day, Purchase.fen, Purchase.kind, Meter.name.label("meter_name"))
        .join(Meter, Meter.id == Purchase.meter_id)
        .where(Meter.room_id == room_id, Purchase.day.between(first, last))
        .order_by(Purchase.day.desc(), Purchase.id.desc())
        .limit(100)
    )
    found = []
    for row in rows:
        key = (row.meter_id, row.day, row.fen)
        if ours[key]:
            ours[key] -= 1
        else:
            found.append(row)
    return found[:20]


def _our_days(session: Session, room_id: int, since: datetime) -> Counter[tuple[int, date, int]]:
    """How many of ours the vendor has taken on each day, by meter and sum."""
    taken_at = func.coalesce(TopUp.accepted_at, TopUp.applied_at)
    rows = session.execute(
        select(TopUp.meter_id, taken_at.label("at"), TopUp.applied_at, TopUp.fen).where(
            TopUp.room_id == room_id, TopUp.status.in_(SEEN_BY_ALL), taken_at >= since - timedelta(days=1)
        )
    )
    return Counter((row.meter_id, clock.local(row.applied_at or row.at).date(), row.fen) for row in rows)


def _masked(people: Any, person_id: int) -> str:
    person = people.get(person_id)
    return directory.mask_name(person.name) if person and person.name else ""
