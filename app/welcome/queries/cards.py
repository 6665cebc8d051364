"""The card of a freshman: what stands on it, and whose code it is."""

import hashlib
import json
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.ids import normal_code
from app.platform.directory import queries as directory
from app.welcome.errors import CardNotFound
from app.welcome.models import Admission, CampusRoute, Season, WelcomeCard
from app.welcome.queries.roommates import home_in

DESIGN = "1"  # another one draws all cards anew


@dataclass(frozen=True)
class CardText:
    """All that is drawn. The place is "" while no bed is assigned, or before dorms are shown."""

    school: str
    hotline: str
    season: str
    season_en: str
    name: str
    name_en: str
    college: str
    college_en: str
    major: str
    place: str
    place_en: str
    bed: str
    route: str
    route_en: str
    days: str
    code: str

    @property
    def digest(self) -> str:
        return hashlib.sha256((DESIGN + json.dumps(asdict(self), sort_keys=True)).encode()).hexdigest()


def card_text(
    session: Session, admission: Admission, season: Season, *, code: str, school: str, hotline: str
) -> CardText:
    person = directory.person(session, admission.person_id)
    college = directory.unit(session, admission.college_id)
    home = home_in(session, admission.person_id, season)
    route = find_route(session, home.place.campus_id) if home else None
    return CardText(
        school=school,
        hotline=hotline,
        season=season.name,
        season_en=season.name_en or "",
        name=person.name,
        name_en=person.name_en or "",
        college=college.name,
        college_en=college.name_en or "",
        major=admission.major,
        place=home.place.text if home else "",
        place_en=home.place.text_en if home else "",
        bed=home.bed if home else "",
        route=route.route if route else "",
        route_en=route.route_en if route else "",
        days=f"{season.arrives_on:%Y-%m-%d} – {season.arrival_ends_on:%m-%d}",
        code=code,
    )


def find_route(session: Session, campus_id: int) -> CampusRoute | None:
    return session.scalar(select(CampusRoute).where(CampusRoute.campus_id == campus_id))


def find_card(session: Session, admission_id: int) -> WelcomeCard | None:
    return session.scalar(select(WelcomeCard).where(WelcomeCard.admission_id == admission_id))


def card_image(session: Session, admission_id: int) -> bytes | None:
    """The picture as it was drawn last; None while there is none, or when the card was revoked."""
    return session.scalar(
        select(WelcomeCard.image).where(
            WelcomeCard.admission_id == admission_id, WelcomeCard.revoked_at.is_(None)
        )
    )


def admission_by_card(session: Session, code: str) -> Admission:
    """Whose card was scanned. Raises CardNotFound for unknown, renewed and revoked codes alike."""
    found = session.scalar(
        select(Admission)
        .join(WelcomeCard, WelcomeCard.admission_id == Admission.id)
        .where(WelcomeCard.code == normal_code(code)[:40], WelcomeCard.revoked_at.is_(None))
    )
    if found is None:
        raise CardNotFound()
    return found
