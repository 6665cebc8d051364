"""PostgreSQL restarted under load: a clean word during the gap, and nothing lost or doubled."""

import time

import pytest

from tests.chaos.clients import Crowd, ask
from tests.chaos.conftest import IS_LONG
from tests.chaos.effects import check_messages, check_pushes, check_tickets
from tests.chaos.stage import session_headers
from tests.chaos.test_worker_kills import settle

RESTARTS = 10 if IS_LONG else 3


def test_reports_survive_restarts_of_the_database(house, seeded):
    house.worker()
    house.sweeper()
    most = 1000 if IS_LONG else 150
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.05, most=most) as crowd:
        for n in range(RESTARTS):
            crowd.wait_for(len(crowd.done) + 5, seconds=60)
            time.sleep(0.01 * n)
            house.database.restart()
        crowd.wait_for(len(crowd.done) + 5, seconds=60)
    statuses = crowd.statuses()
    assert set(statuses) <= {201, 503}, statuses
    refused = [answered.body["error"] for _, answered in crowd.answers if answered.status == 503]
    assert all(error["code"] == "kit.unavailable" and "内容没有丢" in error["message"] for error in refused)
    settle(house)
    tickets = check_tickets(house, crowd.done, crowd.name)
    check_messages(house, crowd.name, tickets)
    check_pushes(house, crowd.name)
    assert not house.is_dead("worker"), house.last_words("worker")
    assert not house.is_dead("sweeper"), house.last_words("sweeper")


@pytest.mark.parametrize("path", ["/api/v1/me", "/m/", "/desk/repairs/", "/readyz"])
def test_while_the_database_is_down_every_face_says_so(house, seeded, path):
    surface = "desk" if path.startswith("/desk") else "phone"
    who = seeded.dispatchers[0] if surface == "desk" else seeded.students[0]
    headers = session_headers(who, surface)
    assert ask(house.base, "GET", path, headers).status == 200
    house.database.stop()
    try:
        down = [ask(house.base, "GET", path, headers) for _ in range(3)]
    finally:
        house.database.start()
    assert {answered.status for answered in down} == {503}
    assert all(b"Traceback" not in answered.raw for answered in down)
    back = time.monotonic()
    while ask(house.base, "GET", path, headers).status != 200:
        assert time.monotonic() - back < 10, "it did not come back by itself"


def test_the_harness_sees_a_door_that_emits_after_its_commit_and_takes_no_key(house, seeded):
    """The door sleeps between its two transactions, as if the restart fell just there."""
    house.sweeper()
    path = "/api/v1/planted/late/tickets"
    with Crowd(house.base, seeded.students, room=seeded.room, pause=0.02, most=90, path=path) as crowd:
        for pause in (0.05, 0.1, 0.15, 0.2):
            crowd.wait_for(len(crowd.done) + 2, seconds=60)
            time.sleep(pause)
            house.database.restart()
        crowd.wait_for(len(crowd.done) + 2, seconds=60)
    assert 503 in crowd.statuses(), crowd.statuses()
    settle(house)
    with pytest.raises(AssertionError, match="two tickets|people told"):
        check_messages(house, crowd.name, check_tickets(house, crowd.done, crowd.name))
