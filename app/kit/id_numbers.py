"""What an identity number says about itself (GB 11643), and how spreadsheets spoil it. Pure functions."""

import re
import string
import unicodedata
from datetime import date
from typing import Any

from app.kit.cells import BadCell, code, plain
from app.kit.i18n import N_

EIGHTEEN = re.compile(r"\d{17}[0-9X]")
FIFTEEN = re.compile(r"\d{15}")
SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
EXACT = 10**15
"""From here on a spreadsheet has dropped digits of a number that was not a text."""
LONGEST_NUMBER, IN_NUMBERS = 20, set(string.ascii_uppercase + string.digits + "-_")
SPACES = re.compile(r"[\s\u200b-\u200f\ufeff]+")


def normal_code(text: str) -> str:
    """A number or document as printed: no spaces or hyphens, half width, upper case (x is X)."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text)).replace("-", "").upper()


def long_code(cell: Any) -> str | None:
    """A number of many digits, as text; one that the spreadsheet took for an amount is refused."""
    refuse_lost_digits(cell)
    value = normal_code(plain(cell))
    if value and not (value.isascii() and value.isalnum() and 4 <= len(value) <= 20):
        raise BadCell(N_("应是 4 到 20 位数字或字母"))
    return value or None


def person_number(cell: Any) -> str | None:
    """A student's or staff number as the directory keeps it, under the same refusal."""
    refuse_lost_digits(cell)
    value = code(unicodedata.normalize("NFKC", plain(cell)))
    if value and not (value.isascii() and len(value) <= LONGEST_NUMBER and set(value) <= IN_NUMBERS):
        raise BadCell(N_("应是 20 位以内的数字、字母或连字符"))
    return value


def refuse_lost_digits(cell: Any) -> None:
    """Raises BadCell for what a spreadsheet has turned into a number and cut."""
    if isinstance(cell, float) and (abs(cell) >= EXACT or not cell.is_integer()):
        raise BadCell(N_("被表格当成了数字，末几位已经丢失。请把整列设为“文本”格式，再重新填写"))
    if SCIENTIFIC.fullmatch(normal_code(plain(cell))):
        raise BadCell(N_("被表格写成了科学记数。请把整列设为“文本”格式，再重新填写"))


def check_chinese(number: str) -> None:
    """Raises BadCell."""
    if FIFTEEN.fullmatch(number):
        raise BadCell(N_("是 15 位旧证件号，请换成 18 位"))
    if not EIGHTEEN.fullmatch(number):
        raise BadCell(N_("身份证号应是 18 位，最后一位可以是 X"))
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    if CHECKS[total % 11] != number[17]:
        raise BadCell(N_("身份证号的校验位不对，请核对有没有抄错"))
    birth_of(number)


def birth_of(number: str) -> date:
    """Of an 18-digit number. Raises BadCell for a day that is none."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadCell(N_("身份证号里的出生日期不存在")) from None


def gender_of(number: str) -> str:
    return "male" if int(number[16]) % 2 else "female"
