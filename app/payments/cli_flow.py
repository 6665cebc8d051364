"""`flask payments card-flow [--restart --by NUMBER]`: reads on, and begins anew where the vendor cannot mend it."""

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.kit import clock
from app.kit.db import unit_of_work
from app.payments.cli_close import named
from app.payments.flows import card_flows
from app.payments.service import card_flows as service
from app.payments.service.bill_alarms import PROBLEMS


@click.command("card-flow")
@click.option(
    "--restart",
    is_flag=True,
    help="Give up where it stands; begin anew at the flow's present end, if there still is one.",
)
@click.option("--by", "number", help="Staff number of whoever gives it up.")
@with_appcontext
def card_flow(restart: bool, number: str | None) -> None:
    """Read on in the card centre's flow, now. Ends with an error unless its end was reached."""
    clients = current_app.extensions["clients"]
    if restart and not number:
        raise click.ClickException("重新开始要用 --by 写明经办人的工号。")
    if restart:
        for account in card_flows.give_up(by=named(number or "")):
            click.echo(f"校园卡 {account} 流水：已停在原处，不再往下读。")
    accounts = card_flows.accounts(clients)
    if not accounts and restart:
        return
    if not accounts:
        raise click.ClickException("没有设置提供流水的校园卡系统，或者还没有用校园卡收费的项目。")
    if not all([_read_on(account, clients) for account in accounts]):
        raise SystemExit(1)


def _read_on(account: str, clients: Any) -> bool:
    answer = card_flows.read_on(account, clients=clients)
    with unit_of_work() as session:
        at = service.place(session, account)
    where = f"读到第 {at.cursor} 号" if at else "还没有开始"
    words = {
        "end": f"已到末尾（{clock.local(clock.now()):%H:%M}）",
        "more": "后面还有，请再运行一次",
        "unavailable": "卡务系统没有应答，请稍后再试",
    } | {problem: f"{said}，没有采用。请联系卡务中心" for problem, said in PROBLEMS.items()}
    is_end = answer == "end"
    click.echo(f"{'✓' if is_end else '✗'} 校园卡 {account} 流水：{where}，{words[answer]}。", err=not is_end)
    return is_end
