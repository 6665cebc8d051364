"""Exams against those that are known and still to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.lists import Comparison, Line, Progress, digest_of, problem_lines
from app.kit.workbook import Problem, Workbook
from app.miniapps.leave import days
from app.miniapps.leave.imports.classes import Classes
from app.miniapps.leave.imports.columns import EXAMS
from app.miniapps.leave.models import Exam

Key = tuple[int, str, datetime]  # class, course, start


@dataclass(frozen=True)
class Sitting:
    """An exam of the list."""

    row: int
    class_id: int
    class_name: str
    course: str
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> Key:
        return self.class_id, self.course, self.starts_at

    @property
    def text(self) -> str:
        return _text(self.course, self.starts_at, self.ends_at)


@dataclass
class ExamPlan(Comparison[Sitting, tuple[Sitting, int], tuple[Exam, str]]):
    """`changed` with the id of the row, `missing` with the name of the class: known exams from today on."""

    @property
    def digest(self) -> str:
        parts = [f"n {one.key} {one.ends_at}" for one in self.new]
        parts += [f"c {at} {one.ends_at}" for one, at in self.changed]
        return digest_of(sorted(parts + [f"m {one.id}" for one, _name in self.missing]))

    def lines(self) -> list[Line]:
        found = problem_lines(self.problems)
        found += [Line("new", one.row, one.class_name, one.text) for one in self.new]
        found += [Line("changed", one.row, one.class_name, one.text) for one, _at in self.changed]
        return found + [
            Line("missing", None, name, _text(one.course, one.starts_at, one.ends_at))
            for one, name in self.missing
        ]


def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> ExamPlan:
    """Reads only. An exam that is over is never missing."""
    found = ExamPlan(problems=list(book.problems))
    classes = Classes(session, scope)
    sittings = _sittings(found, classes, book)
    if found.problems:
        return found
    known = {
        (one.class_id, one.course, one.starts_at): one
        for one in session.scalars(select(Exam).where(Exam.class_id.in_(classes.all)))
    }
    for one in sittings:
        was = known.pop(one.key, None)
        if was is None:
            found.new.append(one)
        elif was.ends_at == one.ends_at:
            found.same += 1
        else:
            found.changed.append((one, was.id))
    today = clock.start_of_day(clock.today())
    still = [one for one in known.values() if one.starts_at >= today]
    found.missing = [(one, classes.all[one.class_id].name) for one in still]
    found.scope = found.same + len(found.changed) + len(found.missing)
    return found


def write(
    session: Session,
    *,
    by: Caller | None,
    scope: Mapping[str, Any],
    planned: ExamPlan,
    withdraws: bool,
    progress: Progress = lambda _: None,
) -> None:
    """All of it in the caller's transaction."""
    del by, scope
    for one in planned.new:
        session.add(
            Exam(class_id=one.class_id, course=one.course, starts_at=one.starts_at, ends_at=one.ends_at)
        )
    for one, exam_id in planned.changed:
        session.get_one(Exam, exam_id).ends_at = one.ends_at
    if withdraws:
        session.execute(delete(Exam).where(Exam.id.in_([one.id for one, _name in planned.missing])))
    session.flush()
    progress(len(planned.new) + len(planned.changed))


def _sittings(found: ExamPlan, classes: Classes, book: Workbook) -> list[Sitting]:
    sittings = []
    for row in book.of(EXAMS):
        values = row.values
        if not {"class_name", "course", "day", "starts", "ends"} <= values.keys():
            continue
        klass = classes.find(EXAMS, row.row, values["class_name"], found.problems)
        if values["ends"] <= values["starts"]:
            found.problems.append(Problem(EXAMS.title, row.row, N_("结束时间要晚于开始时间"), {}))
        elif klass is not None:
            starts_at = days.moment(values["day"], values["starts"])
            ends_at = days.moment(values["day"], values["ends"])
            sittings.append(Sitting(row.row, klass.id, klass.name, values["course"], starts_at, ends_at))
    return sittings


def _text(course: str, starts_at: datetime, ends_at: datetime) -> str:
    return f"{course} {clock.local(starts_at):%Y-%m-%d %H:%M}–{clock.local(ends_at):%H:%M}"
