"""`flask electricity …`: systems, the buildings they serve, and the import of rooms."""

from decimal import Decimal

import click
from flask import current_app
from flask.cli import AppGroup

from app.kit import db
from app.kit.errors import DomainError
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import importing
from app.platform.directory import queries as directory

commands = AppGroup("electricity", help="Electricity: systems and their rooms.")
SHOWN = 40


@commands.command("serve")
@click.argument("system")
@click.argument("title")
@click.argument("buildings", nargs=-1, required=True)
@click.option("--policy", type=click.Choice(["roster", "roommate", "manager", "unit"]), default="roommate")
@click.option("--price", help="Yuan per kWh, such as 0.5483.")
def serve(system: str, title: str, buildings: tuple[str, ...], policy: str, price: str | None) -> None:
    """Let SYSTEM of VENDORS_FILE serve BUILDINGS (codes), under the rules of every new system. May be repeated."""
    if system not in current_app.extensions["clients"].meters:
        raise click.ClickException(f"VENDORS_FILE has no meters {system!r}")
    fen = Decimal(price) * 100 if price else None
    with db.unit_of_work() as session:
        rules = service.SystemRules(title, price_fen=fen, price_text=f"{price} 元/度" if price else "")
        system_id = service.save_system(session, key=system, rules=rules)
        for code in buildings:
            building = directory.find_building(session, code)
            if building is None:
                raise click.ClickException(f"no building {code!r}")
            service.serve_building(session, system_id=system_id, building_id=building.id, policy=policy)
    click.echo(f"{system}: {len(buildings)} buildings.")


@commands.command("import-rooms")
@click.argument("system")
def import_rooms(system: str) -> None:
    """Match the vendor's rooms with the directory's; say what does not match. May be repeated."""
    clients = current_app.extensions["clients"]
    if system not in clients.meters:
        raise click.ClickException(f"VENDORS_FILE has no meters {system!r}")
    try:
        report = importing.import_rooms(system, clients=clients, say=click.echo)
    except DomainError as error:
        raise click.ClickException(error.msgid) from None
    click.echo(f"{report.matched} rooms matched.")
    _list("only at the vendor", report.vendor_only)
    _list("only in the directory", report.directory_only)


def _list(title: str, names: list[str]) -> None:
    if names:
        click.echo(f"{len(names)} {title}:")
        for name in names[:SHOWN]:
            click.echo(f"  {name}")
        if len(names) > SHOWN:
            click.echo(f"  … {len(names) - SHOWN} more; the console lists all")
