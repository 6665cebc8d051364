"""Who stands in for whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.prepared import Prepared
from app.platform.approvals.models import Deputy


def stands_in(
    deputy_id: int | BindParameter[Any], moment: datetime | BindParameter[Any]
) -> ColumnElement[bool]:
    """Rows by which somebody acts for another at a moment, of whatever definition."""
    return and_(
        Deputy.deputy_id == deputy_id,
        Deputy.ended_at.is_(None),
        Deputy.starts_at <= moment,
        Deputy.ends_at > moment,
    )


_STANDS_IN = Prepared(
    select(Deputy.person_id)
    .where(
        stands_in(bindparam("deputy_id"), bindparam("moment")),
        or_(Deputy.code.is_(None), Deputy.code == bindparam("code")),
    )
    .order_by(Deputy.id)
)


def stands_in_for(session: Session, *, deputy_id: int, person_id: int, code: str) -> bool:
    """Whether one may act for the other now, in cases of this definition. Not for whom the other stands in."""
    rows = _STANDS_IN.rows(session, deputy_id=deputy_id, moment=clock.now(), code=code)
    return any(row.person_id == person_id for row in rows)


def deputies_of(session: Session, person_id: int) -> list[Deputy]:
    """Who acts for a person, and for whom he acts, now or later."""
    stmt = select(Deputy).where(
        or_(Deputy.person_id == person_id, Deputy.deputy_id == person_id),
        Deputy.ended_at.is_(None),
        Deputy.ends_at > clock.now(),
    )
    return list(session.scalars(stmt.order_by(Deputy.starts_at, Deputy.id).limit(50)))
