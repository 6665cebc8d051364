"""Whom identity names when somebody must approve: holders of a role, at a place of the starter's."""

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.module import ApproverResolver, Asking
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.platform.identity.models import RoleGrant
from app.platform.identity.queries.roles import is_running

_HOLDERS = Prepared(
    select(RoleGrant.person_id)
    .where(
        RoleGrant.role == bindparam("role"),
        is_running(bindparam("moment")),
        or_(
            RoleGrant.scope_kind == "all",
            and_(
                RoleGrant.scope_kind == bindparam("scope_kind"), RoleGrant.scope_id == bindparam("scope_id")
            ),
        ),
    )
    .order_by((RoleGrant.scope_kind == "all").asc(), RoleGrant.starts_at, RoleGrant.id)
)


def role_holders(session: Session, asking: Asking) -> list[int]:
    """Who holds `role`: everywhere, or `where` the starter lives (`building`) or studies (`unit`)."""
    where = asking.args.get("where", "all")
    scope_id = None
    if where == "building":
        home = directory.room_of(session, asking.starter_id)
        scope_id = home.building_id if home else None
    elif where == "unit":
        scope_id = directory.college_of(session, asking.starter_id)
    rows = _HOLDERS.rows(
        session,
        role=str(asking.args.get("role", "")),
        moment=clock.now(),
        scope_kind=where,
        scope_id=scope_id,
    )
    return [row.person_id for row in rows]


RESOLVERS = {
    "identity.role": ApproverResolver(
        "担任某个角色的人（role），可限申请人的楼栋或学院（where）", role_holders
    )
}
