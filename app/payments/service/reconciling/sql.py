"""How the statements of a run are sent: plain SQL with named values, each for a whole day at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

WINDOW = timedelta(days=3)
"""How far a line and its entry may lie apart: the cut of a day, refunds that succeed later than they are accepted."""


# Of rows that came a moment ago the planner knows nothing: it takes a day's million for a handful and would loop.
WHOLE_DAYS = "SET LOCAL enable_nestloop = off"
FEW_ROWS = "SET LOCAL enable_nestloop = on"


@dataclass(frozen=True)
class Scope:
    """What every statement of a run may name: `:day`, `:first`, `:last`, `:today`, `:now`, `:run_id`, `:settled`."""

    day: date
    first: date
    last: date
    today: date
    now: datetime
    run_id: int
    settled: list[str]

    @property
    def values(self) -> Mapping[str, Any]:
        return asdict(self)


@cache
def _clause(sql: str) -> TextClause:
    return text(sql)


def run(session: Session, sql: str, scope: Scope) -> None:
    session.execute(_clause(sql), scope.values)


def rows(session: Session, sql: str, scope: Scope) -> list[Row[*tuple[Any, ...]]]:
    return list(session.execute(_clause(sql), scope.values).all())


def count(session: Session, sql: str, scope: Scope) -> int:
    """Of an INSERT, UPDATE or DELETE: how many rows it changed."""
    return int(session.execute(_clause(sql), scope.values).rowcount)  # type: ignore[attr-defined]
