"""Public leave for a list: what the preview says, what is given at once, what is taken back at once."""

import re
import threading

import pytest
from sqlalchemy import func, select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.errors import BatchChanged, BatchMissing, BatchRevoked, BatchWrong
from app.miniapps.leave.models import Batch, Exam, LeaveRequest, LogLine
from app.miniapps.leave.queries import batches as queries
from app.miniapps.leave.service import Wanted
from app.platform.directory import service as directory
from app.platform.notifications.models import Message
from tests import visit
from tests.make import add_member
from tests.miniapps.leave.school import MONDAY, asked, deliver, granted, status
from tests.workbooks import workbook

LI, CHEN, FANG = "2023010101", "2023010102", "2023020101"


@pytest.fixture
def fang(school):
    """方芸 studies at another college."""
    with unit_of_work() as session:
        art = directory.add_org_unit(session, by=None, code="ART", name="美术学院", kind="college")
        return add_member(session, "方芸", FANG, "student", art)


def office(school) -> Caller:
    return Caller(school.office, grants=(Grant("leave.public"),), surface="desk")


def leader(school) -> Caller:
    return Caller(school.meng, grants=(Grant("leave.public", "unit", school.college_id),), surface="desk")


def wanted(*numbers, **more) -> Wanted:
    starts_at = clock.now() + clock.timedelta(hours=24)
    return Wanted(
        **{
            "numbers": numbers,
            "title": "省大学生运动会",
            "starts_at": starts_at,
            "ends_at": starts_at + clock.timedelta(days=2),
            "leaves_campus": True,
            "leaves_dorm": True,
            **more,
        }
    )


def check(by, want):
    with unit_of_work() as session:
        return service.check_batch(session, by=by, wanted=want)


def make(by, want, digest=None):
    digest = digest or check(by, want).digest
    with unit_of_work() as session:
        made = service.make_batch(session, by=by, wanted=want, digest=digest)
    deliver()
    return made


def leaves():
    with unit_of_work() as session:
        return {one.person_id: one for one in session.scalars(select(LeaveRequest))}


def messages(kind):
    with unit_of_work() as session:
        return {one.person_id: one.params for one in session.scalars(select(Message)) if one.kind == kind}


def test_it_works(school, fang):
    batch = make(office(school), wanted(LI, CHEN, FANG))
    found = leaves()
    assert set(found) == {school.li, school.chen, fang}
    mine = found[school.li]
    assert (mine.status, mine.kind, mine.reason, mine.batch_id) == (
        "approved",
        "public",
        "省大学生运动会",
        batch.id,
    )
    assert (mine.class_id, mine.college_id, mine.building_id) == (
        school.class_id,
        school.college_id,
        school.campus.building_3,
    )
    assert set(messages("leave.approved")) == set(found)
    told = messages("leave.public_list")[school.sun]
    assert (told["who"], told["count"]) == ("李一鸣、陈晓雨", "2")


def test_who_was_taken_off_before_anybody_was_told_is_left_out(school):
    by = office(school)
    want = wanted(LI, CHEN)
    digest = check(by, want).digest
    with unit_of_work() as session:
        service.make_batch(session, by=by, wanted=want, digest=digest)
    with unit_of_work() as session:
        mine = session.scalars(select(LeaveRequest).where(LeaveRequest.person_id == school.li)).one()
        service.revoke(session, by=by, request_id=mine.id, reason="受伤")
    deliver()
    told = messages("leave.public_list")[school.sun]
    assert (told["who"], told["count"]) == ("陈晓雨", "1")


def test_nobody_is_told_of_a_list_that_was_taken_back_at_once(school):
    by, want = office(school), wanted(LI, CHEN)
    digest = check(by, want).digest
    with unit_of_work() as session:
        batch = service.make_batch(session, by=by, wanted=want, digest=digest)
        service.revoke_batch(session, by=by, batch_id=batch.public_id, reason="取消了")
    deliver()
    assert messages("leave.public_list") == {}


def test_the_preview_names_what_is_wrong_first(school, fang):
    granted(school, asked(after=30))
    seen = check(leader(school), wanted(CHEN, LI, CHEN, FANG, "9999"))
    assert [(one.number, one.problem) for one in seen.entries] == [
        (LI, queries.OVERLAPS),
        (CHEN, queries.REPEATED),
        (FANG, queries.UNKNOWN),  # of another college: as if there were none
        ("9999", queries.UNKNOWN),
        (CHEN, ""),
    ]
    make(leader(school), wanted(CHEN, LI, CHEN, FANG, "9999"))
    assert [one.batch_id is None for one in (leaves()[school.li], leaves()[school.chen])] == [True, False]


def test_exams_warn(school):
    want = wanted(LI)
    with unit_of_work() as session:
        session.add(
            Exam(
                class_id=school.class_id,
                course="线性代数",
                starts_at=want.starts_at,
                ends_at=want.starts_at + clock.timedelta(hours=2),
            )
        )
    (entry,) = check(office(school), want).entries
    assert (entry.problem, entry.exams) == ("", ("线性代数",))


def test_what_has_changed_since_the_preview_is_shown_again(school):
    want = wanted(LI, CHEN)
    seen = check(office(school), want)
    granted(school, asked(after=30))
    with pytest.raises(BatchChanged):
        make(office(school), want, seen.digest)
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Batch)) == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"numbers": ()}, "numbers"),
        ({"numbers": ("1",) * 501}, "numbers"),
        ({"leaves_campus": False, "leaves_dorm": False}, "misses_class"),
        ({"ends_at": MONDAY}, "ends_at"),
    ],
)
def test_what_is_wrong_is_named(school, more, field):
    with pytest.raises(BatchWrong) as told:
        check(office(school), wanted(LI, **more))
    assert list(told.value.details) == [field]


def test_two_lists_at_the_same_instant_give_one_leave(school):
    want = wanted(LI)
    digest = check(office(school), want).digest
    told, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            with unit_of_work() as session:
                service.make_batch(session, by=office(school), wanted=want, digest=digest)
            told.append("made")
        except BatchChanged:
            told.append("changed")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["changed", "made"]
    assert len(leaves()) == 1


def test_it_is_taken_back_as_one(school, fang):
    batch = make(office(school), wanted(LI, CHEN, FANG))
    found = leaves()
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(school.chen), request_id=found[school.chen].id)
        service.mark_out(session, by=None, request_id=found[fang].id, source="gate")
        with pytest.raises(BatchMissing):
            service.revoke_batch(session, by=leader(school), batch_id=batch.public_id, reason="不去了")
    with unit_of_work() as session:
        touched = service.revoke_batch(
            session, by=office(school), batch_id=batch.public_id, reason="比赛取消"
        )
    assert touched == 2
    deliver()
    states = {person: status(one.id) for person, one in leaves().items()}
    assert states == {school.li: "revoked", school.chen: "cancelled", fang: "out"}
    assert leaves()[fang].due_at == clock.now() + clock.timedelta(hours=2)
    assert school.li in messages("leave.revoked")
    with unit_of_work() as session, pytest.raises(BatchRevoked):
        service.revoke_batch(session, by=office(school), batch_id=batch.public_id, reason="再来一次")


def test_it_goes_its_way_like_any_other(school):
    make(office(school), wanted(LI))
    clock.advance(clock.timedelta(hours=24))
    jobs.follow_the_clock(clients=None)
    mine = leaves()[school.li]
    assert mine.status == "out"
    with unit_of_work() as session:
        service.mark_returned(session, by=school.student(), request_id=mine.id, source="self")
        kinds = session.scalars(select(LogLine.kind).order_by(LogLine.id)).all()
    assert kinds[0] == "approved"
    assert status(mine.id) == "closed"


# --- pages


@pytest.fixture
def desk(app, school):
    """孟's console; he leads the college."""
    return visit.desk(app, school.meng)


def typed(**more):
    start = clock.local(clock.now() + clock.timedelta(days=1))
    return {
        "title": "省大学生运动会",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + clock.timedelta(days=1):%Y-%m-%dT%H:%M}",
        "misses_class": "1",
        "numbers": f"{LI}，9999",
        **more,
    }


def send(client, url, **form):
    return client.post(url, data=form, headers=visit.csrf(client, "desk"))


def test_paste_look_confirm(school, desk):
    shown = send(desk, "/desk/leave/public/check", **typed())
    assert "有 1 个学号不能登记" in shown.text
    assert shown.text.index("9999") < shown.text.index("李一鸣")
    digest = re.search(r'name="digest" value="(\w+)"', shown.text).group(1)
    made = send(desk, "/desk/leave/public/new", **typed(digest=digest, _key="a-key-of-the-tests-02"))
    assert made.status_code == 303, made.text
    assert "李一鸣" in desk.get(made.location).text
    assert "省大学生运动会" in desk.get("/desk/leave/public/").text
    refused = send(desk, f"{made.location}/revoke", reason="")
    assert refused.status_code == 422
    assert send(desk, f"{made.location}/revoke", reason="比赛取消").status_code == 303
    assert "已收回" in desk.get(made.location).text


def test_a_list_that_changed_is_shown_again(school, desk):
    answer = send(desk, "/desk/leave/public/new", **typed(digest="0", _key="a-key-of-the-tests-03"))
    assert answer.status_code == 409
    assert "可以登记 1 人" in answer.text


def test_a_file_with_numbers(school, desk):
    file = workbook([{"学号": CHEN}, {"学号": LI}], ["学号"])
    shown = send(desk, "/desk/leave/public/check", **typed(numbers="", file=(file, "list.xlsx")))
    assert "可以登记 2 人" in shown.text
    broken = workbook([{"学号": "中文"}], ["学号"])
    refused = send(desk, "/desk/leave/public/check", **typed(numbers="", file=(broken, "list.xlsx")))
    assert refused.status_code == 422
    assert "第 2 行" in refused.text
