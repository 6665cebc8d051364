"""Who stands in for whom."""

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.prepared import Prepared
from app.platform.approvals.models import Deputy

_STANDS_IN = Prepared(
    select(Deputy.person_id)
    .where(
        Deputy.deputy_id == bindparam("deputy_id"),
        Deputy.ended_at.is_(None),
        Deputy.starts_at <= bindparam("moment"),
        Deputy.ends_at > bindparam("moment"),
        or_(Deputy.code.is_(None), Deputy.code == bindparam("code")),
    )
    .order_by(Deputy.id)
)


def stands_in_for(session: Session, *, deputy_id: int, person_id: int, code: str) -> bool:
    """Whether one may act for the other now, in cases of this definition. Not for whom the other stands in."""
    rows = _STANDS_IN.rows(session, deputy_id=deputy_id, moment=clock.now(), code=code)
    return any(row.person_id == person_id for row in rows)
