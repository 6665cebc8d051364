"""Bulk writing: insert what is new, update what differs, leave the rest alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.workbook import Sheet, Values
from app.platform.audit import service as audit
from app.platform.directory.imports.known import Key, Rows
from app.platform.directory.imports.periods import Span

# A changed index means that the encrypted value beside it changed too.
INDEXED = {"phone_index": "phone", "id_number_index": "id_number"}


@dataclass(frozen=True)
class Touched:
    """A row of the directory that is new, or changed in these fields (none: in its days)."""

    key: Key
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetReport:
    """What became of one sheet."""

    title: str
    rows: int
    new: tuple[Touched, ...] = ()
    touched: tuple[Touched, ...] = ()

    @property
    def added(self) -> int:
        return len(self.new)

    @property
    def changed(self) -> int:
        return len(self.touched)


@dataclass
class Report:
    """What an import did. `ignored` are sheets and columns nobody here knows."""

    sheets: list[SheetReport] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def upsert(
    session: Session,
    by: Caller | None,
    *,
    sheet: Sheet,
    table: Any,
    known: Rows,
    rows: Iterable[tuple[Key, Values, Values]],
) -> SheetReport:
    """Rows are (key, values to write, values for new rows only). All-new rows share their columns."""
    new: list[Values] = []
    fresh, touched = [], []
    changes: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    total = 0
    for key, values, extra in rows:
        total += 1
        old = known.get(key)
        if old is None:
            new.append(extra | values)
            fresh.append(Touched(key))
            continue
        different = _differences(old, values)
        if different:
            changes[tuple(sorted(different))].append({"id": old["id"], **different})
            touched.append(Touched(key, tuple(name for name in different if name not in INDEXED)))
    kind = table.__name__.lower()
    added = insert_all(session, table, new)
    deeds = [audit.Deed(f"directory.{kind}_added", kind, new_id, ["import"]) for new_id in added]
    for fields, group in changes.items():
        session.execute(update(table), group)
        names = [name for name in fields if name not in INDEXED]
        deeds += [audit.Deed(f"directory.{kind}_updated", kind, row["id"], names) for row in group]
    audit.record_all(session, by=by, deeds=deeds)
    return SheetReport(sheet.title, total, tuple(fresh), tuple(touched))


def insert_all(session: Session, table: Any, rows: list[Values]) -> list[int]:
    """Insert rows of any mixture of columns; ids in their order."""
    if not rows:
        return []
    columns = {name for row in rows for name in row}
    even = [{name: row.get(name) for name in columns} for row in rows]
    stmt = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(stmt, even))


def write_spans(
    session: Session,
    by: Caller | None,
    *,
    sheet: Sheet,
    table: Any,
    spans: dict[Key, list[Span]],
    columns_of: Any,
) -> SheetReport:
    """Ended and corrected rows first, so that what they held is free for the new ones.

    `columns_of(span)` gives the columns of a new row without its dates.
    """
    every = [span for mine in spans.values() for span in mine]
    old = [span for span in every if span.id is not None and span.is_changed]
    new = [span for span in every if span.id is None]
    has_title = hasattr(table, "title")
    if old:
        session.execute(update(table), [{"id": span.id} | _dates(span, has_title) for span in old])
    values = [columns_of(span) | _dates(span, has_title) for span in new]
    ids = insert_all(session, table, values)
    kind = table.__name__.lower()
    deeds = [audit.Deed(f"directory.{kind}_updated", kind, span.id or 0, ["import"]) for span in old]
    deeds += [
        audit.Deed(f"directory.{kind}_added", "person", row["person_id"], [new_id])
        for row, new_id in zip(values, ids, strict=True)
    ]
    audit.record_all(session, by=by, deeds=deeds)
    total = sum(1 for span in every if span.row is not None)
    return SheetReport(
        sheet.title, total, tuple(Touched(span.key) for span in new), tuple(Touched(span.key) for span in old)
    )


def _dates(span: Span, has_title: bool) -> Values:
    dates: Values = {"starts_on": span.starts_on, "ends_on": span.ends_on}
    return dates | {"title": span.title} if has_title else dates


def _differences(old: Values, values: Values) -> Values:
    different = {name: value for name, value in values.items() if name in old and old[name] != value}
    for index, name in INDEXED.items():
        if index in different:
            different[name] = values[name]
    return different
