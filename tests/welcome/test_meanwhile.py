"""What another does between a look and a deed: the deed sees it."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from app.kit import db
from app.welcome.errors import SlotInvalid, SlotNotFound
from app.welcome.models import Arrival, Dispute, Shuttle
from app.welcome.service import absent, arrivals, disputes, shuttles, slots
from tests.welcome.claiming import admission, handset
from tests.welcome.reception import at, make_reception
from tests.welcome.test_arrivals_desk import add_bus, board
from tests.welcome.test_claim import deliver
from tests.welcome.test_claim_disputes import dispute, the_dispute


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


def wait_until_one_waits() -> None:
    """For a lock, in this database."""
    for _ in range(100):
        with db.engine().connect() as connection:
            waiting = connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
            ).scalar_one()
        if waiting:
            return
        time.sleep(0.05)


def test_it_works(reception):
    """Who books a slot that the desk is just moving is told, and does not come at the old time."""
    intake = reception.intake
    by = intake.staff(intake.campus.zheng)
    with ThreadPoolExecutor(1) as pool:
        with db.unit_of_work() as session:
            slots.move_slot(
                session, by=by, slot_id=reception.morning, version=1, starts_at=at(15), ends_at=at(16)
            )
            booking: Future[str] = pool.submit(reception.plan, intake.zhou, reception.morning)
            wait_until_one_waits()
        with pytest.raises(SlotNotFound):
            booking.result(timeout=10)
    with db.unit_of_work() as session:
        assert session.scalars(select(Arrival.id)).all() == []
    assert reception.taken(reception.morning) == 0
    reception.plan(intake.zhou, reception.morning)
    assert reception.arrival(intake.zhou).expected_at == at(15)


def test_a_claim_under_way_while_its_dispute_is_granted_gets_nothing(app, intake):
    owner, thief = handset(app, "o-owner"), handset(app, "o-thief")
    dispute(owner)
    deliver(app)
    staff = intake.staff(intake.campus.zheng)
    with ThreadPoolExecutor(1) as pool:
        with db.unit_of_work() as session:
            found = session.get_one(Dispute, the_dispute().id)
            disputes.decide_dispute(session, by=staff, dispute=found, grants=True, reason="核对过通知书")
            trying = pool.submit(thief.claim)
            wait_until_one_waits()
        assert trying.result(timeout=10).status_code == 422
    assert admission(intake.he).claimed_at is None
    assert thief.stands_for != intake.he
    assert owner.claim().status_code == 200


def test_who_sat_in_a_bus_that_does_not_go_may_take_another(reception):
    intake = reception.intake
    reception.plan(intake.zhou, reception.morning, companions=1)
    first, second = add_bus(reception), add_bus(reception)
    board(reception, first, intake.zhou)
    with db.unit_of_work() as session:
        shuttles.end_shuttle(
            session, by=intake.staff(intake.campus.zhao), shuttle_id=first, status="cancelled"
        )
    assert reception.arrival(intake.zhou).status == "planned"
    assert board(reception, second, intake.zhou) == 2
    with db.unit_of_work() as session:
        taken = session.execute(select(Shuttle.public_id, Shuttle.taken)).all()
    assert dict(tuple(row) for row in taken) == {first: 0, second: 2}


@pytest.mark.parametrize("decision", ["deferred", "withdrawn"])
def test_who_will_not_come_gives_the_place_back(reception, decision):
    intake = reception.intake
    reception.plan(intake.zhou, reception.morning, companions=2)
    with db.unit_of_work() as session:
        absent.decide_absence(
            session,
            by=intake.staff(intake.campus.zheng),
            admission_id=reception.admission(intake.zhou).public_id,
            seen="admitted",
            decision=decision,
            reason="本人来电说不来了",
        )
    assert reception.taken(reception.morning) == 0
    assert reception.arrival(intake.zhou).status == "cancelled"
    with db.unit_of_work() as session:
        arrivals.release_arrival(session, reception.admission(intake.zhou).id)  # twice is once
    assert reception.taken(reception.morning) == 0


def test_a_slot_on_a_day_that_no_page_shows_is_refused(reception):
    by = reception.intake.staff(reception.intake.campus.zheng)
    for hours in (-24, 24 * 3):
        with db.unit_of_work() as session, pytest.raises(SlotInvalid):
            slots.move_slot(
                session,
                by=by,
                slot_id=reception.morning,
                version=1,
                starts_at=at(hours + 9),
                ends_at=at(hours + 10),
            )
