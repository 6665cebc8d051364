"""Places by name, for the pages of roles."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.platform.directory import queries as directory
from app.platform.identity.queries.roles import GrantedRole, granted_roles, known_roles

EVERYWHERE = N_("全校")
UNITS = ("unit", "college", "department", "class")


@dataclass(frozen=True)
class DescribedRole:
    """A grant in words. `place` is None everywhere."""

    id: int
    person_name: str
    person_number: str | None
    is_present: bool
    role: str
    title: str
    place: str | None
    starts_at: datetime
    ends_at: datetime | None


def grantable_places(session: Session) -> list[tuple[str, str, str]]:
    """(kind, `kind:id`, name) of every place a role may be limited to."""
    found = [("unit", one.id, one.name) for one in directory.org_units_of_kind(session, *UNITS)]
    found += [("team", one.id, one.name) for one in directory.teams(session)]
    found += [("campus", one.id, one.name) for one in directory.campuses(session)]
    found += [("building", one.id, one.name) for one in directory.buildings(session)]
    return [(kind, f"{kind}:{place_id}", name) for kind, place_id, name in found]


def described_roles(session: Session, *, person_id: int | None = None, role: str = "") -> list[DescribedRole]:
    """As `granted_roles`, in words."""
    grants = granted_roles(session, person_id=person_id, role=role)
    people = directory.people(session, [grant.person_id for grant in grants])
    titles = {known.key: known.title for known in known_roles()}
    names = _names(session, grants)
    return [_described(grant, people.get(grant.person_id), titles, names) for grant in grants]


def _names(session: Session, grants: list[GrantedRole]) -> dict[str, str]:
    """Of the places in these grants, closed ones included."""
    units = directory.org_units(session, [one.scope_id for one in grants if one.scope_id is not None])
    names = {f"{kind}:{one.id}": one.name for one in units.values() for kind in ("unit", "team")}
    return names | {key: name for _, key, name in grantable_places(session)} if grants else {}


def _described(
    grant: GrantedRole,
    person: directory.PersonBrief | None,
    titles: dict[str, str],
    names: dict[str, str],
) -> DescribedRole:
    key = f"{grant.scope_kind}:{grant.scope_id}"
    return DescribedRole(
        id=grant.id,
        person_name=person.name if person else "",
        person_number=person.number if person else None,
        is_present=person is not None and person.is_active,
        role=grant.role,
        title=titles.get(grant.role, grant.role),
        place=None if grant.scope_kind == "all" else names.get(key, key),
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
    )
