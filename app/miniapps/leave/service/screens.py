"""A dorm's lobby screen: its PIN is set by the manager; five wrong ones shut it for a while."""

import hashlib
import secrets

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.miniapps.leave.errors import PinWrong, ScreenMissing
from app.miniapps.leave.models import Screen, ScreenKey
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.service.hashing import hash_password, matches

DORM = "leave.dorm"
DIGITS = 6
MOST_FAILURES, LOCKED_FOR = 5, clock.timedelta(minutes=15)
GOOD_FOR = clock.timedelta(days=7)


def set_pin(session: Session, *, by: Caller, building_id: int, pin: str) -> Screen:
    """Open the screen of a dorm under this PIN; browsers that knew the old one ask again.

    Raises ScreenMissing (no dorm, or not the caller's), PinWrong.
    """
    _check_building(session, by, building_id)
    if len(pin) != DIGITS or not (pin.isascii() and pin.isdigit()) or len(set(pin)) < 3:
        raise PinWrong(details={"pin": [PinWrong.WEAK]})
    values = {
        "pin_hash": hash_password(pin),
        "is_open": True,
        "failures": 0,
        "locked_until": None,
        "set_by_id": by.person_id,
        "set_at": clock.now(),
    }
    screen = session.scalars(
        insert(Screen)
        .values(public_id=ids.public_id("lvs"), building_id=building_id, **values)
        .on_conflict_do_update(index_elements=["building_id"], set_=values)
        .returning(Screen),
        execution_options={"populate_existing": True},
    ).one()
    session.execute(delete(ScreenKey).where(ScreenKey.screen_id == screen.id))
    _record(session, by, "screen_pin_set", building_id)
    return screen


def close_screen(session: Session, *, by: Caller, building_id: int) -> None:
    """Nobody sees it any more. Raises ScreenMissing."""
    _check_building(session, by, building_id)
    screen = session.scalars(select(Screen).where(Screen.building_id == building_id)).one_or_none()
    if screen is None:
        raise ScreenMissing()
    screen.is_open = False
    session.execute(delete(ScreenKey).where(ScreenKey.screen_id == screen.id))
    _record(session, by, "screen_closed", building_id)


def try_pin(session: Session, *, screen_id: str, pin: str) -> str | None:
    """The key for this browser; None when the PIN was wrong, or the screen is shut for now. Raises ScreenMissing.

    It does not raise for a wrong one: the failure has to be kept.
    """
    now = clock.now()
    screen = session.scalars(
        select(Screen).where(Screen.public_id == screen_id, Screen.is_open).with_for_update()
    ).one_or_none()
    if screen is None:
        raise ScreenMissing()
    if screen.locked_until is not None and now < screen.locked_until:
        return None
    if not matches(pin, screen.pin_hash):
        screen.failures += 1
        if screen.failures >= MOST_FAILURES:
            screen.failures, screen.locked_until = 0, now + LOCKED_FOR
        return None
    screen.failures, screen.locked_until = 0, None
    key = secrets.token_urlsafe(32)
    session.add(ScreenKey(screen_id=screen.id, key_hash=hash_of(key), opened_at=now, ends_at=now + GOOD_FOR))
    return key


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _check_building(session: Session, by: Caller, building_id: int) -> None:
    dorms = {one.id for one in directory.buildings(session) if one.is_dorm}
    if building_id not in dorms or not by.may(DORM, building_id=building_id):
        raise ScreenMissing()


def _record(session: Session, by: Caller, action: str, building_id: int) -> None:
    audit.record(session, by=by, action=f"leave.{action}", object_type="building", object_id=building_id)
