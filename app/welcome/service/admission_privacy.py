"""What the admission itself forgets, hands out, erases and moves along."""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock, db
from app.kit.caller import Caller
from app.welcome.models import Admission, Season, StepMark

AFTER_SEASON = timedelta(days=60)
NO_PROOF = ""  # the hash of nothing that can be typed
SAID_NO_MORE = "—"


def retain(session: Session) -> int:
    """Sixty days after its season nothing can be claimed, so no proof is kept; nor are the reasons that staff wrote."""
    over = select(Season.id).where(Season.closes_on < clock.today() - AFTER_SEASON)
    proved = or_(
        Admission.claim_index != NO_PROOF,
        Admission.letter_index.is_not(None),
        Admission.status_reason.is_not(None),
    )
    forgotten = db.rows_changed(
        session,
        update(Admission)
        .where(Admission.season_id.in_(over), proved)
        .values(claim_index=NO_PROOF, letter_index=None, status_reason=None)
        .execution_options(synchronize_session=False),
    )
    return forgotten + _drop_reasons(session, select(Admission.id).where(Admission.season_id.in_(over)))


def _drop_reasons(session: Session, admissions: Any) -> int:
    """That a mark was made for somebody, or taken back, stays; why, in words, goes."""
    return sum(
        db.rows_changed(
            session,
            update(StepMark)
            .where(StepMark.admission_id.in_(admissions), reason != SAID_NO_MORE)
            .values({reason.key: SAID_NO_MORE})
            .execution_options(synchronize_session=False),
        )
        for reason in (StepMark.proxy_reason, StepMark.undo_reason)
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """Where the person was admitted, and how it stands."""
    rows = session.execute(
        select(
            Season.name,
            Admission.major,
            Admission.level,
            Admission.region,
            Admission.nickname,
            Admission.status,
            Admission.status_reason,
            Admission.claimed_at,
            Admission.registered_at,
        )
        .join(Season, Season.id == Admission.season_id)
        .where(Admission.person_id == person_id)
        .order_by(Admission.id)
    )
    return {
        "admissions": [
            {
                name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in row._mapping.items()
            }
            for row in rows
        ]
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """That somebody was admitted stays a number; nothing leads to the person, and nobody can claim it. May be run
    again.
    """
    nobody = "erased:" + Admission.public_id
    session.execute(
        update(Admission)
        .where(Admission.person_id == person_id)
        .values(
            number_index=nobody,
            document_index=nobody,
            claim_index=NO_PROOF,
            letter_index=None,
            number_tail="",
            region=None,
            nickname=None,
            status_reason=None,
            updated_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
    _drop_reasons(session, select(Admission.id).where(Admission.person_id == person_id))


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """One person in two records: the admission follows, unless the other has one of that season. Safe to repeat."""
    theirs = aliased(Admission)
    twin = exists().where(theirs.person_id == into_id, theirs.season_id == Admission.season_id)
    session.execute(
        update(Admission)
        .where(Admission.person_id == from_id, ~twin)
        .values(person_id=into_id, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
