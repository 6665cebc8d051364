"""The card centre's flow as it is kept: a page and the cursor move together, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.models import CardFlow, CardFlowLine
from app.platform.audit import service as audit

SETTLES = timedelta(minutes=30)
"""After midnight, until the end of the flow has all of the day before."""
_flows = cast("Table", CardFlow.__table__)


@dataclass(frozen=True)
class Place:
    """Where a flow has been read to."""

    id: int
    account: str
    cursor: int
    anchor: str | None
    problem: str | None
    problem_at: datetime | None
    reached_at: datetime | None
    started_at: datetime

    @property
    def asks_after(self) -> int:
        """The last line once more: it shows that the flow is still the same."""
        return self.cursor - 1 if self.anchor else self.cursor


@dataclass(frozen=True)
class News:
    """What a page adds: where it leads to, and our lines on the way. `is_end`: there is no more for now."""

    cursor: int
    anchor: str | None
    is_end: bool
    lines: Sequence[Mapping[str, Any]]


def place(session: Session, account: str) -> Place | None:
    names = [getattr(CardFlow, name) for name in Place.__dataclass_fields__]
    row = session.execute(
        select(*names).where(CardFlow.account == account, CardFlow.ended_at.is_(None))
    ).first()
    return Place(*row) if row else None


def begin(session: Session, account: str, *, after: int, anchor: str | None) -> None:
    """From here on; what was before is for the day files. Two at once are one."""
    values = {
        "account": account,
        "starts_after": after,
        "cursor": after,
        "anchor": anchor,
        "started_at": clock.now(),
    }
    session.execute(upsert(_flows).values(**values).on_conflict_do_nothing())


def end(session: Session, *, by: Caller, flow_id: int | None = None) -> list[str]:
    """Somebody gives up what runs, because the vendor cannot mend it or has no flow any more; of which accounts."""
    stmt = update(_flows).where(_flows.c.ended_at.is_(None)).values(ended_at=clock.now())
    if flow_id is not None:
        stmt = stmt.where(_flows.c.id == flow_id)
    ended = session.execute(stmt.returning(_flows.c.id, _flows.c.account)).all()
    for row in ended:
        audit.record(
            session,
            by=by,
            action="payments.end_card_flow",
            object_type="payments.card_flow",
            object_id=row.id,
        )
    return sorted(row.account for row in ended)


def take(session: Session, at: Place, news: News, *, asked_at: datetime) -> bool:
    """Keep what is new of a page that was asked for at `asked_at`, and move on; whether that was the end.

    Nothing is kept when somebody else has moved on meanwhile; that is no end.
    """
    has_moved = db.rows_changed(
        session,
        update(_flows)
        .where(_flows.c.id == at.id, _flows.c.cursor == at.cursor, _flows.c.ended_at.is_(None))
        .values(
            cursor=news.cursor,
            anchor=news.anchor,
            reached_at=func.greatest(_flows.c.reached_at, asked_at) if news.is_end else _flows.c.reached_at,
            problem=None,
            problem_at=None,
        ),
    )
    if has_moved and news.lines:
        kept_at = clock.now()
        session.execute(
            insert(CardFlowLine), [{**line, "flow_id": at.id, "kept_at": kept_at} for line in news.lines]
        )
    return news.is_end and bool(has_moved)


def note_problem(session: Session, at: Place, problem: str) -> Place:
    """As it stands then; `problem_at` is since when it has been this one."""
    since = at.problem_at if at.problem == problem and at.problem_at else clock.now()
    session.execute(
        update(_flows)
        .where(_flows.c.id == at.id, _flows.c.cursor == at.cursor)
        .values(problem=problem, problem_at=since)
    )
    return Place(**{**vars(at), "problem": problem, "problem_at": since})


def has_whole(reached_at: datetime | None, day: date) -> bool:
    """Whether a flow whose end was reached then has all of the day."""
    over = clock.start_of_day(day + timedelta(days=1)) + SETTLES
    return reached_at is not None and reached_at >= over
