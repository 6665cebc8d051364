"""Filling the catalogue, and door codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.repairs.errors import DoorCodeUnknown
from app.repairs.models import Category, DoorCode, Reason, Route


def load_catalogue(
    session: Session,
    *,
    categories: Iterable[Mapping[str, Any]],
    reasons: Iterable[Mapping[str, Any]],
) -> None:
    """Insert or rename by code; safe to repeat. A category's `parent` is the code of its trade."""
    known: dict[str, int] = {}
    for row in categories:
        values = {key: value for key, value in row.items() if key != "parent"}
        values["parent_id"] = known[row["parent"]] if row.get("parent") else None
        stmt = upsert(Category).values(**values)
        stmt = stmt.on_conflict_do_update(index_elements=["code"], set_=values)
        known[row["code"]] = session.execute(stmt.returning(Category.id)).scalar_one()
    for row in reasons:
        stmt = upsert(Reason).values(**row)
        session.execute(stmt.on_conflict_do_update(index_elements=["kind", "code"], set_=dict(row)))


def add_route(
    session: Session,
    *,
    unit_id: int,
    team_id: int | None = None,
    campus_id: int | None = None,
    building_id: int | None = None,
    category_id: int | None = None,
) -> None:
    session.execute(
        insert(Route).values(
            unit_id=unit_id,
            team_id=team_id,
            campus_id=campus_id,
            building_id=building_id,
            category_id=category_id,
        )
    )


def issue_door_codes(session: Session, *, by: Caller, building_id: int) -> int:
    """A code for every room of a building that has none. Returns how many are new."""
    rooms = [room.id for room in directory.rooms(session, building_id)]
    have = set(
        session.scalars(
            select(DoorCode.room_id).where(DoorCode.building_id == building_id, DoorCode.status == "active")
        )
    )
    now = clock.now()
    rows = [
        {
            "code": ids.door_code(),
            "building_id": building_id,
            "room_id": room_id,
            "status": "active",
            "created_at": now,
        }
        for room_id in rooms
        if room_id not in have
    ]
    if rows:
        session.execute(insert(DoorCode), rows)
        audit.record(
            session,
            by=by,
            action="repairs.issue_door_codes",
            object_type="directory.building",
            object_id=str(building_id),
        )
    return len(rows)


def retire_door_code(session: Session, *, by: Caller, code: str) -> None:
    """A stolen or re-stuck label: the code leads nowhere from now on."""
    retired = db.rows_changed(
        session,
        update(DoorCode).where(DoorCode.code == code, DoorCode.status == "active").values(status="retired"),
    )
    if retired == 0:
        raise DoorCodeUnknown()
    audit.record(
        session, by=by, action="repairs.retire_door_code", object_type="repairs.door_code", object_id=code
    )
