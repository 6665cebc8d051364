"""Leave's console: the list, one leave, the figures, the policies and their trial."""

import io
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs
from app.miniapps.leave.models import LeaveKind, Policy
from app.miniapps.leave.queries import desk as queries
from app.miniapps.leave.queries.desk import Filter
from app.miniapps.leave.queries.policies import find_policy
from app.miniapps.leave.queries.statistics import numbers
from app.miniapps.leave.queries.students import find_student, find_students
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests import visit
from tests.make import add_member
from tests.miniapps.leave.school import asked, day, granted, submit


@pytest.fixture
def fang(school):
    """方芸 of another college, on leave for a day."""
    with unit_of_work() as session:
        art = directory.add_org_unit(session, by=None, code="ART", name="美术学院", kind="college")
        person = add_member(session, "方芸", "2023020101", "student", art)
    submit(school, asked(kind=LeaveKind.SICK), person=person)
    return person


def reader(school, unit=None) -> Caller:
    return Caller(school.sun, grants=(Grant("leave.read", "unit", unit or school.college_id),))


def everywhere(school) -> Caller:
    return Caller(school.office, grants=(Grant("leave.read"),))


def listed(caller, **shown):
    with unit_of_work() as session:
        return [row.person_id for row in queries.leaves(session, caller, Filter(**shown)).items]


def test_it_works(school, fang):
    """Everybody's for the office, one's own units' for the others; each filter."""
    granted(school, asked(days=3))
    submit(school, asked(days=1, after=300, kind=LeaveKind.NIGHT), person=school.chen)
    assert listed(everywhere(school)) == [school.chen, school.li, fang]
    assert listed(reader(school)) == [school.chen, school.li]
    assert listed(reader(school, school.class_id)) == [school.chen, school.li]
    assert listed(Caller(school.sun)) == []
    for shown, found in (
        ({"state": "approved"}, [school.li]),
        ({"state": "live"}, [school.chen, school.li]),
        ({"kind": "night"}, [school.chen]),
        ({"unit_id": school.college_id}, [school.chen, school.li]),
        ({"building_id": school.campus.building_3}, [school.li]),
        ({"day": date(2026, 11, 18)}, [school.li]),
        ({"day": date(2026, 11, 21)}, []),
        ({"person_id": school.chen}, [school.chen]),
    ):
        assert listed(reader(school), **shown) == found, shown


def test_figures(school, fang):
    """By day of leave, by weekday of its beginning, by kind and class."""
    granted(school, asked(days=2))  # Tuesday to Thursday morning
    clock.advance(clock.timedelta(hours=80))
    jobs.follow_the_clock(clients=None)
    clock.advance(clock.timedelta(hours=1))
    jobs.follow_the_clock(clients=None)
    with unit_of_work() as session:
        found = numbers(session, reader(school), first=date(2026, 11, 16), last=date(2026, 11, 20))
        none = numbers(session, reader(school), first=date(2026, 11, 18), last=date(2026, 11, 20))
    assert (found.leaves, found.people, found.late) == (1, 1, 1)
    assert [count for _day, count in found.by_day] == [0, 1, 1, 1, 0]
    assert found.by_weekday == [0, 1, 0, 0, 0, 0, 0]
    assert found.by_kind == {"casual": 1}
    (only,) = found.by_class
    assert (only.unit.name, only.college.name, only.leaves, only.late) == ("计算机2301", "信息学院", 1, 1)
    assert none.leaves == 0  # none begins there
    assert [count for _day, count in none.by_day] == [1, 1, 0]


def test_many_students_are_found_as_one_is(school, fang):
    with unit_of_work() as session:
        people = [school.li, school.chen, fang, school.sun]
        several = find_students(session, people)
        assert several == {one: found for one in people if (found := find_student(session, one))}
    assert school.sun not in several


# --- pages


@pytest.fixture
def desk(app, school):
    """孙's console; he reads his college."""
    with unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=school.sun,
            role="leave.counsellor",
            scope_kind="unit",
            scope_id=school.college_id,
        )
    return visit.desk(app, school.sun)


@pytest.fixture
def office(app, school):
    return visit.desk(app, school.office)


def send(client, url, **form):
    return client.post(url, data=form, headers=visit.csrf(client, "desk"))


def test_the_list_and_one_beside_it(school, fang, desk):
    mine = submit(school, asked(destination="广州"))
    page = desk.get("/desk/leave/").text
    assert "李一鸣" in page
    assert "方芸" not in page
    panel = desk.get(f"/desk/leave/leaves/{mine.public_id}", headers={"HX-Request": "true"}).text
    assert "广州" in panel
    assert "回家有事" not in panel
    assert "回家有事" not in page
    with unit_of_work() as session:
        theirs = session.execute(
            text("SELECT public_id FROM leave_requests WHERE person_id = :fang"), {"fang": fang}
        ).scalar_one()
    assert desk.get(f"/desk/leave/leaves/{theirs}").status_code == 404
    for odd in (
        "?unit=99999999999999999999",
        "?day=0001-01-01",
        "?kind=x&state=y",
        "?number=%00",
        "?cursor=x",
    ):
        assert desk.get(f"/desk/leave/{odd}").status_code < 500, odd
    assert "没有这样的请假" in desk.get("/desk/leave/?number=404").text


def test_the_file_is_the_list(school, fang, desk):
    submit(school, asked())
    submit(school, asked(kind=LeaveKind.NIGHT), person=school.chen)
    answer = desk.get("/desk/leave/leaves.xlsx?kind=night")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["陈晓雨"]
    assert "回家有事" not in str(rows)
    with unit_of_work() as session:
        assert session.execute(text("SELECT person_ids FROM privacy_lists")).scalars().all() == [
            [school.chen]
        ]


def test_the_page_of_figures(school, desk):
    empty = desk.get("/desk/leave/statistics").text
    assert "这段时间没有请假" in empty
    granted(school, asked())
    page = desk.get("/desk/leave/statistics?first=2026-11-16&last=2026-11-22")
    assert "计算机2301" in page.text
    assert desk.get("/desk/leave/statistics?first=1999-01-01&last=2026-11-22").status_code == 200


def policy(**more):
    return {
        "title": "一般请假",
        "over_days": "0",
        "up_to_days": "10",
        "definition": "leave.default",
        "grace_hours": "5",
        "may_return_self": "1",
        "starts_on": "2026-11-20",
        "_key": "a-key-of-the-tests-04",
        **more,
    }


def policies():
    with unit_of_work() as session:
        return session.scalars(select(Policy).order_by(Policy.id)).all()


def test_a_change_holds_from_a_day_on(school, office):
    first = policies()[0]
    url = f"/desk/leave/policies/{first.public_id}"
    assert "一般请假" in office.get("/desk/leave/policies/").text
    assert 'value="2026-11-17"' in office.get(url).text
    form = policy(
        blackout="2026-12-31~2027-01-03 元旦",
        parental_over_days="3",
        parents_told="sms",
        parents_when="overdue",
    )
    assert send(office, url, **form).status_code == 303
    old, _sick, new = policies()
    assert (old.ends_on, new.starts_on, new.ends_on) == (date(2026, 11, 20), date(2026, 11, 20), None)
    assert (new.grace_hours, new.up_to_days, new.parental_over_days) == (5, Decimal(10), Decimal(3))
    assert (old.parents_told, new.parents_told, new.parents_when) == ("link", "sms", "overdue")
    assert "短信告诉家长" in office.get("/desk/leave/policies/").text
    assert new.blackout == [{"from": "2026-12-31", "to": "2027-01-03", "title": "元旦"}]
    with unit_of_work() as session:
        student = find_student(session, school.li)
        governs = [
            find_policy(
                session,
                student,
                kind=LeaveKind.CASUAL,
                starts_at=day(text_),
                ends_at=day(text_) + clock.timedelta(days=1),
            ).policy.id
            for text_ in ("2026-11-19", "2026-11-20")
        ]
    assert governs == [old.id, new.id]


def test_the_flow_is_chosen_by_its_name(school, office):
    page = office.get("/desk/leave/policies/new").text
    assert '<option value="leave.default" selected>学生请假</option>' in page
    assert "学生请假" in office.get("/desk/leave/policies/").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "名称要填"),
        ({"up_to_days": "0"}, "上限要大于下限"),
        ({"up_to_days": "很多"}, "天数在 0 到 400"),
        ({"over_days": "NaN"}, "天数在 0 到 400"),
        ({"starts_on": "2026-11-15"}, "生效日要在今天或以后"),
        ({"definition": "no.such"}, "没有这个已发布的审批流程"),
        ({"blackout": "元旦"}, "要有起止和名称"),
        ({"parents_told": "fax"}, "请选择怎么告诉家长"),
        ({"unit_id": "999999"}, "请选择适用范围"),
        ({"lead_hours": "-"}, "整数小时"),
    ],
)
def test_what_is_wrong_stands_at_its_field(school, office, more, said):
    refused = send(office, "/desk/leave/policies/new", **policy(**more))
    assert refused.status_code == 422
    assert said in refused.text
    assert len(policies()) == 2


def test_one_is_added_for_a_college_and_ended(school, office):
    form = policy(unit_id=str(school.college_id), kind="night", starts_on="2026-11-16")
    assert send(office, "/desk/leave/policies/new", **form).status_code == 303
    new = policies()[-1]
    assert (new.scope_id, new.kind) == (school.college_id, "night")
    url = f"/desk/leave/policies/{new.public_id}/end"
    assert send(office, url, on="2026-11-16").status_code == 422
    assert send(office, url, on="2026-12-01").status_code == 303
    assert policies()[-1].ends_on == date(2026, 12, 1)
    assert office.get("/desk/leave/policies/lvp_none").status_code == 404


def test_the_trial_says_which_policy_and_whom(school, office):
    page = office.get(
        "/desk/leave/policies/try?number=2023010101&kind=sick"
        "&starts_at=2026-11-20T08:00&ends_at=2026-11-25T18:00"
    ).text
    assert "会按“病假”办理" in page
    assert "孙立" in page
    assert "孟宪平" in page
    assert "本人或辅导员发链接" in page
    long = office.get(
        "/desk/leave/policies/try?number=2023010101&kind=casual"
        "&starts_at=2026-11-20T08:00&ends_at=2027-02-20T18:00"
    ).text
    assert "没有适用的办法" in long
    assert (
        "没有这个学号"
        in office.get(
            "/desk/leave/policies/try?number=404&kind=casual&starts_at=2026-11-20T08:00&ends_at=2026-11-21T18:00"
        ).text
    )
    assert (
        "请选择日期和时间" in office.get("/desk/leave/policies/try?number=404&kind=casual&starts_at=x").text
    )


def test_policies_are_for_the_office(school, desk):
    assert desk.get("/desk/leave/policies/").status_code == 403
    assert send(desk, "/desk/leave/policies/new", **policy()).status_code == 403
