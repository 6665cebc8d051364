"""Before a definition is published: is somebody found, in every college, whatever the form says?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.platform.approvals.definition import Definition
from app.platform.approvals.definition.samples import sample_forms
from app.platform.approvals.queries.simulation import simulate_body
from app.platform.directory import queries as directory

MOST_FINDINGS = 200


@dataclass(frozen=True)
class Finding:
    """In this college nobody can be asked at this node (`stuck`), or the case ends refused by itself (`rejected`)."""

    college: str
    node: str
    problem: str
    form: dict[str, Any]


@dataclass(frozen=True)
class Lint:
    """`tried` is how many colleges; `without` are those with no student to try it with."""

    tried: int
    without: tuple[str, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "tried": self.tried,
            "without": list(self.without),
            "findings": [asdict(f) for f in self.findings[:MOST_FINDINGS]],
        }


@dataclass(frozen=True)
class Trial:
    """A student of a college, who starts it."""

    college: str
    starter_id: int


def trials(session: Session) -> tuple[list[Trial], list[str]]:
    """One for each college, and the colleges with no student. Two statements, however many classes there are."""
    colleges = directory.org_units_of_kind(session, "college")
    found = directory.student_of_each(session, [one.id for one in colleges])
    return (
        [Trial(one.name, found[one.id]) for one in colleges if one.id in found],
        [one.name for one in colleges if one.id not in found],
    )


def findings_of(session: Session, definition: Definition, code: str, trial: Trial) -> list[Finding]:
    """The student starts it with every sample form, in memory; what is wrong at a node is told once."""
    found: dict[tuple[str, str], Finding] = {}
    for form in sample_forms(definition):
        for one in _findings(session, definition, code, trial, form):
            found.setdefault((one.node, one.problem), one)
    return list(found.values())


def _findings(
    session: Session, definition: Definition, code: str, trial: Trial, form: dict[str, Any]
) -> Iterator[Finding]:
    path = simulate_body(session, definition, code=code, starter_id=trial.starter_id, form=form)
    for step in path.steps:
        if step.is_stuck:
            yield Finding(trial.college, step.title, "stuck", form)
    if path.status == "rejected":
        yield Finding(trial.college, path.steps[-1].title if path.steps else "", "rejected", form)
