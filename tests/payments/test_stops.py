"""停收: while the year is closed nothing is started, and what was started before still arrives."""

from datetime import timedelta

import pytest

from app.kit import clock, db
from app.payments.errors import NoteMissing, PaymentsStopped, StopInvalid, StopNotFound
from app.payments.service import stops


def stop(school, *, begins=timedelta(0), lasts=timedelta(hours=8), reason="年终关账"):
    starts_at = clock.now() + begins
    with db.unit_of_work() as session:
        return stops.stop_payments(
            session, by=school.zhao, starts_at=starts_at, ends_at=starts_at + lasts, reason=reason
        )


def test_it_works(school):
    charge = school.charge()
    stop(school)
    with pytest.raises(PaymentsStopped) as refused:
        school.start(charge)
    assert refused.value.params["until"] == f"{clock.local(clock.now() + timedelta(hours=8)):%m-%d %H:%M}"
    assert school.attempts(charge) == []


def test_what_was_started_before_still_arrives(school):
    charge = school.charge()
    school.start(charge)
    stop(school)
    school.pay(charge)
    assert school.order(charge).status == "paid"


def test_it_begins_and_ends_by_itself(school):
    stop(school, begins=timedelta(minutes=10), lasts=timedelta(minutes=10))
    school.start(school.charge())
    school.pass_time(minutes=21)
    school.start(school.charge("room-513"))


def test_it_can_be_ended_early_once(school):
    stop_id = stop(school)
    school.pass_time(minutes=1)
    with db.unit_of_work() as session:
        stops.resume_payments(session, by=school.zhao, stop_id=stop_id)
    school.start(school.charge())
    with pytest.raises(StopNotFound), db.unit_of_work() as session:
        stops.resume_payments(session, by=school.zhao, stop_id=stop_id)


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=15), timedelta(hours=-1)])
def test_a_time_that_can_not_be_is_refused(school, lasts):
    with pytest.raises(StopInvalid):
        stop(school, lasts=lasts)


def test_a_reason_is_needed(school):
    with pytest.raises(NoteMissing):
        stop(school, reason="")
