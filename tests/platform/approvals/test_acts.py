"""The acts that need a story: people leave, stand in, are late, are asked twice; cases are moved by hand."""

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.http import sentence
from app.platform.approvals import jobs, queries
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import (
    CannotTakeBack,
    CaseEndedAlready,
    CaseMissing,
    DeputyToSelf,
    NotAddedByYou,
    NotYourTask,
    OwnCase,
    SamePerson,
)
from app.platform.approvals.events import DefinitionProposed
from app.platform.approvals.models import Case, Definition, LogLine, Task
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests.platform.approvals import invariants
from tests.platform.approvals.definitions import administrator, approve, body, people, publish, start


@pytest.fixture
def who(campus):
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zheng, role="approvals.administrator")
        return {"li": campus.li, "zheng": campus.zheng, **people(session, 6)}


def begin(who, *nodes, form=None, fields=None, starter="li"):
    with unit_of_work() as session:
        publish(session, *nodes, fields=fields)
        return start(session, who[starter], form=form, business=starter)


def waiting(case):
    """Who is asked now: ids of people by node."""
    with unit_of_work() as session:
        rows = session.execute(
            select(Task.node, Task.person_id)
            .where(Task.case_id == case, Task.status == "live")
            .order_by(Task.seq)
        )
        return [tuple(row) for row in rows]


def say(case, person, *, act=approvals.approve, by=None, **more):
    with unit_of_work() as session:
        task = session.scalars(
            select(Task.id).where(Task.case_id == case, Task.person_id == person, Task.status == "live")
        ).one()
        act(session, by=by or Caller(person), task_id=task, **more)
        return invariants.check(session, case)


def status(case):
    with unit_of_work() as session:
        return invariants.check(session, case)


def stand_in(who, person, deputy, code=None):
    now = clock.now()
    with unit_of_work() as session:
        approvals.set_deputy(
            session,
            by=Caller(who[person]),
            deputy_id=who[deputy],
            starts_at=now,
            ends_at=now + clock.timedelta(days=1),
            reason="出差",
            code=code,
        )


def test_an_approver_who_leaves_is_replaced_by_whom_the_node_asks_today(who):
    case = begin(who, approve("first", "P1", "P2", method="any"), approve("second", "P3"))
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=who["P1"])
    say(case, who["P2"])
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=who["P3"])
    jobs.rescue_orphans(clients=None)
    assert waiting(case) == [("second", who["zheng"])]  # nobody else may: the administrator sees to it
    assert say(case, who["zheng"]) == "approved"


def test_one_who_is_gone_already_is_not_asked_at_all(who):
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=who["P1"])
    case = begin(who, approve("first", "P1", "P2", method="all"))
    assert waiting(case) == [("first", who["P2"])]


def test_what_is_nobodys_is_given_to_whoever_can_be_found_later(who):
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=who["zheng"])
    case = begin(who, approve("first", "nobody"))
    jobs.rescue_orphans(clients=None)
    assert waiting(case) == [("first", None)]
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=who["P6"], role="approvals.administrator")
    jobs.rescue_orphans(clients=None)
    assert waiting(case) == [("first", who["P6"])]


def test_nobody_there_and_no_administrator_waits_for_one(who):
    with unit_of_work() as session:
        directory.leave(session, by=None, person_id=who["zheng"])
    case = begin(who, approve("first", "nobody"))
    assert waiting(case) == [("first", None)]
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.case_id == case)).one()
        approvals.assign(session, by=administrator(who["P5"]), task_id=task, to_id=who["P6"])
    assert say(case, who["P6"]) == "approved"


def test_nobody_approves_ones_own_through_a_deputy(who):
    case = begin(who, approve("first", "P1"))
    stand_in(who, "P1", "li")
    with pytest.raises(OwnCase):  # 李 stands in for the one who is to decide on 李's case
        say(case, who["P1"], by=Caller(who["li"]))
    own = begin(who, approve("first", "P2", when_self="ask"), starter="P2")
    stand_in(who, "P2", "P3")
    with pytest.raises(OwnCase):  # and a deputy does not decide on the case of whom he stands in for
        say(own, who["P2"], by=Caller(who["P3"]))
    assert say(own, who["P2"]) == "approved"


def test_a_deputy_of_one_definition_is_none_for_others(who):
    case = begin(who, approve("first", "P1"))
    stand_in(who, "P1", "P2", code="another")
    with pytest.raises(NotYourTask):
        say(case, who["P1"], by=Caller(who["P2"]))


def test_ones_own_node_is_left_out(who):
    case = begin(who, approve("first", "P1"), approve("second", "P2"), starter="P1")
    assert waiting(case) == [("second", who["P2"])]


def test_a_human_is_asked_where_one_must_be(who):
    case = begin(who, approve("first", "P1", requires_human=True), starter="P1")
    assert waiting(case) == [("first", who["zheng"])]


@pytest.mark.parametrize(("repeated", "asked"), [("ask", True), ("skip", False)])
def test_who_said_yes_before_is_asked_again_or_not(who, repeated, asked):
    case = begin(who, approve("first", "P1"), approve("second", "P1", when_repeated=repeated))
    assert (say(case, who["P1"]) == "running") is asked


@pytest.mark.parametrize(
    ("then", "after"),
    [("approve", "approved"), ("reject", "rejected"), ("escalate", "running"), ("remind", "running")],
)
def test_time_is_over(who, then, after):
    """Eight working hours from Monday 09:00 are over on Tuesday morning, not on Monday night."""
    limit = {"hours": 8, "calendar": "work", "then": then, "escalate_to": approve("x", "P2")["approvers"]}
    case = begin(who, approve("first", "P1", limit=limit))
    clock.advance(clock.timedelta(hours=14))
    jobs.ring_timers(clients=None)
    assert status(case) == "running"
    assert waiting(case) == [("first", who["P1"])]
    clock.advance(clock.timedelta(hours=12))
    jobs.ring_timers(clients=None)
    assert status(case) == after
    if then == "escalate":
        assert waiting(case) == [("first", who["P2"])]


def test_a_return_out_of_a_fork_cancels_all_its_branches(who):
    fork = {
        "key": "fork",
        "type": "parallel",
        "branches": [
            {"title": "左", "nodes": [approve("left", "P2", return_to=["first"]), approve("after", "P3")]},
            {"title": "右", "nodes": [approve("right", "P4")]},
        ],
    }
    case = begin(who, approve("first", "P1"), fork, approve("last", "P5"))
    say(case, who["P1"])
    assert waiting(case) == [("left", who["P2"]), ("right", who["P4"])]
    say(case, who["P2"], act=approvals.return_case, to="first", comment="请核对")
    assert waiting(case) == [("first", who["P1"])]
    for person in ("P1", "P2", "P4", "P3"):
        assert say(case, who[person]) == "running"
    assert say(case, who["P5"]) == "approved"


def test_a_return_resumes_where_it_came_from(who):
    case = begin(
        who,
        approve("first", "P1"),
        approve("second", "P2"),
        approve("third", "P3", return_to=["starter"], resume="direct"),
    )
    say(case, who["P1"])
    say(case, who["P2"])
    say(case, who["P3"], act=approvals.return_case, to="starter", comment="补材料")
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.case_id == case, Task.kind == "revise")).one()
        approvals.resubmit(session, by=Caller(who["li"]), task_id=task, form={})
    assert waiting(case) == [("third", who["P3"])]


def test_a_yes_is_taken_back_until_the_next_has_acted(who):
    case = begin(who, approve("first", "P1"), approve("second", "P2"), approve("third", "P3"))
    say(case, who["P1"])
    with unit_of_work() as session:
        said = session.scalars(select(Task.id).where(Task.case_id == case, Task.status == "done")).one()
        approvals.take_back(session, by=Caller(who["P1"]), task_id=said)
    assert waiting(case) == [("first", who["P1"])]
    say(case, who["P1"])
    say(case, who["P2"])
    with unit_of_work() as session, pytest.raises(CannotTakeBack):
        said = session.scalars(
            select(Task.id).where(Task.case_id == case, Task.person_id == who["P1"]).order_by(Task.seq.desc())
        ).first()
        approvals.take_back(session, by=Caller(who["P1"]), task_id=said)


def test_a_running_case_keeps_the_version_it_began_with(who):
    case = begin(who, approve("first", "P1"), approve("second", "P2"))
    with unit_of_work() as session:
        approvals.publish_shipped(session, {"try": body(approve("only", "P3"))})
    say(case, who["P1"])
    assert waiting(case) == [("second", who["P2"])]


def test_maker_and_checker(who):
    maker = Caller(who["P1"], grants=(Grant("approvals.design"), Grant("approvals.publish")))
    checker = Caller(who["P2"], grants=(Grant("approvals.publish"),))
    with unit_of_work() as session:
        made = approvals.upload(session, by=maker, code="trip", body=body(approve("first", "P1")))
        approvals.propose(session, by=maker, definition_id=made.id)
        with pytest.raises(SamePerson):
            approvals.publish(session, by=maker, definition_id=made.id)
    jobs.on_definition_proposed(DefinitionProposed(made.id), clients=None)
    with unit_of_work() as session:
        approvals.publish(session, by=checker, definition_id=made.id)
        assert session.get_one(Definition, made.id).status == "published"


def test_simulate_names_the_path_and_writes_nothing(who):
    fields = [{"name": "days", "title": "天数", "type": "number"}]
    tiers = {
        "key": "tiers",
        "type": "condition",
        "branches": [
            {"title": "长", "when": "days > 3", "nodes": [approve("second", "P2")]},
            {"title": "短", "nodes": []},
        ],
    }
    with unit_of_work() as session:
        publish(session, approve("first", "P1"), tiers, fields=fields)
        paths = {
            days: queries.simulate(session, code="try", starter_id=who["li"], form={"days": days})
            for days in (2, 5)
        }
        assert session.scalars(select(Case.id)).all() == []
    names = {
        days: [[one.number for one in step.people] for step in path.steps] for days, path in paths.items()
    }
    assert names == {2: [["P1"]], 5: [["P1"], ["P2"]]}
    assert paths[5].days > paths[2].days > 0


def task_of(case, person):
    with unit_of_work() as session:
        return session.scalars(select(Task.id).where(Task.case_id == case, Task.person_id == person)).one()


def acts_of_strangers(case, task, stranger):
    """What a stranger may try, and how it is refused, whether or not the case still runs."""
    by = Caller(stranger)
    return (
        (NotYourTask, lambda session: approvals.approve(session, by=by, task_id=task)),
        (NotYourTask, lambda session: approvals.reject(session, by=by, task_id=task, comment="不行")),
        (NotYourTask, lambda session: approvals.transfer(session, by=by, task_id=task, to_id=stranger)),
        (NotYourTask, lambda session: approvals.take_back(session, by=by, task_id=task)),
        (NotAddedByYou, lambda session: approvals.remove_signer(session, by=by, task_id=task)),
        (NotYourTask, lambda session: approvals.resubmit(session, by=by, task_id=task, form={})),
        (NotYourTask, lambda session: approvals.withdraw(session, by=by, case_id=case)),
        (NotYourTask, lambda session: approvals.urge(session, by=by, case_id=case)),
        (CaseMissing, lambda session: approvals.comment(session, by=by, case_id=case, text="在吗")),
        (CaseMissing, lambda session: approvals.copy_to(session, by=by, case_id=case, people=[stranger])),
    )


def test_a_stranger_does_not_learn_that_a_case_has_ended(who):
    case = begin(who, approve("first", "P1"))
    task = task_of(case, who["P1"])
    for _state in ("running", "approved"):
        for refusal, act in acts_of_strangers(case, task, who["P5"]):
            with unit_of_work() as session, pytest.raises(refusal):
                act(session)
        if _state == "running":
            say(case, who["P1"])
    assert status(case) == "approved"


def test_who_has_to_do_with_it_is_told_in_words_how_it_ended(app, who):
    case = begin(who, approve("first", "P1"))
    task = task_of(case, who["P1"])
    say(case, who["P1"])
    with app.test_request_context(), unit_of_work() as session:
        for act in (
            lambda: approvals.approve(session, by=Caller(who["P1"]), task_id=task),
            lambda: approvals.withdraw(session, by=Caller(who["li"]), case_id=case),
        ):
            with pytest.raises(CaseEndedAlready) as raised:
                act()
            assert sentence(raised.value) == "这个审批已经结束（已批准），不能再操作。"


@pytest.mark.parametrize(
    ("act", "more"),
    [
        (approvals.transfer, {"to_id": "deputy"}),
        (approvals.delegate, {"to_id": "deputy"}),
        (approvals.add_signers, {"people": ["deputy"], "place": "after"}),
    ],
)
def test_a_deputy_does_not_give_the_task_to_himself(who, act, more):
    """Then he would decide in his own name, and still when his time is over."""
    case = begin(who, approve("first", "P1"))
    stand_in(who, "P1", "P2")
    named = {
        key: who["P2"] if value == "deputy" else [who["P2"]] if value == ["deputy"] else value
        for key, value in more.items()
    }
    with pytest.raises(DeputyToSelf):
        say(case, who["P1"], act=act, by=Caller(who["P2"]), **named)
    assert waiting(case) == [("first", who["P1"])]
    say(case, who["P1"], act=approvals.transfer, by=Caller(who["P2"]), to_id=who["P3"])
    assert waiting(case) == [("first", who["P3"])]
    assert say(case, who["P3"]) == "approved"


def test_a_deputy_takes_out_whom_he_added_for_the_other(who):
    case = begin(who, approve("first", "P1"))
    stand_in(who, "P1", "P2")
    by = Caller(who["P2"])
    say(case, who["P1"], act=approvals.add_signers, by=by, people=[who["P3"]], place="before")
    assert waiting(case) == [("first", who["P3"])]
    with unit_of_work() as session, pytest.raises(NotAddedByYou):
        approvals.remove_signer(session, by=Caller(who["P4"]), task_id=task_of(case, who["P3"]))
    say(case, who["P3"], act=approvals.remove_signer, by=by)
    assert waiting(case) == [("first", who["P1"])]
    with unit_of_work() as session:
        line = session.scalars(select(LogLine).where(LogLine.kind == "signer_removed")).one()
        assert (line.actor_id, line.behalf_id) == (who["P2"], who["P1"])


def test_nobody_takes_a_signer_out_of_his_own_case_through_a_deputy(who):
    case = begin(who, approve("first", "P1"))
    say(case, who["P1"], act=approvals.add_signers, people=[who["P3"]], place="before")
    stand_in(who, "P1", "li")
    with unit_of_work() as session, pytest.raises(OwnCase):
        approvals.remove_signer(session, by=Caller(who["li"]), task_id=task_of(case, who["P3"]))
    assert waiting(case) == [("first", who["P3"])]
