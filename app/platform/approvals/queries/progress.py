"""Where cases stand, for the packages whose cases they are; and which of them wait for somebody."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.approvals.definition import parse
from app.platform.approvals.engine.state import APPROVE, LIVE, YES
from app.platform.approvals.models import Case, Definition, Task
from app.platform.directory import queries as directory


@dataclass(frozen=True)
class Progress:
    """A case: whose turn it is, by the titles of the steps and by name."""

    public_id: str
    status: str
    steps: tuple[str, ...]
    people: tuple[str, ...]


def progress_of(session: Session, case_id: int) -> Progress:
    """Who may see it is for the package to ask."""
    row = session.execute(
        select(Case.public_id, Case.status, Definition.body)
        .join(Definition, Definition.id == Case.definition_id)
        .where(Case.id == case_id)
    ).one()
    tasks = session.execute(
        select(Task.node, Task.person_id)
        .where(Task.case_id == case_id, Task.status == LIVE, Task.kind == APPROVE)
        .order_by(Task.seq)
    ).all()
    titles = {node: found.title for node, found in parse(row.body).by_key.items()}
    names = directory.people(session, {task.person_id for task in tasks if task.person_id is not None})
    return Progress(
        row.public_id,
        row.status,
        tuple(dict.fromkeys(titles.get(task.node, "") for task in tasks)),
        tuple(one.name for one in names.values()),
    )


def status_of(session: Session, case_id: int) -> str:
    """Running, approved, rejected, withdrawn or terminated."""
    return session.scalars(select(Case.status).where(Case.id == case_id)).one()


def approvers_of(session: Session, case_id: int) -> list[int]:
    """Who said yes, the first first; a deputy where he did."""
    rows = session.scalars(
        select(Task.done_by_id)
        .where(Task.case_id == case_id, Task.kind == APPROVE, Task.outcome == YES)
        .order_by(Task.ended_at, Task.seq)
    )
    return list(dict.fromkeys(one for one in rows if one is not None))


def own_tasks(session: Session, person_id: int, case_ids: Collection[int]) -> dict[int, int]:
    """Of these cases the approvals that wait for this person: task by case."""
    rows = session.execute(
        select(Task.case_id, Task.id).where(
            Task.person_id == person_id,
            Task.case_id.in_(case_ids),
            Task.status == LIVE,
            Task.kind == APPROVE,
        )
    )
    return {row.case_id: row.id for row in rows}
