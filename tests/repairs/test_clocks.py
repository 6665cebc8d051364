"""Deadlines through pauses, reworks and silence."""

from datetime import timedelta

import pytest

from app.kit import clock, db
from app.kit.errors import DomainError
from app.platform.operations.queries import work_calendar
from app.repairs import service
from app.repairs.service.clocks import clock_for

HOUR = timedelta(hours=1)


def test_a_pause_moves_the_deadline_by_the_work_time_it_lasted(house):
    public_id = house.bring_to("working")
    before = house.ticket(public_id).resolve_due_at
    paused_at = clock.now()
    house.hold(public_id, until=clock.now() + timedelta(days=3))
    clock.advance(timedelta(days=1))  # one working day: 7 h 30
    after = house.act(house.wang, public_id, "resume")
    with db.unit_of_work() as session:
        reckoning = clock_for("normal", work_calendar(session))
    assert after.paused_seconds == 7.5 * 3600
    assert after.resolve_due_at == reckoning.pushed_back(before, paused_at, clock.now())
    assert after.paused_at is None


def test_a_hold_that_does_not_pause_leaves_the_deadline(house):
    public_id = house.bring_to("working")
    before = house.ticket(public_id).resolve_due_at
    house.hold(public_id, reason="busy", until=clock.now() + timedelta(hours=20))
    clock.advance(timedelta(hours=10))
    assert house.act(house.wang, public_id, "resume").resolve_due_at == before


def test_a_hold_past_its_day_resumes_by_itself(house):
    public_id = house.bring_to("on_hold")
    clock.advance(timedelta(days=2, seconds=1))
    with db.unit_of_work() as session:
        assert service.resume_expired(session) == 1
        assert service.resume_expired(session) == 0
    assert house.ticket(public_id).status == "working"


def test_a_hold_has_a_longest_time(house):
    public_id = house.bring_to("working")
    with pytest.raises(DomainError) as refused:
        house.hold(public_id, until=clock.now() + timedelta(days=30))
    assert refused.value.code == "repairs.hold_too_long"
    assert house.ticket(public_id).status == "working"


def test_what_nobody_takes_returns_once_and_counts_as_late(house):
    public_id = house.bring_to("dispatched")
    clock.advance(timedelta(minutes=31))
    with db.unit_of_work() as session:
        assert service.return_unanswered(session) == 1
        assert service.return_unanswered(session) == 0
    ticket = house.ticket(public_id)
    assert (ticket.status, ticket.worker_id, ticket.is_accept_late) == ("triaged", None, True)


def test_silence_closes_after_seven_days_without_a_rating(house):
    public_id = house.bring_to("finished")
    clock.advance(timedelta(days=6, hours=23))
    with db.unit_of_work() as session:
        assert service.close_unanswered(session) == 0
    clock.advance(2 * HOUR)
    with db.unit_of_work() as session:
        assert service.close_unanswered(session) == 1
    ticket = house.ticket(public_id)
    assert (ticket.status, ticket.closed_via, ticket.rating) == ("closed", "system", None)


def test_a_hazard_is_never_closed_by_silence(house):
    public_id = house.bring_to("finished", detail="插座冒烟")
    clock.advance(timedelta(days=30))
    with db.unit_of_work() as session:
        assert service.close_unanswered(session) == 0
    assert house.ticket(public_id).status == "finished"


def test_rework_on_day_six_is_a_new_cycle_and_on_day_eight_is_refused(house):
    first, second = house.bring_to("closed"), house.bring_to("closed")
    clock.advance(timedelta(days=6))
    again = house.act(house.li, first, "rework", note="灯又不亮了")
    assert (again.status, again.cycle, again.worker_id) == ("dispatched", 2, house.ids.wang)
    assert again.resolve_due_at > clock.now()
    clock.advance(timedelta(days=2))
    with pytest.raises(DomainError) as refused:
        house.act(house.li, second, "rework", note="灯又不亮了")
    assert refused.value.code == "repairs.rework_too_late"


def test_a_rating_counts_once_a_cycle_and_one_follow_up(house):
    public_id = house.bring_to("closed")
    scores = {"speed": 5, "quality": 4, "attitude": 5}
    assert house.act(house.li, public_id, "rate", **scores).rating == 5
    assert house.act(house.li, public_id, "rate", **scores | {"quality": 1, "speed": 1}).rating == 2
    with pytest.raises(DomainError) as refused:
        house.act(house.li, public_id, "rate", **scores)
    assert refused.value.code == "repairs.rated_already"


def test_urging_has_a_rhythm(house):
    public_id = house.bring_to("triaged")
    with pytest.raises(DomainError) as refused:
        house.act(house.li, public_id, "urge")
    assert refused.value.code == "repairs.urged_recently"
    for _ in range(3):
        clock.advance(timedelta(minutes=31))
        house.act(house.li, public_id, "urge")
    clock.advance(timedelta(minutes=31))
    with pytest.raises(DomainError) as refused:
        house.act(house.li, public_id, "urge")
    assert refused.value.code == "repairs.urged_enough"


def test_a_late_response_stays_late(house):
    public_id = house.bring_to("submitted")
    clock.advance(2 * HOUR)
    ticket = house.act(house.zhao, public_id, "dispatch", worker_id=house.ids.wang)
    assert ticket.is_response_late
    assert ticket.responded_at == clock.now()
