"""Which from–to rows of a sheet are new, which are known and corrected, and whether beds overlap."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.kit import clock
from app.kit.i18n import N_
from app.kit.workbook import Sheet, SheetRow, Workbook
from app.platform.directory.imports.known import Key, Period
from app.platform.directory.imports.sheets import BEDS


@dataclass
class Span:
    """A from–to row as it will be. `id` None: new. `row` None: not in this workbook."""

    key: Key
    starts_on: date
    ends_on: date | None
    title: str | None = None
    id: int | None = None
    row: int | None = None
    is_changed: bool = False

    def overlaps(self, other: "Span") -> bool:
        if self.starts_on == self.ends_on or other.starts_on == other.ends_on:
            return False  # never held
        return (self.ends_on is None or other.starts_on < self.ends_on) and (
            other.ends_on is None or self.starts_on < other.ends_on
        )


def plan(
    book: Workbook, sheet: Sheet, known: dict[Key, list[Period]], keyed: Iterable[tuple[Key, SheetRow]]
) -> dict[Key, list[Span]]:
    """All spans by key, known ones included, as they will be after the import.

    A row is known again by its start, else by its end, else it is the open one of its key.
    """
    spans: dict[Key, list[Span]] = defaultdict(list)
    for key, periods in known.items():
        spans[key] = [Span(key, p.starts_on, p.ends_on, p.title, id=p.id) for p in periods]
    for key, row in keyed:
        span = _find(spans[key], row.values)
        if span is None:
            span = _new(book, sheet, key, row)
            if span is not None:
                spans[key].append(span)
        else:
            _correct(span, row)
        if span is not None and span.ends_on is not None and span.ends_on <= span.starts_on:
            book.complain(sheet, row.row, N_("结束日期早于开始日期"))
    return spans


def _find(spans: list[Span], values: dict[str, Any]) -> Span | None:
    starts, ends = values.get("starts_on"), values.get("ends_on")
    for span in spans:
        if starts is not None and span.starts_on == starts:
            return span
        if starts is None and ends is not None and span.ends_on == ends:
            return span
    if starts is not None and ends is not None:
        return None  # a period of its own
    return next((span for span in spans if span.ends_on is None), None)


def _new(book: Workbook, sheet: Sheet, key: Key, row: SheetRow) -> Span | None:
    starts, ends = row.values.get("starts_on"), row.values.get("ends_on")
    if starts is None and ends is not None:
        book.complain(sheet, row.row, N_("有结束日期时，请填开始日期"))
        return None
    return Span(key, starts or clock.today(), ends, row.values.get("title"), row=row.row)


def _correct(span: Span, row: SheetRow) -> None:
    before = replace(span)
    span.starts_on = row.values.get("starts_on", span.starts_on)
    span.ends_on = row.values.get("ends_on", span.ends_on)
    span.title = row.values.get("title", span.title)
    span.row = row.row
    span.is_changed = span.is_changed or (before.starts_on, before.ends_on, before.title) != (
        span.starts_on,
        span.ends_on,
        span.title,
    )


def settle_beds(book: Workbook, spans: dict[Key, list[Span]]) -> None:
    """Moving ends the stay before; whatever still overlaps is a problem of the row that brought it."""
    by_person: dict[Any, list[Span]] = defaultdict(list)
    by_bed: dict[Key, list[Span]] = defaultdict(list)
    for key, mine in spans.items():
        by_person[key[0]] += mine
        by_bed[key[1:]] += mine
    touched = [s for mine in spans.values() for s in mine if s.row and (s.id is None or s.is_changed)]
    for span in touched:
        for other in by_person[span.key[0]]:
            if other.ends_on is None and other.starts_on < span.starts_on and other.key != span.key:
                other.ends_on, other.is_changed = span.starts_on, True
    for span in touched:
        assert span.row is not None
        if _clash(span, by_bed[span.key[1:]]):
            book.complain(BEDS, span.row, N_("这张床在这段时间里已经有人住"))
        elif _clash(span, by_person[span.key[0]]):
            book.complain(BEDS, span.row, N_("这个人在这段时间里已经有床位"))


def _clash(span: Span, others: list[Span]) -> bool:
    return any(other is not span and span.overlaps(other) for other in others)
