"""What the cells of an admission list say of each other."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.kit import clock, id_numbers
from app.kit.cells import BadCell
from app.kit.i18n import N_
from app.kit.workbook import Workbook
from app.welcome.imports.columns import ADMISSIONS

EARLIEST_BIRTH = date(1940, 1, 1)
CHINESE = ("undergraduate", "postgraduate", "upgrade")


def check_people(book: Workbook, scope: Mapping[str, Any]) -> None:
    """`profile` of the scope is that of a row which has none."""
    documents: dict[str, int] = {}
    for row in book.of(ADMISSIONS):
        values = row.values
        number = values.get("document")
        if not number:
            continue
        if (other := documents.setdefault(number, row.row)) != row.row:
            book.complain(ADMISSIONS, row.row, N_("证件号与第 %(other)s 行相同"), other=other)
        if values.get("profile", scope["profile"]) not in CHINESE:
            continue
        try:
            id_numbers.check_chinese(number)
        except BadCell as bad:
            book.complain(ADMISSIONS, row.row, bad.msgid, **bad.params)
            continue
        if values.get("gender") and values["gender"] != id_numbers.gender_of(number):
            book.complain(ADMISSIONS, row.row, N_("性别与身份证号第 17 位不符"))
        if (born := values.get("birth_on")) and born != id_numbers.birth_of(number):
            book.complain(ADMISSIONS, row.row, N_("出生日期与身份证号不符"))
    for row in book.of(ADMISSIONS):
        born = row.values.get("birth_on")
        if born and not EARLIEST_BIRTH <= born < clock.today():
            book.complain(
                ADMISSIONS, row.row, N_("出生日期 %(day)s 不像真的，请核对日期格式"), day=born.isoformat()
            )
