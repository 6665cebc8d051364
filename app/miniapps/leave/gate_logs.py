"""The school's own gates: a list of who may pass for them, and their logs back."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.models import ABSENT, ROAMING, LeaveRequest, LeaveStatus
from app.miniapps.leave.service.gate_log_lines import Passed
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy

HEADERS = {
    "时间": "time",
    "time": "time",
    "学号": "number",
    "number": "number",
    "方向": "direction",
    "direction": "direction",
}
DIRECTIONS = {"出": "out", "出校": "out", "out": "out", "进": "in", "进校": "in", "入": "in", "in": "in"}
MOST_LINES = 200_000


class LogUnreadable(ValueError):
    """Names the line and what is wrong with it, in Chinese."""


def read_log(file: TextIO) -> Iterator[Passed]:
    """Lines of a CSV with 时间, 学号, 方向. Raises LogUnreadable: nothing of a log that can't be read is taken."""
    rows = csv.reader(file)
    names = [HEADERS.get(cell.strip().lower(), "") for cell in next(rows, [])]
    if not {"time", "number", "direction"} <= set(names):
        raise LogUnreadable("第 1 行要有“时间”“学号”“方向”三列")
    for number, row in enumerate(rows, start=2):
        if number > MOST_LINES:
            raise LogUnreadable(f"一次最多 {MOST_LINES} 行，请分开导入")
        if any(cell.strip() for cell in row):
            yield _line(number, dict(zip(names, row, strict=False)))


def _line(number: int, row: dict[str, str]) -> Passed:
    direction = DIRECTIONS.get(row.get("direction", "").strip().lower())
    who = row.get("number", "").strip()
    try:
        at = datetime.fromisoformat(row.get("time", "").strip())
        at = (at if at.tzinfo else at.replace(tzinfo=clock.SHANGHAI)).astimezone(clock.UTC)
    except (ValueError, OverflowError):
        raise LogUnreadable(f"第 {number} 行的时间看不懂，要写成 2026-11-27 08:30:00") from None
    if direction is None or not 1 <= len(who) <= 32 or "\0" in who:
        raise LogUnreadable(f"第 {number} 行缺学号，或方向不是“进”“出”")
    return Passed(number, "", who, direction, at)


def write_allow_list(session: Session, file: TextIO) -> int:
    """Who may go out, as CSV: number, from, until, may come and go; how many. Gates know plain numbers only.

    Whoever stands in it learns of it.
    """
    rows = list(_allowed(session))
    writer = csv.writer(file)
    writer.writerow(["学号", "从", "到", "可多次进出"])
    writer.writerows(row for _person, row in rows)
    privacy.note_list(session, by=None, reason="leave.gate", person_ids={person for person, _row in rows})
    return len(rows)


def _allowed(session: Session) -> Iterable[tuple[int, tuple[str, str, str, str]]]:
    stmt = (
        select(LeaveRequest)
        .where(
            LeaveRequest.status.in_((LeaveStatus.APPROVED, *ABSENT)),
            or_(LeaveRequest.leaves_campus, LeaveRequest.kind.in_(ROAMING)),
        )
        .order_by(LeaveRequest.id)
    )
    leaves = session.scalars(stmt).all()
    people = directory.people(session, [one.person_id for one in leaves])
    for one in leaves:
        number = people[one.person_id].number if one.person_id in people else None
        if number:
            roams = "是" if one.kind in ROAMING else "否"
            yield one.person_id, (number, _local(one.starts_at), _local(one.due_at), roams)


def _local(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
