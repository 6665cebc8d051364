"""Disputes: anybody may say that an admission is theirs; staff finds out, and may free a stolen claim."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.cells import normal_phone
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from app.welcome.errors import (
    DecisionReasonMissing,
    DisputeIncomplete,
    DisputeLimit,
    DisputeSettled,
    NothingToRelease,
)
from app.welcome.events import AdmissionReleased, DisputeDecided, DisputeOpened
from app.welcome.models import Admission, Dispute, DisputeStatus
from app.welcome.queries.admissions import current_season
from app.welcome.queries.claims import profiles
from app.welcome.service import guardians, proofs
from app.welcome.service.peers import start_afresh

SETTLE = "welcome.settle_claims"
OPEN_AT_ONCE = 2
PERSON_LOCK = 7313
PHONE_DIGITS = range(7, 21)


@dataclass(frozen=True)
class Held:
    """What somebody who disputes holds, and how to reach them."""

    profile: str
    name: str
    number: str
    letter: str
    phone: str
    words: str


def open_dispute(session: Session, *, by: Caller, held: Held) -> str:
    """Hand in a dispute; returns the public id (dsp_…). Where its number leads is looked at later, by a worker.

    Raises DisputeIncomplete, DisputeLimit.
    """
    _check(session, held)
    check_seen(name=held.name)
    session.execute(select(func.pg_advisory_xact_lock(PERSON_LOCK, by.person_id % 2**31)))
    mine = select(func.count()).where(Dispute.person_id == by.person_id, Dispute.status == DisputeStatus.OPEN)
    if (session.scalar(mine) or 0) >= OPEN_AT_ONCE:
        raise DisputeLimit(seconds=3600)
    season = current_season(session)
    row = session.execute(
        insert(Dispute)
        .values(
            public_id=ids.public_id("dsp"),
            season_id=season.id,
            person_id=by.person_id,
            profile=held.profile,
            name=held.name.strip(),
            number=held.number.strip(),
            letter=held.letter.strip(),
            phone=normal_phone(held.phone),
            words=held.words.strip(),
            matches="",
            status=DisputeStatus.OPEN,
            created_at=clock.now(),
        )
        .returning(Dispute.id, Dispute.public_id)
    ).one()
    audit.record(session, by=by, action="welcome.dispute_opened", object_type="dispute", object_id=row.id)
    outbox.emit(session, DisputeOpened(row.id))
    return row.public_id


def examine_dispute(session: Session, dispute_id: int) -> Dispute | None:
    """Find where it leads, and what agrees with the list; None when it is settled already. May be run again."""
    dispute = session.scalar(
        select(Dispute)
        .where(Dispute.id == dispute_id, Dispute.status == DisputeStatus.OPEN)
        .with_for_update()
    )
    if dispute is None:
        return None
    admission = session.scalar(
        select(Admission).where(
            Admission.season_id == dispute.season_id,
            Admission.number_index == proofs.number_index(dispute.profile, dispute.number),
        )
    )
    dispute.admission_id = admission.id if admission else None
    dispute.matches = ",".join(_matches(session, dispute, admission))
    return dispute


def decide_dispute(session: Session, *, by: Caller, dispute: Dispute, grants: bool, reason: str) -> None:
    """Settle a dispute that the caller may see. Granting frees the claim: whoever is bound is unbound, their sessions
    end, and for a week only the one who disputed may claim.

    Raises DecisionReasonMissing, NothingToRelease, DisputeSettled.
    """
    if not reason.strip():
        raise DecisionReasonMissing(details={"reason": [DecisionReasonMissing.msgid]})
    if grants and dispute.admission_id is None:
        raise NothingToRelease()
    status = DisputeStatus.GRANTED if grants else DisputeStatus.DECLINED
    changed = db.rows_changed(
        session,
        update(Dispute)
        .where(Dispute.id == dispute.id, Dispute.status == DisputeStatus.OPEN)
        .values(
            status=status,
            decided_at=clock.now(),
            decided_by_id=by.person_id,
            reason=reason.strip()[:500],
        ),
    )
    if changed != 1:
        raise DisputeSettled()
    audit.record(
        session,
        by=by,
        action=f"welcome.dispute_{status.value}",
        object_type="dispute",
        object_id=dispute.id,
        fields=[dispute.admission_id or 0],
    )
    if grants and dispute.admission_id is not None:
        _release(session, by=by, admission_id=dispute.admission_id, dispute_id=dispute.id)
    outbox.emit(session, DisputeDecided(dispute.id))


def reveal_phone(session: Session, *, by: Caller, dispute: Dispute) -> str:
    """The number that the person left to be called back; seeing it is noted."""
    audit.record(
        session, by=by, action="welcome.dispute_phone_revealed", object_type="dispute", object_id=dispute.id
    )
    return dispute.phone


def _release(session: Session, *, by: Caller, admission_id: int, dispute_id: int) -> None:
    admission = session.scalars(select(Admission).where(Admission.id == admission_id).with_for_update()).one()
    visitors = identity.release_wechat(session, by=by, person_id=admission.person_id)
    admission.claimed_at, admission.updated_at = None, clock.now()
    guardians.end_guardians_of(session, admission_id)
    start_afresh(session, person_id=admission.person_id)
    outbox.emit(session, AdmissionReleased(admission_id, admission.person_id, dispute_id, visitors))


def _matches(session: Session, held: Dispute, admission: Admission | None) -> list[str]:
    """Which of the things agree with the list."""
    if admission is None:
        return []
    person = directory.person(session, admission.person_id)
    phone = directory.phone_of(session, admission.person_id)
    same = {
        "name": proofs.normal_name(held.name) == proofs.normal_name(person.name),
        "letter": bool(held.letter) and proofs.letter_index(held.letter) == admission.letter_index,
        "phone": bool(phone) and normal_phone(held.phone) == phone,
    }
    return ["number", *(name for name, is_same in same.items() if is_same)]


def _check(session: Session, held: Held) -> None:
    missing = {
        name: [DisputeIncomplete.MISSING]
        for name in ("profile", "name", "number", "words")
        if not getattr(held, name).strip()
    }
    if held.profile not in {one.key for one in profiles(session)}:
        missing["profile"] = [DisputeIncomplete.MISSING]
    if len(normal_phone(held.phone)) not in PHONE_DIGITS:
        missing["phone"] = [DisputeIncomplete.PHONE]
    if missing:
        raise DisputeIncomplete(details=missing)
