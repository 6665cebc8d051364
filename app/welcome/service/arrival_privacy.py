"""Arrivals, marks and contacts follow their people: kept, told, forgotten."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.welcome.models import (
    Admission,
    Arrival,
    ArrivalCount,
    ArrivalStatus,
    Boarding,
    ContactAttempt,
    Season,
    SentEntry,
    Shuttle,
    Slot,
    Step,
    StepMark,
)

KEEP = timedelta(days=60)


def retain(session: Session) -> int:
    """Sixty days after a season single arrivals become sums by station and hour; queues go after sixty days."""
    before = clock.today() - KEEP
    over = select(Season.id).where(Season.closes_on < before)
    people = select(Admission.id).where(Admission.season_id.in_(over))
    _sum_up(session, over)
    gone = 0
    for table, condition in (
        (Boarding, Boarding.admission_id.in_(people)),
        (Arrival, Arrival.admission_id.in_(people)),
        (ContactAttempt, ContactAttempt.admission_id.in_(people)),
        (SentEntry, SentEntry.received_at < clock.start_of_day(before)),
    ):
        gone += len(session.scalars(delete(table).where(condition).returning(table.id)).all())
    session.execute(
        update(Shuttle).where(Shuttle.season_id.in_(over), Shuttle.driver != "").values(driver="", plate="")
    )
    return gone


def _sum_up(session: Session, over: Any) -> None:
    hour = func.date_trunc("hour", Arrival.expected_at)
    session.execute(
        insert(ArrivalCount)
        .from_select(
            ["season_id", "station_id", "hour", "people", "companions", "luggage"],
            select(
                Admission.season_id,
                Slot.station_id,
                hour,
                func.count(),
                func.sum(Arrival.companions),
                func.sum(Arrival.luggage),
            )
            .join(Admission, Admission.id == Arrival.admission_id)
            .outerjoin(Slot, Slot.id == Arrival.slot_id)
            .where(Admission.season_id.in_(over), Arrival.status != ArrivalStatus.CANCELLED)
            .group_by(Admission.season_id, Slot.station_id, hour),
        )
        .on_conflict_do_nothing()
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What was booked, boarded, done at the desk and noted of calls."""
    mine = select(Admission.id).where(Admission.person_id == person_id)
    arrivals = session.execute(
        select(
            Arrival.expected_at, Arrival.vehicle, Arrival.companions, Arrival.luggage, Arrival.status
        ).where(Arrival.admission_id.in_(mine))
    )
    rides = session.execute(
        select(Boarding.boarded_at, Boarding.heads).where(Boarding.admission_id.in_(mine))
    )
    marks = session.execute(
        select(Step.title, StepMark.done_at, StepMark.is_proxy, StepMark.undone_at)
        .join(Step, Step.id == StepMark.step_id)
        .where(StepMark.admission_id.in_(mine))
        .order_by(StepMark.id)
    )
    calls = session.execute(
        select(ContactAttempt.at, ContactAttempt.outcome, ContactAttempt.note).where(
            ContactAttempt.admission_id.in_(mine)
        )
    )
    named = {"arrivals": arrivals, "rides": rides, "check_in": marks, "contacts": calls}
    return {name: [_plain(row) for row in rows] for name, rows in named.items()}


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget the way and the calls; that somebody checked in stays a number. May be run again."""
    mine = select(Admission.id).where(Admission.person_id == person_id)
    for slot_id, heads in session.execute(
        select(Arrival.slot_id, 1 + Arrival.companions)
        .where(
            Arrival.admission_id.in_(mine),
            Arrival.slot_id.is_not(None),
            Arrival.status == ArrivalStatus.PLANNED,
        )
        .with_for_update()
    ).all():
        session.execute(update(Slot).where(Slot.id == slot_id).values(taken=Slot.taken - heads))
    for table in (Boarding, Arrival, ContactAttempt):
        session.execute(delete(table).where(table.admission_id.in_(mine)))


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """What one did at the desk under two names. Safe to repeat; admissions are moved by their own."""
    for column in (
        StepMark.by_id,
        StepMark.undone_by_id,
        Boarding.by_id,
        ContactAttempt.by_id,
        SentEntry.by_id,
    ):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))


def _plain(row: AnyRow) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row._mapping.items()
    }
