"""Topping up: the amount within limits, then a charge; what became of it is told by payments' events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.money import yuan
from app.miniapps.electricity.errors import (
    AmountOutOfRange,
    BindingNotFound,
    DayLimitReached,
    MeterUnknown,
)
from app.miniapps.electricity.models import (
    Binding,
    BindingStatus,
    Meter,
    Room,
    System,
    TopUp,
    TopUpStatus,
)
from app.payments import service as payments
from app.payments.queries import timeline as orders
from app.platform.directory import queries as directory

S = TopUpStatus
COUNTED = (S.UNPAID, S.PAID, S.ACCEPTED, S.APPLIED)


@dataclass(frozen=True)
class Shown:
    """The balance that was on the page when the person confirmed."""

    kwh: Decimal | None = None
    fen: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Started:
    top_up_id: str
    url: str


def start_top_up(
    session: Session,
    *,
    by: Caller,
    binding_id: str,
    meter: str,
    fen: int,
    settle_seconds: int,
    shown: Shown,
) -> Started:
    """Record a top-up of a bound room and its charge; returns where to pay.

    The same amount for the same meter that is still unpaid is the same top-up; another amount closes it.
    """
    room = _room_to_top_up(session, by, binding_id, meter)
    check_amount(room, fen)
    unpaid = _unpaid(session, by, room.meter_id)
    same = next((row for row in unpaid if row.fen == fen), None)
    for row in unpaid:
        if row is not same:
            _give_up(session, by, row)
    _check_day(session, by, room, 0 if same else fen)
    public_id = same.public_id if same else _insert(session, by, room, fen, settle_seconds, shown)
    charge = _charge(session, by, room, public_id, fen, shown)
    session.execute(update(TopUp).where(TopUp.public_id == public_id).values(order_id=charge.order_id))
    return Started(public_id, charge.url)


def check_amount(rules: Any, fen: int) -> None:
    """Within the system's limits, in its steps."""
    if not rules.min_fen <= fen <= rules.max_fen or fen % rules.step_fen:
        raise AmountOutOfRange(least=yuan(rules.min_fen), most=yuan(rules.max_fen), step=yuan(rules.step_fen))


def spent_today(session: Session, person_id: int) -> int:
    """Fen of a person's top-ups since midnight, those waiting to be paid included."""
    since = clock.start_of_day(clock.today())
    return int(
        session.scalar(
            select(func.coalesce(func.sum(TopUp.fen), 0)).where(
                TopUp.person_id == person_id, TopUp.created_at >= since, TopUp.status.in_(COUNTED)
            )
        )
        or 0
    )


def _room_to_top_up(session: Session, by: Caller, binding_id: str, meter: str) -> AnyRow:
    """Locks all of the person's bindings, so that two top-ups of one person count after each other."""
    session.execute(
        select(Binding.id)
        .where(Binding.person_id == by.person_id, Binding.status == BindingStatus.LIVE)
        .order_by(Binding.id)
        .with_for_update()
    ).all()
    row = session.execute(
        select(
            Room.id,
            Room.room_id,
            Meter.id.label("meter_id"),
            Meter.name.label("meter_name"),
            System.min_fen,
            System.max_fen,
            System.step_fen,
            System.day_max_fen,
        )
        .select_from(Binding)
        .join(Room, Room.id == Binding.room_id)
        .join(System, System.id == Room.system_id)
        .outerjoin(Meter, (Meter.room_id == Room.id) & (Meter.code == meter) & ~Meter.is_gone)
        .where(
            Binding.public_id == binding_id,
            Binding.person_id == by.person_id,
            Binding.status == BindingStatus.LIVE,
        )
    ).first()
    if row is None:
        raise BindingNotFound()
    if row.meter_id is None:
        raise MeterUnknown(details={"meter": [MeterUnknown.msgid]})
    return row


def _check_day(session: Session, by: Caller, room: AnyRow, fen: int) -> None:
    left = room.day_max_fen - spent_today(session, by.person_id)
    if fen > left:
        raise DayLimitReached(left=yuan(max(left, 0)), most=yuan(room.day_max_fen))


def _unpaid(session: Session, by: Caller, meter_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(TopUp.id, TopUp.public_id, TopUp.fen, TopUp.order_id).where(
            TopUp.person_id == by.person_id, TopUp.meter_id == meter_id, TopUp.status == S.UNPAID
        )
    ).all()


def _give_up(session: Session, by: Caller, row: AnyRow) -> None:
    """Its order is closed; if it is paid all the same, the payment brings it back."""
    if row.order_id is not None:
        payments.cancel_order(session, by=by, public_id=_order_public_id(session, row.order_id))
    _move(session, TopUp.id == row.id, (S.UNPAID,), status=S.CLOSED)


def _order_public_id(session: Session, order_id: int) -> str:
    return str(orders.orders_of(session, [order_id])[order_id].public_id)


def _insert(session: Session, by: Caller, room: AnyRow, fen: int, settle_seconds: int, shown: Shown) -> str:
    return session.execute(
        insert(TopUp)
        .values(
            public_id=ids.public_id("etu"),
            person_id=by.person_id,
            room_id=room.id,
            meter_id=room.meter_id,
            fen=fen,
            status=S.UNPAID,
            kwh_before=shown.kwh,
            fen_before=shown.fen,
            settle_seconds=settle_seconds,
            created_at=clock.now(),
        )
        .returning(TopUp.public_id)
    ).scalar_one()


def _charge(
    session: Session, by: Caller, room: AnyRow, public_id: str, fen: int, shown: Shown
) -> payments.Charge:
    place = directory.place(session, room_id=room.room_id)
    number = place.room_number or ""
    facts = [("房间", place.text), ("电表", room.meter_name)]
    if shown.text:
        facts.append(("充值前余额", shown.text))
    return payments.request_charge(
        session,
        by=by,
        fee_item="electricity",
        subject=public_id,
        fen=fen,
        title=f"电费 {place.building_name}{number}",
        return_path=f"/m/electricity/top-ups/{public_id}",
        facts=facts,
        masked_facts=[("房间", f"{place.building_name} {number[:1]}**"), ("电表", room.meter_name)],
        campus_id=place.campus_id,
    )


# --- what payments tells


def note_paid(session: Session, public_id: str, at: datetime, order_id: int) -> bool:
    """Events may overtake each other: whatever came first, the time and the order that was paid are kept."""
    session.execute(
        update(TopUp)
        .where(TopUp.public_id == public_id)
        .values(paid_at=at, order_id=order_id)
        .execution_options(synchronize_session=False)
    )
    return _move(session, TopUp.public_id == public_id, (S.UNPAID, S.CLOSED), status=S.PAID)


def note_accepted(session: Session, public_id: str) -> bool:
    return _move(
        session,
        TopUp.public_id == public_id,
        (S.UNPAID, S.CLOSED, S.PAID),
        status=S.ACCEPTED,
        accepted_at=clock.now(),
    )


def note_applied(session: Session, public_id: str) -> bool:
    return _move(
        session,
        TopUp.public_id == public_id,
        (S.UNPAID, S.CLOSED, S.PAID, S.ACCEPTED),
        status=S.APPLIED,
        applied_at=clock.now(),
    )


def note_abandoned(session: Session, public_id: str) -> bool:
    return _move(
        session,
        TopUp.public_id == public_id,
        (S.UNPAID, S.CLOSED, S.PAID, S.ACCEPTED),
        status=S.ABANDONED,
    )


def note_closed(session: Session, order_id: int) -> bool:
    return _move(session, TopUp.order_id == order_id, (S.UNPAID,), status=S.CLOSED)


def note_refunded(session: Session, order_id: int) -> None:
    session.execute(
        update(TopUp)
        .where(TopUp.order_id == order_id, TopUp.refunded_at.is_(None))
        .values(refunded_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _move(session: Session, which: Any, since: tuple[TopUpStatus, ...], **values: Any) -> bool:
    """Events come in any order and more than once; only a step forward counts."""
    changed = db.rows_changed(
        session,
        update(TopUp)
        .where(which, TopUp.status.in_(since))
        .values(values)
        .execution_options(synchronize_session=False),
    )
    return bool(changed)
