"""Who will see this? A case that is walked through in memory, everybody saying yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.approvals import models
from app.platform.approvals.definition import Approve, Copy, Definition, Service, Timer, parse
from app.platform.approvals.engine.machine import Machine
from app.platform.approvals.engine.state import COPY, LIVE, RUNNING, YES, State, Visit
from app.platform.approvals.errors import DefinitionMissing
from app.platform.approvals.models import DefinitionStatus, NodeTime
from app.platform.approvals.queries.people import people_of
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief

HOURS_OF_A_DAY = 7.5  # of work
GUESS = 4.0  # work hours of a node nobody has gone through yet


@dataclass(frozen=True)
class Step:
    """A node the case comes to. `people` may be empty: passed by itself (`why`), or nobody was found (`is_stuck`)."""

    key: str
    title: str
    kind: str
    method: str
    people: tuple[PersonBrief, ...]
    hours: float
    why: str = ""
    is_stuck: bool = False


@dataclass(frozen=True)
class Path:
    """`days` are working days that cases like this have taken; `status` how it would end."""

    steps: tuple[Step, ...]
    status: str
    days: float


def simulate(
    session: Session,
    *,
    code: str,
    starter_id: int,
    form: Mapping[str, Any],
    picks: Mapping[str, Sequence[int]] | None = None,
) -> Path:
    """The path through the published version. Writes nothing. Raises DefinitionMissing."""
    body = session.scalars(
        select(models.Definition.body).where(
            models.Definition.code == code, models.Definition.status == DefinitionStatus.PUBLISHED
        )
    ).one_or_none()
    if body is None:
        raise DefinitionMissing()
    return simulate_body(session, parse(body), code=code, starter_id=starter_id, form=form, picks=picks)


def simulate_body(
    session: Session,
    definition: Definition,
    *,
    code: str,
    starter_id: int,
    form: Mapping[str, Any],
    picks: Mapping[str, Sequence[int]] | None = None,
) -> Path:
    """The same for a definition that may not be published yet."""
    people = people_of(
        session,
        starter_id=starter_id,
        form=form,
        picks={key: list(ids) for key, ids in (picks or {}).items()},
    )
    machine = Machine(definition, State(), starter_id=starter_id, form=form, people=people)
    machine.start()
    while machine.state.status == RUNNING:
        _one_yes(machine)
    return _path(session, machine, code)


def _one_yes(machine: Machine) -> None:
    """Whatever waits goes well: the earliest visit first."""
    visit = min(
        (v for v in machine.state.live_visits() if not _is_fork(machine, v)), key=lambda one: one.order
    )
    node = machine.definition.by_key[visit.node]
    if isinstance(node, Approve):
        task = next(task for task in machine.state.open_tasks(visit) if task.status == LIVE)
        machine.decide(task, YES)
    else:
        machine.leave(visit, "passed")


def _is_fork(machine: Machine, visit: Visit) -> bool:
    return not isinstance(machine.definition.by_key[visit.node], Approve | Timer | Service)


def _path(session: Session, machine: Machine, code: str) -> Path:
    state, definition = machine.state, machine.definition
    visits = sorted(state.visits.values(), key=lambda one: one.order)
    asked = {task.person_id for task in state.tasks.values() if task.person_id is not None}
    known = directory.people(session, asked)
    times = {
        row.node: row.median_minutes / 60
        for row in session.scalars(select(NodeTime).where(NodeTime.code == code))
    }
    why = {line.node: line.data["why"] for line in machine.lines if line.kind == "skipped"}
    steps = []
    for visit in visits:
        node = definition.by_key[visit.node]
        if not isinstance(node, Approve | Copy | Timer | Service):
            continue
        kind = COPY if isinstance(node, Copy) else "approve"
        ids = [t.person_id for t in state.tasks.values() if t.node == node.key and t.kind == kind]
        steps.append(
            Step(
                node.key,
                node.title,
                type(node).__name__.lower(),
                node.method if isinstance(node, Approve) else "",
                tuple(known[one] for one in ids if one is not None and one in known),
                _hours(node, times) if isinstance(node, Timer) or ids else 0.0,
                why.get(node.key, ""),
                is_stuck=None in ids,
            )
        )
    return Path(tuple(steps), state.status, _days(definition, steps))


def _hours(node: Approve | Copy | Timer | Service, times: Mapping[str, float]) -> float:
    if isinstance(node, Timer):
        return node.hours if node.calendar == "work" else node.hours / 24 * HOURS_OF_A_DAY
    return 0.0 if isinstance(node, Copy) else times.get(node.key, GUESS)


def _days(definition: Definition, steps: list[Step]) -> float:
    """Steps in different branches of a fork run beside each other: of each fork the longest branch counts."""
    alone = sum(step.hours for step in steps if not definition.forks_of(step.key))
    branches: dict[str, dict[int, float]] = {}
    for step in steps:
        forks = definition.forks_of(step.key)
        if forks:
            key, branch = forks[0]
            hours = branches.setdefault(key, {})
            hours[branch] = hours.get(branch, 0.0) + step.hours
    beside = sum(max(hours.values()) for hours in branches.values())
    return round((alone + beside) / HOURS_OF_A_DAY, 1)
