"""The work calendar as it stands, and how the machinery is doing."""

import threading
import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import outbox
from app.kit.calendar import WorkCalendar
from app.kit.outbox import OutboxDelivery
from app.kit.paging import Key, Page, page
from app.platform.operations.models import CalendarDay, CalendarYear, ScheduleRun

CACHE_SECONDS = 60.0

_lock = threading.Lock()
_cached: tuple[float, WorkCalendar] | None = None


def work_calendar(session: Session) -> WorkCalendar:
    """The school's calendar. Cached for a minute: it changes once a year."""
    global _cached
    with _lock:
        if _cached is None or time.monotonic() - _cached[0] > CACHE_SECONDS:
            _cached = (time.monotonic(), _load(session))
        return _cached[1]


def forget_calendar() -> None:
    """After an import: read it afresh."""
    global _cached
    with _lock:
        _cached = None


def dead_letters(session: Session, cursor: str | None) -> Page[Any]:
    """Deliveries that were given up, newest first."""
    stmt = select(
        OutboxDelivery.id,
        OutboxDelivery.event,
        OutboxDelivery.subscriber,
        OutboxDelivery.attempts,
        OutboxDelivery.created_at,
        OutboxDelivery.last_error,
    ).where(OutboxDelivery.status == "dead")
    return page(session, stmt, keys=[Key("id", OutboxDelivery.id, descending=True)], cursor=cursor)


def backlog(session: Session) -> dict[str, int]:
    return outbox.backlog(session)


def calendar_years(session: Session) -> list[CalendarYear]:
    """The years that are known, newest first."""
    return list(session.scalars(select(CalendarYear).order_by(CalendarYear.year.desc())))


def schedules(session: Session) -> list[ScheduleRun]:
    return list(session.scalars(select(ScheduleRun).order_by(ScheduleRun.key)))


def _load(session: Session) -> WorkCalendar:
    days = session.execute(select(CalendarDay.day, CalendarDay.is_workday))
    years = session.scalars(select(CalendarYear.year))
    return WorkCalendar(overrides={day: works for day, works in days}, known_years=frozenset(years))
