"""Parents look on by the freshman's consent: asked, granted, taken back, over after arrival."""

from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.welcome.errors import GuardianMoved, GuardianNotFound
from app.welcome.events import GuardianAsked, GuardianDecided
from app.welcome.models import RELATIONS, Admission, Guardian, GuardianStatus, Season

AFTER_ARRIVAL = timedelta(days=30)


def ask(session: Session, *, by: Caller, admission_id: int, relation: str) -> str:
    """A parent who holds the papers asks; twice is once. Returns the public id (grd_…)."""
    ends_on = session.scalars(
        select(Season.arrival_ends_on)
        .join(Admission, Admission.season_id == Season.id)
        .where(Admission.id == admission_id)
    ).one()
    row = session.execute(
        insert(Guardian)
        .values(
            public_id=ids.public_id("grd"),
            admission_id=admission_id,
            person_id=by.person_id,
            relation=relation if relation in RELATIONS else "other",
            status=GuardianStatus.PENDING,
            asked_at=clock.now(),
            expires_on=ends_on + AFTER_ARRIVAL,
        )
        .on_conflict_do_nothing()
        .returning(Guardian.id, Guardian.public_id)
    ).one_or_none()
    if row is None:
        return _standing(session, admission_id, by.person_id)
    audit.record(session, by=by, action="welcome.guardian_asked", object_type="guardian", object_id=row.id)
    outbox.emit(session, GuardianAsked(row.id))
    return row.public_id


def _standing(session: Session, admission_id: int, person_id: int) -> str:
    """What was asked before. Raises GuardianMoved when it ended this very moment."""
    public_id = session.scalar(
        select(Guardian.public_id).where(
            Guardian.admission_id == admission_id,
            Guardian.person_id == person_id,
            Guardian.status != GuardianStatus.ENDED,
        )
    )
    if public_id is None:
        raise GuardianMoved()
    return public_id


def decide_guardian(session: Session, *, by: Caller, public_id: str, accepts: bool) -> None:
    """The freshman lets a parent look on, or not. Raises GuardianNotFound, also for somebody else's."""
    moment = clock.now()  # one for both: what was declined ended when it was decided, and was never allowed
    values = (
        {"status": GuardianStatus.GRANTED, "decided_at": moment}
        if accepts
        else {"status": GuardianStatus.ENDED, "decided_at": moment, "ended_at": moment}
    )
    mine = exists().where(Admission.id == Guardian.admission_id, Admission.person_id == by.person_id)
    _move(
        session,
        by=by,
        stmt=update(Guardian)
        .where(Guardian.public_id == public_id, mine, Guardian.status == GuardianStatus.PENDING)
        .values(**values),
        deed="granted" if accepts else "declined",
    )


def end_guardian(session: Session, *, by: Caller, public_id: str) -> None:
    """Either side ends it. Raises GuardianNotFound."""
    mine = exists().where(Admission.id == Guardian.admission_id, Admission.person_id == by.person_id)
    _move(
        session,
        by=by,
        stmt=update(Guardian)
        .where(
            Guardian.public_id == public_id,
            mine | (Guardian.person_id == by.person_id),
            Guardian.status != GuardianStatus.ENDED,
        )
        .values(status=GuardianStatus.ENDED, ended_at=clock.now()),
        deed="ended",
    )


def end_guardians_of(session: Session, admission_id: int) -> None:
    """What another had consented to in the freshman's name ends."""
    session.execute(
        update(Guardian)
        .where(Guardian.admission_id == admission_id, Guardian.status != GuardianStatus.ENDED)
        .values(status=GuardianStatus.ENDED, ended_at=clock.now())
    )


def end_expired(session: Session) -> int:
    """Those whose last day is over."""
    return db.rows_changed(
        session,
        update(Guardian)
        .where(Guardian.expires_on < clock.today(), Guardian.status != GuardianStatus.ENDED)
        .values(status=GuardianStatus.ENDED, ended_at=clock.now()),
    )


def _move(session: Session, *, by: Caller, stmt: db.UpdateBase, deed: str) -> None:
    guardian_id = session.scalar(stmt.returning(Guardian.id))
    if guardian_id is None:
        raise GuardianNotFound()
    audit.record(
        session,
        by=by,
        action=f"welcome.guardian_{deed}",
        object_type="guardian",
        object_id=guardian_id,
    )
    outbox.emit(session, GuardianDecided(guardian_id))
