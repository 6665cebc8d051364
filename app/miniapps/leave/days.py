"""How long a leave is: in days and half days. Pure."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from app.kit import clock

NOON = time(12, 0)
HALF, WHOLE = Decimal("0.5"), Decimal(1)


def spanned(starts_at: datetime, ends_at: datetime) -> Iterator[date]:
    """The Shanghai days a leave touches."""
    first = clock.local(starts_at).date()
    last = clock.local(ends_at - timedelta(microseconds=1)).date()
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def moment(day: date, at: time) -> datetime:
    """A time of a Shanghai day, as UTC."""
    return datetime.combine(day, at, tzinfo=clock.SHANGHAI).astimezone(clock.UTC)


def natural(starts_at: datetime, ends_at: datetime) -> Decimal:
    """Calendar days; a first day that begins in the afternoon and a last one that ends in the morning count half."""
    return sum((_weight(day, starts_at, ends_at) for day in spanned(starts_at, ends_at)), Decimal(0))


def working(starts_at: datetime, ends_at: datetime, is_workday: Callable[[date], bool]) -> Decimal:
    """The same, of the days on which the school works (with 调休)."""
    days = (day for day in spanned(starts_at, ends_at) if is_workday(day))
    return sum((_weight(day, starts_at, ends_at) for day in days), Decimal(0))


def _weight(day: date, starts_at: datetime, ends_at: datetime) -> Decimal:
    start, end = clock.local(starts_at), clock.local(ends_at)
    afternoon_only = day == start.date() and start.time() >= NOON
    morning_only = day == end.date() and end.time() <= NOON
    return HALF if afternoon_only or morning_only else WHOLE
