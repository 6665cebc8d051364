"""Rosters as a registrar's and a personnel office export them."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from tests.workbooks import document
from tests.workbooks import workbook as any_workbook

PAGE = "/desk/directory/import"
HEADS = ("学号", "姓名", "性别", "身份证号", "手机号", "学院", "班级", "入学日期")
STAFF_HEADS = ("工号", "姓名", "性别", "身份证号", "手机号", "部门", "入职日期")


def student(number: int, **changes: Any) -> dict[str, Any]:
    born = f"2005{number // 31 % 12 + 1:02d}{number % 28 + 1:02d}"
    return {
        "学号": f"2024{number:06d}",
        "姓名": f"学生{number}",
        "性别": "女",
        "身份证号": document(number // 400, born=born, region=f"{440100 + number % 400}"),
        "手机号": f"1000002{number % 10000:04d}",
        "学院": "信息学院",
        "班级": "软件2401",
        "入学日期": "2024-09-01",
    } | changes


def employee(number: int, **changes: Any) -> dict[str, Any]:
    born = f"1985{number // 31 % 12 + 1:02d}{number % 28 + 1:02d}"
    return {
        "工号": f"G{number:05d}",
        "姓名": f"职工{number}",
        "性别": "女",
        "身份证号": document(number // 400, born=born, region=f"{440100 + number % 400}"),
        "手机号": f"1000003{number % 10000:04d}",
        "部门": "后勤处",
        "入职日期": "2020-03-01",
    } | changes


def workbook(rows: Sequence[Mapping[str, Any]], heads: Sequence[str] = HEADS, **spoil: Any) -> io.BytesIO:
    return any_workbook(rows, heads, **{"name": "学生"} | spoil)


def staff_workbook(rows: Sequence[Mapping[str, Any]]) -> io.BytesIO:
    return any_workbook(rows, STAFF_HEADS)
