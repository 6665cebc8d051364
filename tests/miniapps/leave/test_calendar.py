"""Days: halves, holidays and 调休, years nobody has announced yet, terms, and the timetable."""

from datetime import date, time
from decimal import Decimal

import pytest

from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.days import natural
from app.miniapps.leave.models import CountMode, DayCount, LeaveKind, Lesson
from app.miniapps.leave.queries import check_span, find_student
from app.miniapps.leave.queries.policies import granted_days
from app.miniapps.leave.service import Rules
from app.platform.directory import queries as directory
from app.platform.directory import service as directory_service
from app.platform.operations import queries as operations
from app.platform.operations.models import CalendarDay, CalendarYear
from tests.make import SINCE
from tests.miniapps.leave.school import MONDAY, asked, day, granted, submit


@pytest.fixture
def calendar(school):
    """2026 is announced: National Day off until Wednesday 7 October, Saturday the 10th makes up for it (调休)."""
    with unit_of_work() as session:
        session.add(CalendarYear(year=2026, source="国务院办公厅", imported_at=MONDAY))
        for at in range(1, 8):
            session.add(CalendarDay(day=date(2026, 10, at), is_workday=False, name="国庆节"))
        session.add(CalendarDay(day=date(2026, 11, 21), is_workday=True, name="调休上班"))
    operations.forget_calendar()
    yield school
    operations.forget_calendar()


def terms():
    with unit_of_work() as session:
        for code, first, last in (
            ("2026-2027-1", "2026-08-31", "2027-01-18"),
            ("2026-2027-2", "2027-02-22", "2027-07-05"),
        ):
            directory_service.add_term(
                session,
                by=None,
                code=code,
                name=code,
                starts_on=date.fromisoformat(first),
                ends_on=date.fromisoformat(last),
            )


def family(**more):
    with unit_of_work() as session:
        rules = Rules("婚丧", Decimal(0), Decimal(30), kind=LeaveKind.FAMILY, **more)
        service.add_policy(session, by=None, rules=rules, starts_on=SINCE)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "days"),
    [
        (day("2026-11-17", 8), day("2026-11-17", 18), 1),
        (day("2026-11-17", 13), day("2026-11-17", 18), 0.5),
        (day("2026-11-17", 8), day("2026-11-17", 12), 0.5),
        (day("2026-11-17", 13), day("2026-11-19", 12), 2),
        (day("2026-11-17", 18), day("2026-11-18", 0), 0.5),
        (day("2026-12-31", 8), day("2027-01-02", 8), 2.5),
    ],
)
def test_natural_days_in_halves(starts_at, ends_at, days):
    assert natural(starts_at, ends_at) == Decimal(str(days))


def test_a_work_saturday_counts_and_a_sunday_does_not(calendar):
    """Friday 20 to Monday 23 November: the Saturday makes up for a holiday."""
    family(day_count=DayCount.TEACHING)
    leave = submit(
        calendar,
        asked(kind=LeaveKind.FAMILY, starts_at=day("2026-11-20", 8), ends_at=day("2026-11-23", 18)),
    )
    assert leave.days == 3


def test_new_year_of_a_year_nobody_has_announced_warns_and_works(calendar):
    family(day_count=DayCount.TEACHING)
    starts_at, ends_at = day("2026-12-31", 8), day("2027-01-05", 18)
    with unit_of_work() as session:
        student = find_student(session, calendar.li)
        checks = check_span(session, student, starts_at=starts_at, ends_at=ends_at)
    assert checks.unknown_years == (2027,)
    leave = submit(calendar, asked(kind=LeaveKind.FAMILY, starts_at=starts_at, ends_at=ends_at))
    assert leave.days == 4  # Thursday, Friday, Monday, Tuesday: as ordinary weeks


def test_a_leave_across_terms_counts_in_the_term_it_begins_in(calendar):
    terms()
    family(count_mode=CountMode.TERM)
    granted(calendar, asked(days=1))
    with unit_of_work() as session:
        first = granted_days(session, calendar.li, at=day("2027-01-15"))
        second = granted_days(session, calendar.li, at=day("2027-03-01"))
    assert (first, second) == (Decimal("1.5"), Decimal(0))
    leave = submit(
        calendar,
        asked(kind=LeaveKind.FAMILY, starts_at=day("2027-01-15", 8), ends_at=day("2027-01-24", 18)),
    )
    assert leave.measured_days == Decimal("11.5")


def test_lessons_that_are_missed_and_the_share_of_the_term(calendar):
    """Two hours on Tuesdays and Saturdays of weeks 1–20; the Saturday of 调休 has its lesson."""
    terms()
    with unit_of_work() as session:
        term = directory.term_on(session, date(2026, 11, 16))
        for weekday, course in ((2, "高等数学"), (6, "大学英语")):
            session.add(
                Lesson(
                    term_id=term.id,
                    class_id=calendar.class_id,
                    course=course,
                    weekday=weekday,
                    starts=time(8),
                    ends=time(10),
                    weeks=list(range(1, 21)),
                )
            )
    with unit_of_work() as session:
        student = find_student(session, calendar.li)
        tuesday = check_span(session, student, starts_at=day("2026-11-17", 9), ends_at=day("2026-11-17", 18))
        afternoon = check_span(
            session, student, starts_at=day("2026-11-17", 13), ends_at=day("2026-11-17", 18)
        )
        weekend = check_span(session, student, starts_at=day("2026-11-21", 0), ends_at=day("2026-11-22", 23))
    assert [one.course for one in tuesday.lessons] == ["高等数学"]
    assert afternoon.lessons == ()
    assert [one.course for one in weekend.lessons] == ["大学英语"]
    assert tuesday.share_missed == Decimal("0.025")  # 2 of 80 hours
