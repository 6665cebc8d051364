"""Freshmen who have not come: trying to reach them, and what was decided."""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.welcome.errors import ReasonNeeded, StatusChanged
from app.welcome.models import CONTACT_OUTCOMES, STATUS_LABELS, Admission, AdmissionStatus, ContactAttempt
from app.welcome.queries.admissions import admission_for
from app.welcome.service.arrivals import release_arrival

FOLLOW_UP = "welcome.follow_up"
DECISIONS = ("admitted", "excused", "deferred", "withdrawn")
GONE = ("deferred", "withdrawn")


def note_contact(session: Session, *, by: Caller, admission_id: str, outcome: str, note: str) -> None:
    """Somebody called; what came of it."""
    admission = admission_for(session, by, FOLLOW_UP, admission_id)
    if outcome not in CONTACT_OUTCOMES:
        raise ReasonNeeded(details={"outcome": [ReasonNeeded.msgid]})
    session.execute(
        insert(ContactAttempt).values(
            admission_id=admission.id,
            outcome=outcome,
            note=note.strip()[:200],
            at=clock.now(),
            by_id=by.person_id,
        )
    )
    audit.record(
        session,
        by=by,
        action="welcome.contact_noted",
        object_type="admission",
        object_id=admission_id,
        fields=(outcome,),
    )


def decide_absence(
    session: Session, *, by: Caller, admission_id: str, seen: str, decision: str, reason: str
) -> None:
    """Excused, deferred, withdrawn, or awaited again; `seen` is the status that the decision rests on.

    Whoever will not come gives the place on the bus back.
    """
    admission = admission_for(session, by, FOLLOW_UP, admission_id)
    if not 4 <= len(reason.strip()) <= 100 or decision not in DECISIONS:
        raise ReasonNeeded(details={"reason": [ReasonNeeded.msgid]})
    if not db.rows_changed(
        session,
        update(Admission)
        .where(Admission.id == admission.id, Admission.status == seen, Admission.status.in_(DECISIONS))
        .values(status=decision, status_reason=reason.strip(), updated_at=clock.now())
        .execution_options(synchronize_session=False),
    ):
        session.refresh(admission)
        raise StatusChanged(status=STATUS_LABELS[AdmissionStatus(admission.status)])
    if decision in GONE:
        release_arrival(session, admission.id)
    audit.record(
        session,
        by=by,
        action="welcome.absence_decided",
        object_type="admission",
        object_id=admission_id,
        fields=(seen, decision),
    )
