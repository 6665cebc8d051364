"""Who may do what, and where."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, Text, and_, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Grant
from app.kit.module import Registry, Role
from app.kit.prepared import Prepared
from app.platform.identity.models import RoleGrant
from app.platform.identity.queries.presence import is_present

_registry: Registry | None = None
_permissions: dict[str, tuple[str, ...]] = {}
_roles_with: dict[str, list[str]] = {}


def load_registry(registry: Registry) -> None:
    """Tell identity which roles there are and what they allow. Done when the application starts."""
    global _registry, _permissions, _roles_with
    _registry = registry
    _permissions = {role.key: role.permissions for role in registry.roles()}
    _roles_with = {}
    for role in registry.roles():
        for permission in role.permissions:
            _roles_with.setdefault(permission, []).append(role.key)


def registry() -> Registry:
    """Every module that started."""
    if _registry is None:
        raise RuntimeError("identity has no registry: the factory has not run")
    return _registry


def known_roles() -> list[Role]:
    """Every role that a started module brings."""
    return registry().roles()


def expand(roles: list[tuple[str, str, int | None]]) -> tuple[Grant, ...]:
    """(role, scope kind, scope id) as the permissions they mean; unknown roles mean none."""
    return tuple(
        dict.fromkeys(
            Grant(permission, kind, scope_id)
            for role, kind, scope_id in roles
            for permission in _permissions.get(role, ())
        )
    )


def is_running(moment: Any) -> ColumnElement[bool]:
    """The grant holds at this moment."""
    return and_(RoleGrant.starts_at <= moment, or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > moment))


def people_with(
    session: Session,
    permission: str,
    *,
    unit_id: int | None = None,
    team_id: int | None = None,
    building_id: int | None = None,
    campus_id: int | None = None,
) -> list[int]:
    """Ids of those who hold the permission at one of the named places; anywhere when none is named.

    Same rule as `Caller.may`: a grant for everything holds everywhere; who has left the school holds nothing.
    """
    places = {"unit": unit_id, "team": team_id, "building": building_id, "campus": campus_id}
    rows = _PEOPLE_WITH.rows(
        session,
        roles=_roles_with.get(permission, []),
        moment=clock.now(),
        day=clock.today(),
        is_anywhere=all(place is None for place in places.values()),
        **places,
    )
    return [row.person_id for row in rows]


_PEOPLE_WITH = Prepared(
    select(RoleGrant.person_id)
    .where(
        RoleGrant.role == any_(bindparam("roles", type_=ARRAY(Text))),
        is_running(bindparam("moment")),
        is_present(RoleGrant.person_id, bindparam("day")),
        or_(
            bindparam("is_anywhere", type_=Boolean),
            RoleGrant.scope_kind == "all",
            *(
                and_(RoleGrant.scope_kind == kind, RoleGrant.scope_id == bindparam(kind))
                for kind in ("unit", "team", "building", "campus")
            ),
        ),
    )
    .distinct()
    .order_by(RoleGrant.person_id)
)


@dataclass(frozen=True)
class GrantedRole:
    """A row of the console's page of roles."""

    id: int
    person_id: int
    role: str
    scope_kind: str
    scope_id: int | None
    starts_at: datetime
    ends_at: datetime | None
    granted_by: int | None


def granted_roles(session: Session, *, person_id: int | None = None, role: str = "") -> list[GrantedRole]:
    """Grants that run or are still to come, of one person or one role or all; at most 500."""
    stmt = select(*[getattr(RoleGrant, name) for name in GrantedRole.__dataclass_fields__]).where(
        or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > clock.now())
    )
    if person_id is not None:
        stmt = stmt.where(RoleGrant.person_id == person_id)
    if role:
        stmt = stmt.where(RoleGrant.role == role)
    rows = session.execute(stmt.order_by(RoleGrant.role, RoleGrant.person_id, RoleGrant.id).limit(500))
    return [GrantedRole(*row) for row in rows]


def titles_of(session: Session, person_ids: Collection[int]) -> dict[int, list[str]]:
    """The titles of the roles that these people hold now; who has none is missing."""
    titles = {role.key: role.title for role in known_roles()}
    rows = session.execute(
        select(RoleGrant.person_id, RoleGrant.role)
        .where(RoleGrant.person_id.in_(person_ids), is_running(clock.now()))
        .order_by(RoleGrant.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        held, title = found.setdefault(row.person_id, []), titles.get(row.role, row.role)
        held.extend([title] if title not in held else [])
    return found


def grant_of(session: Session, grant_id: int) -> GrantedRole | None:
    """One grant, run out or not."""
    columns = [getattr(RoleGrant, name) for name in GrantedRole.__dataclass_fields__]
    row = session.execute(select(*columns).where(RoleGrant.id == grant_id)).first()
    return None if row is None else GrantedRole(*row)


def grants_of(session: Session, person_id: int) -> tuple[Grant, ...]:
    """What a person may do now, as their next request will find it."""
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.scope_kind, RoleGrant.scope_id).where(
            RoleGrant.person_id == person_id,
            is_running(clock.now()),
            is_present(RoleGrant.person_id, clock.today()),
        )
    )
    return expand([(row.role, row.scope_kind, row.scope_id) for row in rows])


def has_any_role(session: Session, person_id: int) -> bool:
    """Whether the person may enter the console."""
    return bool(grants_of(session, person_id))
