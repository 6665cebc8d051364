"""Lists that offices upload: what one would change, line by line, and how a module says which lists it takes. Bare."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from app.kit.workbook import Problem, Sheet, Workbook

Progress = Callable[[int], None]
New = TypeVar("New")
Changed = TypeVar("Changed")
Missing = TypeVar("Missing")


@dataclass(frozen=True)
class Line:
    """A line of the preview; `who` is masked. `sort` is problem, new, changed or missing."""

    sort: str
    row: int | None
    who: str
    text: str


class Plan(Protocol):
    """What a list would change. With problems nothing else is worked out."""

    @property
    def problems(self) -> list[Problem]: ...

    @property
    def digest(self) -> str:
        """What was shown must be what is written: both sides come to one digest."""
        ...

    def counts(self, *, withdraws: bool) -> dict[str, int]: ...

    def lines(self) -> list[Line]: ...


@dataclass(frozen=True)
class Choice:
    """Part of a list's scope, to be chosen from `options` (value, title); `value` is what stands first."""

    field: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ListKind:
    """A kind of list. `example` fills the row of the template, by field.

    `check(book, scope)` complains of what a row's cells say of each other; `plan(session, scope=, book=)` reads only;
    `write(session, by=, scope=, planned=, withdraws=, progress=)` writes all of a plan in the caller's transaction.
    """

    key: str
    title: str
    sheets: tuple[Sheet, ...]
    plan: Callable[..., Plan]
    write: Callable[..., None]
    check: Callable[[Workbook, Mapping[str, Any]], None] = lambda _book, _scope: None
    example: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListDesk:
    """Where in the console an office uploads its lists, and under which permission.

    `within(session)` is the part of the scope that nobody chooses, such as the season; lists of another are not shown.
    `choices(session)` is the rest. `withdraws` labels the tick by which those who are missing go, `withdrawn` says
    how many (`count`) will.
    """

    key: str
    url: str
    permission: str
    title: str
    note: str
    withdraws: str
    withdrawn: str
    kinds: tuple[ListKind, ...]
    choices: Callable[..., list[Choice]]
    within: Callable[..., dict[str, Any]] = lambda _session: {}

    def kind(self, key: str) -> ListKind | None:
        return next((kind for kind in self.kinds if kind.key == key), None)


def problem_lines(problems: Sequence[Problem]) -> list[Line]:
    """What is wrong with the workbook, as the preview shows it."""
    return [Line("problem", one.row, "", one.words) for one in problems]


def counted(
    *,
    new: Sized,
    changed: Sized,
    same: int,
    problems: Sized,
    missing: Sized = (),
    withdrawn: Sized = (),
    scope: int = 0,
) -> dict[str, int]:
    """The figures of a plan, of whichever kind of list."""
    return {
        "new": len(new),
        "changed": len(changed),
        "same": same,
        "missing": len(missing),
        "withdrawn": len(withdrawn),
        "problem": len(problems),
        "scope": scope,
    }


@dataclass(kw_only=True)
class Comparison(Generic[New, Changed, Missing]):
    """What most plans are: rows of the list against what is known of all that the list is complete for, its `scope`."""

    new: list[New] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0
    scope: int = 0

    def counts(self, *, withdraws: bool) -> dict[str, int]:
        return counted(
            new=self.new,
            changed=self.changed,
            same=self.same,
            problems=self.problems,
            missing=self.missing,
            withdrawn=self.missing if withdraws else (),
            scope=self.scope,
        )


def digest_of(parts: Iterable[str]) -> str:
    """Of a plan's parts, in their order."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() + b"\0")
    return found.hexdigest()[:32]
