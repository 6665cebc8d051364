"""Redis flushed, frozen or killed: people notice nothing, everything is delivered, all come back by themselves."""

import time

import pytest

from tests.chaos.clients import Crowd
from tests.chaos.conftest import IS_LONG, SECONDS_AWAY
from tests.chaos.effects import check_messages, check_pushes, check_tickets
from tests.chaos.stage import Stage
from tests.chaos.test_worker_kills import settle

SLOW = 8.0  # seconds the first to notice may wait; those after them do not


def flush(stage: Stage) -> None:
    import redis  # noqa: PLC0415 (the client; dev.redis is the server)

    for _ in range(10):
        redis.Redis.from_url(stage.redis.url).flushall()
        time.sleep(SECONDS_AWAY / 10)


def freeze(stage: Stage) -> None:
    stage.redis.pause()
    time.sleep(SECONDS_AWAY)
    stage.redis.resume()


def kill(stage: Stage) -> None:
    stage.redis.kill()
    time.sleep(SECONDS_AWAY)
    stage.redis.start()


@pytest.mark.parametrize("harm", [flush, freeze, kill])
def test_reports_go_on_and_everything_is_delivered(house, seeded, harm):
    house.worker()
    house.sweeper()
    most = 400 if IS_LONG else 60
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.2, most=most) as crowd:
        crowd.wait_for(3, seconds=30)
        harm(house)
        crowd.wait_for(most - 10, seconds=120)
    assert set(crowd.statuses()) == {201}, crowd.statuses()
    assert max(answered.seconds for _, answered in crowd.answers) < SLOW
    settle(house)
    tickets = check_tickets(house, crowd.done, crowd.name)
    check_messages(house, crowd.name, tickets)
    shown, messages = check_pushes(house, crowd.name)
    assert shown == messages
    assert not house.is_dead("worker"), house.last_words("worker")
    assert not house.is_dead("sweeper"), house.last_words("sweeper")
    worker_answers_the_bell_again(house, seeded)


def worker_answers_the_bell_again(house: Stage, seeded) -> None:
    """Without the sweeper, so that nobody else can have delivered."""
    house.stop("sweeper")
    time.sleep(5)  # a ring that was lost is forgotten after five seconds
    with Crowd(house.base, seeded.students[::-1], room=seeded.room, pause=0.1, most=3) as crowd:
        crowd.wait_for(3, seconds=30)
    house.wait_until_delivered(30)


def test_the_harness_sees_events_that_only_a_lost_bell_could_deliver(house, seeded):
    """No sweeper, and Redis forgets the rings: this is what the sweeper is for."""
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.1, most=3) as crowd:
        crowd.wait_for(3, seconds=30)
    house.redis.restart()
    house.worker()
    with pytest.raises(AssertionError, match="still waiting"):
        house.wait_until_delivered(8)
