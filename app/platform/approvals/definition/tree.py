"""A definition as the engine walks it: nodes in lists, lists in branches. Made from JSON by `parsing`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

STARTER = "starter"  # the place a case returns to when its starter is to change the form
Fork = tuple[str, int]  # (key of a parallel node, number of the branch)


@dataclass(frozen=True)
class FormField:
    """`visible_to` are keys of nodes whose approvers see it (all, when empty); `editable_by` those who may change it.

    `is_fixed`: its starter can't change it after a return either, because the business has it from elsewhere.
    """

    name: str
    title: str
    type: str
    is_required: bool = False
    is_fixed: bool = False
    choices: tuple[str, ...] = ()
    visible_to: tuple[str, ...] = ()
    editable_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """Whom to ask: the name of a resolver, what it is told, and the weight of each one's word."""

    resolver: str
    args: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 1


@dataclass(frozen=True)
class Limit:
    """How long a node may wait. `hours` of the working calendar (`work`) or of the clock."""

    hours: float
    calendar: str = "work"
    then: str = "remind"
    escalate_to: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Approve:
    key: str
    title: str
    approvers: tuple[Asked, ...]
    method: str = "any"
    share: int = 50  # per cent of the weight, of a vote
    veto: str = "one"
    when_empty: str = "administrators"
    person: str = ""
    when_self: str = "skip"
    when_repeated: str = "ask"
    on_reject: str = "end"
    return_to: tuple[str, ...] = (STARTER,)
    resume: str = "through"
    limit: Limit | None = None
    requires_human: bool = False


@dataclass(frozen=True)
class Copy:
    key: str
    title: str
    people: tuple[Asked, ...]


@dataclass(frozen=True)
class Branch:
    title: str
    nodes: tuple["Node", ...]
    when: str | None = None


@dataclass(frozen=True)
class Condition:
    key: str
    title: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Parallel:
    key: str
    title: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Timer:
    key: str
    title: str
    hours: float
    calendar: str = "work"


@dataclass(frozen=True)
class Service:
    """The business does something of its own and says when it is done."""

    key: str
    title: str
    service: str


Node = Approve | Copy | Condition | Parallel | Timer | Service


@dataclass(frozen=True)
class Place:
    """Where a node stands: in which list, at which position, and within which forks, from the outside in."""

    parent: str | None
    branch: int
    position: int
    forks: tuple[Fork, ...]


@dataclass(frozen=True)
class Definition:
    title: str
    fields: tuple[FormField, ...]
    nodes: tuple[Node, ...]
    link: str = ""
    tells_starter: bool = True
    exception_when: str = ""  # cases that are looked at one by one, never in a batch

    @cached_property
    def by_key(self) -> dict[str, Node]:
        return {node.key: node for node, _place in self._walk()}

    @cached_property
    def places(self) -> dict[str, Place]:
        return {node.key: place for node, place in self._walk()}

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.fields)

    def after(self, key: str) -> Node | None:
        """The next node of the same list."""
        place = self.places[key]
        siblings = self._list_of(place)
        return siblings[place.position + 1] if place.position + 1 < len(siblings) else None

    def forks_of(self, key: str) -> tuple[Fork, ...]:
        """The forks around a node, from the outside in; of the starter's place: none."""
        return () if key == STARTER else self.places[key].forks

    def is_reachable_by_return(self, target: str, origin: str) -> bool:
        """One may return within one's own branch, or out of forks; never into another branch."""
        inside = self.forks_of(target)
        return self.forks_of(origin)[: len(inside)] == inside

    def _list_of(self, place: Place) -> tuple[Node, ...]:
        if place.parent is None:
            return self.nodes
        parent = self.by_key[place.parent]
        assert isinstance(parent, Condition | Parallel)
        return parent.branches[place.branch].nodes

    def _walk(self) -> Iterator[tuple[Node, Place]]:
        yield from walk(self.nodes, None, 0, ())


def walk(
    nodes: tuple[Node, ...], parent: str | None, branch: int, forks: tuple[Fork, ...]
) -> Iterator[tuple[Node, Place]]:
    """Every node with its place, in reading order."""
    for position, node in enumerate(nodes):
        yield node, Place(parent, branch, position, forks)
        if isinstance(node, Condition | Parallel):
            for number, one in enumerate(node.branches):
                within = (*forks, (node.key, number)) if isinstance(node, Parallel) else forks
                yield from walk(one.nodes, node.key, number, within)
