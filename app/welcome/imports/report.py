"""The uploaded rows given back, with what is wrong beside each; and the empty sheet to fill in."""

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineWorkbook

from app.kit import spreadsheet
from app.kit.cells import plain
from app.kit.workbook import Problem, Sheet

EXAMPLE = {
    "number": "26440100000001",
    "name": "示例同学",
    "gender": "女",
    "birth_on": "2008-01-01",
    "document": "填 18 位身份证号",
    "letter": "TZ000001",
    "phone": "填 11 位手机号",
    "level": "本科",
    "major": "计算机科学与技术",
    "college": "信息学院",
    "class_name": "计算机2601",
    "region": "440100",
    "building": "E03",
    "room": "512",
    "bed": "1",
}


def annotate(source: BinaryIO, problems: Sequence[Problem]) -> bytes:
    """An .xlsx: the first column says what to change, rows to change are coloured."""
    with CalamineWorkbook.from_object(source) as opened:
        grid = opened.get_sheet_by_index(0).to_python(skip_empty_area=False)
    said: dict[int, list[str]] = {}
    for one in problems:
        said.setdefault(one.row, []).append(one.msgid % one.params if one.params else one.msgid)
    file = io.BytesIO()
    with spreadsheet.in_memory(file) as book:
        bad = book.add_format({"bg_color": "#fde2e1", "text_wrap": True})
        sheet = book.add_worksheet("需要修改")
        sheet.set_column(0, 0, 44)
        sheet.freeze_panes(1, 1)
        for row, cells in enumerate(grid, start=1):
            words = "；".join(said.get(row, []))
            style = bad if words else None
            sheet.write_string(row - 1, 0, words or ("问题" if row == 1 else ""), style)
            for column, cell in enumerate(cells, start=1):
                sheet.write_string(row - 1, column, plain(cell)[:32_000], style)
    return file.getvalue()


def template(sheet: Sheet) -> bytes:
    """An .xlsx with the headers and one invented row; every column is text, so that no digit gets lost."""
    file = io.BytesIO()
    with spreadsheet.in_memory(file) as book:
        head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        page = book.add_worksheet(sheet.title)
        page.freeze_panes(1, 0)
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, 18, text)
            title = column.headers[0] + ("*" if column.is_required else "")
            page.write_string(0, at, title, head)
            page.write_string(1, at, _example(column.field))
    return file.getvalue()


def _example(field: str) -> Any:
    return EXAMPLE.get(field, "")
