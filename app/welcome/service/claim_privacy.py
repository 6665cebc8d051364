"""What claims, disputes and guardians forget, hand out, erase, and move along."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock, db
from app.kit.caller import Caller
from app.welcome.models import (
    Admission,
    ClaimAlarm,
    ClaimCode,
    ClaimTry,
    Dispute,
    Guardian,
    GuardianStatus,
    Season,
)
from app.welcome.service import guardians

KEEP_TRIES = timedelta(days=30)
KEEP_CODES = timedelta(days=1)
KEEP_ALARMS = timedelta(days=180)
KEEP_OPEN = timedelta(days=365)
AFTER_SEASON = timedelta(days=60)


def retain(session: Session) -> int:
    """Tries go after 30 days, codes after one, disputes and guardians 60 days after their season."""
    moment = clock.now()
    over = Season.closes_on < clock.today() - AFTER_SEASON
    seasons = select(Season.id).where(over)
    admissions = select(Admission.id).where(Admission.season_id.in_(seasons))
    guardians.end_expired(session)
    return sum(
        db.rows_changed(session, stmt)
        for stmt in (
            delete(ClaimTry).where(ClaimTry.tried_at < moment - KEEP_TRIES),
            delete(ClaimCode).where(ClaimCode.asked_at < moment - KEEP_CODES),
            delete(ClaimAlarm).where(
                or_(ClaimAlarm.closed_at < moment - KEEP_ALARMS, ClaimAlarm.last_at < moment - KEEP_OPEN)
            ),
            delete(Dispute).where(Dispute.season_id.in_(seasons)),
            delete(Guardian).where(Guardian.admission_id.in_(admissions)),
        )
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """A person's own tries, disputes and who may look on, in words of theirs."""
    tries = select(ClaimTry.kind, ClaimTry.tried_at, ClaimTry.succeeded)
    disputes = select(
        Dispute.name, Dispute.number, Dispute.phone, Dispute.words, Dispute.status, Dispute.created_at
    )
    looks_on = select(Guardian.relation, Guardian.status, Guardian.asked_at).join(
        Admission, Admission.id == Guardian.admission_id
    )
    return {
        "claim_tries": _plain(session, tries.where(ClaimTry.person_id == person_id)),
        "disputes": _plain(session, disputes.where(Dispute.person_id == person_id)),
        "guardians": _plain(session, looks_on.where(Admission.person_id == person_id)),
        "guardian_of": _plain(session, looks_on.where(Guardian.person_id == person_id)),
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget what the person tried and said. May be run again."""
    for table in (ClaimTry, ClaimCode, Dispute, Guardian):
        session.execute(delete(table).where(table.person_id == person_id))
    mine = select(Admission.id).where(Admission.person_id == person_id)
    session.execute(delete(Dispute).where(Dispute.admission_id.in_(mine)))  # they hold the name and number
    session.execute(delete(Guardian).where(Guardian.admission_id.in_(mine)))


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody: their tries and disputes follow. Nobody is their own guardian."""
    for table in (ClaimTry, ClaimCode, Dispute):
        session.execute(update(table).where(table.person_id == from_id).values(person_id=into_id))
    theirs = aliased(Guardian)
    is_twin = exists().where(
        theirs.person_id == into_id,
        theirs.admission_id == Guardian.admission_id,
        theirs.status != GuardianStatus.ENDED,
    )
    is_own = exists().where(Admission.id == Guardian.admission_id, Admission.person_id == into_id)
    live = Guardian.status != GuardianStatus.ENDED
    session.execute(
        update(Guardian)
        .where(Guardian.person_id == from_id, live, is_twin | is_own)
        .values(status=GuardianStatus.ENDED, ended_at=clock.now())
    )
    session.execute(update(Guardian).where(Guardian.person_id == from_id).values(person_id=into_id))


def _plain(session: Session, stmt: Any) -> list[dict[str, Any]]:
    return [
        {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in row._mapping.items()
        }
        for row in session.execute(stmt)
    ]
