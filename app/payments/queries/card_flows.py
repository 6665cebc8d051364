"""How far the card centre's flow has been read, and which of its days ought to be here and are not."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.payments.models import CardFlow, CardFlowLine, Run
from app.payments.service.card_flows import has_whole

LACKING = {"kind": "flow", "has_bill": False}
"""In the figures of a run."""
MOST_SHOWN = 50


def missing(session: Session, *, since: date) -> list[tuple[str, date]]:
    """Accounts and the days before today that their flow has begun before and not come to the end of."""
    flows = session.execute(
        select(CardFlow.account, CardFlow.started_at, CardFlow.reached_at).where(CardFlow.ended_at.is_(None))
    ).all()
    found = []
    for account, started_at, reached_at in flows:
        first = max(since, clock.local(started_at).date() + timedelta(days=1))
        days = [first + timedelta(days=ahead) for ahead in range((clock.today() - first).days)]
        found += [(account, day) for day in days if not has_whole(reached_at, day)]
    return found


def flows(session: Session) -> list[AnyRow]:
    """What is read now, then what was given up, the latest first; with how many movements of ours each told of."""
    told = select(func.count()).where(CardFlowLine.flow_id == CardFlow.id).scalar_subquery()
    stmt = select(*CardFlow.__table__.columns, told.label("lines")).order_by(
        CardFlow.ended_at.is_not(None), CardFlow.account, CardFlow.id.desc()
    )
    return list(session.execute(stmt.limit(MOST_SHOWN)).all())


def has_news(session: Session, day: date, *, since: datetime) -> bool:
    """Whether lines of the day came after the run of `since`, or the flow has it whole now, which it had not then."""
    lines = select(CardFlowLine.id).where(CardFlowLine.day == day, CardFlowLine.kept_at > since)
    if session.scalar(select(lines.exists())):
        return True
    lacked = select(Run.id).where(
        Run.day == day, Run.started_at == since, Run.figures["accounts"].contains([LACKING])
    )
    if not session.scalar(select(lacked.exists())):
        return False
    return all(each != day for _, each in missing(session, since=day))
