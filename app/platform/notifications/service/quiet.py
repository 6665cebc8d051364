"""When people want to be left alone."""

from datetime import datetime, time, timedelta

from app.kit import clock

QUIET_FROM = time(22)
QUIET_UNTIL = time(7)


def quiet_until(moment: datetime, *, starts: time | None = None, ends: time | None = None) -> datetime | None:
    """The end of the quiet hours that `moment` lies in; None outside of them. Shanghai time.

    Without hours of one's own the house's hold; the same hour twice means never quiet.
    """
    starts, ends = (QUIET_FROM, QUIET_UNTIL) if starts is None or ends is None else (starts, ends)
    there = clock.local(moment)
    hour = there.time().replace(tzinfo=None)
    if starts <= ends:
        is_quiet = starts <= hour < ends
    else:
        is_quiet = hour >= starts or hour < ends
    if not is_quiet:
        return None
    day = there.date() if hour < ends else there.date() + timedelta(days=1)
    return clock.start_of_day(day) + timedelta(hours=ends.hour, minutes=ends.minute)
