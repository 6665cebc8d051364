"""Yes, no, back; and taking one's word back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.platform.approvals.definition import STARTER, Approve, Service, Timer
from app.platform.approvals.engine.state import (
    AFTER,
    APPROVE,
    BEFORE,
    CANCELLED,
    DELEGATED,
    DONE,
    LIVE,
    NO,
    WAITING,
    YES,
    Task,
    Visit,
)
from app.platform.approvals.errors import CannotReturnThere, CannotTakeBack, FieldNotYours
from app.platform.approvals.service.acting import acting, actor_check, clean
from app.platform.approvals.service.forms import check_form, store_form
from app.platform.approvals.service.running import Running, lock_task
from app.platform.approvals.service.saving import save


def approve(
    session: Session,
    *,
    by: Caller,
    task_id: int,
    comment: str = "",
    patch: Mapping[str, Any] | None = None,
    channel: str | None = None,
) -> None:
    """Say yes. `patch` changes fields that this node may edit. `channel`: how it was said (phone: by a call)."""
    with acting(session, by=by, task_id=task_id, action="approve", comment=comment) as (
        running,
        task,
        _visit,
    ):
        if patch:
            _patch(session, running, task, patch)
        running.machine.decide(task, YES, channel=channel or by.surface)


def reject(session: Session, *, by: Caller, task_id: int, comment: str, channel: str | None = None) -> None:
    """Say no; the reason is part of it."""
    clean(comment, is_needed=True)
    with acting(session, by=by, task_id=task_id, action="reject", comment=comment) as (running, task, _visit):
        running.machine.decide(task, NO, channel=channel or by.surface)


def return_case(session: Session, *, by: Caller, task_id: int, to: str, comment: str) -> None:
    """Send it back to the starter, the previous approver or an earlier node. Raises CannotReturnThere."""
    clean(comment, is_needed=True)
    with acting(session, by=by, task_id=task_id, action="return", comment=comment) as (running, task, visit):
        if to not in return_targets(running, visit):
            raise CannotReturnThere()
        running.machine.note("decided", task=task, person_id=task.person_id, outcome="returned")
        running.machine.return_to(visit, to)


def return_targets(running: Running, visit: Visit) -> list[str]:
    """Where this node may return to now: only places that the case has been at."""
    node = running.definition.by_key[visit.node]
    assert isinstance(node, Approve)
    been = {other.node for other in running.state.visits.values() if other.order < visit.order} | {STARTER}
    if "any" not in node.return_to:
        return [to for to in node.return_to if to == "previous" or to in been]
    earlier = [
        key
        for key in running.definition.by_key
        if key in been
        and key != node.key
        and isinstance(running.definition.by_key[key], Approve)
        and running.definition.is_reachable_by_return(key, node.key)
    ]
    return [STARTER, *earlier]


def take_back(session: Session, *, by: Caller, task_id: int) -> None:
    """Take back one's yes while nobody after has acted. Raises CannotTakeBack.

    Where others spoke beside one, their words are carried into the new round.
    """
    running, task = lock_task(session, by, task_id, check=actor_check(session, by))
    if task.kind != APPROVE or task.status != DONE or task.outcome != YES or task.done_by_id != by.person_id:
        raise CannotTakeBack()
    visit = running.state.visits[task.node, task.round]
    if visit.status == LIVE:
        _reopen(running, task, visit)
    else:
        _go_back(running, task, visit)
    save(session, running, by=by, action="take_back")


def _reopen(running: Running, task: Task, visit: Visit) -> None:
    """Those whose turn came by this word wait again. Not when one of them has spoken, or one is asked anew oneself."""
    node = running.definition.by_key[visit.node]
    assert isinstance(node, Approve)
    others = running.state.tasks_of(visit)
    if any(other.person_id == task.person_id and other.status in (LIVE, WAITING) for other in others):
        raise CannotTakeBack()
    for other in others:
        if not _came_after(running, node, task, other):
            continue
        if other.status == DONE:
            raise CannotTakeBack()
        if other.status == LIVE:
            running.machine.note("parked", task=other)
    _park_asker(running, task)
    running.machine.note("reopened", task=task)


def _came_after(running: Running, node: Approve, task: Task, other: Task) -> bool:
    """Whether the other was asked only because of this word: added behind it, or next in a sequence."""
    line = _ancestry(running, other)
    if task.seq in line[1:]:
        child = running.state.tasks[line[line.index(task.seq) - 1]]
        return child.relation == AFTER
    return node.method == "sequence" and line[-1] > _ancestry(running, task)[-1]


def _park_asker(running: Running, task: Task) -> None:
    """Who asked for this word before giving his own waits for it again; he may not have spoken yet."""
    if task.relation not in (BEFORE, DELEGATED) or task.parent is None:
        return
    asker = running.state.tasks[task.parent]
    if asker.status == DONE:
        raise CannotTakeBack()
    if asker.status == LIVE:
        running.machine.note("parked", task=asker)


def _ancestry(running: Running, task: Task) -> list[int]:
    """The task itself, who added it, who added that one… the last is whom the node asked."""
    line = [task.seq]
    while task.parent is not None:
        task = running.state.tasks[task.parent]
        line.append(task.seq)
    return line


def _go_back(running: Running, task: Task, visit: Visit) -> None:
    if visit.outcome != "passed" or not _is_untouched_since(running, visit):
        raise CannotTakeBack()
    asked: dict[int | None, Task] = {}
    for other in running.state.tasks_of(visit):
        was_asked = other.parent is None and (other.status == DONE or other.outcome == "decided")
        if was_asked and (other.person_id not in asked or other.status == DONE):
            asked[other.person_id] = other
    running.machine.cancel_within(running.definition.forks_of(visit.node), "taken_back")
    running.machine.note("returned", to=visit.node, resume_to=None, origin=visit.node)
    fresh = running.machine.open_visit(visit.node)
    for other in asked.values():
        again = running.machine.ask(fresh, other.person_id, weight=other.weight)
        if other.seq != task.seq and other.status == DONE:
            running.machine.note("decided", task=again, person_id=other.person_id, outcome=other.outcome)
    running.machine.settle(fresh)


def _is_untouched_since(running: Running, visit: Visit) -> bool:
    """Nothing was decided behind this visit, nothing done that can't be undone, and its forks still run."""
    definition, state = running.definition, running.state
    if any(state.live_visit(fork) is None for fork, _branch in definition.forks_of(visit.node)):
        return False
    within = definition.forks_of(visit.node)
    if any(branch in _joined(running, fork) for fork, branch in within):
        return False
    for later in state.visits.values():
        if later.order <= visit.order or definition.forks_of(later.node)[: len(within)] != within:
            continue
        node = definition.by_key.get(later.node)
        if node is None or (isinstance(node, Service | Timer) and later.status != CANCELLED):
            return False
        if any(task.status == DONE for task in state.tasks_of(later)):
            return False
    return True


def _joined(running: Running, fork: str) -> tuple[int, ...]:
    visit = running.state.live_visit(fork)
    return visit.joined if visit else ()


def _patch(session: Session, running: Running, task: Task, patch: Mapping[str, Any]) -> None:
    fields = {one.name: one for one in running.definition.fields}
    for name in patch:
        if name not in fields or task.node not in fields[name].editable_by:
            raise FieldNotYours(field=fields[name].title if name in fields else name)
    form = {**running.row.form, **patch}
    check_form(running.definition, form)
    running.machine.form = form
    running.machine.note("form_changed", task=task, fields=sorted(patch))
    store_form(session, running.row.id, form)
