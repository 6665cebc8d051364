"""Admission lists as registries export them, right and wrong."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from tests.workbooks import document
from tests.workbooks import workbook as any_workbook

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
    return any_workbook(rows, heads, **{"name": "录取名单"} | spoil)
