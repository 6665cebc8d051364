"""Two people, one ticket, one instant: one winner, and the loser learns who it was."""

import threading

import pytest
from sqlalchemy import func, select

from app.kit import db
from app.kit.errors import DomainError
from app.repairs import service
from app.repairs.models import TicketEvent


def race(*works):
    """Run these at once; each result is what it returned or the DomainError it raised."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(position, work):
        barrier.wait()
        try:
            results[position] = work()
        except DomainError as error:
            results[position] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def dispatcher(house, public_id, worker_id):
    def work():
        with db.unit_of_work() as session:
            service.dispatch_ticket(
                session, by=house.zhao, ticket_id=public_id, version=2, worker_id=worker_id
            )

    return work


ROUNDS = 25


def test_two_dispatchers_make_one_winner_and_one_conflict_that_names_them(house):
    for _ in range(ROUNDS):
        public_id = house.bring_to("triaged")
        results = race(
            dispatcher(house, public_id, house.ids.wang), dispatcher(house, public_id, house.ids.liu)
        )
        losers = [error for error in results if error is not None]
        assert len(losers) == 1
        assert losers[0].code == "repairs.ticket_moved_on"
        assert losers[0].params["who"] == "赵敏华"
        assert losers[0].params["done"] == "派单"
        with db.unit_of_work() as session:
            lines = select(func.count()).where(TicketEvent.action == "dispatch")
            assert session.scalar(lines.where(TicketEvent.ticket_id == house.ticket(public_id).id)) == 1


@pytest.mark.parametrize("_round", range(3))
def test_cancel_and_take_at_once_end_in_one_of_them(house, _round):
    public_id = house.bring_to("dispatched")

    def cancel():
        with db.unit_of_work() as session:
            service.cancel_ticket(session, by=house.li, ticket_id=public_id, version=3)

    def take():
        with db.unit_of_work() as session:
            service.take_ticket(session, by=house.wang, ticket_id=public_id, version=3)

    results = race(cancel, take)
    assert sum(error is not None for error in results) == 1
    assert house.ticket(public_id).status in ("cancelled", "taken")
