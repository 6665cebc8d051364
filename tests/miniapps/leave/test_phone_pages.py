"""The student's pages and those of who looks after him, as browsers ask for them."""

import io
import re
import secrets

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.models import Contact, LeaveKind, LeaveRequest, RollMark
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Task
from app.platform.files.queries import find_status
from app.platform.identity import service as identity
from tests.miniapps.leave.school import asked, deliver, granted, say_yes, status, submit
from tests.platform.files.pictures import encoded, scene
from tests.visit import csrf, phone


@pytest.fixture
def as_(app, school):
    return lambda person: phone(app, person)


def post(client, url, **form):
    fields = {"_key": secrets.token_urlsafe(12), **form}
    return client.post(url, data=fields, headers={"X-CSRF-Token": csrf(client)["X-CSRF-Token"]})


def typed(**more):
    start = clock.local(clock.now() + clock.timedelta(days=1))
    end = start + clock.timedelta(days=1)
    return {
        "kind": "casual",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{end:%Y-%m-%dT%H:%M}",
        "leaves_campus": "1",
        "leaves_dorm": "1",
        "reason": "回家看望家人",
        "destination": "广州",
        **more,
    }


def send_picture(client):
    """The public id of a picture that was sent; nobody has decoded it yet."""
    data = {"photo": (io.BytesIO(encoded(scene())), "proof.jpg")}
    return client.post("/files/photos", data=data, headers=csrf(client)).json["id"]


def of(request_id):
    with unit_of_work() as session:
        return session.get_one(LeaveRequest, request_id).public_id


def give(person, role, kind, place):
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person, role=role, scope_kind=kind, scope_id=place)


def test_it_works(school, as_):
    li = as_(school.li)
    assert "我要请假" in li.get("/m/leave/new").text
    answer = post(li, "/m/leave/new", **typed())
    assert answer.status_code == 303, answer.text
    assert "已提交，等审批" in li.get(answer.location).text
    say_yes(school.sun)
    assert "已批准" in li.get("/m/leave/").text


def test_the_form_says_who_will_see_it(school, as_):
    page = as_(school.li).get("/m/leave/peek", query_string=typed()).text
    assert "孙立" in page
    assert re.search(r"大约 0?\.?\d", page)


def test_a_long_one_is_seen_by_more(school, as_):
    later = clock.local(clock.now() + clock.timedelta(days=6))
    page = as_(school.li).get("/m/leave/peek", query_string=typed(ends_at=f"{later:%Y-%m-%dT%H:%M}")).text
    assert "孟宪平" in page


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(school, as_):
    answer = post(as_(school.li), "/m/leave/new", **typed(reason="", ends_at="bad"))
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert "请选择日期和时间" in answer.text
    assert "广州" in answer.text


def test_the_same_form_twice_is_one_leave(school, as_):
    li, form = as_(school.li), typed(_key="twice-the-same-key")
    first, second = (post(li, "/m/leave/new", **form) for _ in range(2))
    assert first.location == second.location


def test_he_comes_back_extends_and_says_that_he_is_safe(school, as_):
    leave = granted(school, asked())
    li, url = as_(school.li), f"/m/leave/{of(leave)}"
    clock.advance(clock.timedelta(hours=25))
    jobs.follow_the_clock(clients=None)
    assert "报平安" not in li.get(url).text  # not late yet
    assert post(li, f"{url}/safe", hours="4").status_code == 409
    clock.advance(clock.timedelta(hours=24))
    assert "外出中" in li.get(url).text
    assert post(li, f"{url}/safe", hours="4").status_code == 303
    until = clock.local(clock.now() + clock.timedelta(days=2))
    assert post(li, f"{url}/extend", until=f"{until:%Y-%m-%dT%H:%M}", reason="车票改签").status_code == 303
    assert post(li, f"{url}/return").status_code == 303
    assert "已销假" in li.get(url).text
    refused = post(li, f"{url}/return")
    assert refused.status_code == 409
    assert "已销假" in refused.text


def test_nobody_elses(school, as_):
    leave = of(submit(school, asked()).id)
    chen = as_(school.chen)
    assert chen.get(f"/m/leave/{leave}").status_code == chen.get("/m/leave/lv_nothing").status_code == 404
    assert post(chen, f"/m/leave/{leave}/withdraw").status_code == 404
    assert chen.get(f"/m/leave/class/{leave}").status_code == 404
    assert chen.get("/m/leave/class/").status_code == 403


def test_the_counsellor_sees_who_is_late_and_notes_a_call(school, as_):
    give(school.sun, "leave.counsellor", "unit", school.class_id)
    leave = granted(school, asked())
    for hours in (25, 30):
        clock.advance(clock.timedelta(hours=hours))
        jobs.follow_the_clock(clients=None)
    deliver()
    sun, url = as_(school.sun), f"/m/leave/class/{of(leave)}"
    assert "李一鸣" in sun.get("/m/leave/class/?view=overdue").text
    page = sun.get(url).text
    assert "回家有事" not in page  # reasons are for those who decided
    assert post(sun, f"{url}/contact", way="phone", outcome="safe", note="已上车").status_code == 303
    with unit_of_work() as session:
        assert session.scalars(select(Contact.outcome)).all() == ["safe"]
    assert post(sun, f"{url}/return").status_code == 303
    assert status(leave) == "closed"


def test_the_roll_call_asks_for_the_unexplained_only(school, as_):
    give(school.sun, "leave.counsellor", "unit", school.class_id)
    granted(school, asked(days=3, after=1))
    clock.advance(clock.timedelta(hours=3))
    jobs.follow_the_clock(clients=None)
    sun, url = as_(school.sun), f"/m/leave/class/roll/class/{school.class_id}"
    page = sun.get(url).text
    assert "应到 1 人" in page
    expected, away = page.split("已请假，不用点名")
    assert "陈晓雨" in expected
    assert "李一鸣" in away
    assert post(sun, url, here=str(school.chen)).status_code == 303
    with unit_of_work() as session:
        marks = dict(session.execute(select(RollMark.person_id, RollMark.mark)).all())
    assert marks == {school.chen: "present"}
    wu = as_(school.wu)
    assert wu.get(f"/m/leave/class/roll/building/{school.campus.building_3}").status_code == 200
    assert wu.get(url).status_code == 404


def test_a_copy_for_the_dorm_tells_when_and_not_why(school, as_):
    leave = submit(school, asked(kind=LeaveKind.SICK, destination="广州", reason="去医院复查"))
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.case_id == leave.case_id)).one()
        approvals.approve(session, by=Caller(school.sun), task_id=task, comment="注意身体")
    deliver()
    with unit_of_work() as session:
        url = f"/m/approvals/{session.get_one(Case, leave.case_id).public_id}"
    page = as_(school.wu).get(url)
    assert page.status_code == 200
    assert "不回宿舍" in page.text
    for hidden in ("病假", "广州", "去医院复查", "注意身体"):
        assert hidden not in page.text
        assert hidden in as_(school.sun).get(url).text


def test_proofs_are_seen_by_who_decides(school, as_):
    photo = send_picture(as_(school.li))
    leave = submit(school, asked(evidence=(photo,)))
    with unit_of_work() as session:
        url = f"/m/approvals/{session.get_one(Case, leave.case_id).public_id}"
    assert photo in as_(school.sun).get(url).text
    say_yes(school.sun)
    page = as_(school.wu).get(url)
    assert page.status_code == 200
    assert photo not in page.text


def test_proofs_go_half_a_year_after_the_leave(school, as_):
    photo = send_picture(as_(school.li))
    granted(school, asked(evidence=(photo,)))
    clock.advance(clock.timedelta(hours=25))
    jobs.follow_the_clock(clients=None)
    with unit_of_work() as session:
        request = session.scalars(select(LeaveRequest)).one()
        service.mark_returned(session, by=None, request_id=request.id, source="dorm")
    for days, gone in ((170, False), (20, True)):
        clock.advance(clock.timedelta(days=days))
        with unit_of_work() as session:
            service.retain(session)
            assert (find_status(session, photo) == "deleted") is gone


def test_a_proof_that_is_still_owed_is_told_with_its_day(school, as_):
    leave = submit(school, asked(kind=LeaveKind.SICK))
    page = as_(school.li).get(f"/m/leave/{leave.public_id}")
    assert page.status_code == 200
    assert "请在 11-21 前交给辅导员" in page.text  # three days after the leave


def test_english(school, as_, app):
    li = as_(school.li)
    li.set_cookie(f"wl_lang_{app.config['COOKIE_SUFFIX']}", "en")
    submit(school, asked())
    assert "Being decided" in li.get("/m/leave/").text
