"""Which settlements make up one bank line: sums of what follows each other at one merchant number.

There are a few a day, so they are compared here and not in the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

PART_LIMIT = 20
"""Settlements in one bank line, at most."""
DAYS = 10
"""The longest holidays and the working day after."""
NEAR = 10
"""A sum that differs by more than a tenth of it is no settlement that was paid wrongly."""


@dataclass(frozen=True)
class Part:
    """A settlement that no bank line has yet; `is_bill`: the net of a whole bill."""

    id: int
    day: date
    fen: int
    is_bill: bool = False


def parts_of(fen: int, day: date, parts: Sequence[Part]) -> Sequence[Part]:
    """The first run of parts, none later than the bank's day, whose sum is exactly `fen`; or none."""
    return next((run for total, run in _runs(day, parts) if total == fen), ())


def parts_near(fen: int, day: date, parts: Sequence[Part]) -> Sequence[Part]:
    """The run whose sum comes nearest to `fen` and is off by no more than a tenth; or none."""
    near = [(abs(total - fen), run) for total, run in _runs(day, parts) if abs(total - fen) * NEAR <= total]
    return min(near, key=lambda pair: pair[0])[1] if near else ()


def _runs(day: date, parts: Sequence[Part]) -> Iterator[tuple[int, Sequence[Part]]]:
    """A day with more refunds than payments lowers the sum, so a longer run is not always more."""
    known = [part for part in parts if part.day <= day and (day - part.day).days <= DAYS]
    for start in range(len(known)):
        total = 0
        for end, part in enumerate(known[start : start + PART_LIMIT], start + 1):
            total += part.fen
            yield total, known[start:end]
