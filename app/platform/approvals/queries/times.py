"""Where cases wait: how long each node takes, and what waits there now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.approvals.definition import Approve, parse
from app.platform.approvals.engine.state import APPROVE, LIVE
from app.platform.approvals.models import Case, NodeTime, Task, Visit
from app.platform.approvals.queries.definitions import published_of


@dataclass(frozen=True)
class NodeWait:
    """`minutes` of work time, the median of the last 90 days (None: nobody went through yet). `limit` in hours."""

    key: str
    title: str
    minutes: int | None
    cases: int
    limit: float | None
    waiting: int
    late: int
    oldest: datetime | None


def waits_of(session: Session, code: str) -> list[NodeWait]:
    """The nodes of the published version, in its order."""
    version = published_of(session, code)
    if version is None:
        return []
    taken = {row.node: row for row in session.scalars(select(NodeTime).where(NodeTime.code == code))}
    now = clock.now()
    open_stmt = (
        select(
            Task.node,
            func.count().label("waiting"),
            func.count().filter(Visit.due_at < now).label("late"),
            func.min(Task.opened_at).label("oldest"),
        )
        .join(Case, Case.id == Task.case_id)
        .join(
            Visit, (Visit.case_id == Task.case_id) & (Visit.node == Task.node) & (Visit.round == Task.round)
        )
        .where(Task.status == LIVE, Task.kind == APPROVE, Case.code == code)
        .group_by(Task.node)
    )
    waiting = {row.node: row for row in session.execute(open_stmt)}
    return [
        NodeWait(
            key,
            node.title,
            taken[key].median_minutes if key in taken else None,
            taken[key].cases if key in taken else 0,
            node.limit.hours if node.limit else None,
            waiting[key].waiting if key in waiting else 0,
            waiting[key].late if key in waiting else 0,
            waiting[key].oldest if key in waiting else None,
        )
        for key, node in parse(version.body).by_key.items()
        if isinstance(node, Approve)
    ]
