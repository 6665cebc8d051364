"""Little left: told at most once a day, and not again before it was clearly more."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.electricity.models import Binding, BindingStatus, Room
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

AGAIN = timedelta(hours=24)
RECOVERED = Decimal("1.5")
"""Times the threshold: below it a low balance counts as the same low balance."""


def check_balance(session: Session, *, room_id: int, value: Any, kwh: Decimal | None) -> None:
    """`kwh` None is not known, and nobody is told anything by it."""
    if kwh is None:
        return
    bindings = session.execute(
        select(
            Binding.id,
            Binding.person_id,
            Binding.public_id,
            Binding.low_kwh,
            Binding.tells_low,
            Binding.is_low,
            Binding.told_low_at,
        )
        .where(Binding.room_id == room_id, Binding.status == BindingStatus.LIVE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in bindings:
        if kwh <= row.low_kwh and not _was_told(row) and row.tells_low:
            _tell(session, row, room_id, value, kwh)
        elif row.is_low and kwh >= row.low_kwh * RECOVERED:
            session.execute(update(Binding).where(Binding.id == row.id).values(is_low=False))


def _was_told(row: Any) -> bool:
    return bool(row.is_low) or (row.told_low_at is not None and row.told_low_at > clock.now() - AGAIN)


def _tell(session: Session, row: Any, room_id: int, value: Any, kwh: Decimal) -> None:
    now = clock.now()
    session.execute(update(Binding).where(Binding.id == row.id).values(is_low=True, told_low_at=now))
    place = directory.place(
        session, room_id=session.scalars(select(Room.room_id).where(Room.id == room_id)).one()
    )
    notifications.tell(
        session,
        kind="electricity.low",
        person_id=row.person_id,
        params={
            "room": place.text,
            "room_en": place.text_en,
            "meter": value.name,
            "meter_en": value.code,
            "kwh": f"{kwh:.1f}",
            "time": f"{clock.local(value.as_of or value.fetched_at):%Y年%-m月%-d日 %H:%M}",
            "binding_id": row.public_id,
        },
        key=f"electricity:low:{row.id}:{now:%Y%m%d%H}",
        matter=f"electricity:low:{row.id}:{now:%Y%m%d}",
    )
