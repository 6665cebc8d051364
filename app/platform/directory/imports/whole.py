"""The directory's workbook of several sheets as an uploaded list: tried out, shown, and written once said yes to.

The preview is a real import that is taken back: it can't say anything else than the import will do. Nobody is missing
from such a workbook: its sheets need not be complete, and end things by their days alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.kit import failpoint
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.lists import Line, Progress, counted, digest_of, problem_lines
from app.kit.workbook import Problem, Sheet, Workbook
from app.platform.directory.imports import sheets
from app.platform.directory.imports.workbook import Spans, check_workbook, write_workbook
from app.platform.directory.imports.writing import SheetReport, Touched
from app.platform.directory.queries.names import mask_number

OF_PEOPLE = (sheets.PEOPLE, sheets.AFFILIATIONS, sheets.POSTS_SHEET, sheets.BEDS)
EXAMPLE = {"number": "示例（请删去这一行）", "code": "示例（请删去这一行）"}
WRITTEN_AS = {
    "campus_id": "campus_code",
    "building_id": "building_code",
    "parent_id": "parent_code",
    "is_dorm": "kind",
}
"""Columns of the tables, by the fields of the sheets."""
BY_TITLE = {sheet.title: sheet for sheet in sheets.SHEETS}


@dataclass
class WholePlan:
    """What each sheet would do, and with what it is written."""

    book: Workbook
    spans: tuple[Spans, Spans, Spans] = ({}, {}, {})
    reports: list[SheetReport] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        return self.book.problems

    @property
    def digest(self) -> str:
        return digest_of(
            f"{done.title} {sort} {one.key} {','.join(one.fields)}"
            for done in self.reports
            for sort, rows in (("new", done.new), ("changed", done.touched))
            for one in rows
        )

    def counts(self, *, withdraws: bool) -> dict[str, int]:
        """Whatever was ticked."""
        new = [one for done in self.reports for one in done.new]
        changed = [one for done in self.reports for one in done.touched]
        rows = sum(done.rows for done in self.reports)
        same = max(rows - len(new) - len(changed), 0)
        return counted(new=new, changed=changed, same=same, problems=self.problems)

    def lines(self) -> list[Line]:
        """Numbers of people are masked."""
        found = problem_lines(self.problems)
        for done in self.reports:
            sheet = BY_TITLE[done.title]
            found += [Line("new", None, _who(sheet, one), sheet.title) for one in done.new]
            found += [
                Line("changed", None, _who(sheet, one), f"{sheet.title} {_what(sheet, one)}")
                for one in done.touched
            ]
        return found


def _who(sheet: Sheet, one: Touched) -> str:
    parts = [str(part) for part in one.key if part is not None]
    if sheet in OF_PEOPLE:
        parts[0] = mask_number(parts[0])
    return " ".join(parts)


def _what(sheet: Sheet, one: Touched) -> str:
    titles = {column.field: column.headers[0] for column in sheet.columns}
    named = dict.fromkeys(titles.get(WRITTEN_AS.get(name, name), name) for name in one.fields)
    return "、".join(named) or N_("起止日期或职务")


def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> WholePlan:
    """Leaves nothing behind."""
    found = WholePlan(book, check_workbook(session, book))
    if not book.problems:
        trial = session.begin_nested()
        found.reports = list(write_workbook(session, None, book, found.spans))
        trial.rollback()
    return found


def write(
    session: Session,
    *,
    by: Caller | None,
    scope: Mapping[str, Any],
    planned: WholePlan,
    withdraws: bool,
    progress: Progress = lambda _: None,
) -> None:
    """All of it in the caller's transaction, sheet by sheet."""
    _told(write_workbook(session, by, planned.book, planned.spans), progress)


def _told(reports: Iterable[SheetReport], progress: Progress) -> None:
    done = 0
    for report in reports:
        done += report.rows
        progress(done)
        failpoint.hit("directory.sheet_written")
