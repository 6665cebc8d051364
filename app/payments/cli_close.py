"""`flask payments close-day --date D [--by NUMBER]`: signs a day that is explained."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.payments.flows import closing
from app.platform.directory import queries as directory
from app.platform.identity import queries as identity


@click.command("close-day")
@click.option("--date", "moment", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The business day.")
@click.option(
    "--by", "number", help="Staff number of whoever closes it: a day with explained differences needs one."
)
@with_appcontext
def close_day(moment: datetime, number: str | None) -> None:
    """Close a day: one without a difference, or, in somebody's name, one whose differences are explained."""
    day = moment.date()
    by = named(number) if number else None
    try:
        certificate = closing.close_day(day, by=by, clients=current_app.extensions["clients"])
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    click.echo(f"{day} 已关账，日结单 {certificate['number']}，指纹 {certificate['fingerprint'][:16]}。")


def named(number: str) -> Caller:
    """Who closes or gives up, with the permissions that this person has now, as on the desk."""
    with unit_of_work() as session:
        person = directory.find_person_by_number(session, number)
        if person is None:
            raise click.ClickException(f"没有工号为 {number} 的人。请核对 --by 后面的工号。")
        by = Caller(person.id, identity.grants_of(session, person.id))
    if not by.may("payments.approve_reconcile"):
        raise click.ClickException(f"工号 {number} 没有复核与关账的权限。请换有权限的人，或先授权。")
    return by
