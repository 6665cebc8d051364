"""Enumeration: patterns of failures that no freshman makes. Within 200 tries one of the three trips."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.welcome.errors import AlarmClosed
from app.welcome.events import ClaimsAttacked
from app.welcome.models import ClaimAlarm, ClaimTry

WINDOW = timedelta(hours=1)
OF_PERSON = 10
OF_NETWORK = 60
OF_ALL = 150
"""Failures within the hour. Of a network and of all, only while they are more than the successes: on the morning of
the opening thousands come at once, and one in twenty mistypes."""


def watch(session: Session, *, person_id: int, network: str) -> None:
    """After a failure: raise what alarms are due. The same number of statements for every failure that is no alarm."""
    mine, theirs = ClaimTry.person_id == person_id, ClaimTry.network == network
    failed = [
        ("person", str(person_id), _count(session, mine, succeeded=False, most=OF_PERSON), OF_PERSON),
        ("network", network, _count(session, theirs, succeeded=False, most=OF_NETWORK), OF_NETWORK),
        ("all", "", _count(session, true(), succeeded=False, most=OF_ALL), OF_ALL),
    ]
    for (kind, subject, count, most), where in zip(failed, (None, theirs, true()), strict=True):
        if count < most:
            continue
        if where is None or _count(session, where, succeeded=True, most=most) < most:
            _raise(session, kind, subject, count)


def close_alarm(session: Session, *, by: Caller, alarm_id: int) -> None:
    """Somebody looked into it. Raises AlarmClosed when another did before."""
    closed = db.rows_changed(
        session,
        update(ClaimAlarm)
        .where(ClaimAlarm.id == alarm_id, ClaimAlarm.closed_at.is_(None))
        .values(closed_at=clock.now(), closed_by_id=by.person_id),
    )
    if closed != 1:
        raise AlarmClosed()
    audit.record(session, by=by, action="welcome.alarm_closed", object_type="claim_alarm", object_id=alarm_id)


def _count(session: Session, condition: ColumnElement[bool], *, succeeded: bool, most: int) -> int:
    few = (
        select(ClaimTry.id)
        .where(condition, ClaimTry.tried_at > clock.now() - WINDOW, ClaimTry.succeeded == succeeded)
        .limit(most)
    )
    return session.scalar(select(func.count()).select_from(few.subquery())) or 0


def _raise(session: Session, kind: str, subject: str, tries: int) -> None:
    """One open alarm for one subject: more of the same only moves its last moment."""
    moment = clock.now()
    alarm_id = session.scalar(
        insert(ClaimAlarm)
        .values(kind=kind, subject=subject, tries=tries, opened_at=moment, last_at=moment)
        .on_conflict_do_nothing()
        .returning(ClaimAlarm.id)
    )
    if alarm_id is not None:
        outbox.emit(session, ClaimsAttacked(alarm_id, tries))
        return
    session.execute(
        update(ClaimAlarm)
        .where(ClaimAlarm.kind == kind, ClaimAlarm.subject == subject, ClaimAlarm.closed_at.is_(None))
        .values(last_at=moment, tries=ClaimAlarm.tries + 1)
    )
