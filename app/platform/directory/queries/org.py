"""Reading the organisation: units, teams, their members and heads, the tree."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Select, and_, any_, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.prepared import Prepared
from app.platform.directory.errors import OrgUnitNotFound
from app.platform.directory.models import (
    HEAD,
    Affiliation,
    AffiliationKind,
    OrgKind,
    OrgUnit,
    Person,
    Post,
    Term,
)
from app.platform.directory.queries.people import PersonBrief, briefs_of, holds_on, people

WORKERS = (AffiliationKind.STAFF, AffiliationKind.CONTRACTOR)


@dataclass(frozen=True)
class OrgBrief:
    id: int
    code: str
    name: str
    name_en: str | None
    kind: str
    parent_id: int | None
    is_active: bool


@dataclass(frozen=True)
class TeamBrief:
    """A team and the unit it belongs to."""

    id: int
    unit_id: int
    name: str
    name_en: str | None
    code: str


@dataclass(frozen=True)
class PostBrief:
    org_unit_id: int
    person_id: int
    post: str
    title: str | None


@dataclass(frozen=True)
class TermBrief:
    """`ends_on` is the first day after the term."""

    id: int
    code: str
    name: str
    name_en: str | None
    starts_on: date
    ends_on: date


def units(session: Session) -> list[OrgBrief]:
    """The units that take in and hand out work."""
    return _org(session, _org_columns().where(OrgUnit.kind == OrgKind.UNIT, OrgUnit.is_active))


def unit(session: Session, unit_id: int) -> OrgBrief:
    """Any node of the organisation, teams and closed ones included. Raises OrgUnitNotFound."""
    row = _UNIT.first(session, unit_id=unit_id)
    if row is None:
        raise OrgUnitNotFound()
    return OrgBrief(*row)


def org_units(session: Session, unit_ids: Iterable[int]) -> dict[int, OrgBrief]:
    """Nodes by id, in one statement."""
    return {row.id: row for row in _org(session, _org_columns().where(OrgUnit.id.in_(set(unit_ids))))}


def find_org_unit(session: Session, code: str) -> OrgBrief | None:
    found = _org(session, _org_columns().where(OrgUnit.code == code.strip().upper()))
    return found[0] if found else None


def org_units_of_kind(session: Session, *kinds: str) -> list[OrgBrief]:
    """All that are at work: `college`, `class`…"""
    return _org(session, _org_columns().where(OrgUnit.kind.in_(kinds), OrgUnit.is_active))


def teams(session: Session, unit_id: int | None = None) -> list[TeamBrief]:
    """Teams at work; of one unit when it is named."""
    teams = [TeamBrief(*row) for row in _TEAMS.rows(session)]
    return teams if unit_id is None else [team for team in teams if team.unit_id == unit_id]


def team_members(session: Session, team_id: int) -> list[PersonBrief]:
    """Staff and contractors of a team today, the head first, then by number."""
    return members_of_teams(session, [team_id])[team_id]


def members_of_teams(session: Session, team_ids: Iterable[int]) -> dict[int, list[PersonBrief]]:
    """The members of several teams, each as `team_members` has them, in three statements."""
    members: dict[int, list[int]] = {team_id: [] for team_id in team_ids}
    for team_id, person_id in _MEMBERS.rows(session, ids=list(members), day=clock.today()):
        members[team_id].append(person_id)
    heads = _heads_of(session, members)
    known = people(session, {person_id for mine in members.values() for person_id in mine})
    return {team_id: _head_first(mine, heads.get(team_id), known) for team_id, mine in members.items()}


def _head_first(ids: list[int], head_id: int | None, known: dict[int, PersonBrief]) -> list[PersonBrief]:
    order = sorted(dict.fromkeys(ids), key=lambda person_id: person_id != head_id)
    return [known[person_id] for person_id in order if person_id in known]


def team_head(session: Session, team_id: int) -> PersonBrief | None:
    """Who leads a team (or unit) today."""
    head_id = _head_id(session, team_id)
    return briefs_of(session, [head_id])[0] if head_id is not None else None


def teams_of(session: Session, person_id: int) -> list[TeamBrief]:
    """The teams a person works in today."""
    return [TeamBrief(*row) for row in _TEAMS_OF.rows(session, person_id=person_id, day=clock.today())]


def posts_of(session: Session, person_id: int) -> list[PostBrief]:
    """The posts a person holds today."""
    stmt = select(Post.org_unit_id, Post.person_id, Post.post, Post.title).where(
        Post.person_id == person_id, holds_on(Post, clock.today())
    )
    return [PostBrief(*row) for row in session.execute(stmt.order_by(Post.id))]


def holders_of(session: Session, org_unit_id: int, post: str) -> list[PersonBrief]:
    """Who holds a post of an org unit today."""
    stmt = select(Post.person_id).where(
        Post.org_unit_id == org_unit_id, Post.post == post, holds_on(Post, clock.today())
    )
    return briefs_of(session, list(session.scalars(stmt.order_by(Post.starts_on, Post.id))))


def org_path(session: Session, unit_id: int) -> list[OrgBrief]:
    """From the root down to the unit itself."""
    base = select(OrgUnit.id, OrgUnit.parent_id, literal(0).label("depth")).where(OrgUnit.id == unit_id)
    up = base.cte("up", recursive=True)
    up = up.union_all(
        select(OrgUnit.id, OrgUnit.parent_id, up.c.depth + 1).join(up, OrgUnit.id == up.c.parent_id)
    )
    return _org(session, _org_columns().join(up, up.c.id == OrgUnit.id), order=up.c.depth.desc())


def college_of(session: Session, person_id: int) -> int | None:
    """The college that a person belongs to today, or else their unit itself; None for who has none."""
    day = clock.today()
    units = session.scalars(
        select(Affiliation.org_unit_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.org_unit_id.is_not(None),
            holds_on(Affiliation, day),
        )
        .order_by(Affiliation.id)
    )
    found = [org_path(session, unit_id) for unit_id in units if unit_id is not None]
    colleges = [each.id for path in found for each in path if each.kind == OrgKind.COLLEGE]
    return next(iter(colleges or [path[-1].id for path in found]), None)


def study_unit_of(session: Session, person_id: int) -> int | None:
    """The class, or whatever unit a student or freshman belongs to today; the latest, when there are two."""
    stmt = select(Affiliation.org_unit_id).where(
        Affiliation.person_id == person_id,
        Affiliation.kind.in_((AffiliationKind.STUDENT, AffiliationKind.FRESHMAN)),
        Affiliation.org_unit_id.is_not(None),
        holds_on(Affiliation, clock.today()),
    )
    return session.scalars(
        stmt.order_by(Affiliation.starts_on.desc(), Affiliation.id.desc()).limit(1)
    ).first()


def students_of(session: Session, unit_id: int) -> list[PersonBrief]:
    """Students of a class today, by number."""
    stmt = (
        select(Affiliation.person_id)
        .join(Person, Person.id == Affiliation.person_id)
        .where(
            Affiliation.org_unit_id == unit_id,
            Affiliation.kind == AffiliationKind.STUDENT,
            holds_on(Affiliation, clock.today()),
        )
        .order_by(Person.number, Person.id)
    )
    return briefs_of(session, list(session.scalars(stmt)))


def workplaces_of(session: Session, person_ids: Iterable[int]) -> dict[int, OrgBrief]:
    """Where these people work today, as staff or for a contractor; who doesn't is missing."""
    rows = session.execute(
        select(Affiliation.person_id, Affiliation.org_unit_id)
        .where(
            Affiliation.person_id.in_(list(person_ids)),
            Affiliation.kind.in_(WORKERS),
            Affiliation.org_unit_id.is_not(None),
            holds_on(Affiliation, clock.today()),
        )
        .order_by(Affiliation.id.desc())  # the first one counts
    ).all()
    known = org_units(session, {row.org_unit_id for row in rows})
    return {row.person_id: known[row.org_unit_id] for row in rows}


def children_of(session: Session, unit_id: int | None) -> list[OrgBrief]:
    """The nodes directly below; of None, the roots."""
    return _org(session, _org_columns().where(OrgUnit.parent_id == unit_id, OrgUnit.is_active))


def ids_below(session: Session, unit_id: int) -> set[int]:
    """The unit and everything under it."""
    down = select(OrgUnit.id).where(OrgUnit.id == unit_id).cte("down", recursive=True)
    down = down.union(select(OrgUnit.id).join(down, OrgUnit.parent_id == down.c.id))
    return set(session.scalars(select(down.c.id)))


def terms(session: Session) -> list[TermBrief]:
    """All terms, oldest first."""
    stmt = select(Term.id, Term.code, Term.name, Term.name_en, Term.starts_on, Term.ends_on)
    return [TermBrief(*row) for row in session.execute(stmt.order_by(Term.starts_on))]


def term_on(session: Session, day: date | None = None) -> TermBrief | None:
    """The term that runs on a day; None in the holidays."""
    wanted = day or clock.today()
    return next((term for term in terms(session) if term.starts_on <= wanted < term.ends_on), None)


def _head_id(session: Session, org_unit_id: int) -> int | None:
    return _heads_of(session, [org_unit_id]).get(org_unit_id)


def _heads_of(session: Session, org_unit_ids: Iterable[int]) -> dict[int, int]:
    """Who leads each of the units today: of several, who came last."""
    rows = _HEADS.rows(session, ids=list(org_unit_ids), day=clock.today())
    return {org_unit_id: person_id for org_unit_id, person_id in rows}


def _org_columns() -> Select:
    return select(
        OrgUnit.id,
        OrgUnit.code,
        OrgUnit.name,
        OrgUnit.name_en,
        OrgUnit.kind,
        OrgUnit.parent_id,
        OrgUnit.is_active,
    )


def _team_columns() -> Select:
    return select(OrgUnit.id, OrgUnit.parent_id, OrgUnit.name, OrgUnit.name_en, OrgUnit.code).where(
        OrgUnit.kind == OrgKind.TEAM
    )


def _org(session: Session, stmt: Select, order: Any = OrgUnit.id) -> list[OrgBrief]:
    return [OrgBrief(*row) for row in session.execute(stmt.order_by(order))]


_IDS: Any = bindparam("ids", type_=ARRAY(BigInteger))
_DAY = bindparam("day", type_=Date)
_UNIT = Prepared(_org_columns().where(OrgUnit.id == bindparam("unit_id")))
_TEAMS = Prepared(_team_columns().where(OrgUnit.is_active).order_by(OrgUnit.id))
_works_there = and_(or_(*(Affiliation.kind == str(kind) for kind in WORKERS)), holds_on(Affiliation, _DAY))
_TEAMS_OF = Prepared(
    _team_columns()
    .join(Affiliation, Affiliation.org_unit_id == OrgUnit.id)
    .where(Affiliation.person_id == bindparam("person_id"), _works_there)
    .order_by(OrgUnit.id)
    .distinct()
)
_MEMBERS = Prepared(
    select(Affiliation.org_unit_id, Person.id)
    .join(Person, Affiliation.person_id == Person.id)
    .where(Affiliation.org_unit_id == any_(_IDS), _works_there)
    .order_by(Person.number.nulls_last(), Person.id)
)
_HEADS = Prepared(
    select(Post.org_unit_id, Post.person_id)
    .where(Post.org_unit_id == any_(_IDS), Post.post == str(HEAD), holds_on(Post, _DAY))
    .order_by(Post.starts_on, Post.id)
)
