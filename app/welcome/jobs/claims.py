"""What welcome does later: codes, and telling people what happened to claims."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications
from app.welcome import service
from app.welcome.events import (
    AdmissionClaimed,
    AdmissionReleased,
    ClaimCodeAsked,
    ClaimsAttacked,
    DisputeDecided,
    DisputeOpened,
    GuardianAsked,
    GuardianDecided,
)
from app.welcome.models import (
    DISPUTE_LABELS,
    GUARDIAN_LABELS,
    Admission,
    Dispute,
    DisputeStatus,
    Guardian,
    GuardianStatus,
)

SETTLE = "welcome.settle_claims"
NOWHERE = -1  # no unit has this id: only those who may settle everything


def on_claim_code_asked(session: Session, event: ClaimCodeAsked) -> None:
    service.send_code(session, event.code_id)


def on_admission_claimed(session: Session, event: AdmissionClaimed) -> None:
    """To the phone on file by text message, and into the message centre."""
    at = datetime.fromisoformat(event.at)
    _tell(
        session,
        "welcome.claimed",
        event.person_id,
        f"welcome:claimed:{event.admission_id}:{event.at}",
        at=at,
    )


def on_admission_released(session: Session, event: AdmissionReleased) -> None:
    for visitor_id in event.visitor_ids:
        _tell(session, "welcome.claim_released", visitor_id, f"welcome:released:{event.dispute_id}")


def on_claims_attacked(session: Session, event: ClaimsAttacked) -> None:
    for person_id in identity.people_with(session, SETTLE, unit_id=NOWHERE):
        _tell(
            session,
            "welcome.claims_attacked",
            person_id,
            f"welcome:alarm:{event.alarm_id}",
            count=event.tries,
        )


def on_dispute_opened(session: Session, event: DisputeOpened) -> None:
    """Look where it leads, and tell those who may settle it there."""
    dispute = service.examine_dispute(session, event.dispute_id)
    if dispute is None:
        return
    college_id = session.scalar(select(Admission.college_id).where(Admission.id == dispute.admission_id))
    for person_id in identity.people_with(session, SETTLE, unit_id=college_id or NOWHERE):
        _tell(session, "welcome.dispute_opened", person_id, f"welcome:dispute:{event.dispute_id}")


def on_dispute_decided(session: Session, event: DisputeDecided) -> None:
    row = session.execute(
        select(Dispute.person_id, Dispute.status).where(Dispute.id == event.dispute_id)
    ).one_or_none()
    if row is not None:
        result = DISPUTE_LABELS[DisputeStatus(row.status)]
        key = f"welcome:dispute:{event.dispute_id}:{row.status}"
        _tell(session, "welcome.dispute_decided", row.person_id, key, result=result)


def on_guardian_asked(session: Session, event: GuardianAsked) -> None:
    """Who has not claimed yet finds the question on their page when they have."""
    person_id = session.scalar(
        select(Admission.person_id)
        .join(Guardian, Guardian.admission_id == Admission.id)
        .where(Guardian.id == event.guardian_id)
    )
    if person_id is not None:
        _tell(session, "welcome.guardian_asked", person_id, f"welcome:guardian:{event.guardian_id}")


def on_guardian_decided(session: Session, event: GuardianDecided) -> None:
    row = session.execute(
        select(Guardian.person_id, Guardian.status).where(Guardian.id == event.guardian_id)
    ).one_or_none()
    if row is not None:
        result = GUARDIAN_LABELS[GuardianStatus(row.status)]
        key = f"welcome:guardian:{event.guardian_id}:{row.status}"
        _tell(session, "welcome.guardian_decided", row.person_id, key, result=result)


def _tell(
    session: Session, kind: str, person_id: int, key: str, *, at: datetime | None = None, **params: Any
) -> None:
    time = f"{clock.local(at or clock.now()):%Y年%-m月%-d日 %H:%M}"
    notifications.tell(session, kind=kind, person_id=person_id, params={"time": time, **params}, key=key)
