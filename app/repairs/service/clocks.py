"""Promises and how they are counted.

Urgent work is counted around the clock, all other work on the school's work calendar. Targets follow the
published rules of several universities (repairs reference §3.2); 15 hours are two working days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kit.calendar import WorkCalendar, due, elapsed


@dataclass(frozen=True)
class Promise:
    """Targets of one priority, in minutes."""

    response: int
    accept: int
    resolve: int
    is_around_the_clock: bool


NORMAL = Promise(response=30, accept=30, resolve=15 * 60, is_around_the_clock=False)
URGENT = Promise(response=10, accept=10, resolve=12 * 60, is_around_the_clock=True)
PROMISES = {"normal": NORMAL, "urgent": URGENT}

AUTO_CLOSE_AFTER = timedelta(days=7)
REWORK_WITHIN = timedelta(days=7)
RATE_WITHIN = timedelta(days=30)
NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Clock:
    """Reckons deadlines for tickets of one priority."""

    promise: Promise
    calendar: WorkCalendar | None

    def response_due(self, start: datetime) -> datetime:
        return due(self.calendar, start, timedelta(minutes=self.promise.response))

    def accept_due(self, start: datetime) -> datetime:
        return due(self.calendar, start, timedelta(minutes=self.promise.accept))

    def resolve_due(self, start: datetime) -> datetime:
        return due(self.calendar, start, timedelta(minutes=self.promise.resolve))

    def pushed_back(self, deadline: datetime, paused_from: datetime, until: datetime) -> datetime:
        """The deadline after a pause: later by the work time that passed meanwhile."""
        return due(self.calendar, deadline, elapsed(self.calendar, paused_from, until))

    def paused(self, paused_from: datetime, until: datetime) -> int:
        """Seconds of work time in a pause."""
        return int(elapsed(self.calendar, paused_from, until).total_seconds())

    def snapshot(self) -> dict[str, int | bool]:
        """What was promised, frozen with the ticket."""
        return dict(vars(self.promise))


def clock_for(priority: str, calendar: WorkCalendar) -> Clock:
    promise = PROMISES[priority]
    return Clock(promise, None if promise.is_around_the_clock else calendar)
