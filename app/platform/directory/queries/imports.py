"""Reads of uploaded lists."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.platform.directory.models import Import, ImportLine


def latest_imports(
    session: Session, desk: str, within: Mapping[str, Any], cursor: str | None = None
) -> Page[Any]:
    """A desk's, the newest first; of those whose scope lies `within`."""
    stmt = select(Import.__table__).where(Import.desk == desk, Import.scope.contains(within))
    return page(session, stmt, keys=[Key("id", Import.id, descending=True)], cursor=cursor, limit=20)


def lines(session: Session, import_id: int, sort: str, most: int = 200) -> list[AnyRow]:
    """The first of one sort."""
    stmt = (
        select(ImportLine.row, ImportLine.who, ImportLine.text)
        .where(ImportLine.import_id == import_id, ImportLine.sort == sort)
        .order_by(ImportLine.no)
        .limit(most)
    )
    return list(session.execute(stmt))
