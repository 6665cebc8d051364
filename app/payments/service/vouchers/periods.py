"""A day or a month for which vouchers are made."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.kit import clock
from app.payments.errors import PeriodInvalid, PeriodNotOver

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

    def check_over(self) -> None:
        """Raises PeriodNotOver: what still grows must not leave the house."""
        if self.last >= clock.today():
            raise PeriodNotOver(period=self.text)


def end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
