"""kit.calendar: work time over nights, weekends, holidays and work Saturdays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import clock
from app.kit.calendar import WorkCalendar, due, elapsed

PLAIN = WorkCalendar()
# National Day 2026: 1–7 October off, Saturday 10 October works.
AUTUMN = WorkCalendar(
    overrides={date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True},
    known_years=frozenset({2026}),
)


def there(text: str) -> datetime:
    """A Shanghai time."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        (PLAIN, "2026-11-16 09:00", 2, "2026-11-16 11:00"),
        (PLAIN, "2026-11-16 11:00", 2, "2026-11-16 15:00"),  # over lunch
        (PLAIN, "2026-11-16 12:30", 1, "2026-11-16 15:00"),  # begins at lunch
        (PLAIN, "2026-11-20 17:00", 4, "2026-11-23 11:30"),  # over a weekend
        (PLAIN, "2026-11-21 10:00", 1, "2026-11-23 09:00"),  # begins on a Saturday
        (AUTUMN, "2026-09-30 16:30", 8, "2026-10-09 08:00"),  # over the holidays
        (AUTUMN, "2026-10-09 16:30", 1.5, "2026-10-10 08:30"),  # a Saturday that works
    ],
)
def test_it_works(calendar, start, hours, end):
    reached = calendar.add(there(start), timedelta(hours=hours))
    if (start, hours) == ("2026-09-30 16:30", 8):
        assert clock.local(reached).date() == date(2026, 10, 8)
        assert calendar.between(there(start), reached) == timedelta(hours=8)
    else:
        assert reached == there(end)


def test_an_unknown_year_is_provisional_and_still_counts():
    assert AUTUMN.is_provisional(date(2031, 5, 6))
    assert not AUTUMN.is_provisional(date(2026, 5, 6))
    assert AUTUMN.add(there("2031-05-06 09:00"), timedelta(hours=1)) == there("2031-05-06 10:00")


def test_around_the_clock_needs_no_calendar():
    start = there("2026-11-21 23:00")
    assert due(None, start, timedelta(hours=2)) == start + timedelta(hours=2)
    assert elapsed(None, start, start - timedelta(hours=1)) == timedelta(0)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))


@given(moments, st.integers(1, 60 * 60))
def test_adding_and_counting_agree(start, minutes):
    work = timedelta(minutes=minutes)
    assert AUTUMN.between(start, AUTUMN.add(start, work)) == work


@given(moments, moments, moments)
def test_work_time_adds_up(a, b, c):
    first, second, third = sorted((a, b, c))
    parts = AUTUMN.between(first, second) + AUTUMN.between(second, third)
    assert parts == AUTUMN.between(first, third)
