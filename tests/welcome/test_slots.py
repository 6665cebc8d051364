"""Slots: places are exact however many come at once; moving and closing reach those affected."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.kit import db
from app.kit.errors import DomainError
from app.welcome import service as welcome
from app.welcome.errors import SlotChanged, SlotFull, SlotSmallerThanTaken, SlotTwin
from app.welcome.models import Admission, Slot
from app.welcome.service import Admitted, arrivals, slots
from tests.welcome.reception import at, make_reception


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


def test_it_works(reception):
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    assert reception.taken(reception.morning) == 3


def test_a_hundred_at_once_never_take_more_than_there_is(app, intake):
    """100 people with 0–3 companions want 60 places: what is taken is what was told, and never over."""
    reception = make_reception(app, intake, capacity=60)
    people = crowd(intake, 100)

    def come(pair):
        number, person_id = pair
        try:
            reception.plan(person_id, reception.morning, companions=number % 4)
            return 1 + number % 4
        except SlotFull:
            return 0

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(come, enumerate(people)))
    assert sum(told) == reception.taken(reception.morning)
    assert 57 <= sum(told) <= 60


def crowd(intake, size):
    with db.unit_of_work() as session:
        made = [
            welcome.admit(
                session,
                by=None,
                season_id=intake.season,
                admitted=Admitted(
                    profile="undergraduate",
                    name=f"新生{number:03d}",
                    number=f"2699{number:010d}",
                    document=f"X{number:08d}",
                    college_id=intake.college,
                    major="软件工程",
                    level="本科",
                ),
            )
            for number in range(size)
        ]
        return session.scalars(select(Admission.person_id).where(Admission.public_id.in_(made))).all()


def test_changing_between_two_slots_both_ways_at_once_never_blocks_for_good(app, intake):
    reception = make_reception(app, intake, capacity=100)
    people = crowd(intake, 20)
    for number, person_id in enumerate(people):
        reception.plan(person_id, (reception.morning, reception.noon)[number % 2])

    def swap(pair):
        number, person_id = pair
        reception.plan(person_id, (reception.noon, reception.morning)[number % 2], version=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(swap, enumerate(people)))
    assert (reception.taken(reception.morning), reception.taken(reception.noon)) == (10, 10)


def test_a_full_slot_says_how_many_places_are_left(reception):
    reception.plan(reception.intake.lin, reception.morning, companions=6)
    with pytest.raises(SlotFull) as full:
        reception.plan(reception.intake.zhou, reception.morning, companions=3)
    assert full.value.params == {"left": 3}
    assert reception.taken(reception.morning) == 7


def test_those_booked_are_told_of_another_time_once_and_confirm_with_one_tap(reception):
    intake = reception.intake
    reception.plan(intake.zhou, reception.morning)
    with db.unit_of_work() as session:
        moved = slots.move_slot(
            session,
            by=intake.staff(intake.campus.zheng),
            slot_id=reception.morning,
            version=1,
            starts_at=at(10),
            ends_at=at(11),
        )
    assert moved == 1
    assert reception.messages("welcome.slot_moved") == 1
    booked = reception.arrival(intake.zhou)
    assert (booked.notice, booked.expected_at) == ("moved", at(10))
    with db.unit_of_work() as session:
        arrivals.confirm_arrival(session, by=intake.freshman(intake.zhou), version=booked.version)
    assert reception.arrival(intake.zhou).notice is None


def test_a_closed_slot_frees_its_people_who_choose_anew(reception):
    intake = reception.intake
    reception.plan(intake.zhou, reception.morning, companions=1)
    with db.unit_of_work() as session:
        lost = slots.close_slot(
            session, by=intake.staff(intake.campus.zheng), slot_id=reception.morning, version=1
        )
    assert (lost, reception.taken(reception.morning)) == (1, 0)
    assert reception.messages("welcome.slot_closed") == 1
    booked = reception.arrival(intake.zhou)
    assert (booked.notice, booked.slot_id) == ("closed", None)
    reception.plan(intake.zhou, reception.noon, companions=1, version=booked.version)
    assert reception.taken(reception.noon) == 2


def test_two_clerks_do_not_overwrite_each_other(reception):
    by = reception.intake.staff(reception.intake.campus.zheng)
    with db.unit_of_work() as session:
        slots.close_slot(session, by=by, slot_id=reception.morning, version=1)
    with db.unit_of_work() as session, pytest.raises(SlotChanged):
        slots.move_slot(
            session, by=by, slot_id=reception.morning, version=1, starts_at=at(10), ends_at=at(11)
        )


def test_a_slot_is_not_made_smaller_than_what_is_booked(reception):
    by = reception.intake.staff(reception.intake.campus.zheng)
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    with db.unit_of_work() as session, pytest.raises(SlotSmallerThanTaken):
        slots.resize_slot(session, by=by, slot_id=reception.morning, capacity=2)
    with db.unit_of_work() as session:
        slots.resize_slot(session, by=by, slot_id=reception.morning, capacity=3)
    with db.unit_of_work() as session:
        assert session.scalars(select(Slot.capacity).where(Slot.public_id == reception.morning)).one() == 3


def test_twins_and_nonsense_are_refused(reception):
    by = reception.intake.staff(reception.intake.campus.zheng)
    given = {"season_id": reception.intake.season, "station_id": reception.station, "capacity": 5}
    with db.unit_of_work() as session:
        with pytest.raises(SlotTwin):
            slots.add_slot(session, by=by, starts_at=at(9), ends_at=at(11), **given)
        with pytest.raises(DomainError):
            slots.add_slot(session, by=by, starts_at=at(9), ends_at=at(8), **given)
