"""`flask approvals …`: the definitions that came with the product."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.kit import db
from app.platform.approvals import service

commands = AppGroup("approvals", help="Approvals: definitions.")


@commands.command("publish-shipped")
def publish_shipped() -> None:
    """Publish the definitions of all modules where the school has none of its own. May be repeated."""
    found = {
        code: body
        for module in current_app.extensions["registry"].modules
        for code, body in module.definitions.items()
    }
    with db.unit_of_work() as session:
        done = service.publish_shipped(session, found)
    click.echo(f"Published: {', '.join(done) or 'nothing new'}.")
