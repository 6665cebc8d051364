"""A roster against the directory: who is new, who changed in what, who is missing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.i18n import N_
from app.kit.lists import Comparison, Line, digest_of, problem_lines
from app.kit.workbook import Problem, Sheet, SheetRow, Workbook
from app.platform.directory.imports import known
from app.platform.directory.imports.rosters import KINDS
from app.platform.directory.imports.units import Units, UnitUnclear, all_units
from app.platform.directory.models import Affiliation, Person
from app.platform.directory.queries.names import mask_name, mask_number
from app.platform.directory.queries.people import holds_after
from app.platform.directory.service.people import person_values

PERSON_FIELDS = ("name", "name_en", "gender", "phone", "id_number")
LABELS = {
    "name": N_("姓名"),
    "name_en": N_("英文姓名"),
    "gender": N_("性别"),
    "phone": N_("手机号"),
    "id_number": N_("证件号"),
    "unit": N_("所在学院、班级或部门"),
    "belongs": N_("身份（现在没有这个身份）"),
}
COMPARED = {"name": "name", "name_en": "name_en", "gender": "gender"} | {
    "phone_index": "phone",
    "id_number_index": "id_number",
}


@dataclass(frozen=True)
class Entry:
    """A row that can be written. `person` are columns, the document's hash alone."""

    row: int
    number: str
    given: Mapping[str, Any]
    person: Mapping[str, Any]
    unit_id: int
    starts_on: date | None


@dataclass(frozen=True)
class Old:
    """Somebody who is there; `held` are the units (by affiliation) that they belong to as this roster's kind."""

    id: int
    number: str
    person: Mapping[str, Any]
    held: Mapping[int, int | None]


@dataclass
class RosterPlan(Comparison[Entry, tuple[Entry, Old, tuple[str, ...]], Old]):
    """`changed`: an entry, who it is, and the fields. `missing`: who belongs to the scope and is not listed."""

    kind: str
    units: Units

    @property
    def digest(self) -> str:
        parts = [f"new {entry.number} {entry.unit_id}" for entry in self.new]
        parts += [f"changed {old.id} {entry.unit_id} {','.join(how)}" for entry, old, how in self.changed]
        parts += [f"missing {old.id} {sorted(old.held)}" for old in self.missing]
        return digest_of(sorted(parts))

    def lines(self) -> list[Line]:
        """Masked: what changed is named, not shown, but for where people go."""
        found = problem_lines(self.problems)
        for entry in self.new:
            who = mask_name(entry.given["name"])
            found.append(Line("new", entry.row, who, self._where(entry.number, [entry.unit_id])))
        for entry, old, how in self.changed:
            what = "、".join(LABELS[name] for name in how)
            if {"unit", "belongs"} & set(how):
                what += f"：{self._places(old.held.values())} → {self.units.title(entry.unit_id)}"
            said = f"{mask_number(old.number)} {what}"
            found.append(Line("changed", entry.row, mask_name(old.person["name"]), said))
        for old in self.missing:
            who = mask_name(old.person["name"])
            found.append(Line("missing", None, who, self._where(old.number, old.held.values())))
        return found

    def _where(self, number: str, unit_ids: Iterable[int | None]) -> str:
        return f"{mask_number(number)} {self._places(unit_ids)}"

    def _places(self, unit_ids: Iterable[int | None]) -> str:
        return "、".join(self.units.title(one) for one in unit_ids) or "—"


def plan_of(sheet: Sheet) -> Callable[..., RosterPlan]:
    """The planner of one roster."""

    def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> RosterPlan:
        """Reads only. With problems nothing else is worked out. `scope`: unit ("" for the school, or its id)."""
        found = RosterPlan(KINDS[sheet.key], all_units(session), problems=list(book.problems))
        within = found.units.below(int(scope["unit"])) if scope.get("unit") else None
        entries = [one for row in book.of(sheet) if (one := _entry(found, sheet, row, within)) is not None]
        _check_documents(session, found, sheet, entries)
        if found.problems:
            return found
        there = _there(session, found.kind)
        for entry in entries:
            _compare(found, sheet, entry, there.get(entry.number))
        listed = {entry.number for entry in entries}
        in_scope = [
            one for one in there.values() if one.held and (within is None or within & set(one.held.values()))
        ]
        found.scope = len(in_scope)
        found.missing = [_within(one, within) for one in in_scope if one.number not in listed]
        return found

    return plan


def _entry(found: RosterPlan, sheet: Sheet, row: SheetRow, within: set[int] | None) -> Entry | None:
    """None, with a problem, when the unit is unclear; or without, when the row had problems before."""
    values = row.values
    if not {"number", "name", "unit"} <= values.keys():
        return None
    try:
        unit_id = found.units.find(values["unit"])
        if class_name := values.get("class_name"):
            unit_id = found.units.find_class(class_name, unit_id)
    except UnitUnclear as unclear:
        found.problems.append(Problem(sheet.title, row.row, unclear.msgid, {"name": unclear.name}))
        return None
    if within is not None and unit_id not in within:
        found.problems.append(Problem(sheet.title, row.row, N_("这一行不属于所选的范围"), {}))
    given = {name: values[name] for name in PERSON_FIELDS if name in values}
    person = person_values(**given)
    if "id_number" in person:
        person["id_number"] = None
    return Entry(row.row, values["number"], given, person, unit_id, values.get("starts_on"))


def _check_documents(session: Session, found: RosterPlan, sheet: Sheet, entries: Iterable[Entry]) -> None:
    """A document is one person's: a freshman's, who has no number yet, or somebody's under another number."""
    indexes = {index: one for one in entries if (index := one.person.get("id_number_index"))}
    stmt = select(Person.id_number_index, Person.number).where(
        Person.id_number_index.in_(indexes), Person.merged_into_id.is_(None), Person.erased_at.is_(None)
    )
    for index, number in session.execute(stmt):
        entry = indexes[index]
        if number is None:
            msgid = N_(
                "这个证件号属于一位还没有学号的新生。请先发放学号（flask welcome issue-numbers），再导入"
            )
            found.problems.append(Problem(sheet.title, entry.row, msgid, {}))
        elif number != entry.number:
            msgid = N_("证件号已经属于学工号 %(number)s。请核对；换了学工号的同一个人，请先留空这一格")
            found.problems.append(Problem(sheet.title, entry.row, msgid, {"number": mask_number(number)}))


def _there(session: Session, kind: str) -> dict[str, Old]:
    """Everybody who has a number, with what they hold of this kind."""
    held: dict[int, dict[int, int | None]] = {}
    stmt = select(Affiliation.id, Affiliation.person_id, Affiliation.org_unit_id).where(
        Affiliation.kind == kind, holds_after(Affiliation, clock.today())
    )
    for row in session.execute(stmt.order_by(Affiliation.id)):
        held.setdefault(row.person_id, {})[row.id] = row.org_unit_id
    return {
        number: Old(values["id"], number, values, held.get(values["id"], {}))
        for (number,), values in known.people(session).items()
    }


def _within(old: Old, within: set[int] | None) -> Old:
    """What somebody holds outside the scope is not spoken of."""
    if within is None:
        return old
    inside = {key: unit for key, unit in old.held.items() if unit in within}
    return Old(old.id, old.number, old.person, inside)


def _compare(found: RosterPlan, sheet: Sheet, entry: Entry, old: Old | None) -> None:
    """Who belongs to the unit or to something under it stays where they are: a department's list names no teams."""
    if old is None:
        found.new.append(entry)
        return
    how = [
        name
        for column, name in COMPARED.items()
        if entry.person.get(column) not in (None, old.person[column])
    ]
    if not old.held:
        how.append("belongs")
    elif not found.units.below(entry.unit_id) & set(old.held.values()):
        if len(old.held) > 1:
            msgid = N_("这个人同时属于几个部门，不知道从哪一个调来。请用目录工作簿的“归属”表调整")
            found.problems.append(Problem(sheet.title, entry.row, msgid, {}))
        how.append("unit")
    if how:
        found.changed.append((entry, old, tuple(how)))
    else:
        found.same += 1
