"""Lists as xlsx: written row by row to disk, so that memory does not grow with the list."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response, send_file

from app.kit import clock, spreadsheet

MAX_ROWS = 1_000_000
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A heading, where its value comes from, and its width in characters."""

    title: str
    value: Callable[[Any], Any]
    width: int = 16


def xlsx_response(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> Response:
    """A download called `name`.xlsx. Texts stay texts: a value that starts with = is not a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - send_file closes it
    book = spreadsheet.streamed(file)
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.title, bold)
    for line, row in enumerate(rows, start=1):
        if line > MAX_ROWS:
            break
        for position, column in enumerate(columns):
            _write(sheet, line, position, column.value(row))
    book.close()
    file.seek(0)
    response = send_file(file, mimetype=MIME)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response


def noting(rows: Iterable[Any], named: set[int], who: Callable[[Any], int | None]) -> Iterator[Any]:
    """The rows as they come; `named` is filled with the people whom they name."""
    for row in rows:
        person_id = who(row)
        if person_id is not None:
            named.add(person_id)
        yield row


def _write(sheet: Any, line: int, position: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(line, position, "是" if value else "否")
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(line, position, value)
    elif isinstance(value, datetime):
        sheet.write_string(line, position, clock.local(value).strftime("%Y-%m-%d %H:%M"))
    elif isinstance(value, date):
        sheet.write_string(line, position, value.isoformat())
    else:
        sheet.write_string(line, position, str(value)[:32000])
