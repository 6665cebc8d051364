"""What a leave would collide with: lessons, exams, holidays, other leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave import days
from app.miniapps.leave.models import LIVE, Exam, LeaveRequest, LeaveStatus, Lesson
from app.miniapps.leave.queries.students import Student
from app.platform.directory import queries as directory
from app.platform.operations.queries import work_calendar

MOST_DAYS = 200  # that are looked at


@dataclass(frozen=True)
class MissedLesson:
    """`teacher_id` None: the timetable does not say."""

    day: date
    course: str
    hours: Decimal
    begins_at: datetime
    teacher_id: int | None


@dataclass(frozen=True)
class Checks:
    """What the student is shown before he asks.

    `share_missed` is the part of the term's lessons missed with this leave and earlier ones, of all the class
    has; None when no timetable is known. `unknown_years`: their holidays aren't announced yet.
    """

    lessons: tuple[MissedLesson, ...] = ()
    exams: tuple[Exam, ...] = ()
    overlaps: tuple[LeaveRequest, ...] = ()
    share_missed: Decimal | None = None
    unknown_years: tuple[int, ...] = ()


def check_span(
    session: Session, student: Student, *, starts_at: datetime, ends_at: datetime, without: int | None = None
) -> Checks:
    """Everything that a leave from–to touches."""
    calendar = work_calendar(session)
    span = list(days.spanned(starts_at, ends_at))[:MOST_DAYS]
    lessons = tuple(missed_lessons(session, student.class_id, starts_at, ends_at))
    return Checks(
        lessons=lessons,
        exams=tuple(exams_between(session, student, starts_at, ends_at)),
        overlaps=tuple(overlapping(session, student.person_id, starts_at, ends_at, without=without)),
        share_missed=_share_missed(session, student, starts_at, lessons, without),
        unknown_years=tuple(sorted({day.year for day in span if calendar.is_provisional(day)})),
    )


def overlapping(
    session: Session, person_id: int, starts_at: datetime, ends_at: datetime, *, without: int | None = None
) -> list[LeaveRequest]:
    """Live leave of the same person in the same span."""
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status.in_(LIVE),
        LeaveRequest.starts_at < ends_at,
        LeaveRequest.ends_at > starts_at,
    )
    if without is not None:
        stmt = stmt.where(LeaveRequest.id != without)
    return list(session.scalars(stmt.order_by(LeaveRequest.starts_at).limit(10)))


def exams_between(session: Session, student: Student, starts_at: datetime, ends_at: datetime) -> list[Exam]:
    if student.class_id is None:
        return []
    stmt = select(Exam).where(
        Exam.class_id == student.class_id, Exam.starts_at < ends_at, Exam.ends_at > starts_at
    )
    return list(session.scalars(stmt.order_by(Exam.starts_at).limit(20)))


def missed_lessons(
    session: Session, class_id: int | None, starts_at: datetime, ends_at: datetime
) -> Iterable[MissedLesson]:
    """Lessons within the span. A holiday has none; a work Saturday has those that its week's plan gives it."""
    calendar = work_calendar(session)
    for day in list(days.spanned(starts_at, ends_at))[:MOST_DAYS]:
        if not calendar.is_workday(day):
            continue
        for lesson in _lessons_on(session, class_id, day):
            begins, ends = days.moment(day, lesson.starts), days.moment(day, lesson.ends)
            if begins < ends_at and ends > starts_at:
                yield MissedLesson(day, lesson.course, _hours(lesson), begins, lesson.teacher_id)


def lessons_missed_by(session: Session, request: LeaveRequest) -> dict[int, list[MissedLesson]]:
    """Of a leave, by teacher; lessons whose teacher the timetable does not name are left out."""
    theirs: dict[int, list[MissedLesson]] = {}
    for lesson in missed_lessons(session, request.class_id, request.starts_at, request.ends_at):
        if lesson.teacher_id is not None:
            theirs.setdefault(lesson.teacher_id, []).append(lesson)
    return theirs


def _lessons_on(session: Session, class_id: int | None, day: date) -> list[Lesson]:
    term = directory.term_on(session, day)
    if term is None or class_id is None:
        return []
    week = (day - term.starts_on).days // 7 + 1
    stmt = select(Lesson).where(
        Lesson.class_id == class_id,
        Lesson.term_id == term.id,
        Lesson.weekday == day.isoweekday(),
        Lesson.weeks.contains([week]),
    )
    return list(session.scalars(stmt.order_by(Lesson.starts)))


def _hours(lesson: Lesson) -> Decimal:
    minutes = (lesson.ends.hour - lesson.starts.hour) * 60 + lesson.ends.minute - lesson.starts.minute
    return Decimal(minutes) / 60


def _share_missed(
    session: Session,
    student: Student,
    at: datetime,
    lessons: tuple[MissedLesson, ...],
    without: int | None,
) -> Decimal | None:
    """Of the class's hours in the term: those of this leave and of earlier ones that missed classes."""
    term = directory.term_on(session, clock.local(at).date())
    if term is None or student.class_id is None:
        return None
    plan = session.scalars(
        select(Lesson).where(Lesson.class_id == student.class_id, Lesson.term_id == term.id)
    ).all()
    whole = sum((_hours(lesson) * len(lesson.weeks) for lesson in plan), Decimal(0))
    if not whole:
        return None
    missed = sum((lesson.hours for lesson in lessons), Decimal(0))
    for earlier in _granted_in(session, student.person_id, term.starts_on, term.ends_on):
        if earlier.id != without:
            missed += sum(
                (
                    one.hours
                    for one in missed_lessons(session, student.class_id, earlier.starts_at, earlier.ends_at)
                ),
                Decimal(0),
            )
    return (missed / whole).quantize(Decimal("0.001"))


def _granted_in(session: Session, person_id: int, first: date, after: date) -> list[LeaveRequest]:
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.misses_class,
        LeaveRequest.status.in_(
            (LeaveStatus.APPROVED, LeaveStatus.OUT, LeaveStatus.OVERDUE, LeaveStatus.CLOSED)
        ),
        LeaveRequest.starts_at >= clock.start_of_day(first),
        LeaveRequest.starts_at < clock.start_of_day(after),
    )
    return list(session.scalars(stmt.limit(100)))
