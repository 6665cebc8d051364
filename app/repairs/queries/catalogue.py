"""What can be chosen: categories, reasons, doors."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.platform.directory import queries as directory
from app.repairs.errors import CategoryUnknown, DoorCodeUnknown, NoDoorLabels
from app.repairs.models import Category, DoorCode, Reason


@dataclass(frozen=True)
class Trade:
    """A first-level category and its faults."""

    code: str
    name: str
    name_en: str
    icon: str
    faults: tuple[AnyRow, ...]


def categories(session: Session) -> list[Trade]:
    """Active trades with their active faults, in their order."""
    rows = session.execute(
        select(
            Category.id,
            Category.code,
            Category.parent_id,
            Category.name,
            Category.name_en,
            Category.icon,
            Category.self_help,
            Category.self_help_en,
            Category.is_urgent,
            Category.needs_after_photo,
        )
        .where(Category.is_active.is_(True))
        .order_by(Category.position, Category.id)
    ).all()
    return [
        Trade(
            trade.code,
            trade.name,
            trade.name_en or trade.name,
            trade.icon,
            tuple(row for row in rows if row.parent_id == trade.id),
        )
        for trade in rows
        if trade.parent_id is None
    ]


def category(session: Session, code: str) -> AnyRow:
    row = session.execute(
        select(Category.id, Category.code, Category.name, Category.name_en, Category.self_help).where(
            Category.code == code
        )
    ).one_or_none()
    if row is None:
        raise CategoryUnknown()
    return row


def reasons(session: Session, kind: str) -> list[AnyRow]:
    """Reasons to choose from, in their order."""
    return list(
        session.execute(
            select(
                Reason.code,
                Reason.name,
                Reason.name_en,
                Reason.guidance,
                Reason.pauses_clock,
                Reason.longest_days,
            )
            .where(Reason.kind == kind, Reason.is_active.is_(True))
            .order_by(Reason.position, Reason.id)
        )
    )


def reason_names(session: Session) -> dict[tuple[str, str], AnyRow]:
    """Every reason by (kind, code), retired ones too: old tickets keep theirs."""
    rows = session.execute(select(Reason.kind, Reason.code, Reason.name, Reason.name_en))
    return {(row.kind, row.code): row for row in rows}


def door(session: Session, code: str) -> directory.Place:
    """Where a door code leads. A replaced label still does; a retired one does not."""
    row = session.execute(
        select(DoorCode.room_id, DoorCode.building_id).where(
            DoorCode.code == code, DoorCode.status != "retired"
        )
    ).one_or_none()
    if row is None:
        raise DoorCodeUnknown()
    return directory.place(session, room_id=row.room_id, building_id=row.building_id)


def door_counts(session: Session) -> dict[int, int]:
    """Active door codes by building."""
    rows = session.execute(
        select(DoorCode.building_id, func.count())
        .where(DoorCode.status == "active")
        .group_by(DoorCode.building_id)
    )
    return {building_id: count for building_id, count in rows}


def door_labels(session: Session, building_id: int, floor: int | None = None) -> list[tuple[str, str]]:
    """(code, place in words) of a building's active labels, for printing. Raises NoDoorLabels."""
    codes = dict(
        session.execute(
            select(DoorCode.room_id, DoorCode.code).where(
                DoorCode.building_id == building_id, DoorCode.status == "active"
            )
        ).all()
    )
    places = directory.places(session, [room_id for room_id in codes if room_id is not None])
    chosen = [p for p in places.values() if floor is None or p.floor == floor]
    chosen.sort(key=lambda p: (p.floor or 0, p.room_number or ""))
    if not chosen:
        raise NoDoorLabels()
    return [(codes[place.room_id], place.text) for place in chosen]
