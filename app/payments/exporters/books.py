"""xlsx without anything of the moment in it: the same rows are the same bytes."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.kit import spreadsheet

_BORN = datetime(2020, 1, 1, tzinfo=UTC)


def workbook(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet. Texts stay texts; int and Decimal are numbers; None is an empty cell."""
    file = io.BytesIO()
    book = spreadsheet.in_memory(file)
    book.set_properties({"created": _BORN})
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for position, title in enumerate(titles):
        sheet.set_column(position, position, max(10, 2 * len(title) + 2))
        sheet.write_string(0, position, title, bold)
    for place, row in enumerate(rows, start=1):
        for position, value in enumerate(row):
            if isinstance(value, int | Decimal):
                sheet.write_number(place, position, value)
            elif value is not None and value != "":
                sheet.write_string(place, position, str(value))
    book.close()
    return file.getvalue()
