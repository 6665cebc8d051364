"""Admission lists as registries export them, right and wrong."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

HEADS = (
    "考生号",
    "姓名",
    "性别",
    "身份证号",
    "录取通知书编号",
    "联系电话",
    "专业名称",
    "学院",
    "班级",
    "生源地",
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def document(number: int, *, male: bool = False, born: str = "20080101", region: str = "440100") -> str:
    """An invented number that is right in itself."""
    serial = (number * 2 + (1 if male else 0)) % 1000
    body = f"{region}{born}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def person(number: int, **changes: Any) -> dict[str, Any]:
    born = f"2008{number // 31 % 12 + 1:02d}{number % 28 + 1:02d}"
    return {
        "考生号": f"2644{number:010d}",
        "姓名": f"新生{number}",
        "性别": "女",
        "身份证号": document(number // 400, born=born, region=f"{440100 + number % 400}"),
        "录取通知书编号": f"T{number:06d}",
        "联系电话": f"1000001{number % 10000:04d}",
        "专业名称": "软件工程",
        "学院": "信息学院",
        "班级": "计算机2601",
        "生源地": "440100",
    } | changes


def workbook(rows: Sequence[Mapping[str, Any]], heads: Sequence[str] = HEADS, **spoil: Any) -> io.BytesIO:
    """`spoil`: `formula` a cell, `merge` a range, `title` lines above the header."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(spoil.get("name", "录取名单"))
        top = len(spoil.get("title", ()))
        for at, line in enumerate(spoil.get("title", ())):
            sheet.write(at, 0, line)
        for column, head in enumerate(heads):
            sheet.write(top, column, head)
        for at, row in enumerate(rows, start=top + 1):
            for column, head in enumerate(heads):
                value = row.get(head, "")
                (sheet.write_number if isinstance(value, int | float) else sheet.write_string)(
                    at, column, value
                )
        if "formula" in spoil:
            sheet.write_formula(spoil["formula"], "=1+1", None, 2)
        if "merge" in spoil:
            sheet.merge_range(spoil["merge"], "合并")
    file.seek(0)
    return file
