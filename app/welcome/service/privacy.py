"""What welcome forgets, hands out, erases and moves along: each noun its own part."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.welcome.service import arrival_privacy, claim_privacy


def retain(session: Session) -> int:
    return claim_privacy.retain_claims(session) + arrival_privacy.retain_arrivals(session)


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    claims = claim_privacy.export_claims(session, person_id=person_id)
    return claims | arrival_privacy.export_arrivals(session, person_id=person_id)


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    arrival_privacy.erase_arrivals(session, by=by, person_id=person_id)
    claim_privacy.erase_claims(session, by=by, person_id=person_id)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    arrival_privacy.merge_arrivals(session, from_id=from_id, into_id=into_id)
    claim_privacy.merge_claims(session, from_id=from_id, into_id=into_id)
