"""The classes that a list may name, and what a list can say wrongly of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.kit.workbook import Problem, Sheet
from app.platform.directory import queries as directory
from app.platform.directory.queries import OrgBrief


class Classes:
    """Classes of the scope, by code and by name."""

    def __init__(self, session: Session, scope: Mapping[str, Any]) -> None:
        below = directory.ids_below(session, int(scope["unit"])) if scope.get("unit") else None
        found = directory.org_units_of_kind(session, "class")
        self.all = {one.id: one for one in found if below is None or one.id in below}
        self._named: dict[str, list[OrgBrief]] = {}
        for one in self.all.values():
            for name in {one.name, one.code}:
                self._named.setdefault(name.upper(), []).append(one)

    def find(self, sheet: Sheet, row: int, name: str, problems: list[Problem]) -> OrgBrief | None:
        """None: there is none, or there are two of that name; the problem is noted."""
        found = self._named.get(name.upper(), [])
        if len(found) == 1:
            return found[0]
        msgid = N_("有两个班叫“%(name)s”，请填班级代码") if found else N_("所选范围里没有班级“%(name)s”")
        problems.append(Problem(sheet.title, row, msgid, {"name": name}))
        return None
