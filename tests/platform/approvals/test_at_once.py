"""Eight people act on one node at the same instant, 200 times: nothing twice, nothing lost."""

import threading
from functools import partial
from random import Random

import pytest
from sqlalchemy import select

from app.kit import db
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, LogLine, Task
from tests.platform.approvals import invariants
from tests.platform.approvals.definitions import approve, people, publish, start

PEOPLE = 8
TIMES = 50  # for each method: 200 in all


@pytest.fixture
def eight(campus):
    db.configure(db.engine().url.render_as_string(hide_password=False), pool_size=PEOPLE + 2)
    with unit_of_work() as session:
        return people(session, PEOPLE + 1)


def at_once(acts) -> list[str]:
    """Run them in threads that start together; for each `done` or the error's code."""
    gate, results = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number, act):
        gate.wait(timeout=20)
        try:
            with unit_of_work() as session:
                act(session)
            results[number] = "done"
        except DomainError as error:
            results[number] = error.code

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def tasks_of(session, case):
    return dict(
        session.execute(
            select(Task.person_id, Task.id).where(Task.case_id == case, Task.status == "live")
        ).all()
    )


@pytest.mark.parametrize(("method", "said"), [("all", 8), ("any", 1), ("vote", 4), ("sequence", 1)])
def test_eight_say_yes_at_the_same_instant(campus, eight, method, said):
    """All: eight words; any: one; vote of a half: four, the other four come too late; sequence: the first only."""
    numbers = [f"P{number}" for number in range(1, PEOPLE + 1)]
    with unit_of_work() as session:
        publish(session, approve("node", *numbers, method=method), approve("next", "P9"))
    for time in range(TIMES):
        with unit_of_work() as session:
            case = start(session, campus.li, business=f"{method}{time}")
            mine = tasks_of(session, case)
            first = next(iter(mine.values()))
        acts = [
            partial(approvals.approve, by=Caller(person), task_id=mine.get(person, first))
            for person in (eight[number] for number in numbers)
        ]
        results = at_once(acts)
        assert results.count("done") == said, results
        with unit_of_work() as session:
            invariants.check(session, case)
            words = session.scalars(
                select(LogLine.person_id).where(LogLine.case_id == case, LogLine.kind == "decided")
            ).all()
            assert len(words) == len(set(words)) == said
            opened = session.scalars(select(Task.id).where(Task.case_id == case, Task.node == "next")).all()
            assert len(opened) == (0 if method == "sequence" else 1)


def test_whatever_eight_do_at_once_holds(campus, eight):
    """Mixed acts on one node: whatever order they come in, what must hold holds."""
    numbers = [f"P{number}" for number in range(1, PEOPLE + 1)]
    random = Random(7)
    with unit_of_work() as session:
        publish(session, approve("node", *numbers, method="all", veto="collect"), approve("next", "P9"))
    for time in range(TIMES):
        with unit_of_work() as session:
            case = start(session, campus.li, business=f"mixed{time}")
            mine = tasks_of(session, case)
        acts = [_random_act(random, eight, mine, number) for number in numbers]
        acts.append(
            lambda session, case=case: approvals.withdraw(session, by=Caller(campus.li), case_id=case)
        )
        at_once(acts)
        with unit_of_work() as session:
            assert invariants.check(session, case) == "withdrawn"


def _random_act(random, eight, mine, number):
    by, task = Caller(eight[number]), mine[eight[number]]
    return random.choice(
        (
            partial(approvals.approve, by=by, task_id=task),
            partial(approvals.reject, by=by, task_id=task, comment="不行"),
            partial(approvals.transfer, by=by, task_id=task, to_id=eight["P9"]),
            partial(approvals.add_signers, by=by, task_id=task, people=[eight["P9"]], place="after"),
            partial(approvals.delegate, by=by, task_id=task, to_id=eight["P9"]),
        )
    )


def test_approve_and_withdraw_at_the_same_instant_have_one_winner(campus, eight):
    with unit_of_work() as session:
        publish(session, approve("node", "P1"))
    seen = set()
    for time in range(TIMES):
        with unit_of_work() as session:
            case = start(session, campus.li, business=f"race{time}")
            task = tasks_of(session, case)[eight["P1"]]
        results = at_once(
            [
                partial(approvals.approve, by=Caller(eight["P1"]), task_id=task),
                partial(approvals.withdraw, by=Caller(campus.li), case_id=case),
            ]
        )
        assert sorted(results) == ["approvals.case_ended", "done"]
        with unit_of_work() as session:
            seen.add(invariants.check(session, case))
            assert session.get(Case, case).status == ("approved" if results[0] == "done" else "withdrawn")
    assert seen <= {"approved", "withdrawn"}
