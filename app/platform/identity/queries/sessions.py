"""Sessions: the one statement of the hot path, and the list a person sees of their own."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.identity.models import RoleGrant, SignIn
from app.platform.identity.queries import presence
from app.platform.identity.queries.roles import expand

_moment: BindParameter[datetime] = bindparam("moment")
_day: BindParameter[date] = bindparam("day")

_roles = (
    select(func.json_agg(func.json_build_array(RoleGrant.role, RoleGrant.scope_kind, RoleGrant.scope_id)))
    .where(
        RoleGrant.person_id == SignIn.person_id,
        RoleGrant.starts_at <= _moment,
        or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > _moment),
    )
    .scalar_subquery()
)
_kinds = (
    select(func.array_agg(presence.affiliations.c.kind))
    .where(presence.affiliations.c.person_id == SignIn.person_id, presence.runs(_day))
    .scalar_subquery()
)
_load = Prepared(
    select(
        SignIn.id,
        SignIn.person_id,
        SignIn.surface,
        SignIn.seen_at,
        SignIn.must_change,
        _roles.label("roles"),
        _kinds.label("kinds"),
    )
    .join(presence.people, presence.people.c.id == SignIn.person_id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        (SignIn.surface == "desk") == bindparam("is_desk"),
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > _moment,
        presence.people.c.merged_into_id.is_(None),
        presence.people.c.erased_at.is_(None),
    )
)


@dataclass(frozen=True)
class LoadedSession:
    """A live session and who it makes the caller."""

    caller: Caller
    seen_at: datetime
    must_change: bool


def load_session(token_hash: str, *, is_desk: bool) -> LoadedSession | None:
    """Who a token stands for on the console, or on the phone; None when it is not, or no longer, good.

    One statement, no transaction. Roles count only for those who study or work here today, and not before
    a lent password is changed.
    """
    values = {"token_hash": token_hash, "is_desk": is_desk, "moment": clock.now(), "day": clock.today()}
    with db.reading() as connection:
        row = next(iter(_load.on(connection, values)), None)
    if row is None:
        return None
    kinds = frozenset(row.kinds or ())
    roles = row.roles if row.roles and kinds - {"visitor"} and not row.must_change else []
    surface = "desk" if row.surface == "desk" else "phone"
    caller = Caller(row.person_id, expand(roles), surface, row.id, kinds)
    return LoadedSession(caller, row.seen_at, row.must_change)


@dataclass(frozen=True)
class OpenSession:
    """A line of the list of one's own sessions."""

    id: int
    surface: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def open_sessions(session: Session, person_id: int) -> list[OpenSession]:
    """Sessions of this person that still work, the last seen first."""
    columns = [getattr(SignIn, name) for name in OpenSession.__dataclass_fields__]
    rows = session.execute(
        select(*columns)
        .where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None), SignIn.expires_at > clock.now())
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        .limit(100)
    )
    return [OpenSession(*row) for row in rows]
