"""Changing the organisation: units, teams, posts, terms."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries
from app.platform.directory.errors import (
    AlreadyAffiliated,
    CodeTaken,
    DatesReversed,
    NameMissing,
    OrgUnitNotFound,
    UnknownKind,
    WrongParent,
)
from app.platform.directory.models import OrgKind, OrgUnit, Post, Term
from app.platform.directory.queries.people import holds_after


def add_org_unit(
    session: Session,
    *,
    by: Caller | None,
    code: str,
    name: str,
    kind: str,
    name_en: str | None = None,
    parent_id: int | None = None,
) -> int:
    """A new node of the organisation; returns the id. A team must stand under a unit."""
    _check_named(code, name)
    _check_parent(session, kind, parent_id)
    unit_id = session.scalar(
        insert(OrgUnit)
        .values(
            code=code.strip().upper(),
            name=name.strip(),
            name_en=name_en,
            kind=kind,
            parent_id=parent_id,
            is_active=True,
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(OrgUnit.id)
    )
    if unit_id is None:
        raise CodeTaken(code=code)
    _note(session, by, "org_unit_added", "org_unit", unit_id)
    return unit_id


def close_org_unit(session: Session, *, by: Caller | None, unit_id: int) -> None:
    """Chosen by nobody any more; what points to it stays readable."""
    if not db.rows_changed(session, update(OrgUnit).where(OrgUnit.id == unit_id).values(is_active=False)):
        raise OrgUnitNotFound()
    _note(session, by, "org_unit_closed", "org_unit", unit_id)


def appoint(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    org_unit_id: int,
    post: str,
    title: str | None = None,
    starts_on: date | None = None,
) -> int:
    """Give a person a post in an org unit from a day on (today). Several may hold the same post."""
    post_id = session.scalar(
        insert(Post)
        .values(
            person_id=person_id,
            org_unit_id=org_unit_id,
            post=post,
            title=title,
            starts_on=starts_on or clock.today(),
        )
        .on_conflict_do_nothing()
        .returning(Post.id)
    )
    if post_id is None:
        raise AlreadyAffiliated()
    _note(session, by, "appointed", "person", person_id, [post, org_unit_id])
    return post_id


def end_post(session: Session, *, by: Caller | None, post_id: int, on: date | None = None) -> None:
    """From this day (today) on somebody else's duty. Ending it again changes nothing."""
    day = on or clock.today()
    row = session.execute(
        update(Post)
        .where(Post.id == post_id, holds_after(Post, day))
        .values(ends_on=func.greatest(Post.starts_on, day))
        .returning(Post.person_id, Post.post, Post.org_unit_id)
    ).first()
    if row is not None:
        _note(session, by, "post_ended", "person", row.person_id, [row.post, row.org_unit_id])


def add_term(
    session: Session,
    *,
    by: Caller | None,
    code: str,
    name: str,
    starts_on: date,
    ends_on: date,
    name_en: str | None = None,
) -> int:
    """A term; `ends_on` is the first day after it."""
    _check_named(code, name)
    if ends_on <= starts_on:
        raise DatesReversed()
    term_id = session.scalar(
        insert(Term)
        .values(code=code, name=name, name_en=name_en, starts_on=starts_on, ends_on=ends_on)
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(Term.id)
    )
    if term_id is None:
        raise CodeTaken(code=code)
    _note(session, by, "term_added", "term", term_id)
    return term_id


def _check_named(code: str, name: str) -> None:
    if not code.strip() or not name.strip():
        raise NameMissing()


def _check_parent(session: Session, kind: str, parent_id: int | None) -> None:
    if kind not in set(OrgKind):
        raise UnknownKind(kind=kind)
    parent = queries.unit(session, parent_id) if parent_id is not None else None
    if kind == OrgKind.TEAM and (parent is None or parent.kind != OrgKind.UNIT):
        raise WrongParent()


def _note(
    session: Session,
    by: Caller | None,
    action: str,
    object_type: str,
    object_id: int,
    fields: Sequence[str | int] = (),
) -> None:
    audit.record(
        session,
        by=by,
        action=f"directory.{action}",
        object_type=object_type,
        object_id=object_id,
        fields=fields,
    )
