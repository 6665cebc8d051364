"""The nightly look at every bound room, oldest reading first, at the vendor's speed."""

import time
from datetime import timedelta
from typing import Any

from app.kit import clock
from app.kit.db import unit_of_work
from app.miniapps.electricity.flows.reading import Answer, read_room
from app.miniapps.electricity.queries import rooms
from app.miniapps.electricity.service import readings

SLICE_SECONDS = 3.0
"""Short: other work by the clock waits meanwhile."""
AGE = timedelta(hours=12)
SINCE_HOUR, UNTIL_HOUR = 1, 6


def sweep(*, clients: Any, seconds: float = SLICE_SECONDS) -> int:
    """Read rooms until the slice of time is over or the vendors are away; how many.

    Run every few seconds of the night: what is left comes next time, so a restart loses nothing. A system that
    does not answer is left alone for the rest of the slice.
    """
    ends = time.monotonic() + seconds
    away: set[str] = set()
    done = 0
    while time.monotonic() < ends:
        with unit_of_work() as session:
            now = clock.now()
            room = rooms.oldest_read(
                session, before=now - AGE, unclaimed_since=now - readings.CLAIM, without=sorted(away)
            )
            is_mine = room is not None and readings.claim_reading(session, room.id)
        if room is None:
            break
        if not is_mine:
            continue
        answer = read_room(room, clients=clients)
        if answer in (Answer.AWAY, Answer.BUSY):
            away.add(room.system)
        done += answer == Answer.FRESH
    return done


def is_night() -> bool:
    return SINCE_HOUR <= clock.local(clock.now()).hour < UNTIL_HOUR
