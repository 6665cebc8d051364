"""A case in memory: its visits and tasks, and how each line of the log changes them.

The only way to change a state is `apply`. What the service saves and what a replay of the log gives are the same
because they come from the same lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LIVE, WAITING, DONE, CANCELLED = "live", "waiting", "done", "cancelled"
GIVEN, READ = "given", "read"  # of copies, which hold nothing up
RUNNING, APPROVED, REJECTED, WITHDRAWN, TERMINATED = (
    "running",
    "approved",
    "rejected",
    "withdrawn",
    "terminated",
)
APPROVE, REVISE, COPY = "approve", "revise", "cc"
YES, NO = "approved", "rejected"
BEFORE, AFTER, DELEGATED = "before", "after", "delegated"


@dataclass
class Visit:
    """One entry into a node. `joined` are the branches of a fork that have ended."""

    node: str
    round: int
    order: int
    status: str = LIVE
    outcome: str | None = None
    joined: tuple[int, ...] = ()
    claimed_task: int | None = None


@dataclass
class Task:
    """What one person is asked. `seq` numbers the tasks of a case. `person_id` None: nobody was found, see to it.

    `outcome` is the word given, or why the task was cancelled: decided, removed, escalated, returned, ended…
    """

    seq: int
    node: str
    round: int
    kind: str
    person_id: int | None
    status: str
    weight: int = 1
    parent: int | None = None
    relation: str | None = None
    outcome: str | None = None
    done_by_id: int | None = None


@dataclass(frozen=True)
class Line:
    """A line of the log. `data` holds ids and words, no personal values."""

    kind: str
    node: str | None = None
    round: int | None = None
    task: int | None = None
    person_id: int | None = None
    actor_id: int | None = None
    behalf_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class State:
    """`fresh_from` is the first task of the present pass: after a return, earlier words count no more."""

    status: str = RUNNING
    resume_to: str | None = None
    fresh_from: int = 1
    visits: dict[tuple[str, int], Visit] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)

    def live_visits(self) -> list[Visit]:
        return [visit for visit in self.visits.values() if visit.status == LIVE]

    def live_visit(self, node: str) -> Visit | None:
        return next((v for v in self.visits.values() if v.node == node and v.status == LIVE), None)

    def last_round(self, node: str) -> int:
        return max((visit.round for visit in self.visits.values() if visit.node == node), default=0)

    def tasks_of(self, visit: Visit) -> list[Task]:
        """Those who are asked in a visit, in the order in which they were asked."""
        return [
            task
            for task in self.tasks.values()
            if task.node == visit.node and task.round == visit.round and task.kind != COPY
        ]

    def open_tasks(self, visit: Visit) -> list[Task]:
        return [task for task in self.tasks_of(visit) if task.status in (LIVE, WAITING)]

    def children(self, task: Task, *relations: str) -> list[Task]:
        """Signers added by this one that still count."""
        return [
            other
            for other in self.tasks.values()
            if other.parent == task.seq and other.relation in relations and other.status != CANCELLED
        ]


def replay(lines: Iterable[Line]) -> State:
    """The state that the log tells of."""
    state = State()
    for line in lines:
        apply(state, line)
    return state


def apply(state: State, line: Line) -> None:
    """Change the state as the line says. Lines of other kinds (comments, reminders) change nothing."""
    change = _CHANGES.get(line.kind)
    if change is not None:
        change(state, line)


def _entered(state: State, line: Line) -> None:
    node, number = _place(line)
    state.visits[node, number] = Visit(node, number, order=len(state.visits) + 1)


def _left(state: State, line: Line) -> None:
    visit = _visit(state, line)
    visit.outcome = line.data["outcome"]
    visit.status = CANCELLED if visit.outcome == CANCELLED else DONE


def _joined(state: State, line: Line) -> None:
    visit = _visit(state, line)
    visit.joined = (*visit.joined, line.data["branch"])


def _asked(state: State, line: Line) -> None:
    assert line.task is not None
    node, number = _place(line)
    state.tasks[line.task] = Task(
        line.task,
        node,
        number,
        line.data["kind"],
        line.person_id,
        line.data["status"],
        line.data.get("weight", 1),
        line.data.get("parent"),
        line.data.get("relation"),
    )


def _decided(state: State, line: Line) -> None:
    task = _task(state, line)
    task.status, task.outcome, task.done_by_id = DONE, line.data["outcome"], line.actor_id


def _reopened(state: State, line: Line) -> None:
    task = _task(state, line)
    task.status, task.outcome, task.done_by_id = LIVE, None, None


def _cancelled(state: State, line: Line) -> None:
    task = _task(state, line)
    task.status, task.outcome = CANCELLED, line.data["why"]


def _status(status: str) -> Any:
    def change(state: State, line: Line) -> None:
        _task(state, line).status = status

    return change


def _handed(state: State, line: Line) -> None:
    _task(state, line).person_id = line.person_id


def _claimed(state: State, line: Line) -> None:
    _visit(state, line).claimed_task = line.task


def _unclaimed(state: State, line: Line) -> None:
    _visit(state, line).claimed_task = None


def _returned(state: State, line: Line) -> None:
    state.resume_to = line.data.get("resume_to")
    state.fresh_from = len(state.tasks) + 1


def _resumed(state: State, _line: Line) -> None:
    state.resume_to = None


def _ended(state: State, line: Line) -> None:
    state.status = line.data["status"]


def _visit(state: State, line: Line) -> Visit:
    return state.visits[_place(line)]


def _place(line: Line) -> tuple[str, int]:
    assert line.node is not None
    assert line.round is not None
    return line.node, line.round


def _task(state: State, line: Line) -> Task:
    assert line.task is not None
    return state.tasks[line.task]


_CHANGES = {
    "entered": _entered,
    "left": _left,
    "joined": _joined,
    "asked": _asked,
    "decided": _decided,
    "reopened": _reopened,
    "woken": _status(LIVE),
    "parked": _status(WAITING),
    "cancelled": _cancelled,
    "read": _status(READ),
    "handed": _handed,
    "claimed": _claimed,
    "unclaimed": _unclaimed,
    "returned": _returned,
    "jumped": _returned,
    "resumed": _resumed,
    "ended": _ended,
}
