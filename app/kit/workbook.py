"""From a workbook to rows: headers by any of their names, every cell parsed, every problem kept."""

import html
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from app.kit.cells import BadCell, Parser, plain, text
from app.kit.errors import Invalid
from app.kit.i18n import N_

MOST_ROWS = 200_000
MOST_UNPACKED, MOST_TIMES = 150_000_000, 400
FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[ >/]')
SHEET_TAG, RELATIONSHIP = (
    re.compile(r"<(?:\w+:)?sheet\s([^>]*)>"),
    re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>"),
)
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
Values = dict[str, Any]


class WorkbookUnreadable(Invalid):
    code = "kit.workbook_unreadable"
    msgid = N_("这个文件打不开。请另存为 .xlsx 后再试。")


class WorkbookTooLarge(Invalid):
    code = "kit.workbook_too_large"
    msgid = N_("这个文件展开后太大，不像一份名单。请只保留名单这一张表，另存为新的 .xlsx 后再试。")


class ListTooLong(Invalid):
    code = "kit.list_too_long"
    msgid = N_("名单超过 %(most)s 行。请按学院分成几个文件再导入。")


class ListEmpty(Invalid):
    code = "kit.list_empty"
    msgid = N_("名单里一行也没有读到。请核对表头是不是在前五行、数据在不在第一张表。")


@dataclass(frozen=True)
class Column:
    """The first header is the one we write; all are read."""

    field: str
    headers: tuple[str, ...]
    parse: Parser = text
    is_required: bool = False


@dataclass(frozen=True)
class Sheet:
    """`unique` are the fields by which a row is known again."""

    key: str
    titles: tuple[str, ...]
    columns: tuple[Column, ...]
    unique: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.titles[0]


@dataclass(frozen=True)
class Problem:
    """Something to correct. `row` is the number at the edge of the sheet; 1 is the header."""

    sheet: str
    row: int
    msgid: str
    params: Values

    @property
    def words(self) -> str:
        return self.msgid % self.params if self.params else self.msgid

    def sentence(self) -> str:
        return f"第 {self.row} 行：{self.words}"


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


def check_archive(source: BinaryIO) -> dict[str, str]:
    """What a workbook's archive is made of, before anything unpacks it; the stream is at its start afterwards.

    Raises WorkbookUnreadable for what is no archive, WorkbookTooLarge for one that would unpack to far more than
    rows of people need. Returns the first cell that holds a formula, by the title of its sheet.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries) or 1
            if unpacked > MOST_UNPACKED or unpacked / packed > MOST_TIMES:
                raise WorkbookTooLarge()
            sheets = [entry for entry in entries if entry.filename.startswith("xl/worksheets/sheet")]
            formulas = {entry.filename: hit for entry in sheets if (hit := _first_formula(archive, entry))}
            titles = _titles(archive) if formulas else {}
            found = {titles.get(name, name): hit[1].decode() for name, hit in formulas.items()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, KeyError, zlib.error):
        raise WorkbookUnreadable() from None
    source.seek(0)
    return found


def _titles(archive: zipfile.ZipFile) -> dict[str, str]:
    """The titles of sheets by the names of their files."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    files = {
        found["Id"]: found["Target"].rpartition("/")[2]
        for found in map(_attributes, RELATIONSHIP.findall(links))
        if {"Id", "Target"} <= found.keys()
    }
    return {
        f"xl/worksheets/{files.get(found.get('r:id', ''), '')}": html.unescape(found.get("name", ""))
        for found in map(_attributes, SHEET_TAG.findall(book))
    }


def _attributes(tag: str) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(tag))


def _first_formula(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> re.Match[bytes] | None:
    """Piece by piece, so that memory stays small; an archive that lies about its sizes ends where it said."""
    rest, left = b"", entry.file_size
    with archive.open(entry) as stream:
        while left > 0 and (piece := stream.read(1 << 20)):
            left -= len(piece)
            rest = rest[-200:] + piece
            if hit := FORMULA.search(rest):
                return hit
    return None


def read(source: Path | BinaryIO, sheets: Sequence[Sheet]) -> Workbook:
    """Read the sheets of these titles. Raises WorkbookUnreadable when it is no workbook at all."""
    book = Workbook()
    try:
        with CalamineWorkbook.from_object(source) as opened:
            by_title = {title.strip(): title for title in opened.sheet_names}
            for sheet in sheets:
                title = next((by_title.pop(t) for t in sheet.titles if t in by_title), None)
                if title is not None:
                    grid = opened.get_sheet_by_name(title).to_python(skip_empty_area=False)
                    read_sheet(book, sheet, grid)
    except (CalamineError, OSError, ValueError):
        raise WorkbookUnreadable() from None
    book.ignored += list(by_title)
    return book


def read_sheet(book: Workbook, sheet: Sheet, grid: Sequence[Sequence[Any]], first_row: int = 1) -> None:
    """`grid` begins with the header, which is row `first_row` at the edge of the sheet."""
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
    for number, cells in enumerate(grid[1:], start=first_row + 1):
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
