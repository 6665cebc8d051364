"""How long nodes take, in minutes of work time: reckoned each night from the last 90 days."""

from statistics import median

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.approvals.engine.state import APPROVE, DONE
from app.platform.approvals.models import Case, NodeTime, Task
from app.platform.operations.queries import work_calendar

DAYS = 90
MOST_SAMPLES = 500  # of a node: the latest


def reckon(session: Session) -> int:
    """Replace all that was reckoned before; how many nodes there are."""
    calendar = work_calendar(session)
    waited: dict[tuple[str, str], list[float]] = {}
    stmt = (
        select(Case.code, Task.node, Task.opened_at, Task.ended_at)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.kind == APPROVE,
            Task.status == DONE,
            Task.ended_at >= clock.now() - clock.timedelta(days=DAYS),
        )
        .order_by(Task.ended_at.desc())
        .execution_options(yield_per=1000)
    )
    for code, node, opened_at, ended_at in session.execute(stmt):
        minutes = waited.setdefault((code, node), [])
        if len(minutes) < MOST_SAMPLES and opened_at is not None and ended_at is not None:
            minutes.append(calendar.between(opened_at, ended_at).total_seconds() / 60)
    now = clock.now()
    for (code, node), minutes in waited.items():
        row = {"median_minutes": round(median(minutes)), "cases": len(minutes), "reckoned_at": now}
        session.execute(
            insert(NodeTime)
            .values(code=code, node=node, **row)
            .on_conflict_do_update(index_elements=["code", "node"], set_=row)
        )
    session.execute(delete(NodeTime).where(NodeTime.reckoned_at < now))
    return len(waited)
