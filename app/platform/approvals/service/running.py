"""Loading a case under its lock, and saving what happened to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Table, bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals import models
from app.platform.approvals.definition import Approve, Definition, Service, Timer, parse
from app.platform.approvals.engine.machine import Machine
from app.platform.approvals.engine.state import RUNNING, State, Task, Visit
from app.platform.approvals.errors import CaseEndedAlready, CaseMissing
from app.platform.approvals.events import CaseEnded, CaseMoved, CaseResumed, CaseReturned, ServiceAsked
from app.platform.approvals.labels import STATUS_LABELS
from app.platform.approvals.queries.people import people_of
from app.platform.audit import service as audit
from app.platform.operations.queries import work_calendar

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
_LOCK = Prepared(select(*_CASE).where(models.Case.id == bindparam("case_id")).with_for_update())
_LOCK_BY_TASK = Prepared(
    select(*_CASE, models.Task.seq.label("task_seq"))
    .join(models.Task, models.Task.case_id == models.Case.id)
    .where(models.Task.id == bindparam("task_id"))
    .with_for_update(of=models.Case)
)
_VISITS = Prepared(
    select(
        models.Visit.node,
        models.Visit.round,
        models.Visit.order,
        models.Visit.status,
        models.Visit.outcome,
        models.Visit.joined,
        models.Visit.claimed_task,
    )
    .where(models.Visit.case_id == bindparam("case_id"))
    .order_by(models.Visit.order)
)
_TASKS = Prepared(
    select(
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
    )
    .where(models.Task.case_id == bindparam("case_id"))
    .order_by(models.Task.seq)
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
    for visit in _VISITS.rows(session, case_id=row.id):
        state.visits[visit.node, visit.round] = _visit(visit)
    for task in _TASKS.rows(session, case_id=row.id):
        state.tasks[task.seq] = Task(*task)
    return Running(row, machine_for(session, row, state, by))


def _visit(row: Any) -> Visit:
    return Visit(row.node, row.round, row.order, row.status, row.outcome, tuple(row.joined), row.claimed_task)


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

_SAVE_VISITS = Prepared(
    text(
        """
    INSERT INTO approvals_visits
        (case_id, node, round, "order", status, outcome, joined, claimed_task, entered_at, left_at, due_at)
    SELECT :case_id, v.node, v.round, v."order", v.status, v.outcome, v.joined, v.claimed_task, :at,
           CASE WHEN v.status <> 'live' THEN CAST(:at AS timestamptz) END, v.due_at
      FROM jsonb_to_recordset(:rows) AS v(node text, round bigint, "order" bigint, status text, outcome text,
                                          joined jsonb, claimed_task bigint, due_at timestamptz)
     ORDER BY v.status = 'live'
    ON CONFLICT (case_id, node, round) DO UPDATE
       SET status = EXCLUDED.status, outcome = EXCLUDED.outcome, joined = EXCLUDED.joined,
           claimed_task = EXCLUDED.claimed_task, left_at = EXCLUDED.left_at
    """
    ).bindparams(bindparam("rows", type_=JSONB), bindparam("case_id", type_=BigInteger))
)
_SAVE_TASKS = Prepared(
    text(
        """
    INSERT INTO approvals_tasks
        (case_id, seq, node, round, kind, person_id, status, weight, parent, relation, outcome, done_by_id,
         opened_at, ended_at)
    SELECT :case_id, t.seq, t.node, t.round, t.kind, t.person_id, t.status, t.weight, t.parent, t.relation,
           t.outcome, t.done_by_id,
           CASE WHEN t.status <> 'waiting' THEN CAST(:at AS timestamptz) END,
           CASE WHEN t.status IN ('done', 'cancelled') THEN CAST(:at AS timestamptz) END
      FROM jsonb_to_recordset(:rows) AS t(seq bigint, node text, round bigint, kind text, person_id bigint,
                                          status text, weight bigint, parent bigint, relation text, outcome text,
                                          done_by_id bigint)
    ON CONFLICT (case_id, seq) DO UPDATE
       SET person_id = EXCLUDED.person_id, status = EXCLUDED.status, outcome = EXCLUDED.outcome,
           done_by_id = EXCLUDED.done_by_id, ended_at = EXCLUDED.ended_at,
           opened_at = COALESCE(approvals_tasks.opened_at, EXCLUDED.opened_at)
    """
    ).bindparams(bindparam("rows", type_=JSONB), bindparam("case_id", type_=BigInteger))
)
_SAVE_LINES = Prepared(
    text(
        """
    INSERT INTO approvals_log (case_id, seq, at, kind, node, round, task, person_id, actor_id, behalf_id, data)
    SELECT :case_id, l.seq, :at, l.kind, l.node, l.round, l.task, l.person_id, l.actor_id, l.behalf_id, l.data
      FROM jsonb_to_recordset(:rows) AS l(seq bigint, kind text, node text, round bigint, task bigint,
                                          person_id bigint, actor_id bigint, behalf_id bigint, data jsonb)
    """
    ).bindparams(bindparam("rows", type_=JSONB), bindparam("case_id", type_=BigInteger))
)
_SAVE_CASE = Prepared(
    update(models.Case)
    .where(models.Case.id == bindparam("case_id"))
    .values(
        status=bindparam("new_status"),
        resume_to=bindparam("new_resume_to"),
        fresh_from=bindparam("new_fresh_from"),
        lines=bindparam("new_lines"),
        ended_at=bindparam("new_ended_at"),
    )
)
_SET_TIMER = Prepared(insert(cast("Table", models.Timer.__table__)).inline())


def save(session: Session, running: Running, *, by: Caller | None, action: str) -> int:
    """Write what happened since it was loaded, tell who listens, audit the act. The number of the first line.

    The lock of the case is held: nobody else has written meanwhile.
    """
    row, machine = running.row, running.machine
    state, lines = machine.state, machine.lines
    now, first = clock.now(), row.lines + 1
    visits = {(line.node, line.round) for line in lines if line.node is not None and line.round is not None}
    tasks = {line.task for line in lines if line.task is not None}
    if visits:
        rows = [_visit_row(running, state.visits[key], now, session) for key in sorted(visits, key=str)]
        _SAVE_VISITS.rows(session, case_id=row.id, at=now, rows=rows)
    if tasks:
        _SAVE_TASKS.rows(
            session, case_id=row.id, at=now, rows=[vars(state.tasks[seq]) for seq in sorted(tasks)]
        )
    numbered = [{"seq": first + at, **vars(line)} for at, line in enumerate(lines)]
    _SAVE_LINES.rows(session, case_id=row.id, at=now, rows=numbered)
    _SAVE_CASE.rows(
        session,
        case_id=row.id,
        new_status=state.status,
        new_resume_to=state.resume_to,
        new_fresh_from=state.fresh_from,
        new_lines=row.lines + len(lines),
        new_ended_at=None if state.status == RUNNING else now,
    )
    _set_timers(session, running, now)
    _tell(session, running, first)
    audit.record(
        session, by=by, action=f"approvals.{action}", object_type="approvals.case", object_id=row.public_id
    )
    return int(first)


def _visit_row(running: Running, visit: Visit, now: datetime, session: Session) -> dict[str, Any]:
    due_at = deadline(session, running.definition, visit.node, now)
    return {**vars(visit), "joined": list(visit.joined), "due_at": due_at.isoformat() if due_at else None}


def deadline(session: Session, definition: Definition, key: str, start: datetime) -> datetime | None:
    """When a node's time is over that is entered at `start`; None for those that may take for ever."""
    node = definition.by_key.get(key)
    limit = node if isinstance(node, Timer) else node.limit if isinstance(node, Approve) else None
    if limit is None:
        return None
    span = clock.timedelta(hours=limit.hours)
    return work_calendar(session).add(start, span) if limit.calendar == "work" else start + span


def _set_timers(session: Session, running: Running, now: datetime) -> None:
    for line in running.machine.lines:
        if line.kind != "entered" or line.node is None or line.round is None:
            continue
        if running.state.visits[line.node, line.round].status != "live":
            continue
        due_at = deadline(session, running.definition, line.node, now)
        if due_at is not None:
            is_timer = isinstance(running.definition.by_key[line.node], Timer)
            _SET_TIMER.rows(
                session,
                case_id=running.row.id,
                node=line.node,
                round=line.round,
                action="pass" if is_timer else "limit",
                times=0,
                due_at=due_at,
                done_at=None,
            )


def _tell(session: Session, running: Running, first: int) -> None:
    row, machine = running.row, running.machine
    outbox.emit(session, CaseMoved(row.id, first, first + len(machine.lines) - 1))
    for line in machine.lines:
        if line.kind == "ended":
            outbox.emit(session, CaseEnded(row.id, row.module, row.business_id, line.data["status"]))
        elif line.kind == "returned" and line.data["to"] == "starter":
            outbox.emit(session, CaseReturned(row.id, row.module, row.business_id))
        elif line.kind == "resumed":
            outbox.emit(session, CaseResumed(row.id, row.module, row.business_id))
        elif line.kind == "entered" and line.node in running.definition.by_key:
            node = running.definition.by_key[line.node]
            if isinstance(node, Service) and line.round is not None:
                outbox.emit(
                    session,
                    ServiceAsked(row.id, row.module, row.business_id, node.service, node.key, line.round),
                )
