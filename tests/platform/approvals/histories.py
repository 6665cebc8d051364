"""Random histories: a random definition, random people doing random things to it, until it ends.

A history that has not ended after ACTS is driven to its end by yes alone: it must get there.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.platform.approvals import service as approvals
from app.platform.approvals.engine.state import COPY, DONE, LIVE, REVISE, RUNNING, WAITING
from app.platform.approvals.models import Case, LogLine, Task, Timer, Visit
from app.platform.approvals.service import Business
from app.platform.directory import service as directory
from tests.platform.approvals import invariants
from tests.platform.approvals.trees import random_body

ACTS = 40
DRIVES = 400


@dataclass
class Cast:
    """Who takes part: `people` by number, an administrator, and whom each may stand in for."""

    people: dict[str, int]
    starter: int
    admin: Caller
    tally: Counter[str] = field(default_factory=Counter)

    def caller(self, person_id: int | None) -> Caller:
        if person_id is None or person_id == self.admin.person_id:
            return self.admin
        return Caller(person_id, surface="phone")


def play(cast: Cast, seed: int) -> str:
    """One history; how it ended. Raises AssertionError, with the seed, when something does not hold."""
    random = Random(seed)
    body = random_body(random)
    case_id = _begin(cast, random, body, seed)
    try:
        status = _check(case_id)
        for _ in range(random.randint(1, ACTS)):
            if status != RUNNING:
                return status
            _one_act(cast, random, case_id)
            status = _check(case_id)
        for _ in range(DRIVES):
            if status != RUNNING:
                return status
            _drive(cast, case_id)
            status = _check(case_id)
        raise AssertionError("it does not come to an end")
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\n{_last_lines(case_id)}") from error


def _begin(cast: Cast, random: Random, body: dict, seed: int) -> int:
    with unit_of_work() as session:
        approvals.publish_shipped(session, {f"try_{seed}": body})
        case = approvals.start(
            session,
            by=Caller(cast.starter),
            code=f"try_{seed}",
            starter_id=cast.starter,
            business=Business("tests", str(seed)),
            title="随机",
            form={
                "days": random.randint(0, 6),
                "away": random.random() < 0.5,
                "kind": random.choice(("a", "b", "c", "")),
            },
        )
        return case.id


def _check(case_id: int) -> str:
    with unit_of_work() as session:
        return invariants.check(session, case_id)


def _last_lines(case_id: int) -> str:
    """What happened last, for whoever looks for the cause."""
    with unit_of_work() as session:
        stmt = (
            select(LogLine)
            .where(LogLine.case_id == case_id)
            .order_by(LogLine.seq.desc())
            .limit(int(os.environ.get("FUZZ_LINES") or 30))
        )
        return "\n".join(
            f"{line.seq} {line.kind} {line.node} {line.round} task={line.task} person={line.person_id} {line.data}"
            for line in reversed(session.scalars(stmt).all())
        )


def _one_act(cast: Cast, random: Random, case_id: int) -> None:
    """Something random; what is refused changes nothing."""
    name, act = random.choice(list(ACTIONS.items()))
    try:
        with unit_of_work() as session:
            did = act(session, cast, random, case_id)
        cast.tally[f"{name}{'' if did else ' (nothing there)'}"] += 1
    except DomainError as error:
        cast.tally[f"{name} refused: {error.code}"] += 1


def _tasks(session: Session, case_id: int, *statuses: str) -> list[Task]:
    stmt = select(Task).where(Task.case_id == case_id, Task.status.in_(statuses), Task.kind != COPY)
    return list(session.scalars(stmt.order_by(Task.seq)))


def _pick(
    session: Session, cast: Cast, random: Random, case_id: int, *statuses: str
) -> tuple[Caller, Task] | None:
    """A task, and most often its owner; sometimes a deputy of his, an administrator or a stranger."""
    tasks = _tasks(session, case_id, *(statuses or (LIVE,)))
    if not tasks:
        return None
    task = random.choice(tasks)
    roll = random.random()
    if roll < 0.75:
        return cast.caller(task.person_id), task
    if roll < 0.85:
        return cast.admin, task
    return cast.caller(random.choice(list(cast.people.values()))), task


def _somebody(cast: Cast, random: Random) -> int:
    return random.choice(list(cast.people.values()))


def approve(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found is None:
        return False
    by, task = found
    if task.kind == REVISE:
        form = {"days": random.randint(0, 6), "away": random.random() < 0.5, "kind": "b"}
        approvals.resubmit(session, by=by, task_id=task.id, form=form)
    else:
        approvals.approve(session, by=by, task_id=task.id)
    return True


def reject(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        approvals.reject(session, by=found[0], task_id=found[1].id, comment="不行")
    return bool(found)


def send_back(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        to = random.choice(("starter", "previous", *(f"n{number}" for number in range(1, 8))))
        approvals.return_case(session, by=found[0], task_id=found[1].id, to=to, comment="改一下")
    return bool(found)


def take_back(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id, DONE)
    if found:
        approvals.take_back(session, by=found[0], task_id=found[1].id)
    return bool(found)


def transfer(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        approvals.transfer(session, by=found[0], task_id=found[1].id, to_id=_somebody(cast, random))
    return bool(found)


def delegate(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        approvals.delegate(session, by=found[0], task_id=found[1].id, to_id=_somebody(cast, random))
    return bool(found)


def add_signers(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        people = [_somebody(cast, random) for _ in range(random.randint(1, 2))]
        place = random.choice(("before", "after"))
        approvals.add_signers(session, by=found[0], task_id=found[1].id, people=people, place=place)
    return bool(found)


def remove_signer(session, cast, random, case_id) -> bool:
    tasks = [task for task in _tasks(session, case_id, LIVE, WAITING) if task.parent or random.random() < 0.3]
    if not tasks:
        return False
    task = random.choice(tasks)
    adder = session.scalars(
        select(Task.person_id).where(Task.case_id == case_id, Task.seq == (task.parent or 0))
    ).first()
    by = cast.caller(adder) if adder and random.random() < 0.7 else cast.admin
    approvals.remove_signer(session, by=by, task_id=task.id)
    return True


def claim(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        approvals.claim(session, by=found[0], task_id=found[1].id)
    return bool(found)


def unclaim(session, cast, random, case_id) -> bool:
    found = _pick(session, cast, random, case_id)
    if found:
        approvals.unclaim(session, by=found[0], task_id=found[1].id)
    return bool(found)


def stand_in(session, cast, random, case_id) -> bool:
    now = clock.now()
    approvals.set_deputy(
        session,
        by=cast.caller(_somebody(cast, random)),
        deputy_id=random.choice([*cast.people.values(), cast.starter]),
        starts_at=now - clock.timedelta(hours=1),
        ends_at=now + clock.timedelta(days=1),
        reason="出差",
    )
    return True


def ring(session, cast, random, case_id) -> bool:
    """A time that has come: some timer of this case."""
    timers = list(session.scalars(select(Timer.id).where(Timer.case_id == case_id, Timer.done_at.is_(None))))
    if not timers:
        return False
    timer = random.choice(timers)
    session.execute(update(Timer).where(Timer.id == timer).values(due_at=clock.now()))
    approvals.ring(session, timer_id=timer)
    return True


def serve(session, cast, random, case_id) -> bool:
    stmt = select(Visit).where(Visit.case_id == case_id, Visit.status == LIVE)
    return any(_serve_if_service(session, case_id, visit) for visit in session.scalars(stmt).all())


def _serve_if_service(session: Session, case_id: int, visit: Visit) -> bool:
    case = session.get(Case, case_id)
    from_body = _kinds(session, case.definition_id)
    if from_body.get(visit.node) != "service":
        return False
    return approvals.complete_service(session, case_id=case_id, node=visit.node, round=visit.round)


def _kinds(session: Session, definition_id: int) -> dict[str, str]:
    from_tree = invariants.parse(session.get(invariants.Version, definition_id).body)
    return {key: type(node).__name__.lower() for key, node in from_tree.by_key.items()}


def leave(session, cast, random, case_id) -> bool:
    """One of them leaves the school; what he had finds somebody; he comes back for the next history."""
    if random.random() > 0.3:
        return False
    tasks = [task for task in _tasks(session, case_id, LIVE) if task.person_id in cast.people.values()]
    if not tasks:
        return False
    gone = random.choice(tasks).person_id
    directory.leave(session, by=None, person_id=gone)
    for task_id in approvals.orphaned_tasks(session):
        approvals.rescue(session, task_id=task_id)
    directory.add_affiliation(session, by=None, person_id=gone, kind="staff", starts_on=clock.today())
    return True


def hand_over(session, cast, random, case_id) -> bool:
    approvals.hand_over(
        session, by=cast.admin, from_id=_somebody(cast, random), to_id=_somebody(cast, random)
    )
    return True


def copy(session, cast, random, case_id) -> bool:
    approvals.copy_to(session, by=Caller(cast.starter), case_id=case_id, people=[_somebody(cast, random)])
    return True


def read(session, cast, random, case_id) -> bool:
    return approvals.mark_read(session, by=cast.caller(_somebody(cast, random)), case_id=case_id)


def urge(session, cast, random, case_id) -> bool:
    approvals.urge(session, by=Caller(cast.starter), case_id=case_id)
    return True


def jump(session, cast, random, case_id) -> bool:
    if random.random() > 0.3:
        return False
    approvals.jump(session, by=cast.admin, case_id=case_id, to=f"n{random.randint(1, 8)}", reason="试")
    return True


def end(session, cast, random, case_id) -> bool:
    if random.random() > 0.05:
        return False
    if random.random() < 0.5:
        approvals.withdraw(session, by=Caller(cast.starter), case_id=case_id, reason="不要了")
    else:
        approvals.terminate(session, by=cast.admin, case_id=case_id, reason="作废")
    return True


ACTIONS = {
    "approve": approve,
    "approve again": approve,
    "approve once more": approve,
    "reject": reject,
    "return": send_back,
    "take back": take_back,
    "transfer": transfer,
    "delegate": delegate,
    "add signers": add_signers,
    "remove signer": remove_signer,
    "claim": claim,
    "unclaim": unclaim,
    "deputy": stand_in,
    "ring": ring,
    "serve": serve,
    "leave": leave,
    "hand over": hand_over,
    "copy": copy,
    "read": read,
    "urge": urge,
    "jump": jump,
    "end": end,
}


def _drive(cast: Cast, case_id: int) -> None:
    """Everyone whose turn it is says yes; what waits for time or service gets it."""
    with unit_of_work() as session:
        tasks = _tasks(session, case_id, LIVE)
        if not tasks:
            random = Random(0)
            assert serve(session, cast, random, case_id) or ring(session, cast, random, case_id), (
                "nothing to do"
            )
            return
        task = tasks[0]
        if task.person_id is None or task.person_id == cast.starter and task.kind != REVISE:
            _find_owner(session, cast, task)
        by = cast.caller(task.person_id)
        if task.kind == REVISE:
            approvals.resubmit(session, by=by, task_id=task.id, form={"days": 1, "away": False, "kind": "a"})
        else:
            approvals.approve(session, by=by, task_id=task.id)


def _find_owner(session: Session, cast: Cast, task: Task) -> None:
    """What nobody holds, administrators give to somebody."""
    for person in cast.people.values():
        try:
            with session.begin_nested():
                approvals.assign(session, by=cast.admin, task_id=task.id, to_id=person)
            session.refresh(task)
            return
        except DomainError:
            continue


def make_cast(starter: int, people: dict[str, int], admin: int) -> Cast:
    return Cast(people, starter, Caller(admin, grants=(Grant("approvals.administer"),)))
