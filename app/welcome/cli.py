"""`flask welcome …`: profiles, and the day on which student numbers are issued."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from python_calamine import CalamineError, CalamineWorkbook

from app.kit import db, list_commands, lists
from app.kit.errors import DomainError
from app.platform.directory.service import imports
from app.welcome import queries, service
from app.welcome.imports.desk import DESK
from app.welcome.service import Issued

commands = AppGroup("welcome", help="Welcome: freshmen and their claims.")
HEADS = {
    "录取编号": "public_id",
    "admission": "public_id",
    "考生号": "number",
    "考生编号": "number",
    "number": "number",
    "类别": "profile",
    "profile": "profile",
    "学号": "student_number",
    "student_number": "student_number",
}
SHOWN = 40


@commands.command("profiles")
def profiles() -> None:
    """Put in the ways of being admitted that are missing; those that are there stay as they are."""
    with db.unit_of_work() as session:
        added = service.seed_profiles(session)
    click.echo(f"{added} profiles added.")


@commands.command("issue-numbers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def issue_numbers(file: Path) -> None:
    """Make students of the freshmen in FILE (.csv or .xlsx): 录取编号 (adm_…) or 考生号 [类别], and 学号.

    All or nothing; may be repeated.
    """
    lines = list(_issued(_rows(file)))
    try:
        with db.unit_of_work() as session:
            changed = service.issue_numbers(session, by=None, lines=lines)
    except DomainError as error:
        click.echo(error.msgid % error.params if error.params else error.msgid, err=True)
        for where, texts in list((error.details or {}).items())[:SHOWN]:
            click.echo(f"  {where}: {'；'.join(texts)}", err=True)
        raise SystemExit(1) from None
    click.echo(f"{changed} of {len(lines)} are students now.")


@commands.command("import-admissions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--season", "code", required=True, help="The season's code, such as 2026.")
@click.option("--profile", default="undergraduate", help="For rows without a kind of candidate.")
@click.option("--dry-run", is_flag=True, help="Look only.")
def import_admissions(file: Path, code: str, profile: str, dry_run: bool) -> None:
    """Bring a season up to an admission list (.xlsx). All or nothing; nobody is withdrawn by this command."""
    admissions = DESK.kinds[0]

    def work() -> lists.Plan:
        with file.open("rb") as stream, db.unit_of_work() as session:
            season_id = queries.season_by_code(session, code).id
            scope = {"season_id": season_id, "profile": profile, "college": ""}
            planned = imports.look_at(session, kind=admissions, source=stream, scope=scope)
            if not dry_run:
                imports.write_at_once(
                    session, kind=admissions, planned=planned, scope=scope, progress=list_commands.say_row
                )
            return planned

    list_commands.run(work)


def _issued(rows: Iterable[list[str]]) -> Iterator[Issued]:
    rows = iter(rows)
    heads = [HEADS.get(cell.strip().lower(), "") for cell in next(rows, [])]
    if "student_number" not in heads or not {"public_id", "number"} & set(heads):
        raise click.ClickException("the first row must name 学号, and 录取编号 or 考生号")
    for line, row in enumerate(rows, start=2):
        given = {head: cell.strip() for head, cell in zip(heads, row, strict=False) if head and cell.strip()}
        if given:
            yield Issued(line, **{"student_number": "", **given})


def _rows(file: Path) -> Iterator[list[str]]:
    if file.suffix.lower() == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from csv.reader(opened)
        return
    try:
        with CalamineWorkbook.from_path(file) as book:
            grid = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise click.ClickException("this file can't be read: save it as .xlsx or .csv") from None
    for row in grid:
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """Numbers of fifteen digits and fewer are whole in a float."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
