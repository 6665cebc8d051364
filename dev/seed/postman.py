"""A process beside the walk that delivers what it causes, a step behind it, as a worker would."""

import gc
import multiprocessing
from datetime import datetime
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from sqlalchemy import event, select

from app.clients import Clients
from app.kit import clock, db, outbox
from app.platform.notifications import service as notifications
from dev.problem import Problem

FEW = 6  # claimed at a time, so that there is something left to help with
A_MOMENT = 1e-3  # time for one claim


class Postman:
    """Delivers on its own core while the walk goes on. Messages count as pushed; nothing leaves the house."""

    def __init__(self, clients: Clients) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_deliver_along, args=(theirs, clients), daemon=True)
        self._clients = clients
        self._busy_with: datetime | None = None

    def __enter__(self) -> Self:
        db.engine().dispose()  # connections can't be shared with a forked process
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if kind is None:
            self._pipe.send(None)
            self._process.join(60)
        self._process.kill()

    def deliver_until(self, moment: datetime) -> None:
        """Returns when everything up to the moment before this one is delivered."""
        self.wait()
        self._pipe.send(moment)
        self._busy_with = moment

    def wait(self) -> None:
        """Until he is done, helping as long as there is something to do.

        At his moment: leases are counted by a clock that leaps here, and by a later one they would be over.
        """
        if self._busy_with is None:
            return
        clock.travel(self._busy_with)
        with notifications.already_sent():
            while not self._pipe.poll() and outbox.drain(clients=self._clients, seconds=A_MOMENT, batch=1):
                pass
        while not self._pipe.poll(1):
            if not self._process.is_alive():
                raise Problem("The process that delivers messages died: see above.")
        self._pipe.recv()
        self._busy_with = None


def commit_lazily() -> None:
    """For this process: a power cut may cost what was seeded last; the marker then tells that all is redone."""
    event.listen(db.engine(), "connect", _do_not_wait)


def _do_not_wait(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    connection.execute("SET synchronous_commit = off")
    connection.autocommit = False


def _deliver_along(pipe: Connection, clients: Clients) -> None:
    commit_lazily()
    rounds = 0
    with notifications.already_sent():
        while (moment := pipe.recv()) is not None:
            clock.travel(moment)
            outbox.drain(clients=clients, seconds=60, batch=FEW)
            rounds += 1
            if rounds % 200 == 0:
                gc.collect()
            pipe.send(moment)
        outbox.drain(clients=clients, seconds=60)


def insist_on_delivery() -> None:
    """Nothing may have failed on the way, not even once."""
    row = outbox.OutboxDelivery
    with db.unit_of_work() as session:
        stuck = session.execute(
            select(row.subscriber, row.last_error).where((row.status != "done") | (row.attempts > 1)).limit(1)
        ).first()
    if stuck is not None:
        raise Problem(f"{stuck.subscriber} could not deliver an event of the sample data: {stuck.last_error}")
