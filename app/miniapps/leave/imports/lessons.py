"""A timetable against the one that is known: what is new, what changes, what is no longer taught."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.lists import Comparison, Line, Progress, digest_of, problem_lines
from app.kit.workbook import Problem, SheetRow, Workbook
from app.miniapps.leave.imports.classes import Classes
from app.miniapps.leave.imports.columns import DAYS, LESSONS, weeks_text
from app.miniapps.leave.models import Lesson
from app.platform.directory import queries as directory

Key = tuple[int, str, int, time]  # class, course, weekday, start


@dataclass
class Slot:
    """A lesson of the list. Rows that differ in their weeks alone are one."""

    row: int
    class_id: int
    class_name: str
    course: str
    weekday: int
    starts: time
    ends: time
    weeks: tuple[int, ...]
    teacher_id: int | None

    @property
    def key(self) -> Key:
        return self.class_id, self.course, self.weekday, self.starts

    @property
    def text(self) -> str:
        return _text(self.course, self.weekday, self.starts, self.ends, self.weeks)


@dataclass
class LessonPlan(Comparison[Slot, tuple[Slot, int], tuple[Lesson, str]]):
    """`changed` with the id of the row, `missing` with the name of the class: known lessons of the term."""

    term_id: int

    @property
    def digest(self) -> str:
        parts = [f"n {one.key} {one.ends} {one.weeks} {one.teacher_id}" for one in self.new]
        parts += [f"c {at} {one.ends} {one.weeks} {one.teacher_id}" for one, at in self.changed]
        return digest_of(sorted(parts + [f"m {one.id}" for one, _name in self.missing]))

    def lines(self) -> list[Line]:
        found = problem_lines(self.problems)
        found += [Line("new", one.row, one.class_name, one.text) for one in self.new]
        found += [Line("changed", one.row, one.class_name, one.text) for one, _at in self.changed]
        return found + [Line("missing", None, name, _said(one)) for one, name in self.missing]


def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> LessonPlan:
    """Reads only. The scope has the term, and a college or the whole school."""
    found = LessonPlan(problems=list(book.problems), term_id=int(scope["term"]))
    classes = Classes(session, scope)
    slots = _slots(session, found, classes, book)
    if found.problems:
        return found
    known = {
        (one.class_id, one.course, one.weekday, one.starts): one
        for one in session.scalars(
            select(Lesson).where(Lesson.term_id == found.term_id, Lesson.class_id.in_(classes.all))
        )
    }
    for slot in slots.values():
        was = known.pop(slot.key, None)
        if was is None:
            found.new.append(slot)
        elif (was.ends, tuple(was.weeks), was.teacher_id) == (slot.ends, slot.weeks, slot.teacher_id):
            found.same += 1
        else:
            found.changed.append((slot, was.id))
    found.missing = [(one, classes.all[one.class_id].name) for one in known.values()]
    found.scope = found.same + len(found.changed) + len(found.missing)
    return found


def write(
    session: Session,
    *,
    by: Caller | None,
    scope: Mapping[str, Any],
    planned: LessonPlan,
    withdraws: bool,
    progress: Progress = lambda _: None,
) -> None:
    """All of it in the caller's transaction; who did it, the import's own record says."""
    del by, scope
    for slot in planned.new:
        session.add(
            Lesson(
                term_id=planned.term_id,
                class_id=slot.class_id,
                course=slot.course,
                weekday=slot.weekday,
                starts=slot.starts,
                ends=slot.ends,
                weeks=list(slot.weeks),
                teacher_id=slot.teacher_id,
            )
        )
    for slot, lesson_id in planned.changed:
        lesson = session.get_one(Lesson, lesson_id)
        lesson.ends, lesson.weeks, lesson.teacher_id = slot.ends, list(slot.weeks), slot.teacher_id
    if withdraws:
        session.execute(delete(Lesson).where(Lesson.id.in_([one.id for one, _name in planned.missing])))
    session.flush()
    progress(len(planned.new) + len(planned.changed))


def _slots(session: Session, found: LessonPlan, classes: Classes, book: Workbook) -> dict[Key, Slot]:
    term = next((one for one in directory.terms(session) if one.id == found.term_id), None)
    last = -(-(term.ends_on - term.starts_on).days // 7) if term else 0
    rows = book.of(LESSONS)
    numbers = {row.values["teacher"] for row in rows if "teacher" in row.values}
    teachers = directory.people_by_numbers(session, numbers)
    slots: dict[Key, Slot] = {}
    for slot in _read(rows, found.problems, classes, teachers):
        if slot.weeks[-1] > last:
            _complain(found, slot.row, N_("这个学期只有 %(last)s 周"), last=last)
        elif (other := slots.get(slot.key)) is None:
            slots[slot.key] = slot
        elif other.ends != slot.ends:
            _complain(found, slot.row, N_("和第 %(other)s 行是同一节课，结束时间却不同"), other=other.row)
        else:
            other.weeks = tuple(sorted({*other.weeks, *slot.weeks}))
    return slots


def _read(
    rows: list[SheetRow],
    problems: list[Problem],
    classes: Classes,
    teachers: Mapping[str, directory.PersonBrief],
) -> Iterator[Slot]:
    """What can be believed of each row; problems of the others are noted."""
    for row in rows:
        values = row.values
        if not {"class_name", "course", "weekday", "starts", "ends", "weeks"} <= values.keys():
            continue
        klass = classes.find(LESSONS, row.row, values["class_name"], problems)
        number = values.get("teacher")
        if number is not None and number not in teachers:
            msgid = N_("没有工号 %(number)s，请核对，或留空")
            problems.append(Problem(LESSONS.title, row.row, msgid, {"number": number}))
        elif values["ends"] <= values["starts"]:
            problems.append(Problem(LESSONS.title, row.row, N_("结束时间要晚于开始时间"), {}))
        elif klass is not None:
            yield Slot(
                row.row,
                klass.id,
                klass.name,
                values["course"],
                values["weekday"],
                values["starts"],
                values["ends"],
                values["weeks"],
                teachers[number].id if number else None,
            )


def _complain(found: LessonPlan, row: int, msgid: str, **params: Any) -> None:
    found.problems.append(Problem(LESSONS.title, row, msgid, params))


def _said(lesson: Lesson) -> str:
    return _text(lesson.course, lesson.weekday, lesson.starts, lesson.ends, lesson.weeks)


def _text(course: str, weekday: int, starts: time, ends: time, weeks: list[int] | tuple[int, ...]) -> str:
    return f"{course} 周{DAYS[weekday - 1]} {starts:%H:%M}–{ends:%H:%M} 第 {weeks_text(weeks)} 周"
