"""SIGKILL of a worker at any moment: every event is handled, none twice in effect."""

import random
import time

import pytest

from dev.processes import wait_until
from tests.chaos.clients import Crowd
from tests.chaos.conftest import IS_LONG, REPORTS
from tests.chaos.effects import check_messages, check_pushes, check_tickets
from tests.chaos.stage import Stage

AT_A_PLACE = 60 if IS_LONG else 6
LEASE = 95  # a little more than the outbox's
PLACES = (
    "outbox.claimed",
    "outbox.handled",
    "outbox.flow_handled",
    "notifications.intended",
    "notifications.called",
)


def settle(stage: Stage, *, rounds: int = 8) -> None:
    """Let leases and second thoughts run out until nothing waits."""
    for _ in range(rounds):
        deadline = time.monotonic() + 6
        while time.monotonic() < deadline:
            if stage.one("SELECT count(*) FROM outbox_deliveries WHERE status <> 'done'") == 0:
                return
            time.sleep(0.2)
        stage.pass_time(LEASE)
    stage.wait_until_delivered(10)


def check_all(stage: Stage, crowd: Crowd) -> tuple[int, int]:
    tickets = check_tickets(stage, crowd.done, crowd.name)
    check_messages(stage, crowd.name, tickets)
    return check_pushes(stage, crowd.name)


def test_workers_killed_at_any_moment_lose_nothing_and_do_nothing_twice(house, seeded):
    """Two workers and a sweeper; one of them dies every half to two seconds while people report."""
    dice = random.Random(20261116)
    names = ["worker-1", "worker-2", "sweeper"]
    house.worker("worker-1")
    house.worker("worker-2")
    house.sweeper()
    kills = 0
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.3, most=REPORTS) as crowd:
        while len(crowd.done) < REPORTS or kills < 6:
            time.sleep(dice.uniform(0.5, 2.0))
            victim = dice.choice(names)
            house.kill(victim)
            kills += 1
            house.sweeper() if victim == "sweeper" else house.worker(victim)
            if kills % 10 == 0:
                house.pass_time(LEASE)
    settle(house)
    shown, messages = check_all(house, crowd)
    assert messages >= REPORTS
    assert shown >= messages * 0.95, "a push whose answer was lost may end unknown, but that is rare"


@pytest.mark.parametrize("place", PLACES)
def test_a_worker_killed_at_a_named_place_is_made_good_for(house, seeded, place):
    """Three sweepers die the second time they pass the place."""
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.01, most=AT_A_PLACE) as crowd:
        crowd.wait_for(AT_A_PLACE, seconds=60)
    for _ in range(3):
        house.sweeper(FAILPOINTS=f"{place}=kill@2")
        assert wait_until(lambda: house.is_dead("sweeper"), seconds=60), f"{place} was never reached"
        house.kill("sweeper")
        house.pass_time(LEASE)
    house.sweeper()
    settle(house)
    shown, messages = check_all(house, crowd)
    assert shown == messages


@pytest.mark.parametrize(
    ("plant", "cry"), [("no_key", "told twice"), ("no_intent", "pushed without|shown twice")]
)
def test_the_harness_sees_a_handler_without_protection(house, seeded, plant, cry):
    """`no_key`: a message under a random key in a transaction of its own. `no_intent`: a random push id."""
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.01, most=3) as crowd:
        crowd.wait_for(3, seconds=60)
    words = ("tests.chaos.planted", plant)
    house.start("sweeper", *words, extra={"FAILPOINTS": "outbox.flow_handled=kill"})
    house.processes["sweeper"].wait(60)
    house.kill("sweeper")
    house.pass_time(LEASE)
    house.start("sweeper", *words)
    settle(house)
    with pytest.raises(AssertionError, match=cry):
        check_all(house, crowd)
    house.kill("sweeper")
