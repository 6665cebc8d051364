"""Who was admitted, and to which season."""

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller, Scope
from app.welcome.errors import AdmissionNotFound, NoAdmission, NoSeason
from app.welcome.models import Admission, Season


def find_season(session: Session) -> Season | None:
    """The season that is on today, or else the next one that opens."""
    today = clock.today()
    return session.scalar(select(Season).where(Season.closes_on >= today).order_by(Season.opens_on).limit(1))


def season_by_code(session: Session, code: str) -> Season:
    """Raises NoSeason."""
    season = session.scalar(select(Season).where(Season.code == code))
    if season is None:
        raise NoSeason()
    return season


def current_season(session: Session) -> Season:
    """Raises NoSeason."""
    season = find_season(session)
    if season is None:
        raise NoSeason()
    return season


def find_admission(session: Session, person_id: int) -> Admission | None:
    """A person's own admission in a season that is not over; it was claimed or given by the import."""
    return session.scalar(
        select(Admission)
        .join(Season, Season.id == Admission.season_id)
        .where(Admission.person_id == person_id, Season.closes_on >= clock.today())
        .order_by(Season.opens_on.desc())
        .limit(1)
    )


def admission_of(session: Session, person_id: int) -> Admission:
    """The same; raises NoAdmission."""
    found = find_admission(session, person_id)
    if found is None:
        raise NoAdmission()
    return found


def admission_for(session: Session, by: Caller, permission: str, public_id: str) -> Admission:
    """An admission as staff may see it: within the colleges of their grant. Raises AdmissionNotFound."""
    found = session.scalar(select(Admission).where(Admission.public_id == public_id))
    if found is None or not holds_for(by.scope(permission), found):
        raise AdmissionNotFound()
    return found


def holds_for(scope: Scope, admission: Admission) -> bool:
    return scope.everything or bool(scope.unit_ids & {admission.college_id, admission.class_id})


def within(scope: Scope) -> ColumnElement[bool]:
    """The condition of a list: admissions of the colleges and classes of a grant."""
    if scope.everything:
        return true()
    return or_(Admission.college_id.in_(scope.unit_ids), Admission.class_id.in_(scope.unit_ids))
