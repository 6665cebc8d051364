"""Rosters that are wrong, each in its own way: refused or reported, and nothing of them written."""

import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.directory.models import Import, ImportLine, Person
from tests import uploads
from tests.platform.directory.rosters import HEADS, PAGE, student, workbook
from tests.workbooks import document, spoiled

GOOD = [student(n) for n in range(3)]
ID, BORN = "身份证号", "20050301"


def with_cell(**cells) -> Callable[[], io.BytesIO]:
    """A good list but for the second row."""
    return lambda: workbook([GOOD[0], GOOD[1] | cells, GOOD[2]])


def without(*heads: str) -> Callable[[], io.BytesIO]:
    return lambda: workbook(GOOD, [head for head in HEADS if head not in heads])


MALFORMED: dict[str, Callable[[], io.BytesIO]] = {
    **spoiled(lambda: workbook(GOOD)),
    "a hundred thousand rows": lambda: workbook([{"学号": f"9{n:07d}", "姓名": "x"} for n in range(100_000)]),
    "only the header": lambda: workbook([], HEADS),
    "no number column": without("学号"),
    "no name column": without("姓名"),
    "no college column": without("学院"),
    "a column twice": lambda: workbook(GOOD, [*HEADS, "XM"]),
    "a formula": lambda: workbook(GOOD, formula="B3"),
    "merged cells": lambda: workbook(GOOD, merge="B3:B4"),
    "a number turned amount": with_cell(学号=2.02400000000000123e17),
    "a number in scientific words": with_cell(学号="2.024E+11"),
    "a number with a fraction": with_cell(学号=20240001.5),
    "a number in words": with_cell(学号="见附件"),
    "a number too long": with_cell(学号="2" * 21),
    "no number": with_cell(学号=""),
    "no name": with_cell(姓名=""),
    "a name of many lines": with_cell(姓名="学" * 300),
    "invisible characters": with_cell(姓名="学\u200b生\x07一"),
    "no college": with_cell(学院=""),
    "an unknown college": with_cell(学院="不存在学院"),
    "an unknown class": with_cell(班级="不存在2499"),
    "a class of another college": with_cell(学院="外国语学院"),
    "a class for a college": with_cell(学院="软件2401", 班级=""),
    "a document turned number": with_cell(**{ID: 4.40100200503011e17}),
    "a document in scientific words": with_cell(**{ID: "4.40100E+17"}),
    "an old document of fifteen digits": with_cell(**{ID: "440100050301001"}),
    "a document of seventeen digits": with_cell(**{ID: document(1)[:17]}),
    "a wrong check digit": with_cell(**{ID: document(1)[:-1] + ("0" if document(1)[-1] != "0" else "1")}),
    "a document with a letter inside": with_cell(**{ID: "44010020050301A02X"}),
    "a birthday that is none": with_cell(**{ID: document(1, born="20051341")}),
    "the wrong gender": with_cell(性别="男"),
    "a gender in other words": with_cell(性别="未知"),
    "a phone in words": with_cell(手机号="打我妈电话"),
    "the same number twice": lambda: workbook([GOOD[0], GOOD[1], GOOD[2] | {"学号": GOOD[1]["学号"]}]),
    "the same document twice": lambda: workbook([GOOD[0], GOOD[1] | {ID: GOOD[0][ID]}]),
    "a day of 1900": with_cell(入学日期="1900-01-01"),
    "a day that is none": with_cell(入学日期="2024-02-31"),
    "a day as a serial number": with_cell(入学日期=45536),
    "a day far ahead": with_cell(入学日期="2204-09-01"),
}


def test_there_are_forty() -> None:
    assert len(MALFORMED) >= 40


@pytest.mark.parametrize("kind", MALFORMED)
def test_it_works(app, school, clerk, kind):
    url = uploads.send(app, clerk, PAGE, MALFORMED[kind](), kind="students")
    with db.unit_of_work() as session:
        row = session.scalars(select(Import)).one()
        problems = select(ImportLine.text).where(ImportLine.sort == "problem")
        said = [row.problem or "", *session.scalars(problems)]
        assert session.scalar(select(Person.id).where(Person.name.startswith("学生"))) is None
    assert row.status == "refused", kind
    assert any(re.search("[\u4e00-\u9fff]", text) for text in said), kind
    assert "确认写入" not in clerk.get(url).text
    assert uploads.say_yes(app, clerk, url) == 409


def test_what_is_merely_unusual_is_taken(app, school, clerk):
    """A title above the header, another sheet with formulas, full width, a number that Excel made an amount."""
    row = student(4) | {"学号": 2024000004.0, "姓名": " 学生　四 ", "性别": "2", ID: ""}
    file = workbook([row, student(5, 学号="２０２４０００００５")], title=["学生名册", "2026 年 11 月"])
    uploads.send(app, clerk, PAGE, file, kind="students")
    assert uploads.counts()["new"] == 2 and uploads.counts()["problem"] == 0
