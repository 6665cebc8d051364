"""How long nodes take, in minutes of work time: reckoned each night from the last 90 days."""

from collections import Counter

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.approvals.engine.state import APPROVE, DONE
from app.platform.approvals.models import Case, NodeTime, Task
from app.platform.operations.queries import work_calendar

DAYS = 90


def reckon(session: Session) -> int:
    """Replace all that was reckoned before; how many nodes there are. Every task counts; they come as a stream, and of
    each node no more is kept than how often so many minutes were needed.
    """
    waited = _waited(session)
    now = clock.now()
    for (code, node), minutes in waited.items():
        row = {"median_minutes": median_of(minutes), "cases": minutes.total(), "reckoned_at": now}
        session.execute(
            insert(NodeTime)
            .values(code=code, node=node, **row)
            .on_conflict_do_update(index_elements=["code", "node"], set_=row)
        )
    session.execute(delete(NodeTime).where(NodeTime.reckoned_at < now))
    return len(waited)


def _waited(session: Session) -> dict[tuple[str, str], Counter[int]]:
    calendar = work_calendar(session)
    waited: dict[tuple[str, str], Counter[int]] = {}
    stmt = (
        select(Case.code, Task.node, Task.opened_at, Task.ended_at)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.kind == APPROVE,
            Task.status == DONE,
            Task.opened_at.is_not(None),
            Task.ended_at >= clock.now() - clock.timedelta(days=DAYS),
        )
        .execution_options(yield_per=1000)
    )
    for code, node, opened_at, ended_at in session.execute(stmt):
        if opened_at is not None and ended_at is not None:
            minutes = round(calendar.between(opened_at, ended_at).total_seconds() / 60)
            waited.setdefault((code, node), Counter())[minutes] += 1
    return waited


def median_of(counts: Counter[int]) -> int:
    """Of values by how often they came; halves are rounded to the even number."""
    total, passed = counts.total(), 0
    lower = None
    for value in sorted(counts):
        passed += counts[value]
        if lower is None and 2 * passed >= total:
            lower = value
        if lower is not None and 2 * passed > total:
            return round((lower + value) / 2)
    return lower or 0
