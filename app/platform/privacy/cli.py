"""`flask privacy …`: a copy of somebody's data, or its end."""

import json

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.kit import db
from app.kit.errors import DomainError
from app.platform.directory import queries as directory
from app.platform.privacy import service

privacy = AppGroup("privacy", help="Personal information.")


@privacy.command("export")
@click.argument("public_id")
def export(public_id: str) -> None:
    """Print all that is known of a person (per_…) as JSON."""
    with db.unit_of_work() as session:
        found = service.export_person(
            session,
            by=None,
            person_id=_person_id(session, public_id),
            registry=current_app.extensions["registry"],
        )
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


@privacy.command("erase")
@click.argument("public_id")
@click.confirmation_option(prompt="Personal values will be gone for good. Go on?")
def erase(public_id: str) -> None:
    """Forget a leaver or visitor (per_…)."""
    try:
        with db.unit_of_work() as session:
            service.erase_person(
                session,
                by=None,
                person_id=_person_id(session, public_id),
                registry=current_app.extensions["registry"],
            )
    except DomainError as error:
        raise SystemExit(f"✗ {error.msgid}") from None
    click.echo("Done.")


def _person_id(session: Session, public_id: str) -> int:
    person = directory.find_person_by_public_id(session, public_id)
    if person is None:
        raise SystemExit(f"✗ nobody has the id {public_id}")
    return person.id
