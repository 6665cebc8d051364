"""Admitting people to a season."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.id_numbers import normal_code
from app.platform.audit import service as audit
from app.platform.directory import service as directory
from app.welcome.models import Admission, AdmissionStatus, Season
from app.welcome.service import profiles, proofs


@dataclass(frozen=True)
class Admitted:
    """One person of the admission list. `number` and `document` are hashed and not kept."""

    profile: str
    name: str
    number: str
    document: str
    college_id: int
    major: str
    level: str
    class_id: int | None = None
    letter: str | None = None
    gender: str | None = None
    phone: str | None = None
    region: str | None = None
    name_en: str | None = None
    major_en: str | None = None


def open_season(
    session: Session,
    *,
    by: Caller | None,
    code: str,
    name: str,
    opens_on: date,
    dorms_on: date,
    arrives_on: date,
    arrival_ends_on: date,
    closes_on: date,
    name_en: str | None = None,
) -> int:
    """A new intake; returns the id."""
    season_id = session.execute(
        insert(Season)
        .values(
            code=code,
            name=name,
            name_en=name_en,
            opens_on=opens_on,
            dorms_on=dorms_on,
            arrives_on=arrives_on,
            arrival_ends_on=arrival_ends_on,
            closes_on=closes_on,
        )
        .returning(Season.id)
    ).scalar_one()
    profiles.seed_profiles(session)
    audit.record(session, by=by, action="welcome.season_opened", object_type="season", object_id=season_id)
    return season_id


def admit(session: Session, *, by: Caller | None, season_id: int, admitted: Admitted) -> str:
    """A freshman in the directory, with an admission; returns the public id (adm_…)."""
    person_id = _add_freshman(session, by, admitted)
    moment = clock.now()
    kept = proofs.indexes(
        profile=admitted.profile,
        name=admitted.name,
        number=admitted.number,
        document=admitted.document,
        letter=admitted.letter,
    )
    public_id = ids.public_id("adm")
    session.execute(
        insert(Admission).values(
            public_id=public_id,
            season_id=season_id,
            person_id=person_id,
            profile=admitted.profile,
            number_tail=normal_code(admitted.number)[-4:],
            college_id=admitted.college_id,
            class_id=admitted.class_id,
            major=admitted.major,
            major_en=admitted.major_en,
            level=admitted.level,
            region=admitted.region,
            status=AdmissionStatus.ADMITTED,
            imported_at=moment,
            updated_at=moment,
            **asdict(kept),
        )
    )
    return public_id


def _add_freshman(session: Session, by: Caller | None, admitted: Admitted) -> int:
    person_id = directory.add_person(
        session,
        by=by,
        name=admitted.name,
        name_en=admitted.name_en,
        gender=admitted.gender,
        phone=admitted.phone,
    )
    directory.add_affiliation(
        session,
        by=by,
        person_id=person_id,
        kind="freshman",
        org_unit_id=admitted.class_id or admitted.college_id,
        starts_on=clock.today(),
    )
    return person_id
