"""Lines that come in out of order: whichever comes first, the leave ends with the same times."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.models import LogLine
from app.miniapps.leave.service.late_lines import Passage, times_of
from tests import visit
from tests.miniapps.leave.school import asked, granted, status
from tests.miniapps.leave.test_gate import check, leave_of

LI = "2023010101"
WAYS = [("out", 1), ("in", 2), ("out", 3), ("in", 4)]


def hours(count):
    return timedelta(hours=count)


def times(leave, began):
    found = leave_of(leave)
    return found.status, *(one and (one - began) / hours(1) for one in (found.out_at, found.returned_at))


@pytest.mark.parametrize("order", list(itertools.permutations(WAYS)), ids=str)
@pytest.mark.parametrize("is_begun", [True, False], ids=["the clock counts him out", "nobody saw him go"])
def test_four_lines_in_any_order_are_one_leave(school, gate, order, is_begun):
    leave, began = granted(school, asked(after=0)), clock.now()
    clock.advance(hours(6))
    if is_begun:
        jobs.follow_the_clock(clients=None)
    for direction, hour in order:
        check(gate, LI, direction, at=began + hours(hour))
    assert times(leave, began) == ("closed", 1, 4)


@pytest.mark.parametrize("order", list(itertools.permutations([("out", 1), ("in", 3), ("in", 9)])), ids=str)
def test_a_word_of_the_counsellor_is_one_of_the_times(school, gate, order):
    """He is marked as back at five: what the gates tell of later or earlier is put around it."""
    leave, began = granted(school, asked(after=0)), clock.now()
    clock.advance(hours(5))
    jobs.follow_the_clock(clients=None)
    with unit_of_work() as session:
        service.mark_returned(session, by=Caller(school.sun), request_id=leave, source="counsellor")
    clock.advance(hours(6))
    for direction, hour in order:
        check(gate, LI, direction, at=began + hours(hour))
    assert times(leave, began) == ("closed", 1, 3)
    check(gate, LI, at=began + hours(4))
    assert times(leave, began) == ("closed", 1, 5)
    assert leave_of(leave).return_source == "counsellor"


@pytest.mark.parametrize(
    "order",
    [one for one in itertools.permutations([("in", 4), ("in", 5), ("out", 9)]) if one[0][0] == "in"],
    ids=str,
)
def test_a_way_out_that_nothing_follows_moves_nothing_of_a_leave_that_is_over(school, gate, order):
    leave, began = granted(school, asked(after=0)), clock.now()
    clock.advance(hours(12))
    jobs.follow_the_clock(clients=None)
    for direction, hour in order:
        check(gate, LI, direction, at=began + hours(hour))
    assert times(leave, began) == ("closed", 0, 4)


def test_a_guard_who_lets_nobody_out_moves_nothing(school, gate):
    """He was told no and stayed: only who had passed already, when it came to be known, was out again."""
    leave, began = granted(school, asked(after=0)), clock.now()
    for hour, direction, why in (
        (1, "out", "out"),
        (2, "in", "in"),
        (3, "out", "no_leave"),
        (4, "in", "not_away"),
    ):
        clock.travel(began + hours(hour))
        assert check(gate, LI, direction)["why"] == why
    assert times(leave, began) == ("closed", 1, 2)


def test_a_way_in_of_this_moment_follows_a_way_out_that_was_told_late(school, gate):
    leave, began = granted(school, asked(after=0)), clock.now()
    for hour, direction in ((1, "out"), (2, "in")):
        clock.travel(began + hours(hour))
        check(gate, LI, direction)
    clock.travel(began + hours(4))
    assert check(gate, LI, at=began + hours(3))["why"] == "no_leave"
    assert check(gate, LI, "in")["why"] == "in"
    assert times(leave, began) == ("closed", 1, 4)


def test_a_way_out_after_the_end_of_a_leave_is_of_the_next_one(school, gate):
    first, began = granted(school, asked(days=0.25, after=0)), clock.now()
    check(gate, LI)
    clock.advance(hours(5))
    second = granted(school, asked(days=1, after=4))
    clock.travel(began + hours(10.5))
    with unit_of_work() as session:
        service.mark_returned(session, by=Caller(school.sun), request_id=first, source="counsellor")
    clock.advance(hours(1))
    assert check(gate, LI, at=began + hours(9.5))["why"] == "out"
    assert (status(first), times(second, began)) == ("closed", ("out", 9.5, None))


def test_the_ways_of_one_leave_are_none_of_anothers(school, gate):
    first, began = granted(school, asked(days=0.25, after=0)), clock.now()
    for hour, direction in ((1, "out"), (3, "in")):
        clock.travel(began + hours(hour))
        check(gate, LI, direction)
    second = granted(school, asked(days=0.25, after=9))
    for hour, direction in ((13, "out"), (14, "in")):
        clock.travel(began + hours(hour))
        check(gate, LI, direction)
    check(gate, LI, "in", at=began + hours(2))
    assert times(first, began) == ("closed", 1, 2)
    assert times(second, began) == ("closed", 13, 14)


def test_an_extension_goes_on_with_the_ways_of_the_leave_it_extends(school, gate):
    leave, began = granted(school, asked(days=0.25, after=0)), clock.now()
    clock.advance(hours(5))
    jobs.follow_the_clock(clients=None)
    with unit_of_work() as session:
        until = began + hours(20)
        longer = service.extend(
            session, by=school.student(), request_id=leave, until=until, reason="车票改签"
        )
        service.decide(session, public_id=longer.public_id, status="approved")
    clock.travel(began + hours(12))
    for direction, hour in (("in", 11), ("out", 1)):
        check(gate, LI, direction, at=began + hours(hour))
    assert times(longer.id, began) == ("closed", 1, 11)


def test_what_a_late_line_changed_stands_in_the_history(app, school, gate):
    leave, began = granted(school, asked(days=0.25, after=0)), clock.now()
    check(gate, LI)
    clock.travel(began + hours(20))
    for _ in range(3):
        jobs.follow_the_clock(clients=None)
    check(gate, LI, "in")
    assert check(gate, LI, "in", at=began + hours(1))["why"] == "in"
    with unit_of_work() as session:
        line = session.scalars(select(LogLine).where(LogLine.kind == "reordered")).one()
    was, now = began + hours(20), began + hours(1)
    assert (line.data, line.source) == ({"returned_at": [was.isoformat(), now.isoformat()]}, "gate")
    li = visit.phone(app, school.li).get(f"/m/leave/{leave_of(leave).public_id}").text
    office = visit.desk(app, school.office).get(f"/desk/leave/leaves/{leave_of(leave).public_id}").text
    for page in (li, office):
        assert "2026-11-17 05:00:00 → 2026-11-16 10:00:00" in page


def test_nobody_who_came_in_before_he_went_came_back_from_it():
    began = clock.now()
    early, out = Passage("in", began - hours(1), "gate"), Passage("out", began, "gate")
    assert times_of([early, out], out_at=None, is_over=False).back is None
    assert times_of([early], out_at=began, is_over=False).back is None


def test_who_was_let_go_before_the_start_is_back_when_he_comes_in(school, gate):
    """The counsellor says that he has gone, an hour early; he is back half an hour later."""
    leave = granted(school, asked(after=2))
    by_hand(school, leave, clock.timedelta(hours=1))
    began = clock.now()
    clock.advance(hours(0.5))
    assert check(gate, LI, "in")["why"] == "in"
    assert times(leave, began) == ("closed", 0, 0.5)


@pytest.mark.parametrize("order", list(itertools.permutations([("out", 1), ("in", 2)])), ids=str)
def test_a_word_that_he_has_gone_is_no_second_way_out(school, gate, order):
    """The gates' log is behind: he had gone and come when the counsellor said that he went."""
    leave, began = granted(school, asked(after=0)), clock.now()
    by_hand(school, leave, hours(3))
    for direction, hour in order:
        check(gate, LI, direction, at=began + hours(hour))
    assert times(leave, began) == ("closed", 1, 2)


def test_who_went_after_what_was_said_went_again(school, gate):
    leave, began = granted(school, asked(after=0)), clock.now()
    by_hand(school, leave, hours(1))
    clock.advance(hours(4))
    for direction, hour in (("in", 2), ("out", 3)):
        check(gate, LI, direction, at=began + hours(hour))
    assert times(leave, began) == ("closed", 1, 2)


def by_hand(school, leave, later):
    clock.advance(later)
    with unit_of_work() as session:
        service.mark_out(session, by=Caller(school.sun), request_id=leave, source="counsellor")


def test_a_way_in_at_the_campus_gate_is_none_from_a_leave_of_the_dorm_alone(school, gate):
    leave, began = granted(school, asked(0.5, after=0, leaves_campus=False)), clock.now()
    with unit_of_work() as session:
        by = Caller(school.office, grants=(Grant("leave.office"),))
        door = service.add_gate(session, by=by, name="3 号楼")
        service.change_gate(session, by=by, gate_id=door.public_id, code="D3", is_door=True)
    jobs.follow_the_clock(clients=None)
    clock.travel(began + hours(5))
    check(gate, LI, "in")
    due = (leave_of(leave).due_at - began) / hours(1)
    clock.travel(began + hours(due + 3))
    assert check(door, LI, "in", source="dorm")["why"] == "late"
    assert times(leave, began) == ("closed", 0, due + 3)
