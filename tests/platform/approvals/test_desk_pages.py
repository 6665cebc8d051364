"""Approvals in the console: the lists and a case beside them, a batch, and what administrators do."""

import secrets

import pytest
from sqlalchemy import delete, select

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import jobs
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, NodeTime, Task
from app.platform.identity import service as identity
from app.platform.identity.models import RoleGrant
from tests.platform.approvals.definitions import approve, people, publish, start
from tests.visit import csrf, desk

FIELDS = [
    {"name": "days", "title": "天数", "type": "integer"},
    {"name": "reason", "title": "原因", "type": "text", "visible_to": ["second"]},
]


@pytest.fixture
def who(campus):
    with unit_of_work() as session:
        found = people(session, 3)
        body = {
            "title": "试一试",
            "fields": FIELDS,
            "exception_when": "days > 5",
            "nodes": [
                approve("first", "P1", return_to=["starter"], limit={"hours": 8, "then": "remind"}),
                approve("second", "P2"),
            ],
        }
        approvals.publish_shipped(session, {"try": body})
        identity.grant_role(session, by=None, person_id=campus.zheng, role="approvals.administrator")
        return {"li": campus.li, "chen": campus.chen, "zheng": campus.zheng, **found}


@pytest.fixture
def as_(app, who):
    return lambda name: desk(app, who[name])


def post(client, url, **form):
    fields = {"_key": secrets.token_urlsafe(12), **form}
    return client.post(url, data=fields, headers=csrf(client, "desk"))


def begin(who, *, days=1, starter="li"):
    """Public id of a new case."""
    with unit_of_work() as session:
        found = start(
            session, who[starter], form={"days": days, "reason": "想家了"}, business=secrets.token_hex(4)
        )
        return session.get_one(Case, found).public_id


def status(case):
    with unit_of_work() as session:
        return session.scalars(select(Case.status).where(Case.public_id == case)).one()


def task_of(case):
    with unit_of_work() as session:
        stmt = select(Task.id).join(Case, Case.id == Task.case_id)
        return session.scalars(stmt.where(Case.public_id == case, Task.status == "live")).one()


def test_it_works(who, as_):
    case = begin(who)
    first, second = as_("P1"), as_("P2")
    assert "请批一下" in first.get("/desk/approvals/").text
    assert "请批一下" not in second.get("/desk/approvals/").text
    assert "想家了" not in first.get(f"/desk/approvals/cases/{case}").text
    assert post(first, f"/desk/approvals/cases/{case}/approve", comment="准").status_code == 303
    assert "想家了" in second.get(f"/desk/approvals/cases/{case}").text
    assert post(second, f"/desk/approvals/cases/{case}/approve").status_code == 303
    assert status(case) == "approved"
    assert "请批一下" in first.get("/desk/approvals/?view=done").text
    assert "请批一下" in as_("li").get("/desk/approvals/?view=started").text


def test_a_refusal_says_why_and_keeps_what_was_typed(who, as_):
    case = begin(who)
    answer = post(as_("P1"), f"/desk/approvals/cases/{case}/reject", comment="")
    assert answer.status_code == 422
    assert "同意" in answer.text
    long = post(as_("P1"), f"/desk/approvals/cases/{case}/approve", comment="长" * 501)
    assert long.status_code == 422
    assert "长长长" in long.text


def test_nobody_elses(who, as_):
    case = begin(who)
    stranger = as_("chen")
    url = f"/desk/approvals/cases/{case}"
    missing = "/desk/approvals/cases/apc_nothing"
    assert stranger.get(url).status_code == stranger.get(missing).status_code == 404
    assert post(stranger, f"{url}/approve").status_code == 404
    for view in ("all", "nobodys"):
        assert stranger.get(f"/desk/approvals/?view={view}").status_code == 403
    assert stranger.get("/desk/approvals/times").status_code == 403


def test_a_batch_shows_what_is_unusual_first_and_chooses_the_rest(who, as_):
    plain, unusual, back = begin(who), begin(who, days=9), begin(who)
    with unit_of_work() as session:
        approvals.return_case(
            session, by=Caller(who["P1"]), task_id=task_of(back), to="starter", comment="补"
        )
    with unit_of_work() as session:
        revise = session.scalars(select(Task.id).where(Task.kind == "revise", Task.status == "live")).one()
        approvals.resubmit(session, by=Caller(who["li"]), task_id=revise, form={"days": 1})
    page = as_("P1").get("/desk/approvals/batch?code=try").text
    exceptions, rest = page.split("其余的", 1)
    assert "情况特殊" in exceptions
    assert "退回后再提交" in exceptions
    assert exceptions.count("checked") == 0
    assert f'value="{task_of(plain)}" form="batch" checked' in rest
    assert unusual in exceptions
    assert unusual not in rest


def test_a_batch_is_approved_one_by_one_and_says_what_was_not(who, as_):
    cases = [begin(who) for _ in range(3)]
    ids = [task_of(case) for case in cases]
    with unit_of_work() as session:
        approvals.withdraw(session, by=Caller(who["li"]), case_id=session.get_one(Task, ids[1]).case_id)
    answer = post(as_("P1"), "/desk/approvals/batch", code="try", ids=[str(one) for one in ids], comment="准")
    assert "已同意 2 件" in answer.text
    assert "1 件没有办成" in answer.text
    with unit_of_work() as session:
        words = session.scalars(select(Task.outcome).where(Task.id.in_(ids)).order_by(Task.id)).all()
    assert words[0] == words[2] == "approved"


def test_a_batch_of_others_tasks_does_nothing(who, as_):
    case = begin(who)
    answer = post(as_("chen"), "/desk/approvals/batch", code="try", ids=[str(task_of(case))])
    assert "1 件没有办成" in answer.text
    assert status(case) == "running"


def test_administrators_assign_jump_and_terminate(who, as_):
    case = begin(who)
    zheng, url = as_("zheng"), f"/desk/approvals/cases/{case}"
    assert "试1" in zheng.get(url).text
    assert "想家了" not in zheng.get(url).text  # not asked: no hidden field
    assert post(zheng, f"{url}/assign", seq="1", number="P3").status_code == 303
    assert "请批一下" in as_("P3").get("/desk/approvals/").text
    assert post(zheng, f"{url}/jump", to="second", comment="第一步不用了").status_code == 303
    assert "请批一下" in as_("P2").get("/desk/approvals/").text
    assert post(as_("P2"), f"{url}/terminate", comment="不想办").status_code == 403
    assert post(zheng, f"{url}/terminate", comment="申请人退学").status_code == 303
    assert status(case) == "terminated"
    assert "请批一下" in zheng.get("/desk/approvals/?view=all&status=terminated").text
    assert "请批一下" not in zheng.get("/desk/approvals/?view=all&status=running").text


def test_what_is_nobodys_is_shown_to_administrators(who, as_):
    with unit_of_work() as session:
        publish(session, approve("only", "nobody"))
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == who["zheng"]))
    begin_without_people = start_try(who)
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=who["zheng"], role="approvals.administrator")
    page = as_("zheng").get("/desk/approvals/?view=nobodys").text
    assert begin_without_people in page


def start_try(who):
    with unit_of_work() as session:
        found = start(session, who["li"], business="nobody")
        return session.get_one(Case, found).public_id


def test_times_of_nodes_are_reckoned_in_work_time(who, as_):
    """Asked on Monday at nine, answered on Tuesday at ten: a working day and an hour, not twenty-five."""
    case = begin(who)
    clock.advance(clock.timedelta(hours=25))
    post(as_("P1"), f"/desk/approvals/cases/{case}/approve")
    jobs.reckon_times(clients=None)
    with unit_of_work() as session:
        (row,) = session.scalars(select(NodeTime)).all()
    assert row.node == "first"
    assert 8 * 60 <= row.median_minutes <= 9.5 * 60
    begin(who)
    clock.advance(clock.timedelta(days=3))
    page = as_("zheng").get("/desk/approvals/times?code=try").text
    assert "环节first" in page
    assert "小时" in page
    clock.advance(clock.timedelta(days=120))
    jobs.reckon_times(clients=None)
    with unit_of_work() as session:
        assert session.scalars(select(NodeTime)).all() == []


def test_messages_lead_to_the_same_case(who, as_):
    case = begin(who)
    outbox.drain(clients=None, seconds=5)
    assert as_("P1").get(f"/desk/approvals/?case={case}").text.count(case) >= 2


def test_all_that_waits_for_one_who_leaves_is_handed_over(who, as_):
    cases = [begin(who) for _ in range(3)]
    zheng = as_("zheng")
    answer = post(zheng, "/desk/approvals/hand-over", **{"from": "P1", "to": "P3"})
    assert "已转交 3 件" in zheng.get(answer.location).text
    assert all(case in as_("P3").get("/desk/approvals/").text for case in cases)
    assert post(as_("P1"), "/desk/approvals/hand-over", **{"from": "P3", "to": "P1"}).status_code == 403
    assert post(zheng, "/desk/approvals/hand-over", **{"from": "none", "to": "P1"}).status_code == 422
