"""What the school's own gates saw, page by page: the lines and the cursor are kept together, or not at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.errors import DomainError
from app.miniapps.leave.models import Gate, GateLog
from app.miniapps.leave.service.scanning import OLDEST_LOG, check, log_sequence
from app.miniapps.leave.service.verdicts import Shown

PATIENCE = clock.timedelta(minutes=10)
"""A number may be a moment late at the gates; after that it is gone past."""
MOST_UNKNOWN = 20
_logs = cast("Table", GateLog.__table__)


@dataclass(frozen=True)
class Passed:
    """A line of their log; `gate` is what they call it. Without a direction it could not be read."""

    no: int
    gate: str
    number: str
    direction: str
    at: datetime


@dataclass(frozen=True)
class Taken:
    """`answer`: `end`, `more`, `gap` (a number is missing) or `moved` (somebody else read on). `said`: counts by word."""

    answer: str
    said: Counter[str]


def log_place(session: Session) -> tuple[str, int] | None:
    """(series, cursor); None before the beginning."""
    row = session.execute(select(GateLog.series, GateLog.cursor).where(GateLog.id == 1)).one_or_none()
    return (row.series, row.cursor) if row else None


def begin_log(session: Session, *, series: str, after: int) -> None:
    """From here on: what was before is for the files. Two at once are one."""
    values = {"id": 1, "series": series, "cursor": after, "skipped": 0, "unknown_codes": []}
    session.execute(insert(_logs).values(**values).on_conflict_do_nothing())


def restart_log(session: Session, *, series: str | None = None, seen: tuple[str, int] | None = None) -> None:
    """From number 1: the gates count anew, or an operator wants all lines again. What was taken stays, once.

    `seen` is the place at which that was found out: nothing when somebody has moved on since.
    """
    log = session.get(GateLog, 1, with_for_update=True, populate_existing=True)
    if log is not None and seen in (None, (log.series, log.cursor)):
        log.series, log.cursor, log.gap_at = series or log.series, 0, None
        log.unknown_codes = []


def take_page(
    session: Session, *, series: str, after: int, last: int, lines: Sequence[Passed], asked_at: datetime
) -> Taken:
    """Check everybody of a page that was asked for after `after`, and move on.

    Before a missing number it stops for a while. Lines of gates that are none of ours, and of long ago, are left out.
    """
    log = session.get(GateLog, 1, with_for_update=True, populate_existing=True)
    said: Counter[str] = Counter()
    if log is None or (log.series, log.cursor) != (series, after):
        return Taken("moved", said)
    new, has_gap = _in_order(log, last, lines)
    gates = {one.code: one for one in session.scalars(select(Gate).where(Gate.code.is_not(None)))}
    for line in sorted(new, key=lambda one: (one.at, one.no)):
        said[_take(session, gates.get(line.gate), line)] += 1
    unknown = {line.gate for line in new if line.direction and line.gate not in gates}
    log.unknown_codes = sorted({*log.unknown_codes, *unknown} - gates.keys())[:MOST_UNKNOWN]
    if new:
        log.cursor = new[-1].no
    if has_gap:
        return Taken("gap", said)
    if log.cursor < last:
        return Taken("more", said)
    log.reached_at = asked_at
    return Taken("end", said)


def _in_order(log: GateLog, last: int, lines: Sequence[Passed]) -> tuple[list[Passed], bool]:
    """What follows the cursor without a gap, and whether there is one to wait for.

    One that lasts is gone past, and one before a line that is itself long ago; a log may begin at any number.
    """
    now = clock.now()
    new: list[Passed] = []
    expected = log.cursor + 1
    for line in lines:
        if line.no != expected:
            is_old = bool(line.direction) and line.at < now - PATIENCE
            if not is_old and (new or log.gap_at is None or log.gap_at + PATIENCE > now):
                log.gap_at = log.gap_at if log.gap_at and not new else now
                return new, True
            log.skipped += line.no - expected if expected > 1 else 0
        new.append(line)
        expected, log.gap_at = line.no + 1, None
    if not new and last > log.cursor:
        log.gap_at = log.gap_at or now
        return new, True
    log.gap_at = None
    return new, False


def _take(session: Session, gate: Gate | None, line: Passed) -> str:
    if not line.direction:
        return "unreadable"
    if gate is None:
        return "unknown gate"
    if line.at < clock.now() - OLDEST_LOG:
        return "too old"
    try:
        with session.begin_nested():  # one line that is refused must not hold up the others
            told = check(
                session,
                by=None,
                gate_id=gate.id,
                client=f"log:{gate.public_id}",
                sequence=log_sequence(line.number, line.at, line.direction),
                shown=Shown(
                    line.number[:32],
                    line.direction,
                    line.at,
                    "log",
                    source="dorm" if gate.is_door else "gate",
                ),
            )
    except DomainError:
        return "refused"
    return str(told["why"])
