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
from app.miniapps.leave.models import GateLog
from app.miniapps.leave.service.gate_log_lines import Passed, take_lines

PATIENCE = clock.timedelta(minutes=10)
"""A number may be a moment late at the gates; after that it is gone past."""
AGAIN_GAP_AT = "again_gap_at"  # among the counts: since when a page that is read again came empty
_logs = cast("Table", GateLog.__table__)


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


def restart_log(session: Session, *, series: str, seen: tuple[str, int]) -> bool:
    """They count anew: from number 1. What was taken stays, once. False while one waits whether it is true.

    `seen` is the place at which that was found out: nothing when somebody has moved on since. Under the same name
    they may only have lost sight of their last lines for a moment.
    """
    log = _locked(session)
    if log is None or seen != (log.series, log.cursor):
        return True
    if series == log.series and (log.gap_at is None or log.gap_at + PATIENCE > clock.now()):
        log.gap_at = log.gap_at or clock.now()
        return False
    log.series, log.cursor, log.gap_at = series, 0, None
    log.again_cursor = log.again_until = None
    log.unknown_codes = []
    return True


def read_again(session: Session) -> bool:
    """All lines once more, beside those that come in meanwhile; False when they are being read again already."""
    log = _locked(session)
    if log is None or log.again_until is not None or log.cursor == 0:
        return False
    log.again_cursor, log.again_until = 0, log.cursor
    _stop_waiting(log)
    log.unknown_codes, log.closed_codes = [], []
    return True


def again_place(session: Session) -> tuple[str, int] | None:
    """(series, cursor) of what is read again; None when nothing is."""
    row = session.execute(select(GateLog.series, GateLog.again_cursor).where(GateLog.id == 1)).one_or_none()
    return (row.series, row.again_cursor) if row and row.again_cursor is not None else None


def take_again(session: Session, *, series: str, after: int, last: int, lines: Sequence[Passed]) -> Taken:
    """A page that is read again. What is missing was waited for the first time.

    An empty page before the log's end is a gap: it is asked for again, for as long as for a missing number.
    """
    log = _locked(session)
    if log is None or log.again_until is None or (log.series, log.again_cursor) != (series, after):
        return Taken("moved", Counter())
    due = [line for line in lines if line.no <= log.again_until]
    said = take_lines(session, log, due, is_again=True)
    reached = lines[-1].no if lines else after
    is_short = reached < min(last, log.again_until)
    if is_short and not lines and _waits_again(log):
        return Taken("gap", said)
    _stop_waiting(log)
    if is_short and lines:
        log.again_cursor = reached
        return Taken("more", said)
    log.again_cursor = log.again_until = None
    return Taken("end", said)


def _stop_waiting(log: GateLog) -> None:
    log.counts = {word: count for word, count in log.counts.items() if word != AGAIN_GAP_AT}


def _waits_again(log: GateLog) -> bool:
    """Whether to wait for what an empty page left out; from the first such page on."""
    now = clock.now().timestamp()
    log.counts = {AGAIN_GAP_AT: int(now), **log.counts}
    return now < log.counts[AGAIN_GAP_AT] + PATIENCE.total_seconds()


def _locked(session: Session) -> GateLog | None:
    return session.get(GateLog, 1, with_for_update=True, populate_existing=True)


def take_page(
    session: Session, *, series: str, after: int, last: int, lines: Sequence[Passed], asked_at: datetime
) -> Taken:
    """Check everybody of a page that was asked for after `after`, and move on.

    Before a missing number it stops for a while. Lines of gates that are none of ours, and of long ago, are left out.
    """
    log = _locked(session)
    if log is None or (log.series, log.cursor) != (series, after):
        return Taken("moved", Counter())
    new, has_gap = _in_order(log, last, lines)
    said = take_lines(session, log, new)
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
