"""The only now. UTC inside; days and months are Asia/Shanghai.

Tests and the demo's seed may move the clock: in process by `travel`, across processes by a file that
holds the offset in seconds.
"""

import os
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_frozen: datetime | None = None
_offset_file: str | None = None
_cached: tuple[float, timedelta] = (-1.0, timedelta(0))


def configure(offset_file: str | None) -> None:
    """Read the offset from this file from now on; None for the plain clock."""
    global _offset_file, _cached
    _offset_file, _cached = offset_file, (-1.0, timedelta(0))


def now() -> datetime:
    """The present moment, aware, UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + _offset()


def today() -> date:
    """The date in Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on Shanghai's clock."""
    return moment.astimezone(SHANGHAI)


def start_of_day(day: date) -> datetime:
    """Midnight in Shanghai as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def travel(moment: datetime | None) -> None:
    """Stop this process's clock at `moment`; None lets it run again."""
    global _frozen
    _frozen = moment


def advance(step: timedelta) -> None:
    """Move a stopped clock on."""
    travel(now() + step)


def _offset() -> timedelta:
    global _cached
    if _offset_file is None:
        return timedelta(0)
    checked_at, offset = _cached
    tick = time.monotonic()
    if checked_at >= 0 and tick - checked_at < 0.2:
        return offset
    offset = _read_offset(_offset_file)
    _cached = (tick, offset)
    return offset


def _read_offset(path: str) -> timedelta:
    try:
        with open(path) as file:
            return timedelta(seconds=float(file.read().strip() or 0))
    except FileNotFoundError:
        return timedelta(0)


def write_offset(path: str, offset: timedelta) -> None:
    """Move the clock of every process that reads this file."""
    staged = f"{path}.new"
    with open(staged, "w") as file:
        file.write(str(offset.total_seconds()))
    os.replace(staged, path)
