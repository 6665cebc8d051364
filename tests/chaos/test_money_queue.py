"""After two hours without the vendor all that waits is delivered, oldest first, as fast as the vendor allows."""

import json
import time
from collections import Counter
from math import floor

import pytest

from dev.processes import wait_until
from tests.chaos.conftest import IS_LONG
from tests.chaos.stage import Stage

WAITING, RATE, BURST, COOL_DOWN = (5000, 20.0, 20, 20.0) if IS_LONG else (100, 50.0, 5, 2.0)
HOURS = 2
APPLIED = "SELECT count(*) FROM payments_fulfilments WHERE status = 'applied'"


@pytest.fixture
def house():
    """No sandbox yet: whoever calls the vendor is refused the connection."""
    with Stage() as one:
        path = one.folder / "vendors.json"
        vendors = json.loads(path.read_text("utf-8"))
        for given in vendors["meters"].values():
            given["line"] = {"calls_per_second": RATE, "burst": BURST, "cool_down_seconds": COOL_DOWN}
        path.write_text(json.dumps(vendors), "utf-8")
        one.start("worker", "tests.chaos.money.served", "work")
        one.start("sweeper", "tests.chaos.money.served", "sweep")
        yield one


def pay(house: Stage, count: int, name: str) -> list[str]:
    return list(json.loads(house.run("tests.chaos.money.queue", str(count), name).splitlines()[-1]))


def credits(house: Stage) -> list[dict[str, object]]:
    """What the vendor has booked, in its order."""
    return list(house.ask_sandbox(f"meters/credits?system=synjones&limit={2 * WAITING}"))


def test_what_waited_two_hours_is_delivered_oldest_first_at_the_vendors_rate(house):
    numbers = pay(house, WAITING, "outage")
    house.wait_until_delivered(60 + WAITING / 20)
    for _ in range(HOURS * 6):
        house.pass_time(600)
        time.sleep(1.2 if IS_LONG else 0.4)
    assert house.one("SELECT count(*) FROM payments_fulfilments WHERE status = 'waiting'") == WAITING
    calls = house.one("SELECT count(*) FROM payments_fulfilment_calls")
    assert calls < 60, "most of the queue is left alone while the vendor is away"
    tried = {row["number"] for row in house.rows("SELECT number FROM payments_fulfilments WHERE tries > 0")}

    house.sandbox()
    started = time.monotonic()
    house.pass_time(0 if IS_LONG else 15)  # the next try
    patience = 60 + 1.5 * WAITING / RATE
    untried = len(numbers) - len(tried)
    assert wait_until(lambda: house.one(APPLIED) >= untried, seconds=patience, every=0.5)
    seconds = time.monotonic() - started
    house.pass_time(3600)  # each that was tried meanwhile has a rest of its own
    assert wait_until(lambda: house.one(APPLIED) == len(numbers), seconds=60, every=0.5)
    booked = credits(house)
    print(
        f"{len(numbers)} credits in {seconds:.0f} s, {len(numbers) / seconds:.1f} a second of {RATE:.0f} allowed"
    )
    order = [credit["order_no"] for credit in booked if credit["order_no"] not in tried]
    assert order == [number for number in numbers if number not in tried]
    assert len(booked) == len(numbers)
    by_second = Counter(floor(float(str(credit["applies"]))) for credit in booked)
    assert max(by_second.values()) <= RATE + BURST
    probes = house.one("SELECT count(*) FROM payments_fulfilment_calls") - calls - len(numbers)
    assert probes <= 10, "one asks whether the vendor is back, not the whole queue"
    assert json.loads(house.run("tests.chaos.money.books").splitlines()[-1]) == {}
