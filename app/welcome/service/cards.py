"""Giving out, drawing anew and revoking the card; what the school tells of campuses and counsellors."""

import secrets
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.kit.ids import ALPHABET
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.welcome.errors import CounsellorNotFound, RouteInvalid
from app.welcome.events import CardWanted
from app.welcome.models import CampusRoute, CounsellorContact, WelcomeCard
from app.welcome.queries.classmates import COUNSELLOR

CODE_LENGTH = 26  # 130 bits
DRAW_AGAIN = timedelta(seconds=60)
LONGEST_ROUTE, LONGEST_URL = 120, 500


def card_code(session: Session, admission_id: int) -> str:
    """The code that the QR of this admission says; made at first. A revoked card gets another one."""
    fresh = _new_code()
    session.execute(
        insert(WelcomeCard)
        .values(admission_id=admission_id, code=fresh, created_at=clock.now())
        .on_conflict_do_update(
            index_elements=["admission_id"],
            set_={"code": fresh, "created_at": clock.now(), "revoked_at": None, **_undrawn()},
            where=WelcomeCard.revoked_at.is_not(None),
        )
    )
    return session.scalars(select(WelcomeCard.code).where(WelcomeCard.admission_id == admission_id)).one()


def revoke_card(session: Session, *, by: Caller | None, admission_id: int) -> None:
    """Its code opens nothing any more and its image is gone; the next `card_code` is another."""
    changed = rows_changed(
        session,
        update(WelcomeCard)
        .where(WelcomeCard.admission_id == admission_id, WelcomeCard.revoked_at.is_(None))
        .values(revoked_at=clock.now(), **_undrawn()),
    )
    if changed:
        audit.record(
            session,
            by=by,
            action="welcome.card_revoked",
            object_type="welcome_admission",
            object_id=admission_id,
        )


def want_card(session: Session, *, admission_id: int, digest: str, school: str, hotline: str) -> None:
    """Have it drawn, unless that is under way. Asked again after a minute it is drawn again."""
    now = clock.now()
    changed = rows_changed(
        session,
        update(WelcomeCard)
        .where(
            WelcomeCard.admission_id == admission_id,
            or_(
                WelcomeCard.wanted_as.is_distinct_from(digest),
                WelcomeCard.wanted_at < now - DRAW_AGAIN,
            ),
        )
        .values(wanted_as=digest, wanted_at=now),
    )
    if changed:
        outbox.emit(session, CardWanted(admission_id, school, hotline))


def note_card_drawn(session: Session, *, admission_id: int, code: str, digest: str, image: bytes) -> bool:
    """Keep the picture. False when the code has changed meanwhile: the picture shows another."""
    return bool(
        rows_changed(
            session,
            update(WelcomeCard)
            .where(
                WelcomeCard.admission_id == admission_id,
                WelcomeCard.code == code,
                WelcomeCard.revoked_at.is_(None),
            )
            .values(drawn_as=digest, image=image),
        )
    )


def set_route(
    session: Session, *, by: Caller, campus_id: int, map_url: str, route: str, route_en: str
) -> None:
    """How to come to a campus. Raises RouteInvalid."""
    values = {"map_url": map_url.strip(), "route": route.strip(), "route_en": route_en.strip()}
    is_known = campus_id in {campus.id for campus in directory.campuses(session)}
    fits = max(len(values["route"]), len(values["route_en"]) // 3) <= LONGEST_ROUTE
    url = values["map_url"]
    if not is_known or not fits or len(url) > LONGEST_URL or (url and not url.startswith("https://")):
        raise RouteInvalid()
    values_now = {**values, "updated_at": clock.now()}
    session.execute(
        insert(CampusRoute)
        .values(campus_id=campus_id, **values_now)
        .on_conflict_do_update(index_elements=["campus_id"], set_=values_now)
    )
    audit.record(
        session, by=by, action="welcome.route_set", object_type="campus", object_id=campus_id, fields=[]
    )


def set_counsellor(
    session: Session, *, by: Caller, person_id: int, office: str, office_en: str, phone: str
) -> None:
    """Where a counsellor is to be found, as published. Raises CounsellorNotFound."""
    posts = directory.posts_of(session, person_id)
    if not any(post.post == COUNSELLOR for post in posts):
        raise CounsellorNotFound()
    values = {
        "office": office.strip()[:60],
        "office_en": office_en.strip()[:100],
        "phone": phone.strip()[:30],
        "updated_at": clock.now(),
    }
    session.execute(
        insert(CounsellorContact)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    audit.record(session, by=by, action="welcome.counsellor_set", object_type="person", object_id=person_id)


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _undrawn() -> dict[str, None]:
    return dict.fromkeys(("wanted_as", "wanted_at", "drawn_as", "image"))
