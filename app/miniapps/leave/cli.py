"""`flask leave …`: a school's first policies."""

from datetime import date
from decimal import Decimal

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.miniapps.leave import service
from app.miniapps.leave.models import CountMode, LeaveKind, Policy
from app.miniapps.leave.service import Rules

commands = AppGroup("leave", help="Leave: policies.")
COMMON = (
    Rules("一般请假", Decimal(0), Decimal(30), parental_over_days=Decimal(3)),
    Rules("病假", Decimal(0), Decimal(60), kind=LeaveKind.SICK, evidence="later"),
    Rules(
        "事假（本学期累计）", Decimal(0), Decimal(30), kind=LeaveKind.CASUAL, count_mode=CountMode.SAME_KIND
    ),
    Rules("晚归或不归宿", Decimal(0), Decimal(3), kind=LeaveKind.NIGHT, grace_hours=1),
)


@commands.command("add-common-policies")
@click.option("--from", "starts_on", help="First day, such as 2026-09-01; today when it is left out.")
def add_common(starts_on: str | None) -> None:
    """Add the policies that most schools have, if there are none yet: change them on the console afterwards."""
    first = date.fromisoformat(starts_on) if starts_on else clock.today()
    with db.unit_of_work() as session:
        added = add_common_policies(session, starts_on=first)
    click.echo(f"{added} policies.")


def add_common_policies(session: Session, *, starts_on: date) -> int:
    """How many were added: none where there are some already."""
    if session.scalar(select(func.count()).select_from(Policy)):
        return 0
    for rules in COMMON:
        service.add_policy(session, by=None, rules=rules, starts_on=starts_on)
    return len(COMMON)
