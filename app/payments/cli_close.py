"""`flask payments close-day --date D`: signs a day that is explained."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.kit.errors import DomainError
from app.payments.flows import closing


@click.command("close-day")
@click.option("--date", "moment", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The business day.")
@with_appcontext
def close_day(moment: datetime) -> None:
    """Close a day that has no difference. One with differences is closed on the desk, by name."""
    day = moment.date()
    try:
        certificate = closing.close_day(day, by=None, clients=current_app.extensions["clients"])
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    click.echo(f"{day} 已关账，日结单 {certificate['number']}，指纹 {certificate['fingerprint'][:16]}。")
