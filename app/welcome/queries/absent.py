"""Who has not come and is not excused: a work-list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.platform.directory import queries as directory
from app.welcome.models import Admission, ContactAttempt
from app.welcome.queries.admissions import current_season, find_season, within

FOLLOW_UP = "welcome.follow_up"
VIEWS = ("admitted", "excused", "deferred", "withdrawn")


def absent(
    session: Session,
    by: Caller,
    *,
    status: str = "admitted",
    college_id: int | None = None,
    class_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Any]:
    """In the order of the admission list, with how often somebody called and when last."""
    calls = (
        select(func.count().label("calls"), func.max(ContactAttempt.at).label("called_at"))
        .where(ContactAttempt.admission_id == Admission.id)
        .lateral()  # only of the rows of the page
    )
    stmt = (
        select(
            Admission.id,
            Admission.public_id,
            Admission.person_id,
            Admission.college_id,
            Admission.class_id,
            Admission.major,
            Admission.status,
            Admission.status_reason,
            calls.c.calls,
            calls.c.called_at,
        )
        .join(calls, true())
        .where(
            Admission.season_id == current_season(session).id,
            Admission.status == (status if status in VIEWS else "admitted"),
            within(by.scope(FOLLOW_UP)),
        )
    )
    if college_id is not None:
        stmt = stmt.where(Admission.college_id == college_id)
    if class_id is not None:
        stmt = stmt.where(Admission.class_id == class_id)
    return page(session, stmt, keys=[Key("id", Admission.id)], cursor=cursor, limit=limit)


def absent_counts(session: Session, by: Caller) -> dict[str, int]:
    season = find_season(session)
    if season is None:
        return {}
    rows = session.execute(
        select(Admission.status, func.count())
        .where(Admission.season_id == season.id, within(by.scope(FOLLOW_UP)))
        .group_by(Admission.status)
    )
    return {status: count for status, count in rows}


def units_of(session: Session, by: Caller) -> tuple[list[tuple[int, str]], list[tuple[int, str, int]]]:
    """Colleges (id, name) and classes (id, name, college) that this caller may filter by."""
    pairs = session.execute(
        select(Admission.college_id, Admission.class_id)
        .where(Admission.season_id == current_season(session).id, within(by.scope(FOLLOW_UP)))
        .distinct()
    ).all()
    wanted = {row.college_id for row in pairs} | {row.class_id for row in pairs if row.class_id}
    names = directory.org_units(session, wanted)
    colleges = sorted({(row.college_id, names[row.college_id].name) for row in pairs})
    classes = sorted(
        {(row.class_id, names[row.class_id].name, row.college_id) for row in pairs if row.class_id}
    )
    return colleges, classes


def contacts_of(session: Session, admission_id: int) -> Sequence[AnyRow]:
    """Newest first."""
    return session.execute(
        select(ContactAttempt.outcome, ContactAttempt.note, ContactAttempt.at, ContactAttempt.by_id)
        .where(ContactAttempt.admission_id == admission_id)
        .order_by(ContactAttempt.id.desc())
    ).all()
