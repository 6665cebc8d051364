"""What holds for every case at every moment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.approvals.definition import Approve, Definition, Parallel, Service, Timer, parse
from app.platform.approvals.engine.state import (
    COPY,
    GIVEN,
    LIVE,
    REVISE,
    RUNNING,
    WAITING,
    Line,
    State,
    replay,
)
from app.platform.approvals.engine.state import Task as LiveTask
from app.platform.approvals.engine.state import Visit as LiveVisit
from app.platform.approvals.models import Case, LogLine, Task, Visit
from app.platform.approvals.models import Definition as Version
from app.platform.approvals.models import Timer as Alarm


def check(session: Session, case_id: int) -> str:
    """Raises AssertionError with what is wrong; the status of the case."""
    session.expire_all()
    case = session.get(Case, case_id)
    definition = parse(session.get(Version, case.definition_id).body)
    state = stored(session, case)
    assert replayed(session, case) == state, "the log does not give the state"
    rounds = [visit.node for visit in state.live_visits()]
    assert len(rounds) == len(set(rounds)), "two live rounds of one node"
    if case.status != RUNNING:
        assert not rounds, "a live visit in a case that has ended"
        assert not [t for t in state.tasks.values() if t.status in (LIVE, WAITING)], "an open task, likewise"
        assert case.ended_at is not None
        return case.status
    assert rounds, "stuck: nothing is live"
    for visit in state.live_visits():
        _check_visit(session, case_id, definition, state, visit)
    for task in state.tasks.values():
        if task.status in (LIVE, WAITING):
            assert state.visits[task.node, task.round].status == LIVE, "an open task of a visit that was left"
    return case.status


def _check_visit(
    session: Session, case_id: int, definition: Definition, state: State, visit: LiveVisit
) -> None:
    node = definition.by_key.get(visit.node)
    for fork, branch in definition.forks_of(visit.node):
        around = state.live_visit(fork)
        assert around is not None, "a live branch of a fork that was left"
        assert branch not in around.joined, "a live node in a branch that has ended"
    if node is None or isinstance(node, Approve):
        open_tasks = state.open_tasks(visit)
        assert any(task.status == LIVE for task in open_tasks), "stuck: nobody's turn"
        people = [t.person_id for t in open_tasks if t.person_id is not None]
        assert len(people) == len(set(people)), "one person is asked twice"
        if node is None:
            assert [task.kind for task in open_tasks] == [REVISE]
    elif isinstance(node, Timer):
        alarm = session.scalars(
            select(Alarm).where(
                Alarm.case_id == case_id, Alarm.node == visit.node, Alarm.round == visit.round
            )
        ).one()
        assert alarm.done_at is None, "stuck: the timer has rung"
    else:
        assert isinstance(node, Service | Parallel), "only forks, services and timers wait without people"
        if isinstance(node, Parallel):
            open_branches = set(range(len(node.branches))) - set(visit.joined)
            running = {
                dict(definition.forks_of(other.node)).get(node.key) for other in state.live_visits()
            } - {None}
            assert open_branches == running, "stuck: a branch that neither runs nor has ended"


def stored(session: Session, case: Case) -> State:
    """The state as the tables have it."""
    state = State(case.status, case.resume_to, case.fresh_from)
    for visit in session.scalars(select(Visit).where(Visit.case_id == case.id).order_by(Visit.order)):
        state.visits[visit.node, visit.round] = LiveVisit(
            visit.node,
            visit.round,
            visit.order,
            visit.status,
            visit.outcome,
            tuple(visit.joined),
            visit.claimed_task,
        )
        assert (visit.status == LIVE) == (visit.left_at is None)
    for task in session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.seq)):
        state.tasks[task.seq] = LiveTask(
            task.seq,
            task.node,
            task.round,
            task.kind,
            task.person_id,
            task.status,
            task.weight,
            task.parent,
            task.relation,
            task.outcome,
            task.done_by_id,
        )
        assert task.kind == COPY or (task.status in (LIVE, WAITING)) == (task.ended_at is None)
        assert task.status not in (LIVE, GIVEN) or task.opened_at is not None
    return state


def replayed(session: Session, case: Case) -> State:
    """The state that the log gives."""
    lines = list(session.scalars(select(LogLine).where(LogLine.case_id == case.id).order_by(LogLine.seq)))
    assert [line.seq for line in lines] == list(range(1, case.lines + 1)), "the log has holes"
    return replay(
        Line(
            line.kind,
            line.node,
            line.round,
            line.task,
            line.person_id,
            line.actor_id,
            line.behalf_id,
            line.data,
        )
        for line in lines
    )
