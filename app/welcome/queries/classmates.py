"""The class of a freshman: how many, who lets their name be seen, and whom to ask."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.directory import queries as directory
from app.welcome.models import Admission, Consent, CounsellorContact
from app.welcome.queries.consents import has_given
from app.welcome.queries.roommates import GONE, hidden_from

COUNSELLOR = "counsellor"
FEW = 5


@dataclass(frozen=True)
class Counsellor:
    """What the school publishes. Office and phone may be "" ."""

    person_id: int
    name: str
    office: str
    office_en: str
    phone: str


@dataclass(frozen=True)
class ClassView:
    """`count` are all of the class but oneself; `names` those who allow it, none before one has claimed."""

    name: str
    name_en: str
    count: int
    names: list[str]
    shows_me: bool


def class_of(session: Session, admission: Admission) -> ClassView | None:
    """None while no class is assigned."""
    if admission.class_id is None:
        return None
    unit = directory.unit(session, admission.class_id)
    count = session.scalar(
        select(func.count())
        .select_from(Admission)
        .where(
            Admission.season_id == admission.season_id,
            Admission.class_id == admission.class_id,
            Admission.status.not_in(GONE),
            Admission.person_id != admission.person_id,
        )
    )
    names = _names(session, admission) if admission.claimed_at else []
    shows_me = has_given(session, admission.person_id, "class_name")
    return ClassView(unit.name, unit.name_en or unit.name, count or 0, names, shows_me)


def _names(session: Session, admission: Admission) -> list[str]:
    ids = session.scalars(
        select(Admission.person_id)
        .join(Consent, Consent.person_id == Admission.person_id)
        .where(
            Admission.season_id == admission.season_id,
            Admission.class_id == admission.class_id,
            Admission.claimed_at.is_not(None),
            Admission.status.not_in(GONE),
            Consent.purpose == "class_name",
            Consent.withdrawn_at.is_(None),
            Admission.person_id != admission.person_id,
        )
    )
    seen = set(ids) - hidden_from(session, admission.person_id)
    return sorted(person.name for person in directory.people(session, seen).values())


def counsellors_of(session: Session, admission: Admission) -> list[Counsellor]:
    """Of the class, or else of the college."""
    holders = (
        directory.holders_of(session, admission.class_id, COUNSELLOR) if admission.class_id else []
    ) or directory.holders_of(session, admission.college_id, COUNSELLOR)
    contacts = counsellor_contacts(session, [person.id for person in holders])
    return [_counsellor(person, contacts.get(person.id)) for person in holders]


def _counsellor(person: directory.PersonBrief, contact: CounsellorContact | None) -> Counsellor:
    if contact is None:
        return Counsellor(person.id, person.name, "", "", "")
    return Counsellor(person.id, person.name, contact.office, contact.office_en, contact.phone)


def counsellor_contacts(session: Session, person_ids: list[int]) -> dict[int, CounsellorContact]:
    rows = session.scalars(select(CounsellorContact).where(CounsellorContact.person_id.in_(person_ids)))
    return {row.person_id: row for row in rows}


def units_of(session: Session, season_id: int) -> list[directory.OrgBrief]:
    """The classes and colleges that a season admits to, by name."""
    rows = session.execute(
        select(Admission.college_id, Admission.class_id).where(Admission.season_id == season_id).distinct()
    )
    ids = {unit_id for row in rows for unit_id in row if unit_id is not None}
    return sorted(directory.org_units(session, ids).values(), key=lambda unit: unit.name)
