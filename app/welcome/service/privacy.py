"""What welcome forgets, hands out, erases and moves along: each noun its own part."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.welcome.service import admission_privacy, arrival_privacy, claim_privacy, guide_privacy, peers

PARTS: tuple[Any, ...] = (arrival_privacy, claim_privacy, peers, guide_privacy, admission_privacy)


def retain(session: Session) -> int:
    """Returns how many rows are gone, or lost what was personal in them."""
    return sum(part.retain(session) for part in PARTS)


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in PARTS:
        found |= part.export_person(session, person_id=person_id)
    return found


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    for part in PARTS:
        part.erase_person(session, by=by, person_id=person_id)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    for part in PARTS:
        part.merge_person(session, from_id=from_id, into_id=into_id)
