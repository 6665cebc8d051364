"""Before a definition is published: is somebody found, in every college, whatever the form says?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.platform.approvals.definition import Definition
from app.platform.approvals.definition.samples import sample_forms
from app.platform.approvals.queries.simulation import simulate_body
from app.platform.directory import queries as directory
from app.platform.directory.queries import OrgBrief, PersonBrief

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
            "findings": [asdict(f) for f in self.findings],
        }


def lint(session: Session, definition: Definition, code: str) -> Lint:
    """A student of every college starts it with every sample form, in memory."""
    forms = sample_forms(definition)
    found: dict[tuple[str, str, str], Finding] = {}
    without, tried = [], 0
    for college in directory.org_units_of_kind(session, "college"):
        starter = _somebody_of(session, college)
        if starter is None:
            without.append(college.name)
            continue
        tried += 1
        for form in forms:
            for one in _findings(session, definition, code, college, starter, form):
                found.setdefault((one.college, one.node, one.problem), one)
    return Lint(tried, tuple(without), tuple(found.values())[:MOST_FINDINGS])


def _findings(
    session: Session,
    definition: Definition,
    code: str,
    college: OrgBrief,
    starter: PersonBrief,
    form: dict[str, Any],
) -> Iterator[Finding]:
    path = simulate_body(session, definition, code=code, starter_id=starter.id, form=form)
    for step in path.steps:
        if step.is_stuck:
            yield Finding(college.name, step.title, "stuck", form)
    if path.status == "rejected":
        yield Finding(college.name, path.steps[-1].title if path.steps else "", "rejected", form)


def _somebody_of(session: Session, college: OrgBrief) -> PersonBrief | None:
    """Any student of it: of its first class that has one."""
    for unit_id in sorted(directory.ids_below(session, college.id) | {college.id}):
        if found := directory.students_of(session, unit_id):
            return found[0]
    return None
