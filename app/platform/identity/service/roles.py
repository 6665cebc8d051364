"""Granting and revoking roles."""

from datetime import datetime

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.kit.module import Role
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.errors import (
    BadPeriod,
    LastAdministrator,
    RoleNotHeld,
    ScopeNotAllowed,
    UnknownRole,
)
from app.platform.identity.events import RoleGranted, RoleRevoked
from app.platform.identity.models import RoleGrant
from app.platform.identity.queries import grant_of, known_roles

ADMINISTRATOR = "administrator"
ADMINISTRATORS_LOCK = 0x77_6C_61_64  # two who revoke each other at once must not both succeed


def grant_role(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    role: str,
    scope_kind: str = "all",
    scope_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> int:
    """Give a person a role at a place, from now (or `starts_at`) on; returns the grant's id.

    The same role at the same place again changes its dates. `by` None: an operator at the machine.
    Counts at the person's next request. A leaver may be given a role, but it allows nothing.
    """
    _check(role, scope_kind, scope_id)
    starts_at = starts_at or clock.now()
    if ends_at is not None and ends_at <= starts_at:
        raise BadPeriod(details={"ends_at": [BadPeriod.msgid]})
    person_id = directory.person(session, person_id).id
    values = {"starts_at": starts_at, "ends_at": ends_at, "granted_by": by.person_id if by else None}
    grant_id = session.scalars(
        insert(RoleGrant)
        .values(person_id=person_id, role=role, scope_kind=scope_kind, scope_id=scope_id, **values)
        .on_conflict_do_update(
            index_elements=["person_id", "role", "scope_kind", "scope_id"],
            set_=values,
        )
        .returning(RoleGrant.id)
    ).one()
    place = f"{scope_kind}:{scope_id}" if scope_id else scope_kind
    _record(session, by, "grant_role", person_id, [role, place, grant_id])
    outbox.emit(session, RoleGranted(person_id, role, scope_kind, scope_id))
    return grant_id


def revoke_role(session: Session, *, by: Caller | None, grant_id: int) -> None:
    """End a grant now. Counts at the person's next request. Raises RoleNotHeld, LastAdministrator."""
    grant = grant_of(session, grant_id)
    moment = clock.now()
    if grant is None:
        raise RoleNotHeld()
    if grant.role == ADMINISTRATOR:
        _keep_one_administrator(session, grant_id)
    ended = db.rows_changed(
        session,
        update(RoleGrant)
        .where(RoleGrant.id == grant_id, or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > moment))
        .values(ends_at=moment, starts_at=func.least(RoleGrant.starts_at, moment)),
    )
    if ended != 1:
        raise RoleNotHeld()
    place = f"{grant.scope_kind}:{grant.scope_id}" if grant.scope_id else grant.scope_kind
    _record(session, by, "revoke_role", grant.person_id, [grant.role, place, grant_id])
    outbox.emit(session, RoleRevoked(grant.person_id, grant.role, grant.scope_kind, grant.scope_id))


def _check(role: str, scope_kind: str, scope_id: int | None) -> None:
    known = _role(role)
    if scope_kind not in known.scopes:
        raise ScopeNotAllowed(role=known.title, details={"scope_kind": [known.title]})
    if (scope_kind == "all") != (scope_id is None):
        raise ScopeNotAllowed(role=known.title, details={"scope_id": [known.title]})


def _role(key: str) -> Role:
    for role in known_roles():
        if role.key == key:
            return role
    raise UnknownRole(role=key)


def _keep_one_administrator(session: Session, grant_id: int) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADMINISTRATORS_LOCK})
    moment = clock.now()
    another = session.scalar(
        select(RoleGrant.id)
        .where(
            RoleGrant.role == ADMINISTRATOR,
            RoleGrant.id != grant_id,
            or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > moment),
        )
        .limit(1)
    )
    if another is None:
        raise LastAdministrator()


def _record(
    session: Session, by: Caller | None, action: str, person_id: int, fields: list[str | int]
) -> None:
    audit.record(session, by=by, action=action, object_type="person", object_id=person_id, fields=fields)
