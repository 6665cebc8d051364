"""The organisation as rosters name it: by code or by name, and who stands under whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.platform.directory.imports import known
from app.platform.directory.models import OrgKind


class UnitUnclear(Exception):
    """No unit of this name, or several; `msgid` has a gap for the name."""

    def __init__(self, msgid: str, name: str) -> None:
        super().__init__(msgid)
        self.msgid, self.name = msgid, name


@dataclass(frozen=True)
class Units:
    """Units by id."""

    by_id: dict[int, dict[str, Any]]
    children: dict[int | None, list[int]] = field(default_factory=dict)

    def below(self, unit_id: int) -> set[int]:
        """The unit and everything under it, closed ones included."""
        return set(self._down(unit_id))

    def _down(self, unit_id: int) -> Iterator[int]:
        yield unit_id
        for child in self.children.get(unit_id, ()):
            yield from self._down(child)

    def title(self, unit_id: int | None) -> str:
        return str(self.by_id[unit_id]["name"]) if unit_id in self.by_id else "—"

    def find(self, text: str) -> int:
        """A unit that is no class. Raises UnitUnclear."""
        wide = [one for one in self.by_id.values() if one["kind"] != OrgKind.CLASS]
        return _only(wide, text, N_("没有部门或学院“%(name)s”，请先维护组织机构或改正名称"))

    def find_class(self, text: str, under: int) -> int:
        """Raises UnitUnclear."""
        near = self.below(under)
        classes = [one for one in self.by_id.values() if one["kind"] == OrgKind.CLASS and one["id"] in near]
        return _only(classes, text, N_("学院里没有班级“%(name)s”"))


def _only(units: list[dict[str, Any]], text: str, absent: str) -> int:
    at_work = [one for one in units if one["is_active"]]
    code = text.upper()
    found = [one for one in at_work if one["code"] == code] or [
        one for one in at_work if text in (one["name"], one["name_en"])
    ]
    if len(found) > 1:
        raise UnitUnclear(N_("叫“%(name)s”的不止一个，请填代码"), text)
    if not found:
        raise UnitUnclear(absent, text)
    return int(found[0]["id"])


def all_units(session: Session) -> Units:
    by_id = {row["id"]: row for row in known.org_units(session).values()}
    children: dict[int | None, list[int]] = {}
    for row in by_id.values():
        children.setdefault(row["parent_id"], []).append(row["id"])
    return Units(by_id, children)
