"""Loading a case under its lock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals import models
from app.platform.approvals.definition import Definition, parse
from app.platform.approvals.engine.machine import Machine
from app.platform.approvals.engine.state import RUNNING, State, Task, Visit
from app.platform.approvals.errors import CaseEndedAlready, CaseMissing
from app.platform.approvals.labels import STATUS_LABELS
from app.platform.approvals.queries.people import people_of

_CASE = (
    models.Case.id,
    models.Case.public_id,
    models.Case.definition_id,
    models.Case.sha256,
    models.Case.code,
    models.Case.module,
    models.Case.business_id,
    models.Case.title,
    models.Case.starter_id,
    models.Case.status,
    models.Case.form,
    models.Case.picks,
    models.Case.resume_to,
    models.Case.fresh_from,
    models.Case.lines,
    models.Case.urged_at,
)


def _listed(*columns: Any, order: Any) -> Any:
    """The rows of a case as one value: a list of lists."""
    rows = func.json_agg(aggregate_order_by(func.json_build_array(*columns), order))
    return select(rows).where(columns[0].class_.case_id == bindparam("case_id")).scalar_subquery()


_LOCK = Prepared(select(*_CASE).where(models.Case.id == bindparam("case_id")).with_for_update())
_LOCK_BY_TASK = Prepared(
    select(*_CASE, models.Task.seq.label("task_seq"))
    .join(models.Task, models.Task.case_id == models.Case.id)
    .where(models.Task.id == bindparam("task_id"))
    .with_for_update(of=models.Case)
)
_STATE = Prepared(
    select(
        _listed(
            models.Visit.node,
            models.Visit.round,
            models.Visit.order,
            models.Visit.status,
            models.Visit.outcome,
            models.Visit.joined,
            models.Visit.claimed_task,
            order=models.Visit.order,
        ).label("visits"),
        _listed(
            models.Task.seq,
            models.Task.node,
            models.Task.round,
            models.Task.kind,
            models.Task.person_id,
            models.Task.status,
            models.Task.weight,
            models.Task.parent,
            models.Task.relation,
            models.Task.outcome,
            models.Task.done_by_id,
            order=models.Task.seq,
        ).label("tasks"),
    )
)
_BODY = select(models.Definition.body)


@dataclass
class Running:
    """A case under lock. `row` is what its row held when it was locked."""

    row: Any
    machine: Machine

    @property
    def state(self) -> State:
        return self.machine.state

    @property
    def definition(self) -> Definition:
        return self.machine.definition


def lock_case(
    session: Session, by: Caller | None, case_id: int, *, check: Callable[[Running], None] | None = None
) -> Running:
    """`check` refuses whom the case is no business of: only others are told that it has ended.

    Raises CaseMissing, what `check` raises, CaseEndedAlready.
    """
    running = _load(session, by, _LOCK.first(session, case_id=case_id))
    if check is not None:
        check(running)
    _check_runs(running)
    return running


def lock_task(
    session: Session,
    by: Caller | None,
    task_id: int,
    *,
    check: Callable[[Running, Task], None] | None = None,
) -> tuple[Running, Task]:
    """The case of a task, and the task in it; else as `lock_case`."""
    row = _LOCK_BY_TASK.first(session, task_id=task_id)
    running = _load(session, by, row)
    task = running.state.tasks[row.task_seq]
    if check is not None:
        check(running, task)
    _check_runs(running)
    return running, task


def _check_runs(running: Running) -> None:
    if running.row.status != RUNNING:
        raise CaseEndedAlready(status=STATUS_LABELS[running.row.status])


def _load(session: Session, by: Caller | None, row: Any) -> Running:
    if row is None:
        raise CaseMissing()
    state = State(row.status, row.resume_to, row.fresh_from)
    found = _STATE.first(
        session, case_id=row.id
    )  # behind the lock: beside it, it would be read as it was before
    for values in found.visits or ():
        visit = Visit(*values)
        visit.joined = tuple(visit.joined)
        state.visits[visit.node, visit.round] = visit
    for values in found.tasks or ():
        state.tasks[values[0]] = Task(*values)
    return Running(row, machine_for(session, row, state, by))


def machine_for(session: Session, row: Any, state: State, by: Caller | None) -> Machine:
    definition = definition_of(session, row.definition_id, row.sha256)
    return Machine(
        definition,
        state,
        starter_id=row.starter_id,
        form=row.form,
        people=people_of(session, starter_id=row.starter_id, form=row.form, picks=row.picks),
        actor_id=by.person_id if by else None,
    )


def definition_of(session: Session, definition_id: int, sha256: str) -> Definition:
    """A version as the engine walks it, read once per process: what is published never changes."""
    found = _known.get(sha256)
    if found is None:
        body = session.scalars(_BODY.where(models.Definition.id == definition_id)).one()
        found = parse(body)
        if len(_known) > 500:
            _known.clear()
        _known[sha256] = found
    return found


_known: dict[str, Definition] = {}
