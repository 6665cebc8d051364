"""Timetables and exams from the office's sheet; and a class's calendar turned into that sheet."""

import io
from datetime import date, datetime, time, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.kit import clock
from app.kit.cells import BadCell
from app.kit.db import unit_of_work
from app.miniapps.leave.imports import columns
from app.miniapps.leave.imports.ics import lessons_of
from app.miniapps.leave.models import Exam, Lesson
from app.miniapps.leave.queries import check_span, find_student
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests import visit
from tests.miniapps.leave.school import day
from tests.uploads import counts, say_yes, send
from tests.workbooks import workbook

PAGE = "/desk/leave/timetable"
HEADS = ["班级", "课程", "星期", "开始时间", "结束时间", "周次", "教师工号"]


@pytest.fixture
def term(school):
    """Sixteen weeks from the Monday on which the clock of the tests stands."""
    with unit_of_work() as session:
        return directory.add_term(
            session,
            by=None,
            code="2026-1",
            name="2026秋",
            starts_on=date(2026, 11, 16),
            ends_on=date(2027, 3, 8),
        )


@pytest.fixture
def clerk(app, school, term):
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.campus.zheng, role="leave.teaching_office")
    return visit.desk(app, school.campus.zheng)


def lesson(**more):
    return {
        "班级": "计算机2301",
        "课程": "高等数学",
        "星期": "周二",
        "开始时间": "08:00",
        "结束时间": "09:40",
        "周次": "1-15单",
        **more,
    }


def load(app, client, rows, heads=HEADS, **form):
    url = send(app, client, PAGE, workbook(rows, heads), **{"kind": "lessons"} | form)
    assert say_yes(app, client, url) == 303
    return url


def lessons():
    with unit_of_work() as session:
        return session.scalars(select(Lesson).order_by(Lesson.id)).all()


def test_it_works(app, school, clerk):
    """What was uploaded is what a leave then would miss."""
    load(app, clerk, [lesson(), lesson(课程="线性代数", 周次="2-16双", 教师工号="T1001")])
    first, second = lessons()
    assert (first.course, first.weekday, first.starts, first.weeks) == (
        "高等数学",
        2,
        time(8),
        list(range(1, 16, 2)),
    )
    assert second.teacher_id == school.sun
    with unit_of_work() as session:
        student = find_student(session, school.li)
        missed = [
            check_span(session, student, starts_at=day(text, 7), ends_at=day(text, 12)).lessons
            for text in ("2026-11-17", "2026-11-24")  # of the first week, of the second
        ]
    assert [[one.course for one in several] for several in missed] == [["高等数学"], ["线性代数"]]


def test_again_changed_and_missing(app, school, clerk):
    load(app, clerk, [lesson(), lesson(课程="英语"), lesson(课程="体育")])
    rows = [lesson(), lesson(课程="英语", 结束时间="10:00")]
    load(app, clerk, rows)
    assert [counts()[key] for key in ("new", "changed", "same", "missing", "withdrawn")] == [0, 1, 1, 1, 0]
    assert {one.course: one.ends for one in lessons()}["英语"] == time(10)
    assert len(lessons()) == 3
    load(app, clerk, rows, withdraws_missing="1", unit=str(school.college_id))
    assert {one.course for one in lessons()} == {"高等数学", "英语"}


def test_rows_that_differ_in_weeks_alone_are_one_lesson(app, clerk):
    load(app, clerk, [lesson(周次="1-4"), lesson(周次="9-12")])
    (one,) = lessons()
    assert one.weeks == [1, 2, 3, 4, 9, 10, 11, 12]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"班级": "计算机9999"}, "没有班级"),
        ({"周次": "每周"}, "看不懂"),
        ({"周次": "1-20"}, "这个学期只有 16 周"),
        ({"星期": "周八"}, "不是星期几"),
        ({"开始时间": "8点"}, "不是时间"),
        ({"结束时间": "07:00"}, "要晚于"),
        ({"教师工号": "T9999"}, "没有工号"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(app, clerk, row, said):
    url = send(app, clerk, PAGE, workbook([lesson(), lesson(**row)], HEADS), kind="lessons")
    page = clerk.get(url).text
    assert said in page
    assert "第 3 行" in page or ">3<" in page
    assert lessons() == []
    fixed = CalamineWorkbook.from_filelike(io.BytesIO(clerk.get(f"{url}/problems.xlsx").data))
    assert said in fixed.get_sheet_by_index(0).to_python()[2][0]


def test_exams(app, school, clerk):
    heads = ["班级", "课程", "日期", "开始时间", "结束时间"]
    exam = {
        "班级": "CS2301",
        "课程": "高等数学",
        "日期": "2027-01-11",
        "开始时间": "09:00",
        "结束时间": "11:00",
    }
    rows = [exam, exam | {"课程": "英语", "日期": "2027-01-12"}]
    load(app, clerk, rows, heads, kind="exams")
    load(app, clerk, rows[:1], heads, kind="exams", withdraws_missing="1")
    with unit_of_work() as session:
        (found,) = session.scalars(select(Exam)).all()
    assert (found.course, found.starts_at) == ("高等数学", day("2027-01-11", 9))
    clock.travel(day("2027-01-20"))
    clerk = visit.desk(app, school.campus.zheng)
    load(app, clerk, [exam | {"日期": "2027-01-25"}], heads, kind="exams", withdraws_missing="1")
    assert counts()["missing"] == 0  # what is over stays


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1-16,18", [*range(1, 17), 18]),
        ("第1－5周", [1, 2, 3, 4, 5]),
        ("1-5单", [1, 3, 5]),
        ("2-6(双)", [2, 4, 6]),
        ("1-16周(单周)", list(range(1, 17, 2))),
        (3.0, [3]),
        ("7、9", [7, 9]),
        ("", None),
    ],
)
def test_weeks(text, found):
    got = columns.weeks(text)
    assert (list(got) if got else None) == found
    if got:
        assert columns.weeks(columns.weeks_text(got)) == got


@pytest.mark.parametrize("text", ["0-3", "5-2", "1-99", "单", "1--3", "3双", "a", "1-16,"])
def test_weeks_that_are_none(text):
    with pytest.raises(BadCell):
        columns.weeks(text)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("8:05", time(8, 5)),
        ("08：05", time(8, 5)),
        ("08:05:00", time(8, 5)),
        (time(8, 5), time(8, 5)),
        (datetime(1899, 12, 31, 8, 5), time(8, 5)),  # noqa: DTZ001 - as a spreadsheet has it
        (timedelta(hours=8, minutes=5), time(8, 5)),
        ((8 * 60 + 5) / 1440, time(8, 5)),
    ],
)
def test_times(cell, found):
    assert columns.time_of_day(cell) == found


# --- calendars


def calendar(*events):
    parts = ["BEGIN:VCALENDAR", *(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT" for one in events), "END:VCALENDAR"]
    return "\r\n".join(parts)


def read(*events):
    return lessons_of(calendar(*events), starts_on=date(2026, 11, 16), ends_on=date(2027, 3, 8))


WEEKLY = (
    "SUMMARY:高等\r\n 数学\\, 上\r\nDTSTART;TZID=Asia/Shanghai:20261117T080000\r\n"
    "DTEND;TZID=Asia/Shanghai:20261117T094000\r\nRRULE:FREQ=WEEKLY;COUNT=4"
)


@pytest.mark.parametrize(
    ("event", "weekdays", "weeks"),
    [
        (WEEKLY, [2], (1, 2, 3, 4)),
        (WEEKLY.replace("COUNT=4", "INTERVAL=2;UNTIL=20261215T160000Z"), [2], (1, 3, 5)),
        (WEEKLY.replace("COUNT=4", "UNTIL=20261201"), [2], (1, 2, 3)),
        (WEEKLY.replace("COUNT=4", "COUNT=4;BYDAY=TU,TH"), [2, 4], (1, 2)),
        (WEEKLY.replace("COUNT=4", "COUNT=4;BYDAY=MO,TU"), [1, 2], None),
        (WEEKLY + "\r\nEXDATE;TZID=Asia/Shanghai:20261124T080000", [2], (1, 3, 4)),
        (WEEKLY.partition("\r\nRRULE")[0], [2], (1,)),
        (WEEKLY.replace("FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY"), [2], tuple(range(1, 17))),
    ],
)
def test_weekly_events(event, weekdays, weeks):
    found, problems = read(event)
    assert problems == []
    assert sorted(one.weekday for one in found) == weekdays
    assert {one.course for one in found} == {"高等数学, 上"}
    assert {(one.starts, one.ends) for one in found} == {(time(8), time(9, 40))}
    if weeks is not None:
        assert {one.weeks for one in found} == {weeks}


def test_utc_and_durations():
    (one,), problems = read("SUMMARY:体育\r\nDTSTART:20261116T003000Z\r\nDURATION:PT1H30M")
    assert problems == []
    assert (one.weekday, one.starts, one.ends) == (1, time(8, 30), time(10))


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:节日\r\nDTSTART;VALUE=DATE:20261117\r\nDTEND;VALUE=DATE:20261118",
        WEEKLY.replace("WEEKLY", "MONTHLY"),
        WEEKLY.replace("COUNT=4", "BYSETPOS=1"),
        WEEKLY.replace("COUNT=4", "COUNT=0"),
        WEEKLY.replace("COUNT=4", "COUNT=²"),
        WEEKLY.replace("COUNT=4", "UNTIL=soon"),
        WEEKLY.replace("DTEND;TZID=Asia/Shanghai:20261117T094000", "DURATION:P1D"),
        WEEKLY.replace("SUMMARY", "LOCATION"),
    ],
)
def test_what_can_not_be_read_is_named(event):
    found, problems = read(event, "SUMMARY:好的\r\nDTSTART:20261116T003000Z\r\nDURATION:PT1H")
    assert [one.course for one in found] == ["好的"]
    assert len(problems) == 1
    assert problems[0].startswith("第 1 个日程")


def test_a_calendar_becomes_the_sheet_that_is_imported(app, school, term, clerk):
    holiday = "SUMMARY:元旦\r\nDTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270102"

    def convert(text, **more):
        form = {
            "class_id": school.class_id,
            "term": term,
            "file": (io.BytesIO(text.encode()), "a.ics"),
            **more,
        }
        return clerk.post("/desk/leave/timetable-ics/", data=form, headers=visit.csrf(clerk, "desk"))

    refused = convert(calendar(WEEKLY, holiday))
    assert refused.status_code == 422
    assert "元旦" in refused.text
    assert convert("not a calendar").status_code == 422
    assert convert(calendar(WEEKLY), class_id=school.college_id).status_code == 422
    sheet = convert(calendar(WEEKLY, holiday), skips="1")
    assert sheet.status_code == 200
    url = send(app, clerk, PAGE, io.BytesIO(sheet.data), kind="lessons")
    assert say_yes(app, clerk, url) == 303
    (one,) = lessons()
    assert (one.class_id, one.course, one.weekday, one.weeks) == (
        school.class_id,
        "高等数学, 上",
        2,
        [1, 2, 3, 4],
    )
