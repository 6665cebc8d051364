"""The console's pages of accounts and roles."""

import re

import pytest
from sqlalchemy import update

from app.kit import db
from app.platform.directory import service as directory
from app.platform.directory.models import OrgUnit
from app.platform.identity import queries, service
from tests.visit import csrf, desk

MANAGE = "identity.manage_roles"


@pytest.fixture
def staff(campus):
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=campus.zheng, role="administrator")
    return campus


@pytest.fixture
def admin(app, staff):
    return desk(app, staff.zheng)


def post(client, path, **form):
    return client.post(path, data=form, headers=csrf(client, "desk"))


def test_roles_are_granted_and_revoked(admin, staff):
    place = f"team:{staff.team_east}"
    done = post(admin, "/desk/people/roles", number="t0006", role="team_head", place=place)
    assert done.status_code == 303, done.text
    page = admin.get("/desk/people/roles?role=team_head").text
    assert "何志远" in page and "东区维修班" in page
    with db.unit_of_work() as session:
        grant = queries.granted_roles(session, role="team_head")[0]
    assert post(admin, f"/desk/people/roles/{grant.id}/revoke").status_code == 303
    with db.unit_of_work() as session:
        assert queries.granted_roles(session, role="team_head") == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"number": "nobody", "role": "administrator", "place": "all"}, "没有找到这个人"),
        ({"number": "T0001", "role": "king", "place": "all"}, "没有“king”这个角色"),
        ({"number": "T0001", "role": "team_head", "place": "all"}, "请换一种范围"),
        ({"number": "T0001", "role": "team_head", "place": "team:x"}, "请换一种范围"),
        ({"number": "T0001", "role": "administrator", "until": "someday"}, "日期看不懂"),
        ({"number": "T0001", "role": "administrator", "until": "2020-01-01"}, "结束时间要晚于"),
        ({}, "没有找到这个人"),
    ],
)
def test_mistakes_are_said_beside_the_field(admin, form, sentence):
    answer = post(admin, "/desk/people/roles", **form)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_page_needs_the_permission(app, staff):
    with db.unit_of_work() as session:
        service.grant_role(
            session,
            by=None,
            person_id=staff.he,
            role="team_head",
            scope_kind="team",
            scope_id=staff.team_east,
        )
    head = desk(app, staff.he)
    assert head.get("/desk/people/roles").status_code == 403
    assert post(head, "/desk/people/roles", number="T0006", role="administrator").status_code == 403


def test_a_person_ends_their_other_sessions(app, staff, admin):
    other = desk(app, staff.zheng)
    assert "退出其他所有设备" in admin.get("/desk/account").text
    assert post(admin, "/desk/account/sessions/revoke-others").status_code == 303
    assert other.get("/desk/account").status_code == 302
    assert admin.get("/desk/account").status_code == 200


def test_nobody_ends_the_sessions_of_others(app, staff, admin):
    desk(app, staff.zhao)
    with db.unit_of_work() as session:
        theirs = queries.open_sessions(session, staff.zhao)[0].id
    assert post(admin, f"/desk/account/sessions/{theirs}/revoke").status_code == 404
    answer = admin.delete(f"/api/v1/me/sessions/{theirs}", headers=csrf(admin, "desk"))
    assert answer.status_code == 404
    with db.unit_of_work() as session:
        assert len(queries.open_sessions(session, staff.zhao)) == 1


def test_a_role_of_a_college_is_granted_and_named_even_when_the_college_has_closed(admin, staff):
    with db.unit_of_work() as session:
        college = directory.add_org_unit(session, by=None, code="X-OLD", name="旧学院", kind="college")
    place = f"unit:{college}"
    assert f'value="{place}"' in admin.get("/desk/people/roles").text
    done = post(admin, "/desk/people/roles", number="T0006", role="leave.college_leader", place=place)
    assert done.status_code == 303, done.text
    with db.unit_of_work() as session:
        session.execute(update(OrgUnit).where(OrgUnit.id == college).values(is_active=False))
    assert "旧学院" in admin.get("/desk/people/roles?role=leave.college_leader").text
    assert "旧学院" in desk(admin.application, staff.he).get("/desk/account").text


def rail(client):
    return client.get("/desk/account").text.partition('id="rail"')[2].partition("</nav>")[0]


def test_a_long_rail_has_headings_and_opens_where_one_is(admin, staff):
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=staff.zheng, role="leave.office")
        service.grant_role(session, by=None, person_id=staff.zheng, role="welcome.administrator")
    page = rail(admin)
    assert [*re.findall(r"<summary><span>([^<]+)", page)][-1] == "系统"
    assert "<details" in page and " open" not in page
    there = admin.get("/desk/people/roles").text.partition('id="rail"')[2].partition("</nav>")[0]
    opened = there.partition(" open>")[2].partition("</details>")[0]
    assert "系统" in opened and 'aria-current="page"' in opened


def test_a_short_rail_has_none(app, staff):
    page = rail(desk(app, staff.he))
    assert "<details" not in page and "<li>" in page
