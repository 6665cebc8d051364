"""Keyset paging: pages stay right while rows come and go, and page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.kit.errors import Invalid
from app.kit.i18n import N_

T = TypeVar("T")
MAX_LIMIT = 200
LARGEST = 2**63 - 1  # of a bigint


class BadCursor(Invalid):
    code = "kit.bad_cursor"
    msgid = N_("翻页位置已失效，请回到第一页。")


MOST_COUNTED = 1000


def count_up_to(session: Session, stmt: Select[Any] | CompoundSelect[Any]) -> int:
    """How many rows, MOST_COUNTED at most: nobody reads an exact 48,213, and counting it would take a while."""
    few = stmt.limit(MOST_COUNTED).subquery()
    return int(session.scalar(select(func.count()).select_from(few)) or 0)


@dataclass(frozen=True)
class Key:
    """A column of the order. The last key must be unique, or rows may be skipped."""

    name: str
    column: ColumnElement[Any] | Any
    descending: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def page(
    session: Session,
    stmt: Select[*tuple[Any, ...]],
    *,
    keys: Sequence[Key],
    cursor: str | None,
    limit: int = 50,
) -> Page[Any]:
    """Rows of `stmt` after the cursor. `stmt` must select a column labelled like each key's name.

    Raises BadCursor for a cursor that is not one of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        kinds = [key.column.type.python_type for key in keys]
        stmt = stmt.where(_after(keys, position(cursor, kinds)))
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    rows = list(session.execute(stmt.order_by(*order).limit(limit + 1)))
    return cut(rows, [key.name for key in keys], limit)


def cut(rows: list[Any], names: Sequence[str], limit: int) -> Page[Any]:
    """One page of what a statement of its own found: `limit` rows and one more, if there is one."""
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _encode([getattr(rows[-1], name) for name in names]) if more else None)


def _after(keys: Sequence[Key], values: list[Any]) -> ColumnElement[bool]:
    clauses = []
    for position, key in enumerate(keys):
        same = [keys[i].column == values[i] for i in range(position)]
        beyond = key.column < values[position] if key.descending else key.column > values[position]
        clauses.append(and_(*same, beyond))
    return or_(*clauses)


def _encode(values: list[Any]) -> str:
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def position(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The values of the keys that a page ended with, each of its type. Raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
        if not isinstance(values, list):
            raise ValueError("list")
        return [_plain(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, KeyError, TypeError):
        raise BadCursor() from None


def _plain(value: Any, kind: type) -> Any:
    found = datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value
    if not isinstance(found, kind) or (isinstance(found, int) and abs(found) > LARGEST):
        raise ValueError("type")
    return found
