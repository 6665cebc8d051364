"""Saving what happened to a case: its rows and its log in one statement, and who must hear of it."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Table, bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals import models
from app.platform.approvals.definition import Approve, Definition, Service, Timer
from app.platform.approvals.engine.state import RUNNING, Visit
from app.platform.approvals.events import CaseEnded, CaseMoved, CaseResumed, CaseReturned, ServiceAsked
from app.platform.approvals.service.running import Running
from app.platform.audit import service as audit
from app.platform.operations.queries import work_calendar

_SAVE = Prepared(
    text(
        """
    WITH visits AS (
      INSERT INTO approvals_visits
          (case_id, node, round, "order", status, outcome, joined, claimed_task, entered_at, left_at, due_at)
      SELECT :case_id, v.node, v.round, v."order", v.status, v.outcome, v.joined, v.claimed_task, :at,
             CASE WHEN v.status <> 'live' THEN CAST(:at AS timestamptz) END, v.due_at
        FROM jsonb_to_recordset(:moved -> 'visits')
             AS v(node text, round bigint, "order" bigint, status text, outcome text, joined jsonb,
                  claimed_task bigint, due_at timestamptz)
       ORDER BY v.status = 'live'
      ON CONFLICT (case_id, node, round) DO UPDATE
         SET status = EXCLUDED.status, outcome = EXCLUDED.outcome, joined = EXCLUDED.joined,
             claimed_task = EXCLUDED.claimed_task, left_at = EXCLUDED.left_at
    ), tasks AS (
      INSERT INTO approvals_tasks
          (case_id, seq, node, round, kind, person_id, status, weight, parent, relation, outcome, done_by_id,
           opened_at, ended_at)
      SELECT :case_id, t.seq, t.node, t.round, t.kind, t.person_id, t.status, t.weight, t.parent, t.relation,
             t.outcome, t.done_by_id,
             CASE WHEN t.status <> 'waiting' THEN CAST(:at AS timestamptz) END,
             CASE WHEN t.status IN ('done', 'cancelled') THEN CAST(:at AS timestamptz) END
        FROM jsonb_to_recordset(:moved -> 'tasks')
             AS t(seq bigint, node text, round bigint, kind text, person_id bigint, status text, weight bigint,
                  parent bigint, relation text, outcome text, done_by_id bigint)
      ON CONFLICT (case_id, seq) DO UPDATE
         SET person_id = EXCLUDED.person_id, status = EXCLUDED.status, outcome = EXCLUDED.outcome,
             done_by_id = EXCLUDED.done_by_id, ended_at = EXCLUDED.ended_at,
             opened_at = COALESCE(approvals_tasks.opened_at, EXCLUDED.opened_at)
    ), lines AS (
      INSERT INTO approvals_log (case_id, seq, at, kind, node, round, task, person_id, actor_id, behalf_id, data)
      SELECT :case_id, l.seq, :at, l.kind, l.node, l.round, l.task, l.person_id, l.actor_id, l.behalf_id, l.data
        FROM jsonb_to_recordset(:moved -> 'lines')
             AS l(seq bigint, kind text, node text, round bigint, task bigint, person_id bigint,
                  actor_id bigint, behalf_id bigint, data jsonb)
    )
    UPDATE approvals_cases
       SET status = :status, resume_to = :resume_to, fresh_from = :fresh_from, lines = :lines, ended_at = :ended_at
     WHERE id = :case_id
    """
    ).bindparams(bindparam("moved", type_=JSONB), bindparam("case_id", type_=BigInteger))
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
    _SAVE.rows(
        session,
        case_id=row.id,
        at=now,
        moved={
            "visits": [
                _visit_row(running, state.visits[key], now, session) for key in sorted(visits, key=str)
            ],
            "tasks": [vars(state.tasks[seq]) for seq in sorted(tasks)],
            "lines": [{"seq": first + at, **vars(line)} for at, line in enumerate(lines)],
        },
        status=state.status,
        resume_to=state.resume_to,
        fresh_from=state.fresh_from,
        lines=row.lines + len(lines),
        ended_at=None if state.status == RUNNING else now,
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
