"""Systems, the buildings they serve, and the rooms that an import found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.miniapps.electricity.models import Building, Room, System


@dataclass(frozen=True)
class SystemRules:
    """What the school decides about a system. kWh, fen; `price_fen` is fen per kWh."""

    title: str
    title_en: str | None = None
    presets_fen: tuple[int, ...] = (1_000, 2_000, 5_000, 10_000)
    min_fen: int = 100
    max_fen: int = 20_000
    step_fen: int = 100
    day_max_fen: int = 50_000
    low_kwh: Decimal = Decimal(10)
    price_fen: Decimal | None = None
    price_text: str = ""
    price_text_en: str | None = None
    cut_from: time | None = None
    cut_until: time | None = None
    wrong_room_hours: int = 24


@dataclass(frozen=True)
class FoundRoom:
    """A room as the vendor names it, and the directory's room that it is, if any."""

    path: tuple[str, ...]
    vendor_key: str
    names: tuple[str, ...] = field(default=())
    room_id: int | None = None


def save_system(session: Session, *, key: str, rules: SystemRules) -> int:
    """Add a system or change its rules; returns its id. May be run again."""
    values = {**rules.__dict__, "presets_fen": list(rules.presets_fen), "is_active": True}
    added = insert(System).values(key=key, failures=0, **values)
    return session.execute(
        added.on_conflict_do_update(index_elements=["key"], set_=values).returning(System.id)
    ).scalar_one()


def serve_building(session: Session, *, system_id: int, building_id: int, policy: str) -> None:
    """Say which system serves a building, and who may bind its rooms. May be run again."""
    values = {"system_id": system_id, "policy": policy}
    added = insert(Building).values(building_id=building_id, **values)
    session.execute(added.on_conflict_do_update(index_elements=["building_id"], set_=values))


def note_rooms(session: Session, *, system_id: int, found: Iterable[FoundRoom]) -> None:
    """Keep what an import found. A room whose vendor key changed gets the new one. May be run again."""
    for room in found:
        if room.room_id is not None:
            session.execute(_forget_match(system_id, room))
        values = {"path": list(room.path), "names": list(room.names), "room_id": room.room_id}
        added = insert(Room).values(system_id=system_id, vendor_key=room.vendor_key, **values)
        session.execute(added.on_conflict_do_update(index_elements=["system_id", "vendor_key"], set_=values))


def _forget_match(system_id: int, room: FoundRoom) -> Any:
    same = (Room.system_id == system_id) & (Room.vendor_key == room.vendor_key)
    return update(Room).where(Room.room_id == room.room_id, ~same).values(room_id=None)


def note_answer(session: Session, *, system_id: int, at: datetime, problem: str = "") -> None:
    """How the system's machine answered, for the desk."""
    values = (
        {"last_failed_at": at, "failures": System.failures + 1, "last_problem": problem[:80]}
        if problem
        else {"last_ok_at": at, "failures": 0}
    )
    session.execute(
        update(System)
        .where(System.id == system_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
