"""What the cells of a roster say of each other."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from app.kit import clock, id_numbers
from app.kit.cells import BadCell
from app.kit.i18n import N_
from app.kit.workbook import Sheet, SheetRow, Workbook

EARLIEST = date(1940, 1, 1)
AHEAD = timedelta(days=366)
OLD_LENGTH, LENGTH = 15, 18


def check_of(sheet: Sheet) -> Callable[[Workbook, Mapping[str, Any]], None]:
    """The check of one roster."""

    def check(book: Workbook, _scope: Mapping[str, Any]) -> None:
        seen: dict[str, int] = {}
        for row in book.of(sheet):
            number = row.values.get("id_number")
            if number and (other := seen.setdefault(number, row.row)) != row.row:
                book.complain(sheet, row.row, N_("证件号与第 %(other)s 行相同"), other=other)
            elif number and _is_chinese(number):
                _check_document(book, sheet, row, number)
            day = row.values.get("starts_on")
            if day and not EARLIEST <= day <= clock.today() + AHEAD:
                book.complain(
                    sheet, row.row, N_("日期 %(day)s 不像真的，请核对日期格式"), day=day.isoformat()
                )

    return check


def _is_chinese(number: str) -> bool:
    """Documents of the mainland have 18 places, once 15; passports and permits are shorter or have letters."""
    return len(number) == LENGTH or (number.isdigit() and len(number) >= OLD_LENGTH)


def _check_document(book: Workbook, sheet: Sheet, row: SheetRow, number: str) -> None:
    try:
        id_numbers.check_chinese(number)
    except BadCell as bad:
        book.complain(sheet, row.row, bad.msgid, **bad.params)
        return
    if row.values.get("gender") not in (None, id_numbers.gender_of(number)):
        book.complain(sheet, row.row, N_("性别与身份证号第 17 位不符"))
