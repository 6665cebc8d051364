"""Whom the directory names when somebody must approve: counsellors, holders of posts, heads."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.module import ApproverResolver, Asking
from app.kit.prepared import Prepared
from app.platform.directory.models import HEAD, Affiliation, OrgUnit, Post
from app.platform.directory.queries.people import holds_on

_day: Any = bindparam("day")
_up = (
    select(OrgUnit.id, OrgUnit.parent_id, OrgUnit.kind, literal(0).label("depth"))
    .join(Affiliation, Affiliation.org_unit_id == OrgUnit.id)
    .where(Affiliation.person_id == bindparam("person_id"), holds_on(Affiliation, _day))
    .cte("up", recursive=True)
)
_up = _up.union_all(
    select(OrgUnit.id, OrgUnit.parent_id, OrgUnit.kind, _up.c.depth + 1).join(
        _up, OrgUnit.id == _up.c.parent_id
    )
)
_HOLDERS_ABOVE = Prepared(
    select(Post.person_id, _up.c.depth, _up.c.kind)
    .join(_up, _up.c.id == Post.org_unit_id)
    .where(Post.post == bindparam("post"), holds_on(Post, _day))
    .order_by(_up.c.depth, Post.starts_on, Post.id)
)
_HOLDERS_AT = Prepared(
    select(Post.person_id)
    .join(OrgUnit, OrgUnit.id == Post.org_unit_id)
    .where(OrgUnit.code == bindparam("unit"), Post.post == bindparam("post"), holds_on(Post, _day))
    .order_by(Post.starts_on, Post.id)
)


def class_counsellor(session: Session, asking: Asking) -> list[int]:
    """The counsellors nearest to the starter: of the class, or else of what it belongs to."""
    return _nearest(session, asking.starter_id, "counsellor")


def college_post(session: Session, asking: Asking) -> list[int]:
    """Holders of `post` nearest to the starter, from the class upwards to the school."""
    return _nearest(session, asking.starter_id, str(asking.args.get("post", HEAD)))


def post_at(session: Session, asking: Asking) -> list[int]:
    """Holders of `post` at the unit whose code is `unit`."""
    found = _HOLDERS_AT.rows(
        session,
        unit=str(asking.args.get("unit", "")),
        post=str(asking.args.get("post", HEAD)),
        day=clock.today(),
    )
    return [row.person_id for row in found]


def head_above(session: Session, asking: Asking) -> list[int]:
    """The head `level` steps up (1: of the starter's own unit). Levels without a head don't count."""
    levels = list(_heads_by_level(session, asking.starter_id))
    level = asking.args.get("level", 1)
    return levels[level - 1] if isinstance(level, int) and 1 <= level <= len(levels) else []


def _heads_by_level(session: Session, person_id: int) -> Iterator[list[int]]:
    by_depth: dict[int, list[int]] = {}
    for row in _HOLDERS_ABOVE.rows(session, person_id=person_id, post=HEAD, day=clock.today()):
        if row.person_id != person_id:
            by_depth.setdefault(row.depth, []).append(row.person_id)
    yield from (by_depth[depth] for depth in sorted(by_depth))


def _nearest(session: Session, person_id: int, post: str) -> list[int]:
    rows = _HOLDERS_ABOVE.rows(session, person_id=person_id, post=post, day=clock.today())
    return [row.person_id for row in rows if row.depth == rows[0].depth]


RESOLVERS = {
    "directory.class_counsellor": ApproverResolver("申请人的辅导员", class_counsellor),
    "directory.college_post": ApproverResolver("申请人所在班级、学院的某个职务（post）", college_post),
    "directory.post": ApproverResolver("某个单位（unit）的某个职务（post）", post_at),
    "directory.head": ApproverResolver("申请人的第几级负责人（level）", head_above),
}
