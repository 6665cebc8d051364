"""The bank test: many who pay, deliver, refund and reverse at once, while others read the books.

`python -m tests.chaos.money.bank --seconds 60 --writers 20`: every read must balance, nothing may be negative,
no more may be refunded than was paid. The writers share two processes, one for each core, and each has a
connection of its own. Five times a second the balances are read, and every five seconds everything that
`ledger.violations` knows of.
"""

import argparse
import multiprocessing
import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select

from app.factory import create_app
from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.errors import DomainError
from app.kit.prepared import Prepared
from app.payments.models import Channel, Payment, Refund
from app.payments.queries import ledger
from app.payments.service import (
    Arrival,
    Outcome,
    Rules,
    accept_payment,
    approve_refund,
    attempts,
    fulfilments,
    outcomes,
    reject_refund,
    request_charge,
    request_refund,
)
from app.payments.service.refund_calls import finish_refund
from benchmarks.usage import tree_cpu
from tests.chaos.money.world import add_fee_item
from tests.chaos.stage import Stage
from tests.make import make_campus

PROCESSES = 2
BETWEEN_READS, BETWEEN_FULL_READS = 0.2, 5.0
_refunds, _payments = (cast("Table", model.__table__) for model in (Refund, Payment))
_ASKED = Prepared(
    select(_refunds.c.number, _refunds.c.status).where(_refunds.c.public_id == bindparam("asked"))
)
_TOO_MUCH = Prepared(
    select(func.count().label("count")).where(
        _payments.c.refunded_fen + _payments.c.refunding_fen > _payments.c.fen
    )
)
RULES = Rules("C", True, timedelta(minutes=2))


class Writer:
    """One thread: what it paid for it delivers, refunds and sometimes gets refused."""

    def __init__(self, number: int, people: tuple[int, int, int]) -> None:
        self.dice = random.Random(number)
        self.number = number
        self.student, self.clerk, self.checker = (Caller(person) for person in people)
        self.operations = 0
        self.orders: list[tuple[int, str]] = []

    def run(self, until: float) -> None:
        while time.monotonic() < until:
            order = self.pay()
            self.deliver(*order)
            for _ in range(self.dice.randint(0, 2)):
                self.refund(*order)

    def pay(self) -> tuple[int, str]:
        """Ordered, attempted, paid, and told twice."""
        fen = 100 * self.dice.randint(1, 120)
        with db.unit_of_work() as session:
            charge = request_charge(
                session,
                by=self.student,
                fee_item="electricity",
                subject=f"bank:{self.number}:{self.operations}",
                fen=fen,
                title="电费",
                return_path="/m/",
            )
        with db.unit_of_work() as session:
            attempt = attempts.begin_attempt(
                session,
                order_id=charge.order_id,
                payer_id=self.student.person_id,
                payer_account="o",
                channel=Channel.WECHAT,
                trade_type="JSAPI",
            )
        arrival = Arrival(
            attempt.number, "wechat", "1699900001", f"4200{attempt.number}", fen, clock.now(), "notify"
        )
        for _ in range(2):
            with db.unit_of_work() as session:
                accept_payment(session, arrival)
        self.operations += 1
        return charge.order_id, charge.public_id

    def deliver(self, order_id: int, _public_id: str) -> None:
        with db.unit_of_work() as session:
            ident = fulfilments.fulfilment_of(session, order_id)
            assert ident is not None
            step = fulfilments.claim_step(session, ident, RULES)
        assert step is not None
        with db.unit_of_work() as session:
            outcomes.report(session, step, Outcome("applied"), RULES)
        self.operations += 1

    def refund(self, order_id: int, public_id: str) -> None:
        """Asked for; above the limit agreed to or turned down by another; told of twice."""
        fen = 100 * self.dice.randint(1, 120)
        try:
            with db.unit_of_work() as session:
                asked = request_refund(
                    session, by=self.clerk, order_public_id=public_id, fen=fen, reason="抽查退款"
                )
            self.operations += 1
            self.agree(asked)
        except DomainError:
            return
        for _ in range(2):
            with db.unit_of_work() as session:
                row = _ASKED.first(session, asked=asked)
                if row.status == "ready":
                    finish_refund(session, number=row.number, channel_refund_id="R")
        self.operations += 1

    def agree(self, asked: str) -> None:
        with db.unit_of_work() as session:
            waits = _ASKED.first(session, asked=asked).status == "waiting"
        if waits:
            decide = approve_refund if self.dice.random() < 0.6 else reject_refund
            with db.unit_of_work() as session:
                decide(session, by=self.checker, public_id=asked)
            self.operations += 1


def work(first: int, writers: int, seconds: float, people: tuple[int, int, int], told: Any) -> None:
    """One process of writers."""
    db.configure(os.environ["DATABASE_URL"], pool_size=writers)
    crew = [Writer(first + n, people) for n in range(writers)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=writer.run, args=(until,)) for writer in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(sum(writer.operations for writer in crew))


def read_books(*, fully: bool) -> dict[str, int]:
    with db.unit_of_work() as session:
        found = ledger.violations(session) if fully else ledger.imbalances(session)
    with db.unit_of_work() as session:
        too_much = int(_TOO_MUCH.first(session).count)
    return found | ({"more refunded than paid": too_much} if too_much else {})


def read(seconds: float, pause: float, *, fully: bool) -> list[dict[str, int]]:
    """What each read found wrong."""
    reads: list[dict[str, int]] = []
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        reads.append(read_books(fully=fully))
        time.sleep(max(0.0, started + len(reads) * pause - time.monotonic()))
    return reads


def read_both(seconds: float) -> list[dict[str, int]]:
    with ThreadPoolExecutor(2) as pool:
        often = pool.submit(read, seconds, BETWEEN_READS, fully=False)
        fully = pool.submit(read, seconds, BETWEEN_FULL_READS, fully=True)
        return often.result() + fully.result()


def run(*, seconds: float, writers: int, durable: bool) -> tuple[int, int, list[dict[str, int]]]:
    """(operations, reads, what was wrong in a read)."""
    with Stage(durable=durable) as stage:
        os.environ.update(stage.environment)
        create_app()
        ids = make_campus()
        add_fee_item("electricity")
        db.engine().dispose()
        context = multiprocessing.get_context("fork")
        told = context.Queue()
        people = (ids.li, ids.zhao, ids.zheng)
        crews = [
            context.Process(target=work, args=(n * 1000, writers // PROCESSES, seconds, people, told))
            for n in range(PROCESSES)
        ]
        used = tree_cpu(os.getpid()), tree_cpu(stage.database.pid)
        for crew in crews:
            crew.start()
        reads = read_both(seconds)
        operations = sum(told.get(timeout=120) for _ in crews)
        for crew in crews:
            crew.join(60)
            assert crew.exitcode == 0
        for name, pid, before in zip(
            ("python", "postgres"), (os.getpid(), stage.database.pid), used, strict=True
        ):
            print(f"{name}: {(tree_cpu(pid) - before) / operations * 1000:.2f} CPU ms an operation")
        reads.append(read_books(fully=True))
        db.engine().dispose()
        return operations, len(reads), [found for found in reads if found]


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.chaos.money.bank", description=__doc__)
    words.add_argument("--seconds", type=float, default=60)
    words.add_argument("--writers", type=int, default=20)
    words.add_argument("--durable", action="store_true", help="every commit waits for the disk")
    given = words.parse_args()
    operations, reads, wrong = run(seconds=given.seconds, writers=given.writers, durable=given.durable)
    print(f"{operations} operations, {reads} reads, {len(wrong)} of them wrong {wrong[:2]}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
