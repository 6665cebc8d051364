"""The measurement of benchmarks.approval, in the stage's environment; prints milliseconds as JSON.

Both sides find the next approver by the same query, and write task, log, case, outbox and audit record in one
transaction. The floor knows one chain of three people and nothing else: no tree, no policies, no rounds.
"""

import json
import os
import statistics
import time
from collections.abc import Callable

from sqlalchemy import select

from app.factory import create_app
from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Task
from app.platform.approvals.service import Business
from app.platform.directory import service as directory
from benchmarks.approval_floor import POSTS, Floor

ROUNDS, CASES, WARM_UP = 5, 60, 15
Figures = dict[str, float]


def main() -> Figures:
    create_app()
    with unit_of_work() as session:
        starter, holders = _people(session)
        _publish(session)
    floor = Floor(os.environ["DATABASE_URL"], starter, holders)
    makers: dict[str, Callable[[int], tuple[float, float]]] = {
        "product": lambda number: _product(starter, holders, number),
        "floor": floor.case,
    }
    cpu: dict[str, list[float]] = {name: [] for name in makers}
    wall: dict[str, list[float]] = {name: [] for name in makers}
    number = 0
    for turn in range(ROUNDS + 1):
        for name, one in makers.items():
            spent = []
            for _ in range(CASES if turn else WARM_UP):
                number += 1
                spent.append(one(number))
            if turn:
                cpu[name].append(1000 * statistics.fmean(each[0] for each in spent))
                wall[name].append(1000 * statistics.fmean(each[1] for each in spent))
    return {name: statistics.median(values) for name, values in cpu.items()} | {
        f"{name}_wall": statistics.median(values) for name, values in wall.items()
    }


def _people(session) -> tuple[int, list[int]]:
    college = directory.add_org_unit(session, by=None, code="BENCH", name="学院", kind="college")
    people = [directory.add_person(session, by=None, name=f"人{at}", number=f"BENCH{at}") for at in range(4)]
    for person in people:
        directory.add_affiliation(
            session, by=None, person_id=person, kind="staff", org_unit_id=college, starts_on=clock.today()
        )
    for person, post in zip(people[1:], POSTS, strict=True):
        directory.appoint(session, by=None, person_id=person, org_unit_id=college, post=post)
    return people[0], people[1:]


def _publish(session) -> None:
    nodes = [
        {
            "key": post,
            "type": "approve",
            "title": post,
            "approvers": [{"resolver": "directory.college_post", "args": {"post": post}}],
        }
        for post in POSTS
    ]
    approvals.publish_shipped(session, {"bench": {"title": "测", "nodes": nodes}})


def _product(starter: int, holders: list[int], number: int) -> tuple[float, float]:
    """(CPU, wall) seconds of one step: the first two of a case, which ask somebody next."""
    with unit_of_work() as session:
        case = approvals.start(
            session,
            by=Caller(starter),
            code="bench",
            starter_id=starter,
            business=Business("bench", str(number)),
            title="测",
            form={},
        )
    cpu = wall = 0.0
    for holder in holders[:2]:
        with unit_of_work() as session:
            task = session.scalars(
                select(Task.id).where(Task.case_id == case.id, Task.status == "live")
            ).one()
        began, started = time.perf_counter(), time.process_time()
        with unit_of_work() as session:
            approvals.approve(session, by=Caller(holder, surface="phone"), task_id=task)
        cpu += time.process_time() - started
        wall += time.perf_counter() - began
    return cpu / 2, wall / 2


if __name__ == "__main__":
    print(json.dumps(main()))
