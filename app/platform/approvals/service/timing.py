"""What cases do by the clock: timers that pass, limits that are over, and tasks whose owner has left."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.approvals.definition import Approve, Limit
from app.platform.approvals.engine import verdict as verdicts
from app.platform.approvals.engine.state import APPROVE, LIVE, WAITING, Visit
from app.platform.approvals.errors import CaseEndedAlready, CaseMissing, PersonUnfit, TaskDoneAlready
from app.platform.approvals.models import Task, Timer
from app.platform.approvals.queries.people import present
from app.platform.approvals.service.overseeing import assign
from app.platform.approvals.service.running import Running, lock_case
from app.platform.approvals.service.saving import deadline, save

REMINDERS = 3
BATCH = 500


def due_timers(session: Session) -> list[int]:
    """Ids of timers whose time has come, the oldest first, of BATCH at most."""
    stmt = (
        select(Timer.id)
        .where(Timer.done_at.is_(None), Timer.due_at <= clock.now())
        .order_by(Timer.due_at)
        .limit(BATCH)
    )
    return list(session.scalars(stmt))


def ring(session: Session, *, timer_id: int) -> bool:
    """Let one timer do its work, once; False when somebody else did or the case has moved on."""
    timer = session.get(Timer, timer_id)
    if timer is None:
        return False
    try:
        running = lock_case(session, None, timer.case_id)
    except (CaseEndedAlready, CaseMissing):
        _done(session, timer_id)
        return False
    session.refresh(timer)
    visit = running.state.visits.get((timer.node, timer.round))
    if timer.done_at is not None or timer.due_at > clock.now():
        return False
    if visit is None or visit.status != LIVE:
        _done(session, timer_id)
        return False
    if timer.action == "pass":
        running.machine.leave(visit, "passed")
        _done(session, timer_id)
    else:
        _limit(session, running, visit, timer)
    save(session, running, by=None, action="timer")
    return True


def _limit(session: Session, running: Running, visit: Visit, timer: Timer) -> None:
    node = running.definition.by_key[visit.node]
    assert isinstance(node, Approve)
    assert node.limit is not None
    running.machine.note("overdue", visit=visit, then=node.limit.then)
    if node.limit.then == "approve" and not node.requires_human:
        running.machine.leave(visit, "passed")
    elif node.limit.then == "reject":
        running.machine.fail(node, visit)
    elif node.limit.then == "escalate":
        _escalate(running, node.limit, visit)
    elif timer.times + 1 < REMINDERS:
        again = deadline(session, running.definition, visit.node, clock.now())
        session.execute(update(Timer).where(Timer.id == timer.id).values(times=Timer.times + 1, due_at=again))
        return
    _done(session, timer.id)


def _escalate(running: Running, limit: Limit, visit: Visit) -> None:
    """Those who let the time pass are relieved; their weight goes to whom it is escalated to."""
    machine, state = running.machine, running.state
    late = [unit for unit in verdicts.roots(state, visit) if verdicts.word(state, unit) is None]
    asked = {task.person_id for task in state.tasks_of(visit)} | {machine.starter_id}
    found = [person for person, _ in machine.people.find(limit.escalate_to) if person not in asked]
    if not found:
        return  # they were asked already, or there is nobody: the task stays where it is
    if visit.claimed_task is not None:
        machine.note("unclaimed", visit=visit)
    for task in state.open_tasks(visit):
        machine.note("cancelled", task=task, why="escalated")
    weight = sum(unit.weight for unit in late)
    for person in found:
        machine.ask(visit, person, weight=weight)
    machine.settle(visit)


def _done(session: Session, timer_id: int) -> None:
    session.execute(
        update(Timer).where(Timer.id == timer_id, Timer.done_at.is_(None)).values(done_at=clock.now())
    )


def orphaned_tasks(session: Session) -> list[int]:
    """Open tasks of people who are no longer at the school, and those for which nobody was found."""
    stmt = select(Task.person_id).where(Task.status == LIVE, Task.kind == APPROVE).group_by(Task.person_id)
    owners = {owner for owner in session.scalars(stmt) if owner is not None}
    gone = owners - present(session, list(owners))
    stmt = select(Task.id).where(
        or_(Task.person_id.in_(gone), Task.person_id.is_(None)),
        Task.kind == APPROVE,
        Task.status.in_((LIVE, WAITING)),
    )
    return list(session.scalars(stmt.order_by(Task.id).limit(BATCH)))


def rescue(session: Session, *, task_id: int) -> bool:
    """Give an orphaned task to whom the node would ask today, else to the administrators, else to nobody.

    False when it was done meanwhile, or is nobody's still.
    """
    case_id, key, owner_id = session.execute(
        select(Task.case_id, Task.node, Task.person_id).where(Task.id == task_id)
    ).one()
    try:
        running = lock_case(session, None, case_id)
    except (CaseEndedAlready, CaseMissing):
        return False
    node = running.definition.by_key.get(key)
    people = running.machine.people
    found = people.find(node.approvers) if isinstance(node, Approve) else []
    for person_id in [*(one for one, _ in found), *(one for one, _ in people.administrators()), None]:
        if person_id is None and owner_id is None:
            return False
        try:
            with session.begin_nested():
                assign(session, by=None, task_id=task_id, to_id=person_id)
            return True
        except PersonUnfit:
            continue
        except TaskDoneAlready:
            return False
    return False


def complete_service(session: Session, *, case_id: int, node: str, round: int) -> bool:  # noqa: A002
    """The business has done what a service node asked; False when the case has moved on. Safe to call twice."""
    try:
        running = lock_case(session, None, case_id)
    except (CaseEndedAlready, CaseMissing):
        return False
    visit = running.state.visits.get((node, round))
    if visit is None or visit.status != LIVE:
        return False
    running.machine.leave(visit, "passed")
    save(session, running, by=None, action="service")
    return True
