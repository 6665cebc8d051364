"""A day or a month for which vouchers are made."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.payments.errors import DayStillOpen, PeriodInvalid, PeriodNotOver
from app.payments.models import Day, LedgerEntry

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


@dataclass(frozen=True)
class Period:
    """`text` is 2026-11-16 or 2026-11; both ends are part of it."""

    text: str
    first: date
    last: date

    @classmethod
    def of(cls, text: str) -> "Period":
        """Raises PeriodInvalid."""
        found = _PERIOD.fullmatch(text.strip())
        try:
            year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
            first = date(year, month, day)
        except ValueError:
            raise PeriodInvalid() from None
        whole_month = found is not None and found.group(3) is None
        return cls(text.strip(), first, end_of_month(first) if whole_month else first)


def refuse_open(session: Session, period: Period) -> None:
    """Only closed days have all that belongs to them: fees and settlements are booked by the closing.

    Days before any money need no closing. Raises PeriodNotOver, and DayStillOpen with the first open day.
    """
    if period.last >= clock.today():
        raise PeriodNotOver(period=period.text)
    begun = session.scalar(select(func.min(LedgerEntry.business_on)))
    closed = set(
        session.scalars(
            select(Day.day).where(Day.day.between(period.first, period.last), Day.status == "closed")
        )
    )
    days = (period.first + timedelta(days=ahead) for ahead in range((period.last - period.first).days + 1))
    still_open = [day for day in days if day not in closed and begun is not None and day >= begun]
    if still_open:
        raise DayStillOpen(day=still_open[0].isoformat(), count=len(still_open))


def end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
