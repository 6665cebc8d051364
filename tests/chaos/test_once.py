"""Many requests at the same instant: one effect."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.clients import TICKETS, Answered, ask, at_once, report
from tests.chaos.conftest import RACES
from tests.chaos.stage import Seeded, Stage, session_headers

AT_ONCE = 100


def same_report(house: Stage, seeded: Seeded, who: dict[str, Any], path: str = TICKETS) -> list[Answered]:
    key = f"same-{uuid.uuid4()}"
    return at_once(
        [lambda: report(house.base, who, key, room=seeded.room, path=path) for _ in range(AT_ONCE)]
    )


def tickets_of(house: Stage, who: dict[str, Any]) -> int:
    count: int = house.one("SELECT count(*) FROM repairs_tickets WHERE reporter_id = %s", who["person_id"])
    return count


def test_a_report_posted_a_hundred_times_at_once_is_one_ticket(house, seeded, student):
    """Each answer is the ticket, or (had it waited 2 s for its twin) the plain word to ask again."""
    answers = same_report(house, seeded, student)
    assert tickets_of(house, student) == 1
    bodies = {answer.raw for answer in answers if answer.status == 201}
    assert len(bodies) == 1
    others = [answer for answer in answers if answer.status != 201]
    assert all(
        answer.status == 409 and answer.body["error"]["code"] == "kit.still_working" for answer in others
    )
    assert len(others) <= AT_ONCE // 10
    assert {answer.raw for answer in same_report(house, seeded, student)} != bodies, (
        "another key is another report"
    )


def test_a_hundred_copies_of_a_report_do_not_use_up_the_limit(house, seeded, student):
    same_report(house, seeded, student)
    late = report(house.base, student, "the-next-one", room=seeded.room)
    assert late.status in (201, 429)


def test_the_harness_sees_a_key_that_is_looked_up_and_not_reserved(house, seeded, student):
    same_report(house, seeded, student, "/api/v1/planted/tickets")
    assert tickets_of(house, student) > 1


def race(house: Stage, seeded: Seeded, ticket: str, root: str = TICKETS) -> list[Answered]:
    """Two dispatchers send two workers to one ticket."""

    def by(desk: dict[str, Any], worker: int) -> Callable[[], Answered]:
        body = {"version": 1, "worker_id": worker}
        return lambda: ask(
            house.base, "POST", f"{root}/{ticket}/dispatch", session_headers(desk, "desk"), body
        )

    one, other = seeded.dispatchers
    return at_once([by(one, seeded.worker), by(other, seeded.other_worker)])


def test_of_two_dispatchers_at_the_same_instant_one_wins_and_the_other_reads_who(house, seeded):
    names = {
        desk["person_id"]: house.one("SELECT name FROM directory_people WHERE id = %s", desk["person_id"])
        for desk in seeded.dispatchers
    }
    ids = [desk["person_id"] for desk in seeded.dispatchers]
    workers = [seeded.worker, seeded.other_worker]
    wins = [0, 0]
    for n in range(RACES):
        ticket = report(house.base, seeded.students[n // 9], f"race-{n}", room=seeded.room).body["id"]
        answers = race(house, seeded, ticket)
        assert sorted(answer.status for answer in answers) == [200, 409], answers
        winner = next(i for i, answer in enumerate(answers) if answer.status == 200)
        loser = answers[1 - winner].body["error"]
        assert loser["code"] == "repairs.ticket_moved_on"
        assert names[ids[winner]] in loser["message"]
        row = house.rows("SELECT worker_id, version FROM repairs_tickets WHERE public_id = %s", ticket)[0]
        assert row == {"worker_id": workers[winner], "version": 2}
        wins[winner] += 1
    assert sum(wins) == RACES


def test_the_harness_sees_two_winners_when_the_update_does_not_name_the_state(house, seeded):
    for n in range(20):
        ticket = report(house.base, seeded.students[40 + n // 9], f"planted-race-{n}", room=seeded.room).body[
            "id"
        ]
        answers = race(house, seeded, ticket, "/api/v1/planted/tickets")
        if [answer.status for answer in answers] == [200, 200]:
            return
    pytest.fail("the planted race was never seen")
