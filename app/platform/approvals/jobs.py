"""What approvals does by the clock, and whom it tells."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.platform.approvals import service
from app.platform.approvals.definition import parse
from app.platform.approvals.engine.state import APPROVE, COPY, LIVE, REVISE
from app.platform.approvals.events import CaseMoved, DefinitionProposed
from app.platform.approvals.models import Case, Definition, LogLine, Task
from app.platform.approvals.queries.linting import Finding, Lint, findings_of, trials
from app.platform.approvals.service.running import definition_of
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications


def ring_timers(*, clients: Any) -> None:
    """Timers and limits whose time has come, each in a transaction of its own."""
    del clients
    with unit_of_work() as session:
        due = service.due_timers(session)
    for timer_id in due:
        with unit_of_work() as session:
            service.ring(session, timer_id=timer_id)


def rescue_orphans(*, clients: Any) -> None:
    """Tasks of people who have left find a new owner."""
    del clients
    with unit_of_work() as session:
        orphaned = service.orphaned_tasks(session)
    for task_id in orphaned:
        with unit_of_work() as session:
            service.rescue(session, task_id=task_id)


def reckon_times(*, clients: Any) -> None:
    """How long nodes take, each night."""
    del clients
    with unit_of_work() as session:
        service.reckon(session)


def on_definition_proposed(event: DefinitionProposed, *, clients: Any) -> None:
    """Try it in every college, each in a transaction of its own. Safe to run again."""
    del clients
    with unit_of_work() as session:
        version = session.get_one(Definition, event.definition_id)
        tree, code = parse(version.body), version.code
        tried, without = trials(session)
    found: list[Finding] = []
    for trial in tried:
        with unit_of_work() as session:
            found += findings_of(session, tree, code, trial)
    lint = Lint(len(tried), tuple(without), tuple(found))
    with unit_of_work() as session:
        service.note_lint(session, definition_id=event.definition_id, lint=lint)


def on_case_moved(session: Session, event: CaseMoved) -> None:
    """Tell whom the lines concern. Once per person and line, however often this runs."""
    case = session.get_one(Case, event.case_id)
    lines = session.scalars(
        select(LogLine)
        .where(LogLine.case_id == event.case_id, LogLine.seq.between(event.first, event.last))
        .order_by(LogLine.seq)
    ).all()
    definition = definition_of(session, case.definition_id, case.sha256)
    tell = _Telling(session, case)
    for line in lines:
        if line.kind == "asked" and line.data["kind"] == COPY:
            tell(line, "approvals.copied", [line.person_id])
        elif line.kind == "asked" and line.data["kind"] == REVISE:
            tell(line, "approvals.returned", [line.person_id])
        elif (line.kind == "asked" and line.data["status"] == LIVE) or line.kind in ("woken", "handed"):
            tell(line, "approvals.asked", _owners(session, case.id, [line.task]))
        elif line.kind in ("urged", "overdue"):
            tell(line, "approvals.urged", _owners(session, case.id, None))
        elif (
            line.kind == "ended"
            and definition.tells_starter
            and line.data["status"] in ("approved", "rejected")
        ):
            tell(line, f"approvals.{line.data['status']}", [case.starter_id])


def _owners(session: Session, case_id: int, seqs: list[int | None] | None) -> list[int | None]:
    """Who holds these tasks, or any, if it is still his turn."""
    stmt = select(Task.person_id).where(Task.case_id == case_id, Task.status == LIVE, Task.kind == APPROVE)
    return list(session.scalars(stmt if seqs is None else stmt.where(Task.seq.in_(seqs))))


class _Telling:
    """What every message of one case says."""

    def __init__(self, session: Session, case: Case) -> None:
        self.session, self.case = session, case
        self.who = directory.person(session, case.starter_id).name

    def __call__(self, line: LogLine, kind: str, people: list[int | None]) -> None:
        for person_id in people:
            if person_id is None or (person_id == line.actor_id and kind != "approvals.returned"):
                continue
            notifications.tell(
                self.session,
                kind=kind,
                person_id=person_id,
                params={
                    "case_id": self.case.public_id,
                    "title": self.case.title,
                    "who": self.who,
                    "time": f"{clock.local(line.at):%Y-%m-%d %H:%M}",
                },
                key=f"approvals:{self.case.id}:{line.seq}",
                matter=f"approvals:{self.case.id}",
            )
