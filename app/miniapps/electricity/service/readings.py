"""Keeping what meters showed: one reading a day, the use of each day, and whom to warn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.db import AnyRow
from app.miniapps.electricity.models import DailyUse, Meter, Purchase, Reading, Room, System
from app.miniapps.electricity.service import alerts, setup

CLAIM = timedelta(seconds=20)
"""Longer than a vendor is waited for; whoever died while asking holds nobody up for longer."""
HUNDREDTH = Decimal("0.01")
ELECTRIC = ("light", "ac", "other")


@dataclass(frozen=True)
class MeterValue:
    """One meter as it was read. None is what the vendor did not tell."""

    code: str
    kind: str
    name: str
    kwh: Decimal | None
    fen: int | None
    subsidy_kwh: Decimal | None
    is_powered: bool | None
    as_of: datetime | None
    fetched_at: datetime


def claim_reading(session: Session, room_id: int) -> bool:
    """Be the one who asks the vendor about this room now; False when somebody else is at it."""
    now = clock.now()
    return bool(
        db.rows_changed(
            session,
            update(Room)
            .where(Room.id == room_id, or_(Room.reading_since.is_(None), Room.reading_since < now - CLAIM))
            .values(reading_since=now)
            .execution_options(synchronize_session=False),
        )
    )


def note_failure(session: Session, *, room_id: int, problem: str, code: str) -> None:
    """The last known values stay; the page says that they are old."""
    now = clock.now()
    system_id = _release(session, room_id, failed_at=now, problem=problem)
    setup.note_answer(session, system_id=system_id, at=now, problem=code or problem)


def note_readings(session: Session, *, room_id: int, values: Sequence[MeterValue]) -> None:
    """Keep a room's meters as they were just read, and tell those who want to know when little is left."""
    now = clock.now()
    system_id = _release(session, room_id, read_at=now, problem=None)
    setup.note_answer(session, system_id=system_id, at=now)
    price = session.scalar(select(System.price_fen).where(System.id == system_id))
    for value in values:
        meter_id = _meter(session, room_id, value)
        _note_use(session, meter_id, value, price)
        _note_reading(session, meter_id, value)
        if value.kind in ELECTRIC:
            alerts.check_balance(session, room_id=room_id, value=value, kwh=kwh_of(value, price))
    session.execute(
        update(Meter)
        .where(Meter.room_id == room_id, Meter.code.not_in([value.code for value in values]))
        .values(is_gone=True)
    )


def kwh_of(value: "MeterValue | AnyRow", price_fen: Decimal | None) -> Decimal | None:
    """What is left in kWh, free quota included; worked out from money where that is all the vendor tells."""
    kwh: Decimal | None = value.kwh
    if kwh is None and value.fen is not None and price_fen:
        kwh = (Decimal(value.fen) / price_fen).quantize(HUNDREDTH)
    return None if kwh is None else kwh + (value.subsidy_kwh or 0)


def note_uses(session: Session, *, room_id: int, code: str, uses: Iterable[tuple[date, Decimal]]) -> None:
    """Uses as the vendor tells them replace those worked out."""
    meter_id = _meter_id(session, room_id, code)
    for day, kwh in uses:
        _put_use(session, meter_id, day, kwh, is_told=True)


def note_purchases(
    session: Session, *, room_id: int, code: str, since: date, told: Iterable[tuple[date, int, str]]
) -> None:
    """(day, fen, kind) of every purchase since that day by the vendor's list, which takes the place of its last one."""
    meter_id = _meter_id(session, room_id, code)
    session.execute(delete(Purchase).where(Purchase.meter_id == meter_id, Purchase.day >= since))
    rows = [
        {"meter_id": meter_id, "day": day, "fen": fen, "kind": kind[:40]}
        for day, fen, kind in told
        if fen > 0
    ]
    if rows:
        session.execute(insert(Purchase), rows)


def note_records_read(session: Session, *, room_id: int) -> None:
    """The vendor's lists are not asked for again for some hours."""
    session.execute(update(Room).where(Room.id == room_id).values(uses_read_at=clock.now()))


def _meter_id(session: Session, room_id: int, code: str) -> int:
    return session.scalars(select(Meter.id).where(Meter.room_id == room_id, Meter.code == code)).one()


def _release(session: Session, room_id: int, **values: object) -> int:
    return session.execute(
        update(Room)
        .where(Room.id == room_id)
        .values(reading_since=None, **values)
        .returning(Room.system_id)
        .execution_options(synchronize_session=False)
    ).scalar_one()


def _meter(session: Session, room_id: int, value: MeterValue) -> int:
    values = {"kind": value.kind, "name": value.name, "is_gone": False}
    added = insert(Meter).values(room_id=room_id, code=value.code, **values)
    return session.execute(
        added.on_conflict_do_update(index_elements=["room_id", "code"], set_=values).returning(Meter.id)
    ).scalar_one()


def _note_reading(session: Session, meter_id: int, value: MeterValue) -> None:
    values = {
        "kwh": value.kwh,
        "fen": value.fen,
        "subsidy_kwh": value.subsidy_kwh,
        "is_powered": value.is_powered,
        "as_of": value.as_of,
        "fetched_at": value.fetched_at,
    }
    day = clock.local(value.fetched_at).date()
    added = insert(Reading).values(meter_id=meter_id, day=day, **values)
    session.execute(added.on_conflict_do_update(index_elements=["meter_id", "day"], set_=values))


def _note_use(session: Session, meter_id: int, value: MeterValue, price: Decimal | None) -> None:
    """What the balance fell by since the reading before, spread over the days between. A rise is a top-up."""
    before = session.execute(
        select(Reading.kwh, Reading.fen, Reading.subsidy_kwh, Reading.fetched_at)
        .where(Reading.meter_id == meter_id)
        .order_by(Reading.day.desc())
        .limit(1)
    ).first()
    now = kwh_of(value, price)
    then = kwh_of(before, price) if before is not None else None
    if before is None or now is None or then is None or now >= then:
        return
    last, day = clock.local(before.fetched_at).date(), clock.local(value.fetched_at).date()
    days = [day] if last >= day else [last + timedelta(days=n) for n in range(1, (day - last).days + 1)]
    for each in days:
        _put_use(session, meter_id, each, ((then - now) / len(days)).quantize(HUNDREDTH), is_told=False)


def _put_use(session: Session, meter_id: int, day: date, kwh: Decimal, *, is_told: bool) -> None:
    added = insert(DailyUse).values(meter_id=meter_id, day=day, kwh=kwh, is_told=is_told)
    sets = {"kwh": kwh, "is_told": True} if is_told else {"kwh": DailyUse.kwh + kwh}
    session.execute(
        added.on_conflict_do_update(
            index_elements=["meter_id", "day"], set_=sets, where=None if is_told else ~DailyUse.is_told
        )
    )
