"""Who stands in for whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals.engine.state import APPROVE, DONE, LIVE
from app.platform.approvals.models import Deputy, Task
from app.platform.directory import queries as directory


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


_ASKED = Prepared(
    select(
        or_(
            exists().where(
                Task.person_id == bindparam("person_id"), Task.status == LIVE, Task.kind == APPROVE
            ),
            exists().where(
                Task.done_by_id == bindparam("person_id"), Task.status == DONE, Task.kind == APPROVE
            ),
            exists().where(Deputy.person_id == bindparam("person_id"), Deputy.ended_at.is_(None)),
            exists().where(Deputy.deputy_id == bindparam("person_id"), Deputy.ended_at.is_(None)),
        ).label("is_so")
    )
)


def approves(session: Session, caller: Caller) -> bool:
    """Whether somebody is asked, was, or may be by his role or post: most students never."""
    if caller.grants or _ASKED.first(session, person_id=caller.person_id).is_so:
        return True
    return bool(directory.posts_of(session, caller.person_id))


def deputies_of(session: Session, person_id: int) -> list[Deputy]:
    """Who acts for a person, and for whom he acts, now or later."""
    stmt = select(Deputy).where(
        or_(Deputy.person_id == person_id, Deputy.deputy_id == person_id),
        Deputy.ended_at.is_(None),
        Deputy.ends_at > clock.now(),
    )
    return list(session.scalars(stmt.order_by(Deputy.starts_at, Deputy.id).limit(50)))
