"""Arrivals on the phone: booking, changing, cancelling, one's own way; and what is kept of them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kit import clock, db
from app.welcome.errors import ArrivalChanged, ArrivalInvalid, ArrivalOver, NoAdmission
from app.welcome.models import Arrival, ArrivalCount, Boarding
from app.welcome.service import arrivals, privacy
from app.welcome.service.arrivals import Way
from tests import visit
from tests.welcome.reception import at, make_reception

PAGE = "/m/welcome/arrival"


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


def test_it_works(reception, zhou):
    page = zhou.get(PAGE).text
    assert "东站" in page and "09:00–10:00" in page and "余 10" in page
    form = {"station": reception.station, "slot": reception.morning, "companions": "2", "luggage": "3"}
    headers = visit.csrf(zhou) | {"Idempotency-Key": "a"}
    assert zhou.post(PAGE, data=form, headers=headers).status_code == 303
    assert zhou.post(PAGE, data=form, headers=headers).status_code == 303
    assert reception.taken(reception.morning) == 3
    page = zhou.get(PAGE).text
    assert "已登记" in page and "11-20 09:00" in page and "共 3 人" in page


def test_a_change_moves_the_places_and_a_cancellation_frees_them(reception):
    zhou, by = reception.intake.zhou, reception.intake.freshman(reception.intake.zhou)
    reception.plan(zhou, reception.morning, companions=2)
    reception.plan(zhou, reception.noon, companions=1, version=1)
    assert (reception.taken(reception.morning), reception.taken(reception.noon)) == (0, 2)
    with db.unit_of_work() as session:
        arrivals.cancel_arrival(session, by=by, version=2)
    assert reception.taken(reception.noon) == 0
    reception.plan(zhou, reception.noon)
    assert reception.taken(reception.noon) == 1


def test_more_companions_in_the_same_slot_take_only_the_difference(reception):
    reception.plan(reception.intake.zhou, reception.morning, companions=6)
    reception.plan(reception.intake.zhou, reception.morning, companions=5, version=1)
    assert reception.taken(reception.morning) == 6


def test_an_old_page_changes_nothing(reception):
    reception.plan(reception.intake.zhou, reception.morning)
    reception.plan(reception.intake.zhou, reception.noon, version=1)
    with pytest.raises(ArrivalChanged):
        reception.plan(reception.intake.zhou, reception.morning, version=1)
    assert (reception.taken(reception.morning), reception.taken(reception.noon)) == (0, 1)


def test_who_comes_alone_says_when_within_the_days_of_arrival(reception):
    reception.plan(reception.intake.zhou, None)
    assert reception.arrival(reception.intake.zhou).expected_at == at(15)
    by = reception.intake.freshman(reception.intake.lin)
    with db.unit_of_work() as session, pytest.raises(ArrivalInvalid):
        way = Way(None, 0, 0, expected_at=at(15) + timedelta(days=9))
        arrivals.plan_arrival(session, by=by, way=way)


def test_numbers_beyond_reason_are_refused_with_what_was_typed_kept(reception, zhou):
    form = {"station": reception.station, "slot": reception.morning, "companions": "9", "vehicle": "G1001"}
    answer = zhou.post(PAGE, data=form, headers=visit.csrf(zhou) | {"Idempotency-Key": "b"})
    assert answer.status_code == 422
    assert "G1001" in answer.text and 'aria-invalid="true"' in answer.text


def test_a_full_slot_is_said_on_the_page(app, intake, zhou):
    reception = make_reception(app, intake, capacity=1)
    reception.plan(intake.lin, reception.morning)
    form = {"station": reception.station, "slot": reception.morning, "companions": "0", "luggage": "0"}
    answer = zhou.post(PAGE, data=form, headers=visit.csrf(zhou) | {"Idempotency-Key": "c"})
    assert answer.status_code == 409
    assert "只剩 0 个位置" in answer.text


def test_who_has_checked_in_changes_nothing_any_more(reception):
    reception.plan(reception.intake.zhou, reception.morning)
    reception.register(reception.intake.staff(reception.intake.campus.zhao), reception.intake.zhou)
    assert reception.arrival(reception.intake.zhou).status == "arrived"
    with pytest.raises(ArrivalOver):
        reception.plan(reception.intake.zhou, reception.noon, version=2)
    reception.undo(reception.intake.staff(reception.intake.campus.zhao), reception.intake.zhou, "register")
    assert reception.arrival(reception.intake.zhou).status == "planned"
    reception.plan(reception.intake.zhou, reception.noon, version=3)


def test_others_have_no_such_page(reception, app):
    li = visit.phone(app, reception.intake.campus.li)
    assert li.get(PAGE).status_code == 404
    with pytest.raises(NoAdmission):
        reception.plan(reception.intake.campus.li, reception.morning)


def test_sixty_days_after_the_season_only_sums_are_left(reception):
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    reception.plan(reception.intake.lin, reception.morning)
    with db.unit_of_work() as session:
        assert privacy.retain(session) == 0
    clock.advance(timedelta(days=106))
    with db.unit_of_work() as session:
        assert privacy.retain(session) == 2 + 5  # two rows, and the proofs of five admissions
        assert session.scalar(select(func.count()).select_from(Arrival)) == 0
        kept = session.scalars(select(ArrivalCount)).one()
        assert (kept.people, kept.companions, kept.hour) == (2, 2, at(9))
        assert privacy.retain(session) == 0


def test_a_person_gets_a_copy_and_is_forgotten(reception):
    zhou = reception.intake.zhou
    reception.plan(zhou, reception.morning, companions=2)
    with db.unit_of_work() as session:
        copy = privacy.export_person(session, person_id=zhou)
        assert copy["arrivals"][0]["companions"] == 2
        privacy.erase_person(session, by=None, person_id=zhou)
        privacy.erase_person(session, by=None, person_id=zhou)
        assert privacy.export_person(session, person_id=zhou)["arrivals"] == []
        assert session.scalar(select(func.count()).select_from(Boarding)) == 0
    assert reception.taken(reception.morning) == 0
