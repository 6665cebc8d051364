"""`flask payments reconcile --date D`: the table of a day; ends well only when every fen is explained."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.kit.errors import DomainError
from app.kit.money import yuan
from app.payments.flows import reconciling
from app.payments.models import DIFFERENCE_NAMES, DifferenceKind
from app.payments.queries.reconciliation import source_name
from app.payments.service.reconciling import Account, Report

KIND_NAMES = {"trade": "交易", "fund": "资金", "delivery": "充值", "bank": "流水", "flow": "卡务流水"}


@click.command("reconcile")
@click.option("--date", "moment", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The business day.")
@with_appcontext
def reconcile(moment: datetime) -> None:
    """Compare a day's bills with the ledger. Exit 0 only if the day is explained."""
    day = moment.date()
    try:
        report = reconciling.reconcile_day(day, by_id=None, clients=current_app.extensions["clients"])
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    _print(report)
    if not report.is_explained:
        raise click.ClickException(_verdict(report))
    click.echo(f"{day} 已对平。")


def _print(report: Report) -> None:
    click.echo(f"{report.day} 对账，第 {report.run_id} 次")
    for one in report.accounts:
        click.echo(_line(one))
        for kind, (times, fen, live) in one.differences.items():
            name = DIFFERENCE_NAMES[DifferenceKind(kind)]
            click.echo(f"    {name} {times} 笔 {yuan(fen)}，未处理 {live} 笔")


def _line(one: Account) -> str:
    head = f"{source_name(one.source)} {one.account or '（未知系统）'} {KIND_NAMES[one.kind]}"
    if one.is_missing:
        return f"{head}：缺账单；我方 {one.entries} 笔 {yuan(one.our_fen)}"
    if not one.has_bill:
        return f"{head}：没有对账单可比；我方 {one.entries} 笔 {yuan(one.our_fen)}"
    bill = f"账单 {one.lines} 笔 {yuan(one.fen)}"
    if one.kind not in ("trade", "delivery"):
        return f"{head}：{bill}"
    ours = f"我方 {one.entries} 笔 {yuan(one.our_fen)}"
    return f"{head}：{bill}；{ours}；对平 {one.matched} 笔 {yuan(one.matched_fen)}"


def _verdict(report: Report) -> str:
    missing = f"缺 {len(report.missing)} 份账单" if report.missing else ""
    live = f"还有 {report.live} 笔差错没有处理" if report.live else ""
    return f"{report.day} 没有对平：{'，'.join(filter(None, (missing, live)))}。"
