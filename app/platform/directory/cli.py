"""`flask directory …`: load the campus from a workbook."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.kit import db, list_commands, lists
from app.kit.workbook import WorkbookUnreadable
from app.platform.directory import queries
from app.platform.directory.errors import OrgUnitNotFound, WorkbookInvalid
from app.platform.directory.imports import SheetReport, import_workbook
from app.platform.directory.imports.desk import DESK
from app.platform.directory.service import imports

directory = AppGroup("directory", help="People, organisation and places.")


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Load an .xlsx workbook. All or nothing; loading it again changes nothing."""
    try:
        with db.unit_of_work() as session:
            report = import_workbook(session, by=None, source=file, progress=_say)
    except WorkbookUnreadable as error:
        raise SystemExit(f"✗ {file.name}：{error.msgid}") from None
    except WorkbookInvalid as error:
        _say_problems(error)
        raise SystemExit(1) from None
    if report.ignored:
        click.echo("没有用到：" + "、".join(report.ignored))


@directory.command("import-list")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice([kind.key for kind in DESK.kinds]), required=True)
@click.option("--unit", "code", default="", help="The code of the unit that the list is complete for.")
@click.option("--dry-run", is_flag=True, help="Look only.")
def import_list(file: Path, kind: str, code: str, dry_run: bool) -> None:
    """Bring the directory up to a roster (.xlsx). All or nothing; nobody's membership is ended by this command."""
    roster = next(one for one in DESK.kinds if one.key == kind)

    def work() -> lists.Plan:
        with file.open("rb") as stream, db.unit_of_work() as session:
            scope = _scope(session, code)
            planned = imports.look_at(session, kind=roster, source=stream, scope=scope)
            if not dry_run:
                imports.write_at_once(
                    session, kind=roster, planned=planned, scope=scope, progress=list_commands.say_row
                )
            return planned

    list_commands.run(work)


def _scope(session: Session, code: str) -> dict[str, Any]:
    if not code:
        return {"unit": ""}
    unit = queries.find_org_unit(session, code)
    if unit is None:
        raise OrgUnitNotFound()
    return {"unit": str(unit.id)}


def _say(done: SheetReport) -> None:
    click.echo(f"{done.title}：{done.rows} 行，新增 {done.added}，更新 {done.changed}")


def _say_problems(error: WorkbookInvalid) -> None:
    for title, sentences in (error.details or {}).items():
        for sentence in sentences:
            click.echo(f"✗ {title} {sentence}", err=True)
    click.echo(f"✗ {error.msgid % error.params}", err=True)
