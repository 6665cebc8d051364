"""How a case moves: into nodes, out of them, on to the next, until it ends.

Every step is a line, applied at once. What must be done outside (people told, timers set, services asked) is read
from the lines by the service.
"""

from collections.abc import Mapping
from typing import Any

from app.platform.approvals.definition import (
    STARTER,
    Approve,
    Condition,
    Copy,
    Definition,
    Node,
    Parallel,
)
from app.platform.approvals.definition.expressions import CannotCompare, evaluate
from app.platform.approvals.engine import people as choosing
from app.platform.approvals.engine import verdict as verdicts
from app.platform.approvals.engine.people import People
from app.platform.approvals.engine.state import (
    AFTER,
    APPROVE,
    APPROVED,
    BEFORE,
    CANCELLED,
    COPY,
    DELEGATED,
    DONE,
    GIVEN,
    LIVE,
    REJECTED,
    REVISE,
    RUNNING,
    WAITING,
    YES,
    Line,
    State,
    Task,
    Visit,
    apply,
)


class Machine:
    """One case on the move. `lines` are what happened since it was loaded."""

    def __init__(
        self,
        definition: Definition,
        state: State,
        *,
        starter_id: int,
        form: Mapping[str, Any],
        people: People,
        actor_id: int | None = None,
        behalf_id: int | None = None,
    ) -> None:
        self.definition = definition
        self.state = state
        self.starter_id = starter_id
        self.form = form
        self.people = people
        self.actor_id = actor_id
        self.behalf_id = behalf_id
        self.lines: list[Line] = []

    def note(
        self,
        kind: str,
        *,
        visit: Visit | None = None,
        task: Task | None = None,
        person_id: int | None = None,
        **data: Any,
    ) -> None:
        """Write a line and apply it."""
        node, number = (
            (visit.node, visit.round) if visit else (task.node, task.round) if task else (None, None)
        )
        line = Line(
            kind, node, number, task.seq if task else None, person_id, self.actor_id, self.behalf_id, data
        )
        self.lines.append(line)
        apply(self.state, line)

    # the way through

    def start(self) -> None:
        self.note("started")
        self.enter_list(self.definition.nodes[0])

    def enter_list(self, node: Node) -> None:
        """Enter this node, and the next ones as long as nothing waits."""
        upcoming: Node | None = node
        while upcoming is not None and self.state.status == RUNNING:
            upcoming = self._enter(upcoming)

    def leave(self, visit: Visit, outcome: str) -> None:
        """The node is done: what is still open in it is cancelled, and the case goes on behind it."""
        self.cancel_tasks(visit, "decided")
        self.note("left", visit=visit, outcome=outcome)
        following = self._behind(visit.node)
        if following is not None:
            self.enter_list(following)

    def _behind(self, key: str) -> Node | None:
        """The next node to enter; joins forks and ends the case on the way."""
        following = self.definition.after(key)
        while following is None:
            place = self.definition.places[key]
            if place.parent is None:
                self.end(APPROVED)
                return None
            parent = self.definition.by_key[place.parent]
            if isinstance(parent, Parallel) and not self._join(parent, place.branch):
                return None
            key = parent.key
            following = self.definition.after(key)
        return following

    def _join(self, fork: Parallel, branch: int) -> bool:
        """Note that a branch has ended; True when it was the last and the fork is left."""
        visit = self.state.live_visit(fork.key)
        assert visit is not None, "a branch runs within a live fork"
        self.note("joined", visit=visit, branch=branch)
        if len(set(visit.joined)) < len(fork.branches):
            return False
        self.note("left", visit=visit, outcome="passed")
        return True

    def _enter(self, node: Node) -> Node | None:
        """Enter one node; the node that follows when nothing waits here."""
        visit = self.open_visit(node.key)
        if isinstance(node, Approve):
            return self._enter_approve(node, visit)
        if isinstance(node, Condition):
            return self._enter_condition(node, visit)
        if isinstance(node, Parallel):
            self._enter_parallel(node, visit)
            return None
        if isinstance(node, Copy):
            self._give_copies(visit, [person for person, _ in self.people.find(node.people)])
            self.note("left", visit=visit, outcome="passed")
            return self._behind(node.key)
        return None  # timers and services: somebody else says when they are done

    def open_visit(self, key: str) -> Visit:
        number = self.state.last_round(key) + 1
        line = Line("entered", key, number, actor_id=self.actor_id, behalf_id=self.behalf_id)
        self.lines.append(line)
        apply(self.state, line)
        return self.state.visits[key, number]

    def _enter_condition(self, node: Condition, visit: Visit) -> Node | None:
        number = next(at for at, branch in enumerate(node.branches) if self._holds(branch.when))
        self.note("left", visit=visit, outcome="passed", branch=number)
        nodes = node.branches[number].nodes
        return nodes[0] if nodes else self._behind(node.key)

    def _holds(self, when: str | None) -> bool:
        """A form that a condition can't compare does not meet it."""
        try:
            return when is None or evaluate(
                when, {name: self.form.get(name) for name in self.definition.names}
            )
        except CannotCompare:
            return False

    def _enter_parallel(self, node: Parallel, visit: Visit) -> None:
        """All branches at once. One of them may end the case, or leave the fork, before the next is entered."""
        for number, branch in enumerate(node.branches):
            if self.state.status != RUNNING or visit.status != LIVE:
                return
            if branch.nodes:
                self.enter_list(branch.nodes[0])
            elif self._join(node, number):
                following = self._behind(node.key)
                if following is not None:
                    self.enter_list(following)

    # asking

    def _enter_approve(self, node: Approve, visit: Visit) -> Node | None:
        choice = choosing.choose(self.state, node, self.starter_id, self.people)
        if choice.verdict is None:
            self._ask_people(node, visit, choice.people)
            return None
        self.note("skipped", visit=visit, why=choice.why)
        if choice.verdict == YES:
            self.note("left", visit=visit, outcome="passed")
            return self._behind(node.key)
        self.note("left", visit=visit, outcome="failed")  # never returned: nobody was there to say so
        self.end(REJECTED)
        return None

    def _ask_people(self, node: Approve, visit: Visit, found: choosing.Found) -> None:
        if not found:
            self.ask(visit, None)
        for at, (person, weight) in enumerate(found):
            status = WAITING if node.method == "sequence" and at else LIVE
            self.ask(visit, person, status=status, weight=weight)

    def ask(
        self, visit: Visit, person_id: int | None, *, kind: str = APPROVE, status: str = LIVE, **data: Any
    ) -> Task:
        """One more task in this visit. `data`: weight, parent, relation."""
        seq = len(self.state.tasks) + 1
        line = Line(
            "asked",
            visit.node,
            visit.round,
            seq,
            person_id,
            self.actor_id,
            self.behalf_id,
            {"kind": kind, "status": status, **data},
        )
        self.lines.append(line)
        apply(self.state, line)
        return self.state.tasks[seq]

    def _give_copies(self, visit: Visit, person_ids: list[int]) -> None:
        """Nobody gets a second copy of the same case."""
        have = {task.person_id for task in self.state.tasks.values() if task.kind == COPY}
        for person_id in person_ids:
            if person_id not in have:
                self.ask(visit, person_id, kind=COPY, status=GIVEN)

    def copy_to(self, visit: Visit, person_ids: list[int]) -> None:
        self._give_copies(visit, person_ids)

    # deciding

    def decide(self, task: Task, outcome: str, **data: Any) -> None:
        """One person's word. `data`: channel."""
        self.note("decided", task=task, person_id=task.person_id, outcome=outcome, **data)
        self.settle(self.state.visits[task.node, task.round])

    def settle(self, visit: Visit) -> None:
        """After any change in a visit: is it decided? Else wake whose turn it is."""
        node = self.definition.by_key[visit.node]
        assert isinstance(node, Approve)
        said = verdicts.verdict(self.state, node, visit)
        if said == YES:
            self.leave(visit, "passed")
        elif said is not None:
            self.fail(node, visit)
        else:
            self._wake(node, visit)

    def fail(self, node: Approve, visit: Visit) -> None:
        if node.on_reject == "return":
            self.return_to(visit, node.return_to[0])
            return
        self.cancel_tasks(visit, "decided")
        self.note("left", visit=visit, outcome="failed")
        self.end(REJECTED)

    def _wake(self, node: Approve, visit: Visit) -> None:
        units = [
            unit for unit in verdicts.roots(self.state, visit) if verdicts.word(self.state, unit) is None
        ]
        if visit.claimed_task is not None:
            units = [unit for unit in units if unit.seq == visit.claimed_task]
        if node.method == "sequence":
            units = units[:1]
        for unit in units:
            self._activate(unit)
        if not any(task.status == LIVE for task in self.state.open_tasks(visit)):
            self.ask(visit, None)

    def _activate(self, task: Task) -> None:
        """Whose turn is it among this signer and those he added?"""
        if task.status == DONE:
            for child in self.state.children(task, BEFORE, AFTER):
                self._activate(child)
        elif task.status == WAITING:
            first = [child for child in self.state.children(task, BEFORE, DELEGATED) if self._is_open(child)]
            for child in first:
                self._activate(child)
            if not first:
                self.note("woken", task=task)

    def _is_open(self, task: Task) -> bool:
        """Advice ends with the one who gives it; another signer's word waits for those he added himself."""
        if task.relation == DELEGATED:
            return task.status in (LIVE, WAITING)
        return verdicts.word(self.state, task) is None

    # back, and the end

    def return_to(self, visit: Visit, target: str) -> None:
        """Leave this node for an earlier one. What runs beside it in the same branch is cancelled with it."""
        node = self.definition.by_key[visit.node]
        assert isinstance(node, Approve)
        goal = self.previous(visit) if target == "previous" else target
        resume = visit.node if node.resume == "direct" and not self.definition.forks_of(visit.node) else None
        self.cancel_within(self.definition.forks_of(goal), "returned")
        self.note("returned", to=goal, resume_to=resume, origin=visit.node)
        self.go_to(goal)

    def go_to(self, target: str) -> None:
        if target == STARTER:
            self.ask(self.open_visit(STARTER), self.starter_id, kind=REVISE)
        else:
            self.enter_list(self.definition.by_key[target])

    def previous(self, visit: Visit) -> str:
        """The approval before this one that may be returned to; the starter, when there is none."""
        passed = [
            other
            for other in self.state.visits.values()
            if other.order < visit.order
            and other.node != visit.node
            and other.node != STARTER
            and isinstance(self.definition.by_key[other.node], Approve)
            and any(task.status == DONE for task in self.state.tasks_of(other))
            and self.definition.is_reachable_by_return(other.node, visit.node)
        ]
        return max(passed, key=lambda other: other.order).node if passed else STARTER

    def revised(self, task: Task) -> None:
        """The starter has changed the form: on to who returned it, or from the beginning."""
        visit = self.state.visits[task.node, task.round]
        self.note("decided", task=task, person_id=task.person_id, outcome="revised")
        self.note("left", visit=visit, outcome="passed")
        goal = self.state.resume_to
        self.note("resumed", to=goal)
        self.enter_list(self.definition.by_key[goal] if goal else self.definition.nodes[0])

    def end(self, status: str) -> None:
        """Nothing lives in a case that has ended."""
        self.cancel_within((), "ended")
        self.note("ended", status=status)

    def cancel_within(self, forks: tuple[tuple[str, int], ...], why: str) -> None:
        """Cancel what lives in this branch and in the forks inside it; the forks around it stay."""
        for visit in self.state.live_visits():
            if self.definition.forks_of(visit.node)[: len(forks)] == forks:
                self.cancel_tasks(visit, why)
                self.note("left", visit=visit, outcome=CANCELLED)

    def cancel_tasks(self, visit: Visit, why: str) -> None:
        for task in self.state.open_tasks(visit):
            self.note("cancelled", task=task, why=why)
