"""A list as rows that can be believed: every cell looked at, every problem kept, nothing written.

The sheet may have any title when it is the only one. Formulas and merged cells are refused: what they show on the
screen is not what stands in the cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from app.kit import clock
from app.kit.cells import BadCell
from app.kit.i18n import N_
from app.kit.workbook import (
    Problem,
    Sheet,
    SheetRow,
    Workbook,
    WorkbookUnreadable,
    check_archive,
    read_sheet,
)
from app.welcome.errors import ListEmpty, ListTooLong
from app.welcome.imports import identity
from app.welcome.imports.columns import ADMISSIONS

MOST_ROWS = 50_000
HEADER_WITHIN = 5
"""Registries put a title above the header."""
EARLIEST_BIRTH = date(1940, 1, 1)
CHINESE = ("undergraduate", "postgraduate", "upgrade")


@dataclass
class Read:
    """The rows, what is wrong with them, and columns that nobody needs."""

    rows: list[SheetRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_list(source: BinaryIO, sheet: Sheet) -> Read:
    """Raises WorkbookUnreadable, WorkbookTooLarge, ListTooLong, ListEmpty."""
    formulas = check_archive(source)
    book = Workbook()
    try:
        with CalamineWorkbook.from_object(source) as opened:
            titles = [title for title in opened.sheet_names if title.strip() in sheet.titles]
            title = (titles or opened.sheet_names)[0]
            found = opened.get_sheet_by_name(title)
            grid = found.to_python(skip_empty_area=False, nrows=MOST_ROWS + HEADER_WITHIN + 2)
            merged = found.merged_cell_ranges or []
    except (CalamineError, OSError, ValueError, IndexError, TypeError):
        raise WorkbookUnreadable() from None
    if len(grid) > MOST_ROWS + HEADER_WITHIN:
        raise ListTooLong(most=MOST_ROWS)
    start = _header_row(grid, sheet)
    _complain_of_form(book, sheet, formulas, merged, start)
    read_sheet(book, sheet, grid[start:], first_row=start + 1)
    rows = book.rows.get(sheet.key, [])
    if not rows and not book.problems:
        raise ListEmpty()
    return Read(rows, book.problems, book.ignored)


def _header_row(grid: Sequence[Sequence[Any]], sheet: Sheet) -> int:
    """Where the most headers are known."""
    known = {header for column in sheet.columns for header in column.headers}

    def hits(row: Sequence[Any]) -> int:
        return sum(1 for cell in row if "".join(str(cell).split()).strip("*＊") in known)

    top = grid[:HEADER_WITHIN]
    return max(range(len(top)), key=lambda at: hits(top[at]), default=0)


def _complain_of_form(
    book: Workbook, sheet: Sheet, formulas: list[str], merged: Sequence[Any], start: int
) -> None:
    for cell in formulas:
        book.complain(
            sheet,
            int("".join(filter(str.isdigit, cell))),
            N_("单元格 %(cell)s 是公式。请全选复制，再“选择性粘贴”为数值"),
            cell=cell,
        )
    for (top, _left), (bottom, _right) in merged:
        if bottom > start:
            book.complain(sheet, max(top, start) + 1, N_("有合并的单元格，请取消合并并逐行填写"))


def check_people(found: Read, profile: str) -> None:
    """What a row's cells say of each other; `profile` is the declared one where a row has none."""
    documents: dict[str, int] = {}
    for row in found.rows:
        values = row.values
        number = values.get("document")
        if not number:
            continue
        if (other := documents.setdefault(number, row.row)) != row.row:
            _complain(found, row, N_("证件号与第 %(other)s 行相同"), other=other)
        if values.get("profile", profile) not in CHINESE:
            continue
        try:
            identity.check_chinese(number)
        except BadCell as bad:
            _complain(found, row, bad.msgid, **bad.params)
            continue
        if values.get("gender") and values["gender"] != identity.gender_of(number):
            _complain(found, row, N_("性别与身份证号第 17 位不符"))
        if (born := values.get("birth_on")) and born != identity.birth_of(number):
            _complain(found, row, N_("出生日期与身份证号不符"))
    for row in found.rows:
        born = row.values.get("birth_on")
        if born and not EARLIEST_BIRTH <= born < clock.today():
            _complain(found, row, N_("出生日期 %(day)s 不像真的，请核对日期格式"), day=born.isoformat())


def _complain(found: Read, row: SheetRow, msgid: str, **params: Any) -> None:
    found.problems.append(Problem(ADMISSIONS.title, row.row, msgid, params))
