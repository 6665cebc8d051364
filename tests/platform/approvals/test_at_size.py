"""What must not grow: statements of a trial with the classes, the length of its transactions, parsing with a batch, and
nothing may be left out of a statistic.
"""

import statistics
import sys
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, text

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import jobs
from app.platform.approvals import service as approvals
from app.platform.approvals.definition import parse
from app.platform.approvals.events import DefinitionProposed
from app.platform.approvals.models import Definition, NodeTime, Task
from app.platform.approvals.queries.batch import batch
from app.platform.approvals.queries.linting import trials
from app.platform.approvals.service.times import median_of
from app.platform.directory import service as directory
from tests.make import add_member
from tests.platform.approvals.definitions import approve, body, people, publish, start


@contextmanager
def heard(name):
    """What the engine tells meanwhile: statements, commits."""
    seen = []

    def listen(*args):
        seen.append(args)

    event.listen(db.engine(), name, listen)
    try:
        yield seen
    finally:
        event.remove(db.engine(), name, listen)


def college(number, classes):
    """A college whose last class alone has a student."""
    with unit_of_work() as session:
        made = directory.add_org_unit(
            session, by=None, code=f"C{number}", name=f"学院{number}", kind="college"
        )
        for at in range(classes):
            unit = directory.add_org_unit(
                session, by=None, code=f"C{number}-{at}", name=f"{number}{at}班", kind="class", parent_id=made
            )
        if classes:
            add_member(session, f"生{number}", f"S{number}", "student", unit)


def test_a_trial_asks_as_many_statements_for_many_classes_as_for_few(campus):
    counts = []
    for classes in (2, 12):
        college(classes, classes)
        with unit_of_work() as session, heard("before_cursor_execute") as seen:
            found, _without = trials(session)
        counts.append(len(seen))
        assert f"学院{classes}" in {one.college for one in found}
    assert counts[0] == counts[1] <= 3


def test_each_college_is_tried_in_a_transaction_of_its_own(campus):
    for number in (1, 2, 3):
        college(number, 1)
    college(4, 0)
    with unit_of_work() as session:
        who = people(session, 1)
        made = Definition(
            code="trip",
            version=1,
            title="试",
            status="proposed",
            body=body(approve("first", "nobody")),
            sha256="x",
            made_by_id=who["P1"],
            made_at=clock.now(),
        )
        session.add(made)
        session.flush()
        made_id = made.id
    with unit_of_work() as session:
        tried, without = trials(session)
        assert "学院4" in without
    with heard("commit") as commits:
        jobs.on_definition_proposed(DefinitionProposed(made_id), clients=None)
    assert len(commits) == len(tried) + 2
    with unit_of_work() as session:
        lint = session.get_one(Definition, made_id).lint
    assert (lint["tried"], set(lint["without"])) == (len(tried), set(without))


def test_a_trial_that_comes_too_late_writes_nothing(campus):
    with unit_of_work() as session:
        approvals.publish_shipped(session, {"try": body(approve("first", "nobody"))})
        made_id = session.scalars(select(Definition.id)).one()
    jobs.on_definition_proposed(DefinitionProposed(made_id), clients=None)
    with unit_of_work() as session:
        assert session.get_one(Definition, made_id).lint is None


@contextmanager
def calls_of(function):
    """How often it is entered, as the interpreter sees it."""
    times = [0]

    def profile(frame, what, _arg):
        times[0] += what == "call" and frame.f_code is function.__code__

    sys.setprofile(profile)
    try:
        yield times
    finally:
        sys.setprofile(None)


def test_a_batch_reads_each_version_once(campus):
    with unit_of_work() as session:
        who = people(session, 1)
        for days in (3, 5):
            fields = [{"name": "days", "title": "天数", "type": "integer"}]
            tree = body(approve("first", "P1"), fields=fields) | {"exception_when": f"days > {days}"}
            approvals.publish_shipped(session, {"try": tree})
            for at in range(6):
                start(session, campus.li, form={"days": 4}, business=f"{days}-{at}")
    with unit_of_work() as session, calls_of(parse) as times:
        lines = batch(session, who["P1"], "try")
    assert times == [2]
    assert Counter(bool(line.why) for line in lines) == {True: 6, False: 6}


MORE = """
INSERT INTO approvals_tasks
  (case_id, seq, node, round, kind, person_id, status, weight, outcome, done_by_id, opened_at, ended_at)
SELECT case_id, seq + n, node, round, kind, person_id, status, weight, outcome, done_by_id,
       ended_at - make_interval(mins => CASE WHEN n <= 401 THEN 60 ELSE 1 END, secs => 800 - n),
       ended_at - make_interval(secs => 800 - n)
FROM approvals_tasks, generate_series(1, 800) AS n WHERE id = :task
"""


def test_every_task_counts_in_the_waiting_times(campus):
    """Eight hundred, the later half of them quick: the latest five hundred alone would say one minute."""
    with unit_of_work() as session:
        who = people(session, 1)
        publish(session, approve("first", "P1"))
        case = start(session, campus.li)
        clock.advance(clock.timedelta(hours=2))
        task = session.scalars(select(Task.id).where(Task.case_id == case)).one()
    with unit_of_work() as session:
        approvals.approve(session, by=Caller(who["P1"]), task_id=task)
    with unit_of_work() as session:
        session.execute(text(MORE), {"task": task})
        approvals.reckon(session)
        (row,) = session.scalars(select(NodeTime))
    assert row.cases == 801
    assert row.median_minutes == 60


@pytest.mark.parametrize(
    "values", [[1], [1, 2], [1, 4], [3, 1, 2], [5, 5, 1, 1], [1, 2, 2, 9], [0, 0, 7], list(range(99))]
)
def test_the_median_is_the_median(values):
    assert median_of(Counter(values)) == round(statistics.median(values))
