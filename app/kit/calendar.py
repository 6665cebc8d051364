"""Work time: weekly windows, holidays and the work Saturdays that make up for them (调休).

Pure arithmetic. The table and its yearly import live in platform.operations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from app.kit import clock

Window = tuple[time, time]
OFFICE_HOURS: tuple[Window, ...] = ((time(8, 0), time(12, 0)), (time(14, 0), time(17, 30)))


@dataclass(frozen=True)
class WorkCalendar:
    """`overrides` maps a date to True (works) or False (does not); other days follow the week.

    `known_years` are the years announced by the State Council; others are provisional: their weeks
    count as ordinary weeks, and `is_provisional` lets a page say so.
    """

    windows: Sequence[Window] = OFFICE_HOURS
    overrides: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        return self.overrides.get(day, day.weekday() < 5)

    def is_provisional(self, day: date) -> bool:
        return day.year not in self.known_years

    def add(self, start: datetime, work: timedelta) -> datetime:
        """The moment by which `work` time has passed since `start`. Aware UTC in and out.

        Raises ValueError when ten years of the calendar hold too little work time.
        """
        left = work
        for opens, closes in self._windows_from(clock.local(start).date()):
            begin = max(opens, start)
            if begin >= closes:
                continue
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise ValueError("the calendar holds no such moment")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Work time from `start` to `end`; zero when `end` is not later."""
        total = timedelta(0)
        for opens, closes in self._windows_from(clock.local(start).date()):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        return total

    def _windows_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for offset in range(3660):
            current = day + timedelta(days=offset)
            if self.is_workday(current):
                for opens, closes in self.windows:
                    yield _moment(current, opens), _moment(current, closes)


def due(calendar: WorkCalendar | None, start: datetime, work: timedelta) -> datetime:
    """Deadline on a work calendar, or around the clock (7×24) when it is None."""
    return start + work if calendar is None else calendar.add(start, work)


def elapsed(calendar: WorkCalendar | None, start: datetime, end: datetime) -> timedelta:
    """Time spent on a work calendar, or around the clock when it is None."""
    return max(end - start, timedelta(0)) if calendar is None else calendar.between(start, end)


@lru_cache(maxsize=4096)
def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.SHANGHAI).astimezone(clock.UTC)
