"""`flask audit …`: check the record."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.kit import db
from app.platform.audit import queries, service

audit = AppGroup("audit", help="The append-only record.")


@audit.command("verify")
@click.option("--anchor", help="A head hash from the worker's log: it must still be in the chain.")
def verify(anchor: str | None) -> None:
    """Recompute every seal. Ends with an error when something was changed or is missing."""
    with db.unit_of_work() as session:
        findings = service.verify(session, current_app.config["AUDIT_KEY"], anchor=anchor)
        state = queries.seal_state(session)
    for finding in findings:
        click.echo(
            f"✗ seal {finding.seal_id} ({finding.from_id}–{finding.to_id}): {finding.problem}", err=True
        )
    if findings:
        raise SystemExit(1)
    click.echo(f"The record is whole up to entry {state.sealed_up_to}; {state.unsealed} not sealed yet.")
    click.echo(f"Head: {state.head}")
