"""What the seed does, in order."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.platform.notifications import service as notifications
from app.platform.operations import queries as operations
from dev.problem import Problem
from dev.seed import hours
from dev.seed.board import Board
from dev.seed.electricity import prepare_electricity
from dev.seed.leave import prepare_leave
from dev.seed.money import live_money
from dev.seed.photos import Album
from dev.seed.setup import SAMPLES, Say, prepare
from dev.seed.stories import Story, Teller
from dev.seed.town import read_town
from dev.seed.walk import Walk
from dev.seed.welcome import prepare_welcome

DICE = 20260901
TICKETS, DAYS = 1900, 30
READ_AFTER = timedelta(hours=5)
RECENT = timedelta(hours=30)  # told by the board
SOURCE = "国务院办公厅关于部分节假日安排的通知"


@dataclass(frozen=True)
class Size:
    """How much is made."""

    tickets: int = TICKETS
    days: int = DAYS

    @property
    def share(self) -> float:
        return self.tickets / TICKETS


def fill(
    app: Flask,
    *,
    now: datetime,
    size: Size,
    say: Say,
    settle: Callable[[], None],
    sandbox: Path | None = None,
) -> Counter[str]:
    """Everything, into an empty database. `settle` is called when what all else leans on is there, and daily.

    Money moves in the books of the sandbox on this folder; without one, none does. Returns how often each step was taken.
    """
    dice = random.Random(DICE)  # noqa: S311 - the same campus everywhere
    clients = app.extensions["clients"]
    with ThreadPoolExecutor(1) as beside:
        pictures = beside.submit(Album, clients.storage, dice)
        clock.travel(now - timedelta(days=size.days + 1))
        try:
            _import_calendar(app)
            prepare(app.config["WECHAT_APPID"], say)
            prepare_electricity(say)
        finally:
            clock.travel(None)
    settle()
    with db.unit_of_work() as session:
        teller = Teller(dice, operations.work_calendar(session))
        board = Board(read_town(session, dice), teller, now, size.share)
        stories = list(_stories(session, board, size))
    walk = Walk(pictures.result(), clients, now, say, settle)
    walk.run(stories)
    if sandbox is not None:
        live_money(app, sandbox, now=now, say=say)
    with notifications.already_sent():
        prepare_welcome(say)
        prepare_leave(say)
        outbox.drain(clients=clients, seconds=60)
    with db.unit_of_work() as session:
        notifications.mark_all_sent(session, read_before=now - READ_AFTER)
    return walk.counts


def _import_calendar(app: Flask) -> None:
    words = ["calendar", "import", str(SAMPLES / "calendar.xlsx"), "--source", SOURCE]
    done = app.test_cli_runner().invoke(args=words)
    if done.exit_code:
        raise Problem(f"The calendar could not be imported: {done.output.strip() or done.exception!r}")


def _stories(session: Session, board: Board, size: Size) -> Iterator[Story]:
    recent = [*board.of_the_cast(session), *board.stories(session)]
    moments = hours.arrivals(
        board.teller.dice,
        since=board.now - timedelta(days=size.days),
        until=board.now - RECENT,
        count=max(size.tickets - len(recent), 0),
    )
    for at in moments:
        yield board.teller.ordinary(board.town.job(session, at))
    yield from recent
