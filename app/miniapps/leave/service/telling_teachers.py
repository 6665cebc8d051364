"""Teachers hear who misses which of their lessons, and when he comes after all: names and lessons, no reasons.

Once a leave and teacher; for a list of public leave once a list and teacher.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.models import ABSENT, Batch, LeaveRequest, LeaveStatus, LessonNotice
from app.miniapps.leave.queries.checks import MissedLesson, lessons_missed_by
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

MISSED, BACK = "leave.lessons_missed", "leave.lessons_back"
STANDING = (LeaveStatus.APPROVED, *ABSENT, LeaveStatus.CLOSED)
GIVEN_UP = (LeaveStatus.REVOKED, LeaveStatus.CANCELLED)
WEEKDAYS = "一二三四五六日"
MOST_NAMED = 6
"""Lessons in a message; students of a list, too."""
Lessons = Mapping[int, list[MissedLesson]]


def tell_teachers(session: Session, request_id: int, *, is_granted: bool) -> None:
    """A leave was granted (`is_granted`), or something else happened to it: whoever is concerned hears."""
    request = session.get_one(LeaveRequest, request_id)
    if not request.misses_class:
        return
    request = session.get_one(LeaveRequest, request_id, with_for_update=True, populate_existing=True)
    if is_granted and request.batch_id is None and request.status in STANDING:
        _granted(session, request)
    _take_back(session, request)


def tell_teachers_of_batch(session: Session, batch: Batch, requests: Iterable[LeaveRequest]) -> None:
    """One message a teacher, with all of his students in the list."""
    of_class: dict[int | None, Lessons] = {}
    theirs: dict[int, list[tuple[LeaveRequest, list[MissedLesson]]]] = {}
    for request in requests:
        if not request.misses_class or request.status not in STANDING:
            continue
        if request.class_id not in of_class:
            of_class[request.class_id] = lessons_missed_by(session, request)
        for teacher_id, lessons in of_class[request.class_id].items():
            if _note(session, request, teacher_id, lessons):
                theirs.setdefault(teacher_id, []).append((request, lessons))
    people = {request.person_id for rows in theirs.values() for request, _lessons in rows}
    names = directory.people(session, people)
    for teacher_id, rows in theirs.items():
        known = [names[one.person_id].name for one, _lessons in rows if one.person_id in names]
        who = "、".join(known[:MOST_NAMED]) + (f"等 {len(rows)} 人" if len(known) > MOST_NAMED else "")
        told = {_text(one.begins_at, one.course): one.begins_at for _, lessons in rows for one in lessons}
        said = _said(sorted(told, key=lambda text: told[text]))
        params = {"name": known[0] if known else "", "who": who, "lessons": said, "due": _at(batch.ends_at)}
        _tell(session, MISSED, teacher_id, params, key=f"leave:batch:{batch.id}:lessons")


def _granted(session: Session, request: LeaveRequest) -> None:
    for teacher_id, lessons in lessons_missed_by(session, request).items():
        if _note(session, request, teacher_id, lessons):
            params = _params(session, request, [_text(one.begins_at, one.course) for one in lessons])
            _tell(session, MISSED, teacher_id, params, key=f"leave:{request.id}:lessons")


def _take_back(session: Session, request: LeaveRequest) -> None:
    """Lessons told of that he can come to after all. What is over by now is nobody's news."""
    until = _stays_away_until(request)
    if until is None:
        return
    notices = session.scalars(select(LessonNotice).where(LessonNotice.request_id == request.id)).all()
    for notice in notices:
        kept = [one for one in notice.lessons if datetime.fromisoformat(one["at"]) < until]
        freed = [one for one in notice.lessons if one not in kept]
        if not freed:
            continue
        notice.lessons, notice.changed_at = kept, clock.now()
        coming = [one for one in freed if datetime.fromisoformat(one["at"]) > clock.now()]
        if coming and (request.batch_id is None or request.status in GIVEN_UP):
            said = [_text(datetime.fromisoformat(one["at"]), one["course"]) for one in coming]
            _tell_back(session, request, notice.teacher_id, said, len(kept))


def _tell_back(session: Session, request: LeaveRequest, teacher_id: int, said: list[str], kept: int) -> None:
    params, key = _params(session, request, said), f"leave:{request.id}:lessons_back:{kept}"
    batch = session.get_one(Batch, request.batch_id) if request.batch_id is not None else None
    if batch is not None and batch.revoked_at is not None:
        params["who"], key = f"公假“{batch.title}”的学生", f"leave:batch:{batch.id}:lessons_back"
    _tell(session, BACK, teacher_id, params, key=key)


def _stays_away_until(request: LeaveRequest) -> datetime | None:
    """None while it is as it was granted."""
    if request.status in GIVEN_UP:
        return request.ended_at
    if request.status == LeaveStatus.CLOSED:
        return request.returned_at if request.returned_at and request.returned_at < request.ends_at else None
    if request.status in ABSENT and request.due_at < request.ends_at:
        return request.due_at
    return None


def _note(session: Session, request: LeaveRequest, teacher_id: int, lessons: list[MissedLesson]) -> bool:
    """False when the teacher knows already."""
    noted = session.scalar(
        insert(LessonNotice)
        .values(
            request_id=request.id,
            teacher_id=teacher_id,
            lessons=[{"at": one.begins_at.isoformat(), "course": one.course} for one in lessons],
            told_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["request_id", "teacher_id"])
        .returning(LessonNotice.id)
    )
    return noted is not None


def _params(session: Session, request: LeaveRequest, lessons: list[str]) -> dict[str, Any]:
    name = directory.person(session, request.person_id).name
    units = directory.org_units(session, [request.class_id] if request.class_id else [])
    unit = next((f"（{one.name}）" for one in units.values()), "")
    return {
        "name": name,
        "who": name + unit,
        "lessons": _said(lessons),
        "due": _at(request.ends_at),
    }


def _said(lessons: list[str]) -> str:
    more = f"等 {len(lessons)} 节" if len(lessons) > MOST_NAMED else ""
    return "、".join(lessons[:MOST_NAMED]) + more


def _text(at: datetime, course: str) -> str:
    local = clock.local(at)
    return f"{local:%m-%d} 周{WEEKDAYS[local.weekday()]} {local:%H:%M} {course}"


def _at(moment: datetime) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}"


def _tell(session: Session, kind: str, teacher_id: int, params: dict[str, Any], *, key: str) -> None:
    """Not who has left the school."""
    if directory.person(session, teacher_id).is_active:
        notifications.tell(session, kind=kind, person_id=teacher_id, params=params, key=key, matter=key)
