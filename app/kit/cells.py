"""From a cell to a value. Each parser returns None for an empty cell and raises BadCell otherwise."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.kit.i18n import N_

Cell = Any
Parser = Callable[[Cell], Any]
LONGEST = 120
DIGITS = "0123456789"
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
YES, NO = {"是", "1", "Y", "YES", "TRUE", "√"}, {"否", "0", "N", "NO", "FALSE", "×"}


class BadCell(ValueError):
    """Why a cell can't be taken; `msgid` with gaps for `params`."""

    def __init__(self, msgid: str, **params: Any) -> None:
        super().__init__(msgid)
        self.msgid, self.params = msgid, params


def normal_phone(text: str) -> str:
    """Digits only, without +86: what the blind index is made of."""
    digits = "".join(char for char in text if char in DIGITS)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def normal_number(text: str) -> str:
    """Student and staff numbers as stored: no spaces, upper case."""
    return "".join(text.split()).upper()


def plain(cell: Cell) -> str:
    """A cell as people see it: whole numbers without `.0`, no spaces around."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def text(cell: Cell) -> str | None:
    value = " ".join(plain(cell).split())
    if len(value) > LONGEST:
        raise BadCell(N_("超过 %(most)s 个字"), most=LONGEST)
    if any(not char.isprintable() for char in value):
        raise BadCell(N_("含有看不见的字符"))
    return value or None


def code(cell: Cell) -> str | None:
    """Codes and numbers: no spaces, upper case."""
    return normal_number(text(cell) or "") or None


def whole(cell: Cell) -> int | None:
    value = plain(cell)
    if not value:
        return None
    try:
        return int(value)
    except ValueError:
        raise BadCell(N_("“%(value)s”不是整数"), value=value) from None


def day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = plain(cell)
    if not value:
        return None
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise BadCell(N_("“%(value)s”不是日期，请写成 2026-09-01"), value=value)


def last_day(cell: Cell) -> date | None:
    """People write the last day, the tables keep the first day after it."""
    value = day(cell)
    return value + timedelta(days=1) if value else None


def yes_no(cell: Cell) -> bool | None:
    value = plain(cell).upper()
    if not value:
        return None
    if value in YES or value in NO:
        return value in YES
    raise BadCell(N_("“%(value)s”请写成 是 或 否"), value=plain(cell))


def phone(cell: Cell) -> str | None:
    value = plain(cell)
    if not value:
        return None
    digits = normal_phone(value)
    if not 5 <= len(digits) <= 13 or set(value) - set("0123456789+-() "):
        raise BadCell(N_("电话号码不对"))
    return digits


def id_number(cell: Cell) -> str | None:
    value = code(cell)
    if value and not (value.isalnum() and value.isascii() and 5 <= len(value) <= 20):
        raise BadCell(N_("证件号不对"))
    return value


def choice(words: Mapping[str, str]) -> Parser:
    """One of the words (or of our own keys)."""
    known = {word.upper(): key for word, key in words.items()} | {key.upper(): key for key in words.values()}

    def parse(cell: Cell) -> str | None:
        value = plain(cell)
        if not value:
            return None
        if value.upper() not in known:
            raise BadCell(N_("“%(value)s”请写成 %(words)s"), value=value, words="、".join(words))
        return known[value.upper()]

    return parse
