"""What waits for a person of one definition, to be approved together: the exceptions apart."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.i18n import N_
from app.platform.approvals.definition import Definition as Tree
from app.platform.approvals.definition import expressions, parse
from app.platform.approvals.engine.state import APPROVE
from app.platform.approvals.models import Case, Definition, Task, Visit
from app.platform.approvals.queries.todo import waiting_for

MOST = 100
LATE = N_("已超时")
AGAIN = N_("退回后再提交")
STANDS_IN = N_("代人办理")
UNUSUAL = N_("情况特殊")


@dataclass(frozen=True)
class Line:
    """One case. `why` is what makes it an exception: it is looked at by itself, and not chosen beforehand."""

    task_id: int
    public_id: str
    title: str
    starter_id: int
    opened_at: datetime | None
    due_at: datetime | None
    why: tuple[str, ...]


def codes_waiting(session: Session, person_id: int) -> list[tuple[str, str, int]]:
    """(code, title, how many) of what waits for him, the most first; of his first thousand."""
    rows = (
        session.execute(
            waiting_for(session, person_id)
            .where(Task.kind == APPROVE)
            .with_only_columns(Case.code)
            .limit(1000)
        )
        .scalars()
        .all()
    )
    counts = {code: rows.count(code) for code in dict.fromkeys(rows)}
    titles = dict(
        session.execute(
            select(Definition.code, Definition.title).where(
                Definition.code.in_(counts), Definition.status == "published"
            )
        ).all()
    )
    return [(code, titles.get(code, code), n) for code, n in sorted(counts.items(), key=lambda one: -one[1])]


def batch(session: Session, person_id: int, code: str) -> list[Line]:
    """His next hundred, the exceptions first."""
    stmt = (
        waiting_for(session, person_id)
        .join(
            Visit, (Visit.case_id == Task.case_id) & (Visit.node == Task.node) & (Visit.round == Task.round)
        )
        .where(Case.code == code, Task.kind == APPROVE)
        .order_by(Task.id)
        .limit(MOST)
    )
    rows = session.execute(
        stmt.add_columns(Case.form, Case.fresh_from, Case.definition_id, Visit.due_at)
    ).all()
    trees = _trees(session, {row.definition_id for row in rows})
    lines = [_line(row, person_id, trees[row.definition_id]) for row in rows]
    return sorted(lines, key=lambda line: not line.why)


def _trees(session: Session, ids: Collection[int]) -> dict[int, Tree]:
    """Each version once, however many cases follow it."""
    bodies = session.execute(select(Definition.id, Definition.body).where(Definition.id.in_(ids)))
    return {row.id: parse(row.body) for row in bodies}


def _line(row: Any, person_id: int, definition: Tree) -> Line:
    why = []
    if row.due_at is not None and row.due_at < clock.now():
        why.append(LATE)
    if row.fresh_from > 1:
        why.append(AGAIN)
    if row.person_id != person_id:
        why.append(STANDS_IN)
    if _is_exception(definition, row.form):
        why.append(UNUSUAL)
    return Line(row.id, row.public_id, row.title, row.starter_id, row.opened_at, row.due_at, tuple(why))


def _is_exception(definition: Tree, form: dict[str, Any]) -> bool:
    """What can't be compared is an exception, too: somebody should look."""
    words = definition.exception_when
    try:
        return bool(words) and expressions.evaluate(
            words, {name: form.get(name) for name in definition.names}
        )
    except expressions.CannotCompare:
        return True
