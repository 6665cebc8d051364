"""Days and hours in China, counted on the sandbox's clock (seconds since 1970)."""

import datetime as dt

DAY = 86_400
ZONE = dt.timezone(dt.timedelta(hours=8))
_SHIFT = 8 * 3600
_FIRST = dt.date(1970, 1, 1).toordinal()


def day_of(moment: float) -> int:
    """The number of the day."""
    return int((moment + _SHIFT) // DAY)


def start_of(day: int) -> float:
    return float(day * DAY - _SHIFT)


def date_of(day: int) -> dt.date:
    return dt.date.fromordinal(_FIRST + day)


def number_of(date: dt.date) -> int:
    return date.toordinal() - _FIRST


def local(moment: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(moment, ZONE)


def second_text(moment: float) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M:%S")


def next_odd_hour(moment: float) -> float:
    """01:00, 03:00 … 23:00: when a batch goes out to the meters."""
    hour = int((moment + _SHIFT) // 3600) + 1
    return float((hour if hour % 2 else hour + 1) * 3600 - _SHIFT)


def within(hours: str, moment: float) -> bool:
    """Whether `00:00-23:30` covers the moment; "" always does."""
    if not hours:
        return True
    since, until = hours.split("-")
    now = local(moment).strftime("%H:%M")
    return since <= now < until if since <= until else not until <= now < since
