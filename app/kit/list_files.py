"""An uploaded list as rows that can be believed: every cell looked at, every problem kept, nothing written.

The sheet may have any title when it is the only one. Formulas and merged cells are refused: what they show on the
screen is not what stands in the cell.
"""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from app.kit.i18n import N_
from app.kit.workbook import (
    ListEmpty,
    ListTooLong,
    Sheet,
    Workbook,
    WorkbookUnreadable,
    check_archive,
    read_sheet,
)

MOST_ROWS = 50_000
HEADER_WITHIN = 5
"""Registries put a title above the header."""


def read_lists(source: BinaryIO, sheets: Sequence[Sheet]) -> Workbook:
    """Raises WorkbookUnreadable, WorkbookTooLarge, ListTooLong, ListEmpty."""
    formulas = check_archive(source)
    book = Workbook()
    try:
        with CalamineWorkbook.from_object(source) as opened:
            for title, sheet in titles_of(opened.sheet_names, sheets).items():
                found = opened.get_sheet_by_name(title)
                grid = found.to_python(skip_empty_area=False, nrows=MOST_ROWS + HEADER_WITHIN + 2)
                if len(grid) > MOST_ROWS + HEADER_WITHIN:
                    raise ListTooLong(most=MOST_ROWS)
                start = _header_row(grid, sheet)
                _complain_of_form(book, sheet, formulas.get(title), found.merged_cell_ranges or (), start)
                read_sheet(book, sheet, grid[start:], first_row=start + 1)
    except (CalamineError, OSError, ValueError, IndexError, TypeError):
        raise WorkbookUnreadable() from None
    if not any(book.rows.values()) and not book.problems:
        raise ListEmpty()
    return book


def titles_of(titles: Sequence[str], sheets: Sequence[Sheet]) -> Mapping[str, Sheet]:
    """Which sheets of a workbook are read, and as what. The only one that is asked for may have any title."""
    found = {
        title: sheet
        for sheet in sheets
        if (title := next((one for one in titles if one.strip() in sheet.titles), None)) is not None
    }
    return found if found or len(sheets) > 1 else {titles[0]: sheets[0]}


def _header_row(grid: Sequence[Sequence[Any]], sheet: Sheet) -> int:
    """Where the most headers are known."""
    known = {header for column in sheet.columns for header in column.headers}

    def hits(row: Sequence[Any]) -> int:
        return sum(1 for cell in row if "".join(str(cell).split()).strip("*＊") in known)

    top = grid[:HEADER_WITHIN]
    return max(range(len(top)), key=lambda at: hits(top[at]), default=0)


def _complain_of_form(
    book: Workbook, sheet: Sheet, formula: str | None, merged: Sequence[Any], start: int
) -> None:
    if formula:
        row = int("".join(filter(str.isdigit, formula)))
        book.complain(
            sheet, row, N_("单元格 %(cell)s 是公式。请全选复制，再“选择性粘贴”为数值"), cell=formula
        )
    for (top, _left), (bottom, _right) in merged:
        if bottom > start:
            book.complain(sheet, max(top, start) + 1, N_("有合并的单元格，请取消合并并逐行填写"))
