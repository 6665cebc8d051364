"""From paid to credited through real processes: web, worker, sweeper and the sandbox as WeChat and as the meters."""

import json
import time
from datetime import UTC, datetime, timedelta

from benchmarks.report import heading, line
from dev.processes import wait_until
from tests.chaos.stage import Stage

TOP_UPS, PER_SECOND, MOST = 200, 4.0, 3.0
APPLIED = """SELECT o.number, f.applied_at FROM payments_fulfilments f JOIN payments_orders o ON o.id = f.order_id
WHERE f.status = 'applied'"""


def main() -> bool:
    with Stage() as stage:
        heading("From paid to credited")
        stage.sandbox()
        stage.web("tests.chaos.money.served:application")
        stage.start("worker", "tests.chaos.money.served", "work")
        stage.start("sweeper", "tests.chaos.money.served", "sweep")
        told = stage.run("tests.chaos.money.orders", str(TOP_UPS), "credit")
        paid = _pay(stage, json.loads(told.splitlines()[-1]))
        assert wait_until(lambda: len(stage.rows(APPLIED)) == TOP_UPS, seconds=120, every=0.5)
        waits = sorted(
            (row["applied_at"] - paid[row["number"]]).total_seconds() for row in stage.rows(APPLIED)
        )
        line(f"paid to credited, {TOP_UPS} at {PER_SECOND:g}/s, median", waits[TOP_UPS // 2], "s")
        return line("paid to credited, p95", waits[int(TOP_UPS * 0.95)], "s", most=MOST)


def _pay(stage: Stage, orders: list[tuple[str, str, int]]) -> dict[str, datetime]:
    """Each at its time; when its payer pressed the button, by the application's clock."""
    offset = timedelta(seconds=float((stage.folder / "clock").read_text()))
    started, paid = time.monotonic(), {}
    for place, (number, attempt, _) in enumerate(orders):
        time.sleep(max(0.0, started + place / PER_SECOND - time.monotonic()))
        paid[number] = datetime.now(UTC) + offset
        stage.ask_sandbox("wxpay/pay", order_no=attempt)
    return paid
