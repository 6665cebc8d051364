"""What welcome does when a slot was moved or closed, and when somebody has checked in."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications
from app.welcome.events import AdmissionRegistered, SlotClosed, SlotMoved
from app.welcome.models import Admission, Arrival, ArrivalStatus, Slot, Station, StepMark


def on_slot_moved(session: Session, event: SlotMoved) -> None:
    """Those who are booked and have not answered yet; of a slot moved twice only the last time is told."""
    slot = _slot(session, event.slot_id)
    if slot.version != event.version:
        return
    booked = session.scalars(
        select(Arrival.id).where(
            Arrival.slot_id == event.slot_id,
            Arrival.status == ArrivalStatus.PLANNED,
            Arrival.notice == "moved",
        )
    ).all()
    _tell(session, "welcome.slot_moved", slot, booked, event.version)


def on_slot_closed(session: Session, event: SlotClosed) -> None:
    slot = _slot(session, event.slot_id)
    _tell(session, "welcome.slot_closed", slot, event.arrival_ids, slot.version)


def on_admission_registered(session: Session, event: AdmissionRegistered) -> None:
    row = session.execute(
        select(Admission.person_id, Admission.college_id, StepMark.done_at, StepMark.undone_at)
        .join(StepMark, StepMark.admission_id == Admission.id)
        .where(StepMark.id == event.mark_id)
    ).one()
    if row.undone_at is not None:
        return
    college = directory.unit(session, row.college_id)
    notifications.tell(
        session,
        kind="welcome.registered",
        person_id=row.person_id,
        params={
            "time": _time(row.done_at),
            "place": college.name,
            "place_en": college.name_en or college.name,
        },
        key=f"welcome:registered:{event.mark_id}",
        matter="welcome:registered",
    )


def _tell(session: Session, kind: str, slot: Any, arrival_ids: Collection[int], version: int) -> None:
    people = session.scalars(
        select(Admission.person_id)
        .join(Arrival, Arrival.admission_id == Admission.id)
        .where(Arrival.id.in_(arrival_ids))
        .order_by(Arrival.id)
    ).all()
    for person_id in people:
        notifications.tell(
            session,
            kind=kind,
            person_id=person_id,
            params={
                "time": _time(slot.starts_at),
                "place": slot.name,
                "place_en": slot.name_en or slot.name,
            },
            key=f"welcome:slot:{slot.id}:{version}",
            matter=f"welcome:slot:{slot.id}",
        )


def _slot(session: Session, slot_id: int) -> Any:
    return session.execute(
        select(Slot.id, Slot.starts_at, Slot.version, Station.name, Station.name_en)
        .join(Station, Station.id == Slot.station_id)
        .where(Slot.id == slot_id)
    ).one()


def _time(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
