"""Commands of repairs."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.kit.db import unit_of_work
from app.repairs import service

commands = AppGroup("repairs", help="Repairs: catalogue and door codes.")


@commands.command("load-catalogue")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def load_catalogue(file: Path) -> None:
    """Load categories and reasons from a JSON file; safe to repeat."""
    data = json.loads(file.read_text("utf-8"))
    with unit_of_work() as session:
        service.load_catalogue(session, categories=data["categories"], reasons=data["reasons"])
    click.echo(f"{len(data['categories'])} categories, {len(data['reasons'])} reasons.")
