"""The school's own gates over HTTP: the list they hold."""

import pytest
from sqlalchemy import Engine, event, select, update

from app.kit import clock, failpoint
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.events import LeaveMoved
from app.miniapps.leave.flows import gate_lists, gate_passings
from app.miniapps.leave.models import GateEntry, GateList, LeaveKind, LeaveRequest
from app.miniapps.leave.queries.gate_lists import standing
from app.platform.directory.models import Affiliation
from tests.miniapps.leave.gateway import CHEN, LI, Gateway, alarms
from tests.miniapps.leave.school import School, asked, deliver, granted
from tests.vendors import (
    HANG,
    patience,
)


def test_it_works(gateway: Gateway):
    granted(gateway.school, asked(after=1, destination="广州"))
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]
    told = gateway.vendors.get("/_sim/gates/list")["entries"][0]
    assert set(told) == {"id", "number", "starts", "ends", "direction"}
    with unit_of_work() as session:
        now = standing(session)
        assert now is not None and now.version == now.taken_version and now.waits_since is None
    assert gateway.push() == "taken"
    assert gateway.vendors.calls("gates")["give"] == 1, "nothing has changed: they are asked, not told"


def test_a_revoked_leave_is_taken_from_the_gate_by_difference(gateway: Gateway):
    leave = granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    clock.advance(clock.timedelta(hours=1, minutes=1))
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="clock")
    assert gateway.push() == "taken"
    assert gateway.walk(LI, "out", forced=False)
    with unit_of_work() as session:
        other = service.submit(
            session,
            by=gateway.school.student(gateway.school.chen),
            person_id=gateway.school.chen,
            asked=asked(),
        )
        service.decide(session, public_id=other.public_id, status="approved")
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out"), (CHEN, "out")]
    with unit_of_work() as session:
        service.revoke(session, by=gateway.school.counsellor(), request_id=other.id, reason="课程调整")
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]
    with unit_of_work() as session:
        assert [one.is_gone for one in session.scalars(select(GateEntry))] == [False]
    assert not gateway.walk(CHEN, "out", forced=False)
    assert gateway.vendors.calls("gates")["give"] == 3, "what differed was enough each time"


def test_who_is_late_may_come_in_only_and_who_roams_comes_and_goes(gateway: Gateway):
    late = granted(gateway.school, asked(after=1))
    with unit_of_work() as session:
        roams = service.submit(
            session,
            by=gateway.school.student(gateway.school.chen),
            person_id=gateway.school.chen,
            asked=asked(days=20, after=1, kind=LeaveKind.DAY_STUDENT),
        )
        service.decide(session, public_id=roams.public_id, status="approved")
        service.mark_out(session, by=None, request_id=late, source="gate")
    clock.advance(clock.timedelta(days=1, hours=4))
    with unit_of_work() as session:
        service.climb(session, request_id=late)
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "in"), (CHEN, "both")]


def test_leave_that_is_far_off_is_none_of_their_business_yet(gateway: Gateway):
    granted(gateway.school, asked(after=24 * 5))
    assert gateway.push() == "taken"
    assert gateway.held() == []
    clock.advance(clock.timedelta(days=2, hours=1))
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]


@pytest.mark.parametrize(
    "fault",
    ["timeout_before", "timeout_after", "reset_after", "http500_after", "truncated_json_after"],
)
def test_a_push_whose_answer_is_lost_is_settled_by_asking(gateway: Gateway, fault: str):
    granted(gateway.school, asked(after=1))
    gateway.join(**patience(fault))
    gateway.vendors.fault("gates", fault, op="give", delay=HANG)
    assert gateway.push() == "waiting"
    gateway.join()
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]
    assert gateway.version() == 1, "asked first; nothing is given twice under another number"


def test_a_crash_after_the_gates_took_it_changes_nothing(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    deliver()
    failpoint.configure("leave.gate_list_given=crash")
    with pytest.raises(failpoint.Crashed):
        gateway.push()
    failpoint.configure("")
    with unit_of_work() as session:
        assert session.get_one(GateList, 1).taken_at is None
    assert gateway.push() == "taken"
    assert (gateway.held(), gateway.version()) == ([(LI, "out")], 1)


@pytest.mark.parametrize("fault", ["list_ignored", "list_partial"])
def test_gates_that_say_yes_and_do_not_keep_it_are_found_out(gateway: Gateway, fault: str):
    granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    with unit_of_work() as session:
        made = service.submit(
            session,
            by=gateway.school.student(gateway.school.chen),
            person_id=gateway.school.chen,
            asked=asked(),
        )
        service.decide(session, public_id=made.public_id, status="approved")
    if fault == "list_partial":
        gateway.vendors.post("/_sim/gates/replace", {"only": "list"})
    gateway.vendors.fault("gates", fault)
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out"), (CHEN, "out")]


def test_a_replaced_controller_is_given_the_whole_list(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    gateway.vendors.post("/_sim/gates/replace", {"only": "list"})
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]


def test_a_list_of_theirs_that_is_above_ours_is_replaced(gateway: Gateway):
    """Our database was put back to an earlier day."""
    granted(gateway.school, asked(after=1))
    client = gateway.clients.gates
    entry = {"id": "x", "number": "9", "from": "2026-11-16T09:00:00+08:00", "until": None, "direction": "in"}
    client.give({"version": 41, "base": None, "entries": [entry], "gone": []}, key="41")
    assert gateway.push() == "taken"
    assert (gateway.held(), gateway.version()) == ([(LI, "out")], 42)


def test_gates_that_go_on_lying_are_told_of_and_fill_no_table(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    gateway.vendors.fault("gates", "list_partial", times=None)
    with unit_of_work() as session:
        made = service.submit(
            session,
            by=gateway.school.student(gateway.school.chen),
            person_id=gateway.school.chen,
            asked=asked(),
        )
        service.decide(session, public_id=made.public_id, status="approved")
    for _ in range(3):
        assert gateway.push() == "waiting"
        gate_lists.push_by_the_clock(clients=gateway.clients)
        clock.advance(clock.timedelta(minutes=16))
    assert alarms() == 1
    with unit_of_work() as session:
        assert len(session.scalars(select(GateList)).all()) == 1
    gateway.vendors.post("/_sim/gates/reset")
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out"), (CHEN, "out")]


def test_each_night_the_whole_list_is_given(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    gate_lists.push_whole(clients=gateway.clients)
    assert (gateway.held(), gateway.version()) == ([(LI, "out")], 2)
    assert gateway.vendors.calls("gates")["give"] == 2


def test_the_office_hears_once_when_the_gates_stay_away(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    gateway.vendors.fault("gates", "http500_before", times=None)
    gate_lists.push_by_the_clock(clients=gateway.clients)
    assert alarms() == 0, "a moment is nothing"
    for _ in range(3):
        clock.advance(clock.timedelta(minutes=16))
        gate_lists.push_by_the_clock(clients=gateway.clients)
    assert alarms() == 1
    gateway.vendors.post("/_sim/gates/reset")
    gate_lists.push_by_the_clock(clients=gateway.clients)
    with unit_of_work() as session:
        assert service.silent_since(session, after=clock.timedelta(minutes=15)) is None


def test_a_list_that_they_refuse_for_long_is_told_too(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    gateway.vendors.set("gates", most_entries=0)
    for _ in range(2):
        assert gateway.push() == "waiting"
        gate_lists.push_by_the_clock(clients=gateway.clients)
        clock.advance(clock.timedelta(minutes=16))
    gate_lists.push_by_the_clock(clients=gateway.clients)
    assert alarms() == 1


def test_without_gates_nothing_happens(app, school: School):
    granted(school, asked(after=1))
    deliver()
    assert gate_lists.push(clients=app.extensions["clients"]) == "off"
    assert gate_passings.pull(clients=app.extensions["clients"]).answer == "off"
    with unit_of_work() as session:
        assert standing(session) is None
    told = app.test_cli_runner().invoke(args=["leave", "push-gates"])
    assert told.exit_code == 1 and "没有设置闸机" in told.output


def test_who_has_left_the_school_is_not_on_the_list(gateway: Gateway):
    leave = granted(gateway.school, asked(after=1))
    assert gateway.push() == "taken"
    assert gateway.held() == [(LI, "out")]
    with unit_of_work() as session:
        person = session.get_one(LeaveRequest, leave).person_id
        session.execute(
            update(Affiliation).where(Affiliation.person_id == person).values(ends_on=clock.today())
        )
        service.note_pass_changed(session)
    assert gateway.push() == "taken"
    assert gateway.held() == []


def test_who_tells_of_a_move_locks_as_who_makes_the_list(gateway: Gateway):
    """The link first, then the leave: the other way round two of them would wait for each other for ever."""
    leave = granted(gateway.school, asked(after=1, misses_class=True))
    locks: list[str] = []

    def note(_conn, _cursor, statement: str, *_more) -> None:
        if statement.startswith("UPDATE leave_gate_links"):
            locks.append("link")
        if "FROM leave_requests" in statement and "FOR UPDATE" in statement:
            locks.append("leave")

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with unit_of_work() as session:
            jobs.on_leave_moved(session, LeaveMoved(leave, "approved"))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert locks == ["link", "leave"]


def test_gates_that_hold_another_list_are_asked_less_and_less_often(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    gateway.vendors.fault("gates", "list_ignored", times=None)
    with unit_of_work() as session:
        made = service.submit(
            session,
            by=gateway.school.student(gateway.school.chen),
            person_id=gateway.school.chen,
            asked=asked(),
        )
        service.decide(session, public_id=made.public_id, status="approved")
    deliver()
    waits = []
    for _ in range(7):
        gate_lists.push_by_the_clock(clients=gateway.clients)
        given = gateway.vendors.calls("gates")["give"]
        gate_lists.push_by_the_clock(clients=gateway.clients)
        assert gateway.vendors.calls("gates")["give"] == given, "left alone"
        with unit_of_work() as session:
            now = standing(session)
        assert now is not None and now.next_try_at is not None
        waits.append((now.next_try_at - clock.now()) / clock.timedelta(minutes=1))
        clock.travel(now.next_try_at)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    gateway.vendors.post("/_sim/gates/reset")
    gate_lists.push_by_the_clock(clients=gateway.clients)
    with unit_of_work() as session:
        now = standing(session)
    assert now is not None and now.next_try_at is None
    assert gateway.held() == [(LI, "out"), (CHEN, "out")]
