"""The uploaded rows given back, with what is wrong beside each; and the empty sheets to fill in."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineWorkbook

from app.kit import spreadsheet
from app.kit.cells import plain
from app.kit.list_files import titles_of
from app.kit.workbook import Problem, Sheet


def annotate(source: BinaryIO, sheets: Sequence[Sheet], problems: Iterable[Problem]) -> bytes:
    """An .xlsx of the sheets that are read: the first column says what to change, rows to change are coloured."""
    said: dict[tuple[str, int], list[str]] = {}
    for one in problems:
        said.setdefault((one.sheet, one.row), []).append(one.words)
    file = io.BytesIO()
    with (
        CalamineWorkbook.from_object(source) as opened,
        spreadsheet.in_memory(file) as book,
    ):
        bad = book.add_format({"bg_color": "#fde2e1", "text_wrap": True})
        for title, sheet in titles_of(opened.sheet_names, sheets).items():
            page = book.add_worksheet("需要修改" if len(sheets) == 1 else sheet.title)
            page.set_column(0, 0, 44)
            page.freeze_panes(1, 1)
            grid = opened.get_sheet_by_name(title).to_python(skip_empty_area=False)
            for row, cells in enumerate(grid, start=1):
                _copy(page, row, cells, "；".join(said.get((sheet.title, row), [])), bad)
    return file.getvalue()


def _copy(page: Any, row: int, cells: Sequence[Any], words: str, bad: Any) -> None:
    style = bad if words else None
    page.write_string(row - 1, 0, words or ("问题" if row == 1 else ""), style)
    for column, cell in enumerate(cells, start=1):
        page.write_string(row - 1, column, plain(cell)[:32_000], style)


def template(sheets: Sequence[Sheet], example: Mapping[str, str]) -> bytes:
    """An .xlsx with the headers and an invented row (by field); every column is text, so that no digit gets lost."""
    file = io.BytesIO()
    with spreadsheet.in_memory(file) as book:
        head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            page.freeze_panes(1, 0)
            for at, column in enumerate(sheet.columns):
                page.set_column(at, at, 18, text)
                page.write_string(0, at, column.headers[0] + ("*" if column.is_required else ""), head)
                page.write_string(1, at, example.get(column.field, ""))
    return file.getvalue()
