"""The pay path against its hand-written floor: order, notice, delivery; CPU of the process, three rounds, median.

Both do the same statements in the same transactions on the same database, and the same cryptography. The web
server and the vendor's call are left out on both sides: compared is what the product adds between them.
"""

import json
import os
import statistics
import time
from datetime import UTC, datetime, timedelta

from benchmarks import pay_floor, pay_product
from benchmarks.report import heading, line
from tests.chaos.money.letters import payment_notice
from tests.chaos.stage import Stage

ROUNDS, CYCLES, WARM_UP, LEAST = 3, 150, 20, 0.45
FEN = 5000
Letter = tuple[dict[str, str], bytes]


def main() -> bool:
    with Stage() as stage:
        heading("The pay path: order, notice, delivery")
        os.environ.update(stage.environment)
        people = json.loads(stage.run("benchmarks.pay_product"))
        makers = {"product": pay_product.Cycle(people), "floor": pay_floor.Cycle(stage, people)}
        took: dict[str, list[float]] = {name: [] for name in makers}
        for turn in range(ROUNDS + 1):
            for name, cycle in makers.items():
                spent = [_one(stage, cycle) for _ in range(CYCLES if turn else WARM_UP)]
                if turn:
                    took[name].append(1000 * statistics.fmean(spent))
        mine, theirs = (statistics.median(took[name]) for name in ("product", "floor"))
        line("pay path, product", mine, "CPU ms")
        line("pay path, floor", theirs, "CPU ms")
        return line("pay path, speed of the floor's", theirs / mine, "", least=LEAST)


def _one(stage: Stage, cycle: "pay_product.Cycle | pay_floor.Cycle") -> float:
    """CPU seconds of one top-up; signing the notice is WeChat's work and not counted."""
    spent = 0.0
    started = time.process_time()
    attempt = cycle.order(FEN)
    spent += time.process_time() - started
    letter = _letter(stage, attempt)
    started = time.process_time()
    cycle.notice(*letter)
    cycle.deliver()
    return spent + time.process_time() - started


def _letter(stage: Stage, attempt: str) -> Letter:
    offset = timedelta(seconds=float((stage.folder / "clock").read_text()))
    return payment_notice(
        stage.folder / "sandbox",
        appid=stage.environment["WECHAT_APPID"],
        attempt=attempt,
        fen=FEN,
        at=datetime.now(UTC) + offset,
    )
