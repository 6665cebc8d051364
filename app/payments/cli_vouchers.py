"""Commands about vouchers: the accountant's rules in, files for the finance system out."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.payments.service import vouchers


@click.command("vouchers")
@click.option("--date", "period", required=True, metavar="D", help="A day (2026-11-16) or a month (2026-11).")
@click.option("--format", "format_key", required=True, help="yonyou, kingdee, generic or another loaded one.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--file", "no", type=int, help="An earlier file of the period again, by its number.")
@with_appcontext
def write_vouchers(period: str, format_key: str, out: Path, no: int | None) -> None:
    """Make the vouchers of a period and write what has not gone out yet; a repetition writes the same bytes."""
    try:
        with unit_of_work() as session:
            made = vouchers.export_period(
                session, by=None, period=vouchers.Period.of(period), format_key=format_key, no=no
            )
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    out.write_bytes(made.content)
    again = "" if made.is_new else "，与上次相同"
    click.echo(f"{made.name}：{made.vouchers} 张凭证{again}")


@click.command("load-vouchers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load_vouchers(file: Path) -> None:
    """Load voucher rules and file formats from a JSON file; safe to repeat."""
    try:
        given = json.loads(file.read_text("utf-8"))
        with unit_of_work() as session:
            rules = vouchers.load_rules(session, given.get("rules", []))
            formats = vouchers.load_formats(session, given.get("formats", []))
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file.name}：{error}") from None
    click.echo(f"{rules} 条规则，{formats} 个格式")
