"""Who may see a room: by the roster, or with the consent of a roommate, the dorm manager or one's college."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.miniapps.electricity.errors import (
    AlreadyBound,
    BindingNotFound,
    NotOnRoster,
    RequestGone,
    RoomNotServed,
    ThresholdInvalid,
    TooManyRequests,
)
from app.miniapps.electricity.events import BindingDecided, BindingRequested
from app.miniapps.electricity.models import Binding, BindingStatus, Building, Proof, Room, System
from app.platform.audit import service as audit
from app.platform.directory import queries as directory

MOST_REQUESTS = 3
REQUEST_LIVES = timedelta(days=7)
CONSENT = "electricity.consent"


def bind_own_room(session: Session, *, by: Caller) -> str:
    """Bind the room where one lives by the roster; returns the binding's public id. May be run again."""
    place = directory.room_of(session, by.person_id)
    room = _served_room(session, place.room_id) if place else None
    if place is None or room is None:
        raise RoomNotServed()
    now = clock.now()
    session.execute(
        update(Binding)
        .where(
            Binding.person_id == by.person_id,
            Binding.room_id == room.id,
            Binding.status == BindingStatus.REQUESTED,
        )
        .values(status=BindingStatus.LIVE, proof=Proof.ROSTER, started_at=now)
    )
    public_id = _insert(session, by, room, Proof.ROSTER, BindingStatus.LIVE, started_at=now)
    return public_id or _current(session, by.person_id, room.id)


def request_binding(session: Session, *, by: Caller, room_id: int) -> str:
    """Ask to be let into somebody else's room. The answer is the same whether anybody is there to consent."""
    room = _served_room(session, room_id)
    if room is None:
        raise RoomNotServed()
    own = directory.room_of(session, by.person_id)
    if own is not None and own.room_id == room_id:
        return bind_own_room(session, by=by)
    if room.policy == Proof.ROSTER:
        raise NotOnRoster()
    open_requests = session.scalar(
        select(func.count()).where(
            Binding.person_id == by.person_id, Binding.status == BindingStatus.REQUESTED
        )
    )
    if (open_requests or 0) >= MOST_REQUESTS:
        raise TooManyRequests()
    unit_id = directory.college_of(session, by.person_id) if room.policy == Proof.UNIT else None
    public_id = _insert(
        session, by, room, Proof(room.policy), BindingStatus.REQUESTED, started_at=None, unit_id=unit_id
    )
    if public_id is None:
        raise AlreadyBound()
    binding_id = session.scalars(select(Binding.id).where(Binding.public_id == public_id)).one()
    outbox.emit(session, BindingRequested(binding_id))
    return public_id


def may_decide(session: Session, *, by: Caller, request: AnyRow) -> str | None:
    """On what ground this caller may answer a request: manager, unit, roommate or not at all."""
    if by.may(CONSENT, building_id=request.building_id):
        return Proof.MANAGER
    if request.unit_id is not None and by.may(CONSENT, unit_id=request.unit_id):
        return Proof.UNIT
    is_roommate = session.scalar(
        select(Binding.id).where(
            Binding.person_id == by.person_id,
            Binding.room_id == request.room_id,
            Binding.status == BindingStatus.LIVE,
        )
    )
    return Proof.ROOMMATE if is_roommate and request.policy == Proof.ROOMMATE else None


def decide_request(session: Session, *, by: Caller, binding_id: str, accepts: bool) -> None:
    """Let somebody in, or not. Others get the same 404 as for a request that never was."""
    request = request_row(session, binding_id)
    ground = may_decide(session, by=by, request=request) if request else None
    if request is None or ground is None or request.person_id == by.person_id:
        raise BindingNotFound()
    now = clock.now()
    values: dict[str, Any] = {"decided_by_id": by.person_id, "proof": ground}
    values |= (
        {"status": BindingStatus.LIVE, "started_at": now}
        if accepts
        else {"status": BindingStatus.ENDED, "ended_at": now, "ended_reason": "declined"}
    )
    changed = db.rows_changed(
        session,
        update(Binding)
        .where(Binding.id == request.id, Binding.status == BindingStatus.REQUESTED)
        .values(values)
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise RequestGone()
    outbox.emit(session, BindingDecided(request.id, accepts))
    audit.record(
        session,
        by=by,
        action="electricity.consent_given" if accepts else "electricity.consent_refused",
        object_type="electricity_binding",
        object_id=request.id,
    )


def request_row(session: Session, binding_id: str) -> AnyRow | None:
    """A binding with what is needed to decide about it."""
    return session.execute(
        select(
            Binding.id,
            Binding.public_id,
            Binding.person_id,
            Binding.room_id,
            Binding.unit_id,
            Binding.status,
            Binding.requested_at,
            Room.room_id.label("place_id"),
            Building.building_id,
            Building.policy,
        )
        .join(Room, Room.id == Binding.room_id)
        .join(Building, Building.building_id == Binding.building_id)
        .where(Binding.public_id == binding_id)
    ).first()


def end_binding(session: Session, *, by: Caller, binding_id: str) -> None:
    """One's own wish: unbind, or take back a request."""
    if not end(session, Binding.public_id == binding_id, Binding.person_id == by.person_id, reason="own"):
        raise BindingNotFound()


def end(session: Session, *conditions: Any, reason: str, **values: Any) -> int:
    """End what is not ended yet; how many."""
    return db.rows_changed(
        session,
        update(Binding)
        .where(Binding.status != BindingStatus.ENDED, *conditions)
        .values(status=BindingStatus.ENDED, ended_at=clock.now(), ended_reason=reason, **values)
        .execution_options(synchronize_session=False),
    )


def set_wishes(
    session: Session, *, by: Caller, binding_id: str, low_kwh: Decimal, tells_low: bool, tells_top_ups: bool
) -> None:
    """When to warn, and whether to tell of roommates' top-ups."""
    if not 1 <= low_kwh <= 200:
        raise ThresholdInvalid(details={"low_kwh": [ThresholdInvalid.msgid]})
    changed = db.rows_changed(
        session,
        update(Binding)
        .where(
            Binding.public_id == binding_id,
            Binding.person_id == by.person_id,
            Binding.status == BindingStatus.LIVE,
        )
        .values(low_kwh=low_kwh, tells_low=tells_low, tells_top_ups=tells_top_ups)
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise BindingNotFound()


def _served_room(session: Session, room_id: int | None) -> AnyRow | None:
    """The electricity room of a place, with its building's policy."""
    if room_id is None:
        return None
    place = directory.places(session, [room_id]).get(room_id)
    if place is None:
        return None
    return session.execute(
        select(Room.id, Building.policy, Building.building_id, System.low_kwh)
        .join(System, System.id == Room.system_id)
        .join(Building, Building.building_id == place.building_id)
        .where(Room.room_id == room_id, System.is_active)
    ).first()


def _insert(
    session: Session, by: Caller, room: AnyRow, proof: Proof, status: BindingStatus, **values: Any
) -> str | None:
    """None when there is a current one already."""
    return session.execute(
        insert(Binding)
        .values(
            public_id=ids.public_id("ebd"),
            person_id=by.person_id,
            room_id=room.id,
            building_id=room.building_id,
            status=status,
            proof=proof,
            requested_at=clock.now(),
            low_kwh=room.low_kwh,
            tells_low=True,
            tells_top_ups=True,
            is_low=False,
            **values,
        )
        .on_conflict_do_nothing()
        .returning(Binding.public_id)
    ).scalar()


def _current(session: Session, person_id: int, room_id: int) -> str:
    return session.scalars(
        select(Binding.public_id).where(
            Binding.person_id == person_id,
            Binding.room_id == room_id,
            Binding.status != BindingStatus.ENDED,
        )
    ).one()
