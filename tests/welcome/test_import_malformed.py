"""Forty admission workbooks that are wrong, each in its own way: refused or reported, and nothing of them written."""

import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.kit import db
from app.kit.list_files import read_lists
from app.platform.directory.models import Import, ImportLine
from app.welcome.imports.checks import check_people
from app.welcome.imports.columns import ADMISSIONS
from app.welcome.models import Admission
from tests.welcome.lists import HEADS, person, workbook
from tests.welcome.test_import_admissions import admitted, clerk, send  # noqa: F401
from tests.workbooks import document, spoiled

GOOD = [person(n) for n in range(3)]


def with_cell(**cells) -> Callable[[], io.BytesIO]:
    """A good list but for the second row."""
    return lambda: workbook([GOOD[0], GOOD[1] | cells, GOOD[2]])


def without(*heads: str) -> Callable[[], io.BytesIO]:
    return lambda: workbook(GOOD, [head for head in HEADS if head not in heads])


def many_rows() -> io.BytesIO:
    return workbook([{"考生号": f"2644{n:010d}", "姓名": "x"} for n in range(100_000)])


ID = "身份证号"
BORN = (*HEADS, "出生日期")
MALFORMED: dict[str, Callable[[], io.BytesIO]] = {
    **spoiled(lambda: workbook(GOOD)),
    "a hundred thousand rows": many_rows,
    "only the header": lambda: workbook([], HEADS[:3]),
    "no number column": without("考生号"),
    "no name column": without("姓名"),
    "no document column": without(ID),
    "no college column": without("学院"),
    "a column twice": lambda: workbook(GOOD, [*HEADS, "XM"]),
    "a formula": lambda: workbook(GOOD, formula="D3"),
    "merged cells": lambda: workbook(GOOD, merge="A3:A4"),
    "a document turned number": with_cell(**{ID: 4.401002008010112e17}),
    "fifteen digits turned float": with_cell(考生号=1.23456789012345e15),
    "a document in scientific words": with_cell(**{ID: "4.40100E+17"}),
    "an old document of fifteen digits": with_cell(**{ID: "440100080101001"}),
    "a wrong check digit": with_cell(**{ID: document(1)[:-1] + ("0" if document(1)[-1] != "0" else "1")}),
    "a document with a letter inside": with_cell(**{ID: "44010020080101A02X"}),
    "a birthday that is none": with_cell(**{ID: document(1, born="20081341")}),
    "the wrong gender": with_cell(性别="男"),
    "a gender in other words": with_cell(性别="未知"),
    "no name": with_cell(姓名=""),
    "a name of many lines": with_cell(姓名="新" * 300),
    "invisible characters": with_cell(姓名="新\u200b生\x07一"),
    "no number": with_cell(考生号=""),
    "a number with words": with_cell(考生号="见通知书"),
    "the same number twice": lambda: workbook([GOOD[0], GOOD[1], GOOD[2] | {"考生号": GOOD[1]["考生号"]}]),
    "the same document twice": lambda: workbook([GOOD[0], GOOD[1] | {ID: GOOD[0][ID]}]),
    "an unknown college": with_cell(学院="不存在学院"),
    "an unknown class": with_cell(班级="不存在2699"),
    "a class of another college": with_cell(学院="外国语学院"),
    "a phone in words": with_cell(联系电话="打我妈电话"),
    "a birthday of 1900": lambda: workbook([GOOD[0] | {"出生日期": "1900-01-00"}], BORN),
    "another birthday than the document's": lambda: workbook([GOOD[0] | {"出生日期": "2007-05-06"}], BORN),
    "a birthday as a serial number": lambda: workbook([GOOD[0] | {"出生日期": 39448}], BORN),
}


def test_there_are_forty() -> None:
    assert len(MALFORMED) >= 40


@pytest.mark.parametrize("kind", MALFORMED)
def test_it_works(app, intake, clerk, kind):  # noqa: F811
    before = admitted()
    url = send(app, clerk, MALFORMED[kind]())
    with db.unit_of_work() as session:
        row = session.scalars(select(Import)).one()
        said = [
            row.problem or "",
            *session.scalars(select(ImportLine.text).where(ImportLine.sort == "problem")),
        ]
    assert row.status == "refused", kind
    assert any(re.search("[\u4e00-\u9fff]", text) for text in said), kind
    assert "确认写入" not in clerk.get(url).text
    assert admitted() == before
    with db.unit_of_work() as session:
        assert session.scalar(select(Admission.id).where(Admission.major == "软件工程")) is None


def test_a_lower_x_and_full_width_are_no_problem():
    row = next(person(n) for n in range(400) if str(person(n)[ID]).endswith("X"))
    row[ID] = str(row[ID]).lower().replace("4", "４")
    book = read_lists(workbook([row]), [ADMISSIONS])
    check_people(book, {"profile": "undergraduate"})
    assert book.problems == [] and book.of(ADMISSIONS)[0].values["document"].endswith("X")
