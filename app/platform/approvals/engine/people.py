"""Whom a node asks: what the resolvers found, less the starter, those who spoke already and those who left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.platform.approvals.definition import Approve, Asked
from app.platform.approvals.engine.state import APPROVE, DONE, YES, State

Found = list[tuple[int, int]]  # (person, weight)


@dataclass(frozen=True)
class People:
    """How the engine finds people. Everyone named is present; order is kept, nobody comes twice."""

    find: Callable[[Sequence[Asked]], Found]
    by_number: Callable[[str], Found]
    head_of: Callable[[int], Found]
    administrators: Callable[[], Found]


@dataclass(frozen=True)
class Choice:
    """`people` to ask; or `verdict`, when nobody need be asked, and why."""

    people: Found
    verdict: str | None = None
    why: str = ""


def choose(state: State, node: Approve, starter_id: int, people: People) -> Choice:
    """Apply the node's policies in the order self, repeated, empty."""
    found = people.find(node.approvers)
    if node.when_self != "ask" and any(person == starter_id for person, _ in found):
        found, only_self = _without(found, {starter_id}), len(found) == 1
        if node.when_self == "head":
            found = found or people.head_of(starter_id)
        elif only_self and not node.requires_human:
            return Choice([], YES, "self")
    if found and _is_spoken_for(node, found, _spoke(state, node)):
        return Choice([], YES, "repeated")
    return Choice(found) if found else _when_empty(node, people)


def _is_spoken_for(node: Approve, found: Found, spoke: set[int]) -> bool:
    """One earlier yes is enough where one decides; elsewhere everybody must have given one."""
    said = [person in spoke for person, _ in found]
    return any(said) if node.method == "any" else all(said)


def _when_empty(node: Approve, people: People) -> Choice:
    if node.when_empty == "pass":
        return Choice([], YES, "empty")
    if node.when_empty == "reject":
        return Choice([], "rejected", "empty")
    found = people.by_number(node.person) if node.when_empty == "person" else []
    return Choice(found or people.administrators())


def _spoke(state: State, node: Approve) -> set[int]:
    """Who said yes in the present pass, where the node lets that count."""
    if node.when_repeated == "ask":
        return set()
    said = [
        task
        for task in state.tasks.values()
        if task.kind == APPROVE
        and task.status == DONE
        and task.outcome == YES
        and task.seq >= state.fresh_from
    ]
    if node.when_repeated == "skip_consecutive" and said:
        last = said[-1]
        said = [task for task in said if (task.node, task.round) == (last.node, last.round)]
    return {task.person_id for task in said if task.person_id is not None}


def _without(found: Found, people: set[int]) -> Found:
    return [(person, weight) for person, weight in found if person not in people]
