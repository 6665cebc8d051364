"""`flask payments …`: bills in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.clients.storage import StorageError
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.payments.errors import BillSourceUnknown
from app.payments.flows import bills, fetching
from app.payments.flows.bill_files import KINDS
from app.payments.flows.bills import Imported
from app.payments.models import BillKind, Source
from app.payments.queries import bills as queries
from app.payments.queries.desk.bill_labels import ANSWERS, BILL_KIND_NAMES, OUTCOMES, SOURCE_NAMES
from app.payments.service.bills import Matter

CHANNELS = click.Choice([str(source) for source in Source])
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("fetch-bill")
@click.option("--channel", type=CHANNELS, required=True)
@click.option("--date", "day", type=DAY, required=True, help="For example 2026-11-15.")
@click.option("--kind", type=click.Choice([str(kind) for kind in BillKind]), help="One kind only.")
@click.option("--account", help="Merchant number or system, when there are several.")
@with_appcontext
def fetch_bill(channel: str, day: datetime, kind: str | None, account: str | None) -> None:
    """Ask a channel for its bills of a day, now. Ends with an error unless they are all here."""
    clients = current_app.extensions["clients"]
    with _sentences():
        matters = _to_fetch(Source(channel), day.date(), kind, account, clients)
        results = [(matter, _fetch(matter, clients)) for matter in matters]
    for matter, result in results:
        _say(matter, result)
    if not all(_is_here(result) for _, result in results):
        raise SystemExit(1)


@click.command("import-bill")
@click.option("--channel", type=CHANNELS, required=True)
@click.option("--date", "day", type=DAY, required=True, help="For example 2026-11-15.")
@click.option("--kind", type=click.Choice([str(kind) for kind in BillKind]), help="Default: the usual one.")
@click.option("--account", help="Merchant number, system or bank account, when there are several.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_bill(channel: str, day: datetime, kind: str | None, account: str | None, file: Path) -> None:
    """Load a bill that was downloaded by hand. The same file again changes nothing."""
    clients, source = current_app.extensions["clients"], Source(channel)
    with _sentences():
        chosen = _kind(source, kind)
        matter = Matter(source, chosen, _account(source, account, clients), day.date())
        with file.open("rb") as stream, _bar(file.stat().st_size) as progress:
            done = bills.import_file(
                matter, stream, name=file.name, origin="uploaded", clients=clients, progress=progress
            )
    _say(matter, done)
    if not _is_here(done):
        raise SystemExit(1)


def _kind(source: Source, kind: str | None) -> BillKind:
    if kind is not None and BillKind(kind) not in KINDS[source]:
        raise click.ClickException(f"{SOURCE_NAMES[source]}没有这种账单：{kind}。")
    return BillKind(kind) if kind else KINDS[source][0]


def _to_fetch(source: Source, day: date, kind: str | None, account: str | None, clients: Any) -> list[Matter]:
    if source == Source.BANK:
        raise click.ClickException("银行流水不能自动获取，请下载后用 import-bill 导入。")
    kinds = [_kind(source, kind)] if kind else [BillKind.TRADE, BillKind.FUND]
    kinds = [one for one in kinds if one in KINDS[source]] or [KINDS[source][0]]
    names = [account] if account else _accounts(source, clients)
    if not names:
        raise BillSourceUnknown(account="", source=SOURCE_NAMES[source])
    return [Matter(source, one, name, day) for name in names for one in kinds]


def _accounts(source: Source, clients: Any) -> list[str]:
    with unit_of_work() as session:
        return queries.account_names(session, source, clients=clients)


def _account(source: Source, account: str | None, clients: Any) -> str:
    names = _accounts(source, clients)
    if account:
        return account
    if len(names) != 1:
        raise click.ClickException(f"请用 --account 指明是哪一个：{'、'.join(names) or '还没有设置'}。")
    return names[0]


def _fetch(matter: Matter, clients: Any) -> Imported | str:
    return fetching.fetch(matter, clients=clients)


def _is_here(result: Imported | str) -> bool:
    return result == "empty" or (isinstance(result, Imported) and result.outcome != "refused")


def _say(matter: Matter, result: Imported | str) -> None:
    name = SOURCE_NAMES[Source(matter.source)] + BILL_KIND_NAMES[BillKind(matter.kind)]
    what = f"{matter.day} {name}（{matter.account}）"
    if isinstance(result, str):
        words = ANSWERS[result]
    elif result.outcome == "refused":
        place = f"第 {result.line} 行，" if result.line else ""
        words = f"不可信，没有导入：{place}{result.refusal}"
    else:
        words = OUTCOMES[result.outcome] % {"version": result.version}
    click.echo(f"{'✓' if _is_here(result) else '✗'} {what}：{words}", err=not _is_here(result))


@contextmanager
def _bar(size: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a log."""
    with click.progressbar(length=size, label="导入", show_pos=False) as bar:
        yield lambda done: bar.update(done - bar.pos)


@contextmanager
def _sentences() -> Iterator[None]:
    """Errors in one sentence."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(error.msgid % error.params) from None
    except StorageError as error:
        raise click.ClickException(f"存不了文件：{error}") from None
