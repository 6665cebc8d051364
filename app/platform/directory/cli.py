"""`flask directory …`: load the campus from a workbook."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.kit import db
from app.kit.workbook import WorkbookUnreadable
from app.platform.directory.errors import WorkbookInvalid
from app.platform.directory.imports import SheetReport, import_workbook

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


def _say(done: SheetReport) -> None:
    click.echo(f"{done.title}：{done.rows} 行，新增 {done.added}，更新 {done.changed}")


def _say_problems(error: WorkbookInvalid) -> None:
    for title, sentences in (error.details or {}).items():
        for sentence in sentences:
            click.echo(f"✗ {title} {sentence}", err=True)
    click.echo(f"✗ {error.msgid % error.params}", err=True)
