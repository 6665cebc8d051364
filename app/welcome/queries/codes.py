"""Whom a code speaks of: the card's opaque code, or the admission's own public id."""

from sqlalchemy import column, func, or_, select, table
from sqlalchemy.orm import Session

from app.kit import ids
from app.kit.caller import Caller
from app.welcome.errors import AdmissionNotFound
from app.welcome.models import Admission
from app.welcome.queries.admissions import holds_for

CARDS = table("welcome_cards", column("admission_id"), column("code"), column("revoked_at"))
LONGEST = 64


def admission_by_code(session: Session, *, by: Caller, permission: str, code: str) -> Admission:
    """As staff may see it. A revoked, unknown or foreign code is the same AdmissionNotFound."""
    found = find_by_code(session, code)
    if found is None or not holds_for(by.scope(permission), found):
        raise AdmissionNotFound()
    return found


def find_by_code(session: Session, code: str) -> Admission | None:
    plain = code.strip().rpartition("/")[2]  # a QR code may be an address that ends with the code
    if not plain or len(plain) > LONGEST or not plain.isascii():
        return None
    wanted = [Admission.public_id == plain.lower()]
    if _has_cards(session):
        wanted.append(
            Admission.id.in_(
                select(CARDS.c.admission_id).where(
                    CARDS.c.code.in_((plain, ids.normal_code(plain))), CARDS.c.revoked_at.is_(None)
                )
            )
        )
    return session.scalar(select(Admission).where(or_(*wanted)).execution_options(populate_existing=True))


def card_codes(session: Session, season_id: int) -> dict[int, str]:
    """Codes by admission, of a season."""
    if not _has_cards(session):
        return {}
    rows = session.execute(
        select(CARDS.c.admission_id, CARDS.c.code)
        .join(Admission, Admission.id == CARDS.c.admission_id)
        .where(Admission.season_id == season_id, CARDS.c.revoked_at.is_(None))
    )
    return {row.admission_id: row.code for row in rows}


def _has_cards(session: Session) -> bool:
    return session.scalar(select(func.to_regclass("welcome_cards"))) is not None
