"""Definitions and their versions, for the pages that make them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.kit.errors import NotFound
from app.platform.approvals.definition import Definition as Tree
from app.platform.approvals.definition import parse
from app.platform.approvals.definition.tree import Condition, Node, Parallel
from app.platform.approvals.models import Case, Definition, DefinitionStatus

MOST_VERSIONS = 50


@dataclass(frozen=True)
class Change:
    """What differs between two versions: a node or field that is `new`, `gone` or `changed`."""

    kind: str
    what: str
    before: str
    after: str


def latest(session: Session) -> list[Any]:
    """Of every code its latest version, with the published one's number and how many cases run."""
    other, last = aliased(Definition), aliased(Definition)
    newest = select(func.max(last.version)).where(last.code == Definition.code).scalar_subquery()
    published = (
        select(other.version)
        .where(other.code == Definition.code, other.status == DefinitionStatus.PUBLISHED)
        .scalar_subquery()
    )
    running = (
        select(func.count())
        .select_from(Case)
        .where(Case.code == Definition.code, Case.status == "running")
        .scalar_subquery()
    )
    stmt = (
        select(
            Definition.id,
            Definition.code,
            Definition.version,
            Definition.title,
            Definition.status,
            Definition.made_at,
            published.label("published"),
            running.label("running"),
        )
        .where(Definition.version == newest)
        .order_by(Definition.code)
    )
    return list(session.execute(stmt))


def version_for(session: Session, definition_id: int) -> Definition:
    """Raises NotFound."""
    found = session.get(Definition, definition_id)
    if found is None:
        raise NotFound()
    return found


def versions_of(session: Session, code: str) -> list[Definition]:
    """The latest first."""
    stmt = select(Definition).where(Definition.code == code).order_by(Definition.version.desc())
    return list(session.scalars(stmt.limit(MOST_VERSIONS)))


def published_of(session: Session, code: str) -> Definition | None:
    stmt = select(Definition).where(Definition.code == code, Definition.status == DefinitionStatus.PUBLISHED)
    return session.scalars(stmt).one_or_none()


def published(session: Session) -> dict[str, str]:
    """Titles of what may be started now, by code."""
    stmt = select(Definition.code, Definition.title).where(Definition.status == DefinitionStatus.PUBLISHED)
    return {row.code: row.title for row in session.execute(stmt.order_by(Definition.code))}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """From one body to the other, node by node and field by field, in the order of the later."""
    old, new = parse(before), parse(after)
    found = [*_differing("字段", _fields(old), _fields(new)), *_differing("环节", _nodes(old), _nodes(new))]
    for name, title in (
        ("title", "名称"),
        ("exception_when", "例外条件"),
        ("link", "链接"),
        ("tells_starter", "告诉申请人"),
    ):
        was, now = str(getattr(old, name)), str(getattr(new, name))
        if was != now:
            found.insert(0, Change("changed", title, was, now))
    return found


def _fields(tree: Tree) -> dict[str, str]:
    return {f"{one.title}（{one.name}）": _plain(one) for one in tree.fields}


def _nodes(tree: Tree) -> dict[str, str]:
    """Each node by key and title: its own settings, where it stands, not those below it."""
    return {
        f"{node.title or key}（{key}）": f"{_own(node)} @ {_where(tree, key)}"
        for key, node in tree.by_key.items()
    }


def _where(tree: Tree, key: str) -> str:
    place = tree.places[key]
    return f"{place.parent or '主干'}[{place.branch}] 第 {place.position + 1} 个"


def _own(node: Node) -> str:
    if isinstance(node, Condition | Parallel):
        return " / ".join(f"{branch.title}: {branch.when or '其他'}" for branch in node.branches)
    return _plain(node)


def _plain(part: Any) -> str:
    """Settings in words of the format, without what stands at its default."""
    defaults = {name: one.default for name, one in type(part).__dataclass_fields__.items()}
    said = {name: value for name, value in vars(part).items() if value != defaults[name] and name != "key"}
    return "; ".join(f"{name}={value}" for name, value in said.items())


def _differing(kind: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            yield Change("new", f"{kind} {name}", "", now)
        elif was != now:
            yield Change("changed", f"{kind} {name}", was, now)
    for name in [one for one in before if one not in after]:
        yield Change("gone", f"{kind} {name}", before[name], "")
