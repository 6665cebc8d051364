"""The dormitories of the sample campus. `python -m sandbox.meters.dorms` writes dorms.json from its workbook."""

import json
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

WORKBOOK = Path("samples/campus.xlsx")
TARGET = Path(__file__).parent / "dorms.json"


def read(workbook: Path) -> list[dict[str, Any]]:
    """One entry per building with its rooms by floor, in the workbook's order."""
    book = CalamineWorkbook.from_path(str(workbook))

    def rows(sheet: str) -> list[list[Any]]:
        return book.get_sheet_by_name(sheet).to_python()[1:]

    campuses = {row[0]: row[1] for row in rows("校区")}
    made: dict[str, dict[str, Any]] = {
        code: {
            "campus": campus,
            "campus_name": campuses[campus],
            "building": code,
            "building_name": name,
            "floors": {},
        }
        for campus, code, name, _, kind in rows("楼栋")
        if kind == "宿舍"
    }
    for building, floor, number, *_, beds in rows("房间"):
        if building in made and beds:
            made[building]["floors"].setdefault(str(int(floor)), []).append(str(number))
    return list(made.values())


def as_json(dorms: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in dorms) + "\n]\n"


if __name__ == "__main__":
    TARGET.write_text(as_json(read(WORKBOOK)), encoding="utf-8")
