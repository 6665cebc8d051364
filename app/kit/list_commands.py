"""What a command that loads a list says, and how it ends."""

from collections.abc import Callable

import click

from app.kit.errors import DomainError
from app.kit.lists import Plan

MOST_SAID = 40


def run(work: Callable[[], Plan]) -> None:
    """Do it, and tell the first problems and the figures. With problems the command ends with an error."""
    try:
        planned = work()
    except DomainError as error:
        raise SystemExit(f"✗ {error.msgid % error.params if error.params else error.msgid}") from None
    for problem in planned.problems[:MOST_SAID]:
        click.echo(f"✗ {problem.sentence()}", err=True)
    counts = planned.counts(withdraws=False)
    click.echo(
        f"新增 {counts['new']}，有变化 {counts['changed']}，没有变化 {counts['same']}，"
        f"不在名单里 {counts['missing']}，需要修改 {counts['problem']}"
    )
    if planned.problems:
        raise SystemExit(1)


def say_row(done: int) -> None:
    click.echo(f"已写入 {done} 行")
