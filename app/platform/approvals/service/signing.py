"""More signers, fewer signers, other signers."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.platform.approvals.definition import Approve
from app.platform.approvals.engine.state import (
    AFTER,
    APPROVE,
    BEFORE,
    DELEGATED,
    LIVE,
    WAITING,
    Task,
    Visit,
)
from app.platform.approvals.errors import (
    CannotClaim,
    DeputyToSelf,
    LastSigner,
    NotAddedByYou,
    OwnCase,
    PersonUnfit,
    TaskDoneAlready,
)
from app.platform.approvals.queries.deputies import stands_in_for
from app.platform.approvals.queries.people import ADMINISTER, present
from app.platform.approvals.service.acting import acting, clean, write_comment
from app.platform.approvals.service.running import Running, lock_task
from app.platform.approvals.service.saving import save

MOST_ADDED = 10


def transfer(session: Session, *, by: Caller, task_id: int, to_id: int, comment: str = "") -> None:
    """Give the task to somebody else for good. Raises PersonUnfit, DeputyToSelf."""
    with acting(session, by=by, task_id=task_id, action="transfer", comment=comment) as (
        running,
        task,
        visit,
    ):
        _check_fit(session, by, running, visit, [to_id])
        running.machine.note("handed", task=task, person_id=to_id, origin_id=task.person_id)


def delegate(session: Session, *, by: Caller, task_id: int, to_id: int, comment: str = "") -> None:
    """Ask somebody's advice; the task comes back with it. Raises PersonUnfit, DeputyToSelf."""
    with acting(session, by=by, task_id=task_id, action="delegate", comment=comment) as (
        running,
        task,
        visit,
    ):
        _check_fit(session, by, running, visit, [to_id])
        running.machine.note("parked", task=task)
        running.machine.ask(visit, to_id, parent=task.seq, relation=DELEGATED)


def add_signers(
    session: Session, *, by: Caller, task_id: int, people: Sequence[int], place: str, comment: str = ""
) -> None:
    """Others must say yes too: `before` one's own word, or `after` it. Raises PersonUnfit, DeputyToSelf."""
    with acting(session, by=by, task_id=task_id, action="add_signers", comment=comment) as (
        running,
        task,
        visit,
    ):
        chosen = list(dict.fromkeys(people))
        if not 1 <= len(chosen) <= MOST_ADDED or place not in (BEFORE, AFTER):
            raise PersonUnfit()
        _check_fit(session, by, running, visit, chosen)
        if place == BEFORE:
            running.machine.note("parked", task=task)
        for person_id in chosen:
            status = LIVE if place == BEFORE else WAITING
            running.machine.ask(visit, person_id, status=status, parent=task.seq, relation=place)


def remove_signer(session: Session, *, by: Caller, task_id: int, comment: str = "") -> None:
    """Take out a signer who has not spoken: whoever added him may, his deputy, or an administrator. Raises LastSigner."""
    text = clean(comment)

    def check(running: Running, task: Task) -> None:
        adder = running.state.tasks.get(task.parent or 0)
        adder_id = adder.person_id if adder is not None else None
        if by.may(ADMINISTER) or adder_id == by.person_id:
            return
        if adder_id is None or not stands_in_for(
            session, deputy_id=by.person_id, person_id=adder_id, code=running.row.code
        ):
            raise NotAddedByYou()
        if running.row.starter_id in (by.person_id, adder_id):
            raise OwnCase()
        running.machine.behalf_id = adder_id

    running, task = lock_task(session, by, task_id, check=check)
    if task.kind != APPROVE or task.status not in (LIVE, WAITING):
        raise TaskDoneAlready()
    parent = running.state.tasks.get(task.parent or 0)
    visit = running.state.visits[task.node, task.round]
    others = [
        other for other in running.state.tasks_of(visit) if other.parent is None and other.seq != task.seq
    ]
    if parent is None and not any(other.status in (LIVE, WAITING) for other in others):
        raise LastSigner()
    _drop(running, task)
    running.machine.note("signer_removed", task=task, person_id=task.person_id)
    running.machine.settle(visit)
    first = save(session, running, by=by, action="remove_signer")
    if text:
        write_comment(session, running, by.person_id, first, text)


def _drop(running: Running, task: Task) -> None:
    """With the signer go those he added himself, and his claim."""
    for child in running.state.children(task, BEFORE, AFTER, DELEGATED):
        if child.status in (LIVE, WAITING):
            _drop(running, child)
    visit = running.state.visits[task.node, task.round]
    if visit.claimed_task == task.seq:
        running.machine.note("unclaimed", task=task)
    running.machine.note("cancelled", task=task, why="removed")


def claim(session: Session, *, by: Caller, task_id: int) -> None:
    """Where any one may decide: say that one does it oneself; the others wait. Raises CannotClaim."""
    with acting(session, by=by, task_id=task_id, action="claim") as (running, task, visit):
        node = running.definition.by_key[visit.node]
        mates = [other for other in running.state.open_tasks(visit) if other.seq != task.seq]
        is_open = isinstance(node, Approve) and node.method == "any" and visit.claimed_task is None
        if not is_open or task.parent is not None:
            raise CannotClaim()
        running.machine.note("claimed", task=task)
        for other in mates:
            if other.status == LIVE:
                running.machine.note("parked", task=other)


def unclaim(session: Session, *, by: Caller, task_id: int) -> None:
    """Give a claimed task back to all. Raises CannotClaim."""
    with acting(session, by=by, task_id=task_id, action="unclaim") as (running, task, visit):
        if visit.claimed_task != task.seq:
            raise CannotClaim()
        running.machine.note("unclaimed", task=task)
        running.machine.settle(visit)


def _check_fit(session: Session, by: Caller, running: Running, visit: Visit, people: Sequence[int]) -> None:
    """Somebody at the school who is not asked in this visit already; the starter only where he may be asked.

    Not a deputy himself: with the task in his own hands he would decide in his own name, and after his time.
    """
    if running.machine.behalf_id is not None and by.person_id in people:
        raise DeputyToSelf()
    asked = {task.person_id for task in running.state.open_tasks(visit)}
    node = running.definition.by_key[visit.node]
    if isinstance(node, Approve) and node.when_self != "ask":
        asked.add(running.row.starter_id)
    if asked & set(people) or present(session, list(people)) != set(people):
        raise PersonUnfit()
