"""Standing deputies: who acts for somebody while he is away."""

from datetime import datetime

from sqlalchemy import or_, select, true, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.errors import NotFound
from app.platform.approvals.errors import DeputyUnfit
from app.platform.approvals.models import Deputy
from app.platform.approvals.queries.people import ADMINISTER, present
from app.platform.approvals.service.acting import clean
from app.platform.audit import service as audit

LONGEST = clock.timedelta(days=366)
MOST = 5  # of one person at a time


def set_deputy(
    session: Session,
    *,
    by: Caller,
    deputy_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    code: str | None = None,
) -> int:
    """Let somebody act on one's tasks for a while. It is not passed on: a deputy's deputy may not. Raises DeputyUnfit."""
    text = clean(reason, is_needed=True)
    is_fit = deputy_id != by.person_id and present(session, [by.person_id, deputy_id]) == {
        by.person_id,
        deputy_id,
    }
    if not is_fit or not clock.timedelta(0) < ends_at - starts_at <= LONGEST or ends_at <= clock.now():
        raise DeputyUnfit()
    mine = session.scalars(
        select(Deputy.deputy_id).where(
            Deputy.person_id == by.person_id, Deputy.ended_at.is_(None), Deputy.ends_at > clock.now()
        )
    ).all()
    if len(mine) >= MOST or deputy_id in mine:
        raise DeputyUnfit()
    deputy = Deputy(
        person_id=by.person_id,
        deputy_id=deputy_id,
        code=code,
        reason=text,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by_id=by.person_id,
    )
    session.add(deputy)
    session.flush()
    audit.record(
        session, by=by, action="approvals.set_deputy", object_type="approvals.deputy", object_id=deputy.id
    )
    return deputy.id


def end_deputy(session: Session, *, by: Caller, deputy_id: int) -> None:
    """End it before its time: either of the two, or an administrator. `deputy_id` is the row's. Raises NotFound."""
    both = or_(Deputy.person_id == by.person_id, Deputy.deputy_id == by.person_id)
    mine = true() if by.may(ADMINISTER) else both
    ended = session.execute(
        update(Deputy)
        .where(Deputy.id == deputy_id, Deputy.ended_at.is_(None), mine)
        .values(ended_at=clock.now())
        .returning(Deputy.id)
    ).first()
    if ended is None:
        raise NotFound()
    audit.record(
        session, by=by, action="approvals.end_deputy", object_type="approvals.deputy", object_id=deputy_id
    )
