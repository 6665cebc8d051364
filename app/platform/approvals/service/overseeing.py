"""What administrators and the house itself do with cases: end them, move them on, hand tasks over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.errors import Forbidden
from app.platform.approvals.definition import Approve
from app.platform.approvals.engine.state import APPROVE, LIVE, TERMINATED, WAITING
from app.platform.approvals.errors import (
    CannotJumpThere,
    CaseEndedAlready,
    CaseMissing,
    PersonUnfit,
    TaskDoneAlready,
)
from app.platform.approvals.models import Task
from app.platform.approvals.queries.people import ADMINISTER, present
from app.platform.approvals.service.acting import clean, write_comment
from app.platform.approvals.service.running import Running, lock_case, lock_task
from app.platform.approvals.service.saving import save

MOST_HANDED = 200


def terminate(session: Session, *, by: Caller | None, case_id: int, reason: str) -> None:
    """End a case for good. Administrators; `by` None is the package whose thing has gone."""
    text = clean(reason, is_needed=True)
    if by is not None and not by.may(ADMINISTER):
        raise Forbidden()
    running = lock_case(session, by, case_id)
    running.machine.end(TERMINATED)
    first = save(session, running, by=by, action="terminate")
    if by is not None:
        write_comment(session, running, by.person_id, first, text)


def jump(session: Session, *, by: Caller, case_id: int, to: str, reason: str) -> None:
    """Administrators: leave everything that is live and go on at an approval outside of forks."""
    text = clean(reason, is_needed=True)
    if not by.may(ADMINISTER):
        raise Forbidden()
    running = lock_case(session, by, case_id)
    if not isinstance(running.definition.by_key.get(to), Approve) or running.definition.forks_of(to):
        raise CannotJumpThere()
    running.machine.cancel_within((), "jumped")
    running.machine.note("jumped", to=to)
    running.machine.go_to(to)
    first = save(session, running, by=by, action="jump")
    write_comment(session, running, by.person_id, first, text)


def assign(session: Session, *, by: Caller | None, task_id: int, to_id: int | None) -> None:
    """Put an open task into other hands: administrators, or the house when its owner has left.

    `to_id` None: nobody was found; administrators see it. Raises PersonUnfit, TaskDoneAlready.
    """
    if by is not None and not by.may(ADMINISTER):
        raise Forbidden()
    running, task = lock_task(session, by, task_id)
    if task.kind != APPROVE or task.status not in (LIVE, WAITING):
        raise TaskDoneAlready()
    _check_new_owner(session, running, task.node, task.round, to_id)
    running.machine.note("handed", task=task, person_id=to_id, origin_id=task.person_id)
    save(session, running, by=by, action="assign")


def _check_new_owner(session: Session, running: Running, node: str, number: int, to_id: int | None) -> None:
    if to_id is None:
        return
    asked = {one.person_id for one in running.state.open_tasks(running.state.visits[node, number])}
    if to_id in asked or to_id == running.row.starter_id or not present(session, [to_id]):
        raise PersonUnfit()


def open_tasks_of(session: Session, person_id: int) -> list[int]:
    """Approvals that wait for a person, the oldest first: what must be handed over when he leaves."""
    stmt = (
        select(Task.id)
        .where(Task.person_id == person_id, Task.kind == APPROVE, Task.status.in_((LIVE, WAITING)))
        .order_by(Task.id)
        .limit(MOST_HANDED)
    )
    return list(session.scalars(stmt))


def hand_over(session: Session, *, by: Caller, from_id: int, to_id: int) -> int:
    """Administrators: all that waits for one person to another; how many. Those he can't have are left alone."""
    if not by.may(ADMINISTER):
        raise Forbidden()
    handed = 0
    for task_id in open_tasks_of(session, from_id):
        try:
            with session.begin_nested():
                assign(session, by=by, task_id=task_id, to_id=to_id)
            handed += 1
        except (PersonUnfit, TaskDoneAlready, CaseEndedAlready, CaseMissing):
            continue
    return handed
