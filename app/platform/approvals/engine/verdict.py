"""What the words given in a visit amount to. Pure."""

from app.platform.approvals.definition import Approve
from app.platform.approvals.engine.state import (
    AFTER,
    BEFORE,
    CANCELLED,
    DONE,
    NO,
    YES,
    State,
    Task,
    Visit,
)


def verdict(state: State, node: Approve, visit: Visit) -> str | None:
    """`approved`, `rejected`, or None while it is open. Nobody left to ask is None too: someone must be found."""
    units = roots(state, visit)
    if not units:
        return None
    return _METHODS[node.method](state, node, units)


def roots(state: State, visit: Visit) -> list[Task]:
    """Those asked by the node itself; signers they added speak with them."""
    return [task for task in state.tasks_of(visit) if task.parent is None and task.status != CANCELLED]


def word(state: State, task: Task) -> str | None:
    """The word of one signer together with those he added: one no is a no, all must have said yes."""
    added = [word(state, child) for child in state.children(task, BEFORE, AFTER)]
    if NO in added or (task.status == DONE and task.outcome == NO):
        return NO
    if task.status == DONE and all(one == YES for one in added):
        return YES
    return None


def _any(state: State, _node: Approve, units: list[Task]) -> str | None:
    return next((said for unit in units if (said := word(state, unit)) is not None), None)


def _all(state: State, node: Approve, units: list[Task]) -> str | None:
    words = [word(state, unit) for unit in units]
    if node.veto == "one" and NO in words:
        return NO
    if None in words:
        return None
    return NO if NO in words else YES


def _sequence(state: State, _node: Approve, units: list[Task]) -> str | None:
    words = [word(state, unit) for unit in units]
    if NO in words:
        return NO
    return None if None in words else YES


def _vote(state: State, node: Approve, units: list[Task]) -> str | None:
    whole = sum(unit.weight for unit in units)
    words = [(word(state, unit), unit.weight) for unit in units]
    yes = sum(weight for said, weight in words if said == YES)
    no = sum(weight for said, weight in words if said == NO)
    if yes * 100 >= node.share * whole:
        return YES
    return NO if (whole - no) * 100 < node.share * whole else None


_METHODS = {"any": _any, "all": _all, "sequence": _sequence, "vote": _vote}
