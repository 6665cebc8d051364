"""Commands of the official account."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.clients.wechat.errors import WeChatError
from app.platform.official_account import flows

wechat = AppGroup("wechat", help="The official account.")
menu = AppGroup("menu", help="The account's menu.")
wechat.add_command(menu)


@menu.command("push")
def push() -> None:
    """Replace the account's menu by the one made from the running modules."""
    try:
        flows.push_menu(current_app.extensions["clients"])
    except WeChatError as error:
        raise click.ClickException(f"微信没有接受菜单：{error}") from None
    click.echo("菜单已更新，手机上 5 分钟内生效。")


@wechat.command("check")
def check() -> None:
    """Look whether the account works; exit code 1 when something is wrong."""
    findings = flows.check(current_app.extensions["clients"], current_app.config["WECHAT_TEMPLATES"])
    for finding in findings:
        click.echo(f"{'✓' if finding.is_fine else '✗'} {finding.what}")
        if not finding.is_fine and finding.advice:
            click.echo(f"    {finding.advice}")
    if not all(finding.is_fine for finding in findings):
        raise SystemExit(1)
