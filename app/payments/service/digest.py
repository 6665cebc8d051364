"""对账日报: each working morning finance hears how yesterday stands, and what is old."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.payments.models import Difference, DifferenceStatus
from app.payments.queries import closing as queries
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications

OLD = timedelta(days=3)
VERDICTS = {
    "closed": "已关账",
    "explained": "已对平，可以关账",
    "missing": "账单还没有到齐",
    "new": "还没有对账",
}


def tell_finance(session: Session) -> int:
    """To everybody who reconciles, once a day. Returns how many were told."""
    yesterday = clock.today() - timedelta(days=1)
    state = queries.day_state(session, yesterday)
    verdict = VERDICTS.get(state.state) or f"还有 {state.live} 笔差错"
    told = identity.people_with(session, "payments.reconcile")
    for person_id in told:
        notifications.tell(
            session,
            kind="payments.digest",
            person_id=person_id,
            params={
                "day": f"{yesterday:%m-%d}",
                "verdict": verdict,
                "time": f"{clock.local(clock.now()):%Y-%m-%d %H:%M}",
                "rest": _rest(session, yesterday),
            },
            key=f"payments.digest:{yesterday}",
        )
    return len(told)


def _rest(session: Session, yesterday: date) -> str:
    """What is left of earlier days; twenty characters are all that a message shows."""
    live = (
        select(
            func.count().filter(Difference.status != DifferenceStatus.SUSPENDED).label("open"),
            func.count().filter(Difference.day <= yesterday - OLD).label("old"),
            func.count().filter(Difference.status == DifferenceStatus.SUSPENDED).label("suspended"),
        )
        .where(Difference.ended_at.is_(None), Difference.day < yesterday)
        .select_from(Difference)
    )
    row = session.execute(live).one()
    if not row.open and not row.suspended:
        return "以前的都已结清"
    return f"以前差错{row.open}，挂账{row.suspended}，超3天{row.old}"
