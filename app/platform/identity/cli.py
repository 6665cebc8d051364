"""`flask identity …`: the first administrator, and a way in when nobody else has one."""

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.kit import db
from app.kit.errors import DomainError
from app.platform.directory import queries as directory
from app.platform.identity import service
from app.platform.identity.service import passwords

identity = AppGroup("identity", help="Roles and passwords.")


@identity.command("grant")
@click.argument("login_or_number")
@click.argument("role")
@click.option("--unit", help="Code of the unit the role is limited to.")
@click.option("--team", help="Code of the team.")
@click.option("--building", help="Code of the building.")
def grant(login_or_number: str, role: str, unit: str | None, team: str | None, building: str | None) -> None:
    """Give a person a role, everywhere or at one place."""
    with _sentences(), db.unit_of_work() as session:
        person_id = _person(session, login_or_number)
        kind, scope_id = _place(session, unit=unit, team=team, building=building)
        service.grant_role(
            session, by=None, person_id=person_id, role=role, scope_kind=kind, scope_id=scope_id
        )
    click.echo(f"{login_or_number}: {role}")


@identity.command("set-password")
@click.argument("number")
@click.option("--login", help="Another login than the number.")
@click.option("--keep", is_flag=True, help="Do not ask for a new password at the first sign-in.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def set_password(number: str, login: str | None, keep: bool, password: str) -> None:
    """Give a person a password for the console, in place of an earlier one."""
    with _sentences(), db.unit_of_work() as session:
        person_id = _person(session, number)
        known_as = service.set_password(
            session, by=None, person_id=person_id, password=password, login=login, must_change=not keep
        )
    click.echo(f"Login: {known_as}")


class _sentences:  # noqa: N801 - reads as a word in `with`
    """Our errors as one sentence on stderr instead of a trace."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DomainError):
            raise click.ClickException(_words(error)) from None


def _words(error: DomainError) -> str:
    details = [text for texts in (error.details or {}).values() for text in texts]
    return " ".join([error.msgid % error.params if error.params else error.msgid, *details])


def _person(session: Session, login_or_number: str) -> int:
    stored = passwords.password_for(session, login_or_number)
    if stored is not None:
        return stored.person_id
    found = directory.find_person_by_number(session, login_or_number)
    if found is None:
        raise click.ClickException(f"nobody has the login or number {login_or_number}")
    return found.id


def _place(
    session: Session, *, unit: str | None, team: str | None, building: str | None
) -> tuple[str, int | None]:
    given = [(kind, code) for kind, code in (("unit", unit), ("team", team), ("building", building)) if code]
    if not given:
        return "all", None
    if len(given) > 1:
        raise click.ClickException("name one of --unit, --team and --building")
    kind, code = given[0]
    if kind == "building":
        house = directory.find_building(session, code)
        place_id = house.id if house else None
    else:
        node = directory.find_org_unit(session, code)
        place_id = node.id if node and node.kind == kind else None
    if place_id is None:
        raise click.ClickException(f"there is no {kind} with the code {code}")
    return kind, place_id
