"""From a workbook to rows: headers by any of their names, every cell parsed, every problem kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from app.kit.i18n import N_
from app.platform.directory.errors import WorkbookUnreadable
from app.platform.directory.imports.cells import BadCell, plain
from app.platform.directory.imports.sheets import SHEETS, Column, Sheet

MOST_ROWS = 200_000
Values = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Something to correct. `row` is the number at the edge of the sheet; 1 is the header."""

    sheet: str
    row: int
    msgid: str
    params: Values

    def sentence(self) -> str:
        words = self.msgid % self.params if self.params else self.msgid
        return f"第 {self.row} 行：{words}"


@dataclass(frozen=True)
class SheetRow:
    """One row; empty cells are absent from `values`, so that they overwrite nothing."""

    row: int
    values: Values


@dataclass
class Workbook:
    """What was read, with everything found wrong on the way."""

    rows: dict[str, list[SheetRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def complain(self, sheet: Sheet, row: int, msgid: str, **params: Any) -> None:
        self.problems.append(Problem(sheet.title, row, msgid, params))

    def of(self, sheet: Sheet) -> list[SheetRow]:
        return self.rows.get(sheet.key, [])


def read(source: Path | BinaryIO) -> Workbook:
    """Read all known sheets. Raises WorkbookUnreadable when it is no workbook at all."""
    book = Workbook()
    try:
        with CalamineWorkbook.from_object(source) as opened:
            by_title = {title.strip(): title for title in opened.sheet_names}
            for sheet in SHEETS:
                title = next((by_title.pop(t) for t in sheet.titles if t in by_title), None)
                if title is not None:
                    grid = opened.get_sheet_by_name(title).to_python(skip_empty_area=False)
                    _read_sheet(book, sheet, grid)
    except (CalamineError, OSError, ValueError):
        raise WorkbookUnreadable() from None
    book.ignored += list(by_title)
    return book


def _read_sheet(book: Workbook, sheet: Sheet, grid: Sequence[Sequence[Any]]) -> None:
    if len(grid) > MOST_ROWS:
        book.complain(sheet, 1, N_("超过 %(most)s 行，请分成几个文件"), most=MOST_ROWS)
        return
    if not grid:
        return
    columns = _columns(book, sheet, grid[0])
    if columns is None:
        return
    seen: dict[tuple[Any, ...], int] = {}
    rows = []
    for number, cells in enumerate(grid[1:], start=2):
        if not any(plain(cell) for cell in cells):
            continue
        row = SheetRow(number, _values(book, sheet, columns, number, cells))
        identity = tuple(row.values.get(name) for name in sheet.unique)
        if identity in seen and None not in identity[:1]:
            book.complain(sheet, number, N_("与第 %(other)s 行重复"), other=seen[identity])
        seen.setdefault(identity, number)
        rows.append(row)
    book.rows[sheet.key] = rows


def _columns(book: Workbook, sheet: Sheet, header: Sequence[Any]) -> dict[int, Column] | None:
    found: dict[int, Column] = {}
    for position, cell in enumerate(header):
        title = "".join(plain(cell).split()).strip("*＊")
        column = next((column for column in sheet.columns if title in column.headers), None)
        if column is None:
            if title:
                book.ignored.append(f"{sheet.title}／{title}")
        elif column in found.values():
            book.complain(sheet, 1, N_("列“%(title)s”出现了两次"), title=title)
        else:
            found[position] = column
    missing = [c.headers[0] for c in sheet.columns if c.is_required and c not in found.values()]
    if missing:
        book.complain(sheet, 1, N_("缺少列：%(titles)s"), titles="、".join(missing))
        return None
    return found


def _values(
    book: Workbook, sheet: Sheet, columns: dict[int, Column], number: int, cells: Sequence[Any]
) -> Values:
    values = {}
    for position, column in columns.items():
        cell = cells[position] if position < len(cells) else ""
        try:
            value = column.parse(cell)
        except BadCell as bad:
            reason = bad.msgid % bad.params if bad.params else bad.msgid
            book.complain(sheet, number, N_("%(title)s：%(reason)s"), title=column.headers[0], reason=reason)
            continue
        if value is not None:
            values[column.field] = value
        elif column.is_required:
            book.complain(sheet, number, N_("%(title)s 不能为空"), title=column.headers[0])
    return values
