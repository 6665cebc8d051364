"""停收: no payment is started while the books of a year are closed."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.errors import NoteMissing, StopInvalid, StopNotFound
from app.payments.models import PaymentStop
from app.platform.audit import service as audit

LONGEST = timedelta(days=14)


def stop_payments(
    session: Session, *, by: Caller, starts_at: datetime, ends_at: datetime, reason: str
) -> int:
    """From now on or later, for two weeks at most. Raises StopInvalid, NoteMissing."""
    if not clock.now() < ends_at or not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise StopInvalid()
    if len(reason.strip()) < 4:
        raise NoteMissing(details={"reason": [NoteMissing.msgid]})
    stop = PaymentStop(starts_at=starts_at, ends_at=ends_at, reason=reason.strip()[:200], by_id=by.person_id)
    session.add(stop)
    session.flush()
    audit.record(session, by=by, action="payments.stop", object_type="stop", object_id=stop.id)
    return stop.id


def resume_payments(session: Session, *, by: Caller, stop_id: int) -> None:
    """Earlier than announced. Raises StopNotFound when it is over."""
    now = clock.now()
    ended = db.rows_changed(
        session,
        update(PaymentStop)
        .where(PaymentStop.id == stop_id, PaymentStop.ends_at > now, PaymentStop.starts_at < now)
        .values(ends_at=now)
        .execution_options(synchronize_session=False),
    )
    if ended != 1:
        raise StopNotFound()
    audit.record(session, by=by, action="payments.resume", object_type="stop", object_id=stop_id)
