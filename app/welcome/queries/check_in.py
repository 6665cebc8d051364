"""What the desk sees of a freshman: where they belong, what is done, what is missing."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.kit import clock, crypto
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.id_numbers import normal_code
from app.platform.directory import queries as directory
from app.welcome.models import STATUS_LABELS, Admission, AdmissionStatus, Profile, Step, StepMark
from app.welcome.queries.admissions import current_season, within
from app.welcome.queries.codes import card_codes, find_by_code
from app.welcome.queries.fees import fees_of
from app.welcome.service import proofs

CHECK_IN = "welcome.check_in"
MOST, TAIL = 20, 4


def found_by(session: Session, by: Caller, text: str) -> list[dict[str, Any]]:
    """By code, by the beginning of a name, by student number, by what stands on the admission list (or its last
    four), or by what a reader of identity cards types. None of it is kept.
    """
    wanted = text.strip()
    if not wanted:
        return []
    scope = within(by.scope(CHECK_IN))
    season = current_season(session)
    direct = find_by_code(session, wanted) if wanted.isascii() else None
    if direct is not None:
        matches = [Admission.id == direct.id]
    else:
        mine = select(Admission.person_id).where(Admission.season_id == season.id, scope)
        people = [one.id for one in directory.search_people(session, wanted, limit=MOST, among=mine)]
        matches = [Admission.person_id.in_(people), *_numbers(session, season.id, wanted)]
    rows = session.scalars(
        select(Admission)
        .where(Admission.season_id == season.id, scope, or_(*matches))
        .order_by(Admission.id)
        .limit(MOST)
    ).all()
    names = directory.people(session, [row.person_id for row in rows])
    units = directory.org_units(
        session, {row.college_id for row in rows} | {row.class_id for row in rows if row.class_id}
    )
    return [
        {
            "id": row.public_id,
            "name": names[row.person_id].name,
            "college": units[row.college_id].name,
            "class": units[row.class_id].name if row.class_id else "",
            "tail": row.number_tail,
            "status": row.status,
            "label": STATUS_LABELS[AdmissionStatus(row.status)],
        }
        for row in rows
    ]


def _numbers(session: Session, season_id: int, text: str) -> list[ColumnElement[bool]]:
    code = normal_code(text)
    if not code.isascii() or not code.isalnum():
        return []
    if len(code) == TAIL:
        return [and_(Admission.season_id == season_id, Admission.number_tail == code)]
    profiles = session.scalars(select(Profile.key)).all()
    return [
        Admission.document_index == crypto.blind_index(code, proofs.DOCUMENT),
        Admission.number_index.in_([proofs.number_index(profile, code) for profile in profiles]),
    ]


def card_of(session: Session, admission: Admission) -> dict[str, Any]:
    """A card without a photograph."""
    person = directory.person(session, admission.person_id)
    wanted = {admission.college_id} | ({admission.class_id} if admission.class_id else set())
    units = directory.org_units(session, wanted)
    home = directory.room_of(session, admission.person_id)
    return {
        "name": person.name,
        "masked": directory.mask_name(person.name),  # what the browser may keep in its queue
        "college": units[admission.college_id].name,
        "class": units[admission.class_id].name if admission.class_id else "",
        "major": admission.major,
        "dorm": home.text if home else "",
        "tail": admission.number_tail,
    } | state_of(session, admission)


def state_of(session: Session, admission: Admission) -> dict[str, Any]:
    """What changes while two desks look at the same person; asked every few seconds."""
    steps = steps_for(session, admission.profile)
    marks = _marks(session, admission.id)
    who = directory.people(session, {mark.by_id for mark in marks})
    lines = [_line(step, [m for m in marks if m.step_id == step.id], who) for step in steps]
    return {
        "id": admission.public_id,
        "status": admission.status,
        "label": STATUS_LABELS[AdmissionStatus(admission.status)],
        "reason": admission.status_reason or "",
        "registered": _time(admission.registered_at),
        "steps": lines,
        "missing": [
            line["title"]
            for line in lines
            if line["is_required"] and not line["is_final"] and not line["is_done"]
        ],
        "unpaid": unpaid_titles(session, admission),
    }


def unpaid_titles(session: Session, admission: Admission) -> list[str]:
    """What the desk may remind of; nobody is kept from 报到 by it. Who may pay later stands here as who has paid:
    nothing at the desk tells the two apart.
    """
    return [line.fee.title for line in fees_of(session, admission) if line.status in ("unpaid", "refunded")]


def steps_for(session: Session, profile: str | None = None) -> Sequence[Step]:
    """Steps at work, in order; of one profile when it is named."""
    stmt = select(Step).where(Step.is_active).order_by(Step.is_final, Step.position, Step.id)
    if profile is not None:
        stmt = stmt.where(or_(Step.audience.is_(None), Step.audience == profile))
    return session.scalars(stmt).all()


def every_step(session: Session) -> Sequence[Step]:
    """For whoever edits them: those that are off too."""
    return session.scalars(select(Step).order_by(Step.is_final, Step.position, Step.id)).all()


def _marks(session: Session, admission_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(
            StepMark.step_id,
            StepMark.by_id,
            StepMark.done_at,
            StepMark.day,
            StepMark.is_proxy,
            StepMark.proxy_reason,
        )
        .where(StepMark.admission_id == admission_id, StepMark.undone_at.is_(None))
        .order_by(StepMark.id)
    ).all()


def _line(step: Step, marks: list[Any], who: Any) -> dict[str, Any]:
    today = clock.today()
    standing = marks if step.kind != "daily" else [mark for mark in marks if mark.day == today]
    return {
        "key": step.key,
        "title": step.title,
        "kind": step.kind,
        "is_required": step.is_required,
        "is_final": step.is_final,
        "is_done": bool(standing),
        "marks": [
            {
                "who": who[mark.by_id].name if mark.by_id in who else "",
                "at": _time(mark.done_at),
                "proxy": mark.proxy_reason if mark.is_proxy else "",
            }
            for mark in marks
        ],
    }


def minimal_list(session: Session, by: Caller) -> dict[str, Any]:
    """For a browser that may start without a network: masked names, colleges, states, until the day ends.

    Codes of cards are there as hashes alone: whoever steals the list can't make a card of it.
    """
    season = current_season(session)
    rows = session.execute(
        select(
            Admission.id,
            Admission.public_id,
            Admission.person_id,
            Admission.college_id,
            Admission.status,
            Admission.profile,
        )
        .where(Admission.season_id == season.id, within(by.scope(CHECK_IN)))
        .order_by(Admission.id)
    ).all()
    names = directory.people(session, [row.person_id for row in rows])
    codes = card_codes(session, season.id)
    colleges = directory.org_units(session, {row.college_id for row in rows})
    today = clock.today()
    return {
        "day": today.isoformat(),
        "expires_at": clock.start_of_day(today + timedelta(days=1)).isoformat(),
        "made_at": clock.now().isoformat(),
        "steps": [
            {"key": s.key, "title": s.title, "kind": s.kind, "is_final": s.is_final, "audience": s.audience}
            for s in steps_for(session)
        ],
        "people": [
            {
                "id": row.public_id,
                "code": _short_hash(codes.get(row.id)),
                "name": directory.mask_name(names[row.person_id].name),
                "college": colleges[row.college_id].name,
                "profile": row.profile,
                "status": row.status,
            }
            for row in rows
        ],
    }


def people_of_list(session: Session, by: Caller) -> list[int]:
    """Whom the minimal list names."""
    season = current_season(session)
    stmt = select(Admission.person_id).where(Admission.season_id == season.id, within(by.scope(CHECK_IN)))
    return list(session.scalars(stmt))


def _short_hash(code: str | None) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:24] if code else ""


def _time(moment: Any) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}" if moment else ""
