"""Rules over the whole workbook and what the directory holds already. Nothing is written here."""

from collections.abc import Container
from typing import Any

from app.kit.i18n import N_
from app.kit.workbook import Sheet, Workbook
from app.platform.directory.imports.known import Key, Rows
from app.platform.directory.imports.sheets import (
    AFFILIATIONS,
    BEDS,
    BUILDINGS,
    CAMPUSES,
    ORG_UNITS,
    PEOPLE,
    POSTS_SHEET,
    ROOMS,
    TERMS,
)
from app.platform.directory.models import OrgKind

MOST_BEDS = 20
LOWEST, HIGHEST = -5, 99


def codes(book: Workbook, sheet: Sheet, field: str, known: Rows) -> set[Any]:
    """Codes that exist now or will after this workbook."""
    return {row.values.get(field) for row in book.of(sheet)} | {key[0] for key in known}


def check_terms(book: Workbook) -> None:
    for row in book.of(TERMS):
        starts, ends = row.values.get("starts_on"), row.values.get("ends_on")
        if starts and ends and ends <= starts:
            book.complain(TERMS, row.row, N_("结束日期早于开始日期"))


def check_places(book: Workbook, campuses: Rows, buildings: Rows) -> None:
    """Every building has a campus, every room a building and a floor that can be."""
    _refer(book, BUILDINGS, "campus_code", codes(book, CAMPUSES, "code", campuses), N_("没有校区 %(code)s"))
    _refer(book, ROOMS, "building_code", codes(book, BUILDINGS, "code", buildings), N_("没有楼栋 %(code)s"))
    for row in book.of(ROOMS):
        floor, beds = row.values.get("floor", 1), row.values.get("beds", 0)
        if floor == 0 or not LOWEST <= floor <= HIGHEST:
            book.complain(ROOMS, row.row, N_("没有 %(floor)s 层"), floor=floor)
        if not 0 <= beds <= MOST_BEDS:
            book.complain(ROOMS, row.row, N_("床位数应在 0 到 %(most)s 之间"), most=MOST_BEDS)


def check_org_units(book: Workbook, known: Rows) -> None:
    """Every parent exists, nothing stands under itself, teams stand under units."""
    _refer(book, ORG_UNITS, "parent_code", codes(book, ORG_UNITS, "code", known), N_("没有上级部门 %(code)s"))
    by_id = {old["id"]: key[0] for key, old in known.items()}
    parents = {key[0]: by_id.get(old["parent_id"]) for key, old in known.items()}
    kinds = {key[0]: old["kind"] for key, old in known.items()}
    for row in book.of(ORG_UNITS):
        code = row.values.get("code")
        parents[code] = row.values.get("parent_code", parents.get(code))
        kinds[code] = row.values.get("kind")
    for row in book.of(ORG_UNITS):
        code = row.values.get("code")
        if _is_under_itself(code, parents):
            book.complain(ORG_UNITS, row.row, N_("部门 %(code)s 放在了自己下面"), code=code)
        elif kinds[code] == OrgKind.TEAM and kinds.get(parents[code]) != OrgKind.UNIT:
            book.complain(ORG_UNITS, row.row, N_("班组必须放在一个中心下面"))


def _is_under_itself(code: Any, parents: dict[Any, Any]) -> bool:
    seen = {code}
    while (code := parents.get(code)) is not None:
        if code in seen:
            return True
        seen.add(code)
    return False


def check_people(book: Workbook, known: Rows) -> None:
    for row in book.of(PEOPLE):
        number = row.values.get("number")
        if number and (number,) not in known and "name" not in row.values:
            book.complain(PEOPLE, row.row, N_("新的人员必须有姓名"))


def check_belonging(book: Workbook, people: Rows, org_units: Rows) -> None:
    """Affiliations, posts and stays name people and units that exist."""
    numbers = codes(book, PEOPLE, "number", people)
    unit_codes = codes(book, ORG_UNITS, "code", org_units)
    for sheet in (AFFILIATIONS, POSTS_SHEET, BEDS):
        _refer(book, sheet, "number", numbers, N_("没有学工号 %(code)s"))
    for sheet in (AFFILIATIONS, POSTS_SHEET):
        _refer(book, sheet, "unit_code", unit_codes, N_("没有部门 %(code)s"))


def check_beds(book: Workbook, known: Rows) -> None:
    """Every stay is in a bed that exists or that the sheet of rooms brings."""
    there: set[Key] = set(known)
    for row in book.of(ROOMS):
        for bed in range(1, min(row.values.get("beds", 0), MOST_BEDS) + 1):
            there.add((row.values.get("building_code"), row.values.get("number"), str(bed)))
    for row in book.of(BEDS):
        key = tuple(row.values.get(field) for field in ("building_code", "room_number", "bed_code"))
        if None not in key and key not in there:
            book.complain(BEDS, row.row, N_("没有这张床：%(bed)s"), bed=" ".join(str(part) for part in key))


def _refer(book: Workbook, sheet: Sheet, field: str, allowed: Container[Any], msgid: str) -> None:
    for row in book.of(sheet):
        code = row.values.get(field)
        if code is not None and code not in allowed:
            book.complain(sheet, row.row, msgid, code=code)
