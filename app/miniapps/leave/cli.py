"""`flask leave …`: a school's first policies, and its own gates."""

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.miniapps.leave import service
from app.miniapps.leave.errors import GateMissing
from app.miniapps.leave.flows import gate_lists, gate_passings
from app.miniapps.leave.gate_logs import LogUnreadable, read_log, write_allow_list
from app.miniapps.leave.models import CountMode, LeaveKind, Policy
from app.miniapps.leave.queries.gate_lists import standing
from app.miniapps.leave.queries.gates import gate_for
from app.miniapps.leave.service import Rules
from app.platform.audit import service as audit

commands = AppGroup("leave", help="Leave: policies and gates.")
NO_GATES = "没有设置闸机（VENDORS_FILE 的 gates），见 docs/leave.md。"
AT_ONCE = 200
UNREAD = {
    "more": "后面还有，请再运行一次。",
    "gap": "闸机记录缺号，先停在这里，十分钟后自动跳过。",
    "moved": "另一个进程正在读，请稍后再试。",
    "unavailable": "闸机没有应答，请稍后再试。",
}
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


@commands.command("import-passes")
@click.option(
    "--gate", "gate_id", required=True, help="The gate's id, as its address in the console shows it."
)
@click.option("--door", is_flag=True, help="The log is of a dormitory's door: coming in there is being back.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def import_passes(gate_id: str, door: bool, file: str) -> None:  # noqa: FBT001
    """Take a log of the school's own gates: CSV with 时间, 学号, 方向. The same events again change nothing."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as opened:
            lines = list(read_log(opened))
    except (LogUnreadable, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(str(error)) from None
    try:
        with db.unit_of_work() as session:
            gate = gate_for(session, gate_id)
            audit.record(
                session,
                by=None,
                action="leave.import_passes",
                object_type="leave.gate",
                object_id=gate.id,
                fields=(len(lines),),
            )
    except GateMissing as error:
        raise click.ClickException(error.msgid) from None
    said: Counter[str] = Counter()
    passed = sorted(lines, key=lambda one: one.at)
    for start in range(0, len(passed), AT_ONCE):
        with db.unit_of_work() as session:
            page = passed[start : start + AT_ONCE]
            said += service.take_file(session, gate, page, source="dorm" if door else "gate")
    click.echo(
        f"{len(lines)} lines: " + (", ".join(f"{why} {n}" for why, n in sorted(said.items())) or "none")
    )


@commands.command("allow-list")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, writable=True), help="The CSV to write."
)
def allow_list(out: str) -> None:
    """Write who may go out, for the school's own gates. Whoever reads the file meets a whole list, never half of one."""
    with beside(Path(out)) as opened, db.unit_of_work() as session:
        count = write_allow_list(session, opened)
        audit.record(
            session,
            by=None,
            action="leave.allow_list_written",
            object_type="leave.gate",
            object_id="all",
            fields=(count,),
        )
    click.echo(f"{count} may go out.")


@commands.command("push-gates")
@click.option("--whole", is_flag=True, help="The whole list, whatever the gates say they have.")
def push_gates(whole: bool) -> None:  # noqa: FBT001
    """Give the school's own gates who may pass, now. Ends with an error unless they have it."""
    answer = gate_lists.push(clients=current_app.extensions["clients"], is_whole=whole)
    if answer == "off":
        raise click.ClickException(NO_GATES)
    with db.unit_of_work() as session:
        now = standing(session)
        if whole:
            _record(session, "leave.allow_list_pushed", "all", now.version if now else 0)
    version = now.version if now else 0
    if answer != "taken":
        raise click.ClickException(f"闸机还没有收下第 {version} 版名单，系统会自动再发。")
    click.echo(f"The gates have version {version}.")


@commands.command("pull-gate-log")
@click.option("--again", is_flag=True, help="From the beginning of their log: after a gate got its code.")
def pull_gate_log(again: bool) -> None:  # noqa: FBT001
    """Read on in the log of the school's own gates, now. Ends with an error unless its end was reached."""
    clients = current_app.extensions["clients"]
    if clients.gates is None:
        raise click.ClickException(NO_GATES)
    if again:
        with db.unit_of_work() as session:
            service.read_again(session)
            _record(session, "leave.gate_log_again", "all", 0)
    taken = gate_passings.pull(clients=clients)
    words = ", ".join(f"{why} {count}" for why, count in sorted(taken.said.items())) or "nothing new"
    if taken.answer != "end":
        raise click.ClickException(f"{words}; {UNREAD[taken.answer]}")
    click.echo(words)


def _record(session: Session, action: str, what: str, field: int) -> None:
    audit.record(session, by=None, action=action, object_type="leave.gate", object_id=what, fields=(field,))


@contextmanager
def beside(target: Path) -> Iterator[TextIO]:
    """A file for its owner's eyes alone (0600) that takes the target's place when all of it is written."""
    handle, staged = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(staged, target)
    except BaseException:
        os.unlink(staged)
        raise


def add_common_policies(session: Session, *, starts_on: date) -> int:
    """How many were added: none where there are some already."""
    if session.scalar(select(func.count()).select_from(Policy)):
        return 0
    for rules in COMMON:
        service.add_policy(session, by=None, rules=rules, starts_on=starts_on)
    return len(COMMON)
