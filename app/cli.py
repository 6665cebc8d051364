"""`flask` commands that belong to no package."""

import importlib
import os
from pathlib import Path

import click
from flask.cli import AppGroup

database = AppGroup("db", help="The database's tables.")
ROOT = Path(__file__).parent.parent


@database.command("upgrade")
def upgrade() -> None:
    """Bring the tables up to date. Runs as the role of MIGRATION_DATABASE_URL."""
    # Loaded here alone: no other process of the application has a use for its seven megabytes.
    command, config = (importlib.import_module(f"alembic.{name}") for name in ("command", "config"))
    settings = config.Config(str(ROOT / "alembic.ini"))
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    os.environ.setdefault("MIGRATION_DATABASE_URL", os.environ["DATABASE_URL"])
    command.upgrade(settings, "head")
    click.echo("Tables are up to date.")
