"""Teachers of missed lessons: told once, in names and lessons, and told again when he comes after all."""

from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.events import LeaveMoved
from app.miniapps.leave.models import LeaveKind, LeaveRequest, Lesson, LessonNotice
from app.miniapps.leave.service import Wanted
from app.platform.directory import service as directory
from app.platform.notifications.models import Message
from tests.make import add_member
from tests.miniapps.leave.school import School, asked, day, deliver, granted, say_yes, status, submit

LEAVE = {"reason": "做手术", "destination": "昆明", "kind": LeaveKind.SICK}


@dataclass
class Class:
    """何 teaches mathematics on Tuesdays at 10:00, 许 English on Wednesdays and Thursdays at 8:00; PE nobody knows."""

    school: School
    he: int
    xu: int

    def told(self, person: int, kind: str = "leave.lessons_missed") -> list[str]:
        with unit_of_work() as session:
            rows = session.scalars(
                select(Message).where(Message.person_id == person, Message.kind == kind).order_by(Message.id)
            )
            return [one.text % one.params for one in rows]

    def back(self, person: int) -> list[str]:
        return self.told(person, "leave.lessons_back")


@pytest.fixture
def klass(school: School) -> Class:
    with unit_of_work() as session:
        term = directory.add_term(
            session,
            by=None,
            code="2026-1",
            name="2026秋",
            starts_on=date(2026, 11, 16),
            ends_on=date(2027, 3, 8),
        )
        he, xu = (
            add_member(session, name, number, "staff", school.college_id)
            for name, number in (("何文", "T2001"), ("许静", "T2002"))
        )
        for course, weekday, hour, teacher in (
            ("高等数学", 2, 10, he),
            ("大学英语", 3, 8, xu),
            ("大学英语", 4, 8, xu),
            ("体育", 2, 14, None),
        ):
            session.add(
                Lesson(
                    term_id=term,
                    class_id=school.class_id,
                    course=course,
                    teacher_id=teacher,
                    weekday=weekday,
                    starts=time(hour),
                    ends=time(hour + 1, 40),
                    weeks=list(range(1, 17)),
                )
            )
    return Class(school, he, xu)


def test_it_works(klass: Class):
    """From Tuesday 9:00 to Friday 9:00."""
    granted(klass.school, asked(days=3, **LEAVE))
    assert klass.told(klass.he) == ["李一鸣（计算机2301）请假，缺您的课：11-17 周二 10:00 高等数学。"]
    assert klass.told(klass.xu) == [
        "李一鸣（计算机2301）请假，缺您的课：11-18 周三 08:00 大学英语、11-19 周四 08:00 大学英语。"
    ]
    with unit_of_work() as session:
        every = session.scalars(select(Message).where(Message.kind.like("leave.lessons%"))).all()
        for hidden in ("病假", "手术", "昆明"):
            assert hidden not in str([(one.text, one.params, one.title) for one in every])


def test_nobody_hears_before_it_is_granted_or_of_leave_that_misses_nothing(klass: Class):
    submit(klass.school, asked(days=3))
    deliver()
    assert klass.told(klass.he) == []
    with unit_of_work() as session:
        one = session.scalars(select(LeaveRequest)).one()
        service.withdraw(session, by=klass.school.student(), request_id=one.id)
    granted(klass.school, asked(days=3, misses_class=False))
    assert (klass.told(klass.he), klass.back(klass.he)) == ([], [])


def test_the_event_delivered_twice_tells_once(klass: Class):
    leave = granted(klass.school, asked(days=1))
    with unit_of_work() as session:
        jobs.on_leave_moved(session, LeaveMoved(leave, "approved"))
    assert len(klass.told(klass.he)) == 1


def test_a_revoked_leave_is_taken_back(klass: Class):
    leave = granted(klass.school, asked(days=1))
    with unit_of_work() as session:
        service.revoke(session, by=klass.school.counsellor(), request_id=leave, reason="课程调整")
    deliver()
    assert klass.back(klass.he) == [
        "李一鸣（计算机2301）的请假提前结束或已收回，这些课会来上：11-17 周二 10:00 高等数学。"
    ]
    with unit_of_work() as session:
        assert session.scalars(select(LessonNotice.lessons)).all() == [[], []]


def test_one_given_up_is_too_and_a_late_delivery_tells_nothing_any_more(klass: Class):
    leave = submit(klass.school, asked(days=1))
    with unit_of_work() as session:
        service.decide(session, public_id=leave.public_id, status="approved")
        service.withdraw(session, by=klass.school.student(), request_id=leave.id)
    deliver()
    assert (klass.told(klass.he), klass.back(klass.he)) == ([], [])


def test_who_comes_back_early_comes_to_the_rest(klass: Class):
    leave = granted(klass.school, asked(days=3))
    clock.advance(timedelta(days=1))
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate")
    clock.advance(timedelta(hours=12))
    with unit_of_work() as session:
        service.mark_returned(session, by=None, request_id=leave, source="gate")
    deliver()
    assert klass.back(klass.he) == [], "that lesson was missed"
    (text,) = klass.back(klass.xu)
    assert "11-18 周三 08:00 大学英语、11-19 周四 08:00 大学英语" in text


def test_who_is_called_back_comes_to_what_is_after(klass: Class):
    leave = granted(klass.school, asked(days=3))
    clock.advance(timedelta(days=1, minutes=1))
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate")
        service.revoke(session, by=klass.school.counsellor(), request_id=leave, reason="课程调整")
    deliver()
    assert klass.back(klass.he) == [], "he has two hours to come back"
    assert len(klass.back(klass.xu)) == 1
    clock.advance(timedelta(hours=1))
    with unit_of_work() as session:
        service.mark_returned(session, by=None, request_id=leave, source="gate")
    deliver()
    assert len(klass.back(klass.xu)) == 1


def test_who_only_misses_class_is_not_said_to_come(klass: Class):
    """His leave ends by itself when it begins: there is nowhere to come back from."""
    leave = granted(klass.school, asked(days=1, leaves_campus=False, leaves_dorm=False))
    clock.advance(timedelta(days=1, minutes=1))
    jobs.follow_the_clock(clients=None)
    deliver()
    assert status(leave) == "closed"
    assert (len(klass.told(klass.he)), klass.back(klass.he)) == (1, [])


def test_an_extension_tells_of_its_own_lessons_only(klass: Class):
    leave = granted(klass.school, asked(days=1))
    with unit_of_work() as session:
        until = session.get_one(LeaveRequest, leave).ends_at + timedelta(days=1)
        service.extend(session, by=klass.school.student(), request_id=leave, until=until, reason="车票改签")
    say_yes(klass.school.sun)
    assert len(klass.told(klass.he)) == 1
    first, second = klass.told(klass.xu)
    assert "11-18" in first and "11-19" not in first
    assert "11-19" in second
    assert klass.back(klass.xu) == []


def test_a_list_is_one_message_a_teacher_and_so_is_its_end(klass: Class):
    by = Caller(klass.school.office, grants=(Grant("leave.public"), Grant("leave.follow")))
    wanted = Wanted(
        ("2023010101", "2023010102"),
        "运动会",
        day("2026-11-17", 9),
        day("2026-11-17", 18),
        misses_class=True,
    )
    with unit_of_work() as session:
        digest = service.check_batch(session, by=by, wanted=wanted).digest
        batch = service.make_batch(session, by=by, wanted=wanted, digest=digest).public_id
    deliver()
    (text,) = klass.told(klass.he)
    assert "李一鸣" in text and "、" in text and "11-17 周二 10:00 高等数学" in text
    assert klass.told(klass.xu) == []
    with unit_of_work() as session:
        service.revoke_batch(session, by=by, batch_id=batch, reason="比赛延期")
    deliver()
    assert klass.back(klass.he) == [
        "公假“运动会”的学生的请假提前结束或已收回，这些课会来上：11-17 周二 10:00 高等数学。"
    ]


def test_what_teachers_were_told_goes_with_the_student(klass: Class):
    granted(klass.school, asked(days=1))
    with unit_of_work() as session:
        service.erase_person(session, by=None, person_id=klass.school.li)
    with unit_of_work() as session:
        assert session.scalars(select(LessonNotice)).all() == []


def test_a_lesson_that_has_begun_when_he_goes_is_missed_too(klass: Class):
    granted(klass.school, asked(days=0.5, after=25.5))
    assert len(klass.told(klass.he)) == 1


def test_what_is_over_when_it_becomes_known_is_nobodys_news(klass: Class):
    """A log of the gates comes days later: he was back before the first lesson."""
    leave = granted(klass.school, asked(days=3))
    clock.advance(timedelta(days=2))
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate", at=day("2026-11-17", 9))
        back_at = day("2026-11-17", 9) + timedelta(minutes=30)
        service.mark_returned(session, by=None, request_id=leave, source="gate", at=back_at)
    deliver()
    assert klass.back(klass.he) == []
    (text,) = klass.back(klass.xu)
    assert "11-18" not in text and "11-19" in text


def _list(klass: Class) -> tuple[Caller, str]:
    """Both students of the class, not delivered yet."""
    by = Caller(klass.school.office, grants=(Grant("leave.public"), Grant("leave.follow")))
    numbers = ("2023010101", "2023010102")
    wanted = Wanted(numbers, "运动会", day("2026-11-17", 9), day("2026-11-17", 18), misses_class=True)
    with unit_of_work() as session:
        digest = service.check_batch(session, by=by, wanted=wanted).digest
        return by, service.make_batch(session, by=by, wanted=wanted, digest=digest).public_id


def test_a_list_taken_back_before_it_is_told_tells_nobody(klass: Class):
    by, batch = _list(klass)
    with unit_of_work() as session:
        service.revoke_batch(session, by=by, batch_id=batch, reason="比赛延期")
    deliver()
    assert (klass.told(klass.he), klass.back(klass.he)) == ([], [])


def test_one_student_of_a_list_called_back_is_named(klass: Class):
    by, batch = _list(klass)
    deliver()
    with unit_of_work() as session:
        mine = select(LeaveRequest.id).where(LeaveRequest.person_id == klass.school.li)
        leave = session.scalars(mine).one()
        service.revoke(session, by=klass.school.counsellor(), request_id=leave, reason="课程调整")
    deliver()
    (text,) = klass.back(klass.he)
    assert text.startswith("李一鸣（计算机2301）的请假提前结束或已收回")
    with unit_of_work() as session:
        service.revoke_batch(session, by=by, batch_id=batch, reason="比赛延期")
    deliver()
    assert [text.split("的")[0] for text in klass.back(klass.he)] == [
        "李一鸣（计算机2301）",
        "公假“运动会”",
    ]


def test_teachers_who_have_left_are_not_told(klass: Class):
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=klass.he)
    granted(klass.school, asked(days=3))
    assert klass.told(klass.he) == []
    assert len(klass.told(klass.xu)) == 1
