"""When people report and when staff are about, in Shanghai time."""

import random
from datetime import UTC, date, datetime, time, timedelta

from app.kit import clock

OPENS, CLOSES = time(7, 5), time(21, 30)
WEEKDAYS = (1.2, 1.1, 1.1, 1.05, 1.1, 0.75, 0.7)
# Reports by hour of the day: a morning rise at the offices, lunch, and the evening in the dormitories.
HOURS = (2, 1, 0.5, 0.5, 0.5, 1, 3, 9, 14, 14, 12, 10, 13, 9, 10, 10, 10, 11, 13, 16, 20, 19, 13, 6)


def arrivals(draw: random.Random, *, since: datetime, until: datetime, count: int) -> list[datetime]:
    """`count` moments between the two, in order, as dense as the hour and the weekday have it."""
    hours = []
    hour = since
    while hour < until:
        local = clock.local(hour)
        hours.append((hour, HOURS[local.hour] * WEEKDAYS[local.weekday()]))
        hour += timedelta(hours=1)
    starts = draw.choices([start for start, _ in hours], [weight for _, weight in hours], k=count)
    moments = (start + timedelta(seconds=draw.randrange(3600)) for start in starts)
    return sorted(min(moment, until - timedelta(seconds=1)) for moment in moments)


def on_duty(moment: datetime) -> datetime:
    """This moment, or the next opening of the workshops. Dormitories are served on weekends too."""
    local = clock.local(moment)
    if local.time() < OPENS:
        return _at(local.date(), OPENS)
    return _at(local.date() + timedelta(days=1), OPENS) if local.time() > CLOSES else moment


def after(moment: datetime, minutes: float) -> datetime:
    """So many minutes later; what falls into the night waits for the morning, in the order it came."""
    later = moment + timedelta(minutes=minutes)
    opened = on_duty(later)
    return opened if opened == later else opened + timedelta(minutes=minutes % 31)


def back(moment: datetime, minutes: float) -> datetime:
    """The moment on duty before which `minutes` of duty time passed until `moment`."""
    left = timedelta(minutes=minutes)
    day = clock.local(moment).date()
    end = moment
    while True:
        opens, closes = _at(day, OPENS), _at(day, CLOSES)
        end = min(end, closes)
        if end - opens >= left:
            return end - left
        left -= max(end - opens, timedelta(0))
        day -= timedelta(days=1)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.SHANGHAI).astimezone(UTC)
