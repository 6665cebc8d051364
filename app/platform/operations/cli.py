"""Commands of operations."""

from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from python_calamine import CalamineWorkbook

from app.kit.db import unit_of_work
from app.platform.operations import service
from app.platform.operations.service import Day

commands = AppGroup("calendar", help="The work calendar.")
WORDS = {"放假": False, "休": False, "holiday": False, "上班": True, "班": True, "workday": True}


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--source", required=True, help="The announcement, for example 国办发明电〔2025〕7号.")
def import_file(file: Path, source: str) -> None:
    """Import years from an xlsx: columns 日期, 类型 (放假 or 上班), 名称."""
    days: dict[int, list[Day]] = {}
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        day, kind, name = _date(row[0], line), str(row[1]).strip(), str(row[2]).strip()
        if kind not in WORDS:
            raise click.ClickException(f"第 {line} 行：类型“{kind}”看不懂，请写 放假 或 上班。")
        days.setdefault(day.year, []).append(Day(day, WORDS[kind], name))
    with unit_of_work() as session:
        for year, listed in sorted(days.items()):
            count = service.import_calendar(session, by=None, year=year, days=listed, source=source)
            click.echo(f"{year}: {count} 天")


def _date(cell: object, line: int) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(str(cell).strip())
    except ValueError:
        raise click.ClickException(f"第 {line} 行：日期“{cell}”看不懂，请写成 2027-01-01。") from None
