"""Whom a code speaks of: the card's opaque code, or the admission's own public id."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import ids
from app.kit.caller import Caller
from app.welcome.errors import AdmissionNotFound
from app.welcome.models import Admission, WelcomeCard
from app.welcome.queries.admissions import holds_for

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
    by_card = select(WelcomeCard.admission_id).where(
        WelcomeCard.code.in_((plain, ids.normal_code(plain))), WelcomeCard.revoked_at.is_(None)
    )
    own = select(Admission.id).where(Admission.public_id == plain.lower())
    wanted = Admission.id.in_(
        own.union(by_card)
    )  # an OR of the two would walk through the table at every scan
    return session.scalar(select(Admission).where(wanted).execution_options(populate_existing=True))


def card_codes(session: Session, season_id: int) -> dict[int, str]:
    """Codes by admission, of a season."""
    rows = session.execute(
        select(WelcomeCard.admission_id, WelcomeCard.code)
        .join(Admission, Admission.id == WelcomeCard.admission_id)
        .where(Admission.season_id == season_id, WelcomeCard.revoked_at.is_(None))
    )
    return {row.admission_id: row.code for row in rows}
