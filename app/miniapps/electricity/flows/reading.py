"""Asking the vendor what is left: at most once a minute and room, one asker at a time, few threads at once.

Whatever goes wrong, what was known before stays and is shown with its age. Nothing here raises for a vendor.
"""

import threading
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.clients.meters.protocol import ElectricityMeters, NoSuchRoom, Reading, RoomRef
from app.clients.vendor import BadReply, VendorError
from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.log import log
from app.miniapps.electricity.queries import rooms
from app.miniapps.electricity.queries.rooms import RoomFacts
from app.miniapps.electricity.service import readings
from app.miniapps.electricity.service.readings import MeterValue

RECORDS_FRESH = timedelta(hours=6)
RECORD_DAYS = 30
_askers = threading.BoundedSemaphore(2)
"""Threads of this process that may wait for meters: the others serve pages that need no vendor."""


class Answer(StrEnum):
    """FRESH: known to be of the last minute. BUSY: somebody else is asking. The rest is how it failed."""

    FRESH = "fresh"
    BUSY = "busy"
    AWAY = "away"
    UNREADABLE = "unreadable"


def refresh(room_id: int, *, clients: Any) -> Answer:
    """Bring a room's readings up to the minute, if the vendor answers."""
    with unit_of_work() as session:
        room = rooms.facts(session, room_id)
        is_mine = not room.is_fresh and readings.claim_reading(session, room_id)
    if room.is_fresh:
        return Answer.FRESH
    if not is_mine or not _askers.acquire(blocking=False):
        return Answer.BUSY
    try:
        return read_room(room, clients=clients)
    finally:
        _askers.release()


def read_room(room: RoomFacts, *, clients: Any) -> Answer:
    """One question to the vendor and its answer noted. The claim is the caller's."""
    meters: ElectricityMeters | None = clients.meters.get(room.system)
    try:
        if meters is None:
            raise BadReply("no_such_system")
        answer = meters.reading(ref_of(room))
    except (BadReply, NoSuchRoom) as error:
        return _failed(room, Answer.UNREADABLE, error)
    except VendorError as error:
        if error.code == "too_fast":
            return Answer.BUSY
        return _failed(room, Answer.AWAY, error)
    values = [_value(reading) for reading in answer]
    with unit_of_work() as session:
        readings.note_readings(session, room_id=room.id, values=values)
    _read_records(room, meters, values)
    return Answer.FRESH


def ref_of(room: RoomFacts) -> RoomRef:
    return RoomRef(room.system, tuple(room.path), room.vendor_key, tuple(room.names))


def _failed(room: RoomFacts, answer: Answer, error: VendorError) -> Answer:
    with unit_of_work() as session:
        readings.note_failure(session, room_id=room.id, problem=answer, code=error.code)
    log.info("electricity.not_read", room=room.id, kind=type(error).__name__, why=error.code)
    return answer


def _value(reading: Reading) -> MeterValue:
    return MeterValue(
        code=reading.meter.code,
        kind=reading.meter.kind,
        name=reading.meter.name,
        kwh=reading.kwh,
        fen=reading.fen,
        subsidy_kwh=reading.subsidy_kwh,
        is_powered=reading.power_on,
        as_of=reading.as_of,
        fetched_at=clock.now(),
    )


def _read_records(room: RoomFacts, meters: ElectricityMeters, values: list[MeterValue]) -> None:
    """The vendor's own lists, a few times a day: uses, without which ours are worked out, and purchases."""
    offers = meters.capabilities
    if not (offers.has_usage or offers.has_purchases):
        return
    if room.uses_read_at is not None and room.uses_read_at > clock.now() - RECORDS_FRESH:
        return
    try:
        for value in values:
            if offers.has_usage and value.kind in readings.ELECTRIC:
                _read_uses(room, meters, value.code)
            if offers.has_purchases:
                _read_purchases(room, meters, value.code)
    except VendorError:
        return
    with unit_of_work() as session:
        readings.note_records_read(session, room_id=room.id)


def _read_uses(room: RoomFacts, meters: ElectricityMeters, code: str) -> None:
    until = clock.today() - timedelta(days=1)
    told = meters.usage(ref_of(room), code, until - timedelta(days=RECORD_DAYS - 1), until)
    with unit_of_work() as session:
        readings.note_uses(session, room_id=room.id, code=code, uses=[(use.day, use.kwh) for use in told])


def _read_purchases(room: RoomFacts, meters: ElectricityMeters, code: str) -> None:
    since = clock.today() - timedelta(days=RECORD_DAYS - 1)
    told = meters.purchases(ref_of(room), code, since, clock.today())
    with unit_of_work() as session:
        readings.note_purchases(
            session,
            room_id=room.id,
            code=code,
            since=since,
            told=[(one.day, one.fen, one.kind) for one in told if one.day >= since],
        )
