"""The school's own gates over HTTP: the log they give."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, select, update

from app.kit import clock, failpoint
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.flows import gate_lists, gate_passings
from app.miniapps.leave.models import GateLog, LeaveRequest, Scan
from app.miniapps.leave.queries.gate_lists import standing
from app.miniapps.leave.service.gate_log_lines import Passed
from app.platform.notifications.models import Message
from tests import visit
from tests.miniapps.leave.gateway import CHEN, LI, Gateway, alarms, begun, scans
from tests.miniapps.leave.school import asked, deliver, granted, say_yes_to, status, submit
from tests.vendors import (
    HANG,
    patience,
)
from tests.welcome.test_meanwhile import wait_until_one_waits


def test_who_walks_out_and_in_is_out_and_back(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        found = session.get_one(LeaveRequest, leave)
        assert (found.status, found.out_source) == ("out", "gate")
    clock.advance(clock.timedelta(hours=3))
    gateway.walk(LI, "in", gate="D3")
    gateway.walk("2099999999", "in")
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        found = session.get_one(LeaveRequest, leave)
        assert (found.status, found.return_source) == ("closed", "dorm")


def test_a_crash_between_the_page_and_the_cursor_loses_and_repeats_nothing(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    failpoint.configure("leave.gate_page_taken=crash")
    with pytest.raises(failpoint.Crashed):
        gateway.pull()
    failpoint.configure("")
    assert (status(leave), scans()) == ("approved", [])
    assert gateway.pull() == "end"
    assert gateway.pull() == "end"
    assert (status(leave), scans()) == ("out", [("out", True)])


@pytest.mark.parametrize("fault", ["flow_repeat", "flow_reorder", "flow_truncated", "timeout_after"])
def test_a_spoilt_page_does_no_harm(gateway: Gateway, fault: str):
    leave = begun(gateway)
    for direction in ("out", "in", "out", "in"):
        clock.advance(clock.timedelta(minutes=10))
        gateway.walk(LI, direction)
    gateway.join(**patience(fault))
    gateway.vendors.fault("gates", fault, delay=HANG, op="flow")
    first = gateway.pull()
    assert first == ("unavailable" if fault in ("flow_truncated", "timeout_after") else "end")
    gateway.join()
    assert gateway.pull() == "end"
    assert (status(leave), len(scans())) == ("closed", 4)


def test_the_same_event_by_file_and_by_log_is_one(gateway: Gateway, tmp_path):
    begun(gateway)
    moment = clock.now().replace(microsecond=0)
    gateway.walk(LI, "out", moment=moment.timestamp())
    path = tmp_path / "log.csv"
    path.write_text(f"时间,学号,方向\n{clock.local(moment):%Y-%m-%d %H:%M:%S},{LI},出\n", "utf-8-sig")
    assert gateway.run("import-passes", "--gate", gateway.gate_id, str(path)).exit_code == 0
    assert gateway.pull() == "end"
    assert scans() == [("out", True)]


def test_a_missing_number_is_waited_for_and_then_gone_past(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "in")
    clock.advance(clock.timedelta(seconds=1))
    gateway.walk(LI, "out", skip=True)
    assert gateway.pull() == "gap"
    assert len(scans()) == 1
    assert (status(leave), gateway.pull()) == ("approved", "gap")
    clock.advance(clock.timedelta(minutes=11))
    assert (gateway.pull(), status(leave)) == ("end", "out")
    with unit_of_work() as session:
        log = session.get_one(GateLog, 1)
        assert (log.skipped, log.gap_at) == (1, None)


def test_many_pages_are_read_in_one_turn(gateway: Gateway, monkeypatch):
    monkeypatch.setattr(gate_passings, "PAGE", 2)
    begun(gateway)
    for _ in range(5):
        gateway.walk(LI, "in")
        clock.advance(clock.timedelta(minutes=1))
    assert (gateway.pull(), len(scans())) == ("end", 5)


def test_a_log_that_counts_anew_is_read_from_its_start(gateway: Gateway):
    leave = begun(gateway)
    gateway.vendors.post("/_sim/gates/replace")
    gateway.walk(LI, "out")
    assert (gateway.pull(), status(leave)) == ("end", "out")


def test_lines_of_a_gate_without_a_code_can_be_had_later(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out", gate="G9")
    assert (gateway.pull(), gateway.push(), status(leave)) == ("end", "taken", "approved")
    with unit_of_work() as session:
        now = standing(session)
        assert now is not None and now.unknown_codes == ["G9"]
        service.change_gate(
            session,
            by=Caller(gateway.school.office, grants=(Grant("leave.office"),)),
            gate_id=gateway.gate_id,
            code="G9",
            is_door=False,
        )
    told = gateway.run("pull-gate-log", "--again")
    assert told.exit_code == 0, told.output
    assert "out 1" in told.output
    assert status(leave) == "out"


def test_the_commands_say_what_came_of_it(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    deliver()
    assert gateway.run("push-gates", "--whole").output == "The gates have version 1.\n"
    assert gateway.run("pull-gate-log").output == "nothing new\n"
    gateway.vendors.fault("gates", "http500_before", times=None)
    for words in (("push-gates",), ("pull-gate-log",)):
        told = gateway.run(*words)
        assert told.exit_code == 1 and ("自动再发" in told.output or "没有应答" in told.output)


def test_the_console_shows_how_it_stands_and_sets_the_codes(gateway: Gateway):
    granted(gateway.school, asked(after=1))
    desk = visit.desk(gateway.app, gateway.school.office)
    url = "/desk/leave/gates/"
    assert "闸机已收下" not in desk.get(url).text, "nothing was said to them yet"
    assert gateway.push() == "taken"
    assert "第 1 版" in desk.get(url).text
    gateway.vendors.fault("gates", "http500_before", times=None)
    clock.advance(clock.timedelta(minutes=20))
    assert gateway.push() == "waiting"
    assert "没有收下放行名单" in desk.get(url).text

    def set_code(gate_id: str, code: str):
        form, headers = {"code": code, "is_door": "1"}, visit.csrf(desk, "desk")
        return desk.post(f"{url}{gate_id}/code", data=form, headers=headers)

    assert set_code(gateway.gate_id, "D3").status_code == 422, "it is the other's"
    assert set_code(gateway.gate_id, "W1").status_code == 303
    assert "W1 · 宿舍门" in desk.get(url).text
    assert set_code(gateway.gate_id, "").status_code == 303


def test_the_office_has_lines_read_again_after_a_gate_got_its_code(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out", gate="G9")
    assert (gateway.pull(), gateway.push()) == ("end", "taken")
    desk = visit.desk(gateway.app, gateway.school.office)
    assert "G9" in desk.get("/desk/leave/gates/").text
    headers = visit.csrf(desk, "desk")
    desk.post(f"/desk/leave/gates/{gateway.gate_id}/code", data={"code": "G9"}, headers=headers)
    gateway.walk("2099999999", "in", gate="D3")
    assert (gateway.pull(), log_now().unknown_codes) == ("end", [])
    assert "补读通行记录" in desk.get("/desk/leave/gates/").text, (
        "G9 is known now, its lines are not taken yet"
    )
    assert desk.post("/desk/leave/gates/log", headers=headers).status_code == 303
    assert (gateway.pull(), status(leave)) == ("end", "out")


@pytest.mark.parametrize("odd", [{"number": ""}, {"number": "1" * 65}, {"direction": "sideways"}])
def test_a_line_that_makes_no_sense_holds_nobody_up(gateway: Gateway, odd: dict[str, str]):
    """A button, a visitor, a card half read: counted, and gone past."""
    leave = begun(gateway)
    gateway.walk(**{"number": LI, "direction": "in", **odd})
    gateway.walk(LI, "out")
    taken = gate_passings.pull(clients=gateway.clients)
    assert (taken.answer, taken.said["unreadable"], status(leave)) == ("end", 1, "out")


def test_the_office_hears_when_the_log_cannot_be_read(gateway: Gateway):
    begun(gateway)
    assert gateway.pull() == "end"
    gateway.vendors.fault("gates", "http500_before", times=None, op="flow")
    for _ in range(3):
        clock.advance(clock.timedelta(minutes=16))
        assert (gateway.pull(), gateway.push()) == ("unavailable", "taken")
        gate_lists.push_by_the_clock(clients=gateway.clients)
    assert alarms() == 1


def test_gaps_before_lines_of_long_ago_are_gone_past_at_once(gateway: Gateway):
    leave = begun(gateway)
    for direction in ("out", "in", "out"):
        gateway.walk(LI, direction, skip=True)
        clock.advance(clock.timedelta(minutes=11))
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        assert session.get_one(GateLog, 1).skipped == 3
    assert (status(leave), len(scans())) == ("closed", 3)


def test_a_log_may_begin_at_any_number(gateway: Gateway):
    begun(gateway)
    gateway.vendors.post("/_sim/gates/replace", {})
    for _ in range(3):
        gateway.walk("2099999999", "in", skip=True)
    clock.advance(clock.timedelta(minutes=11))
    gateway.pull()
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        assert session.get_one(GateLog, 1).skipped == 2, "between them; what was before the first is none"


def test_a_restart_found_out_elsewhere_does_not_set_back_who_has_moved_on(gateway: Gateway):
    begun(gateway)
    gateway.walk("2099999999", "in")
    with unit_of_work() as session:
        seen = service.log_place(session)
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        service.restart_log(session, series="other", seen=seen)
    with unit_of_work() as session:
        assert service.log_place(session) != ("other", 0)


def log_now() -> GateLog:
    with unit_of_work() as session:
        return session.get_one(GateLog, 1)


def odd_told() -> int:
    with unit_of_work() as session:
        return len(session.scalars(select(Message.id).where(Message.kind == "leave.gates_odd")).all())


def test_of_who_has_no_leave_nothing_is_kept_but_a_count(gateway: Gateway):
    leave = begun(gateway)
    for number in (CHEN, "2099999999", LI):
        gateway.walk(number, "out")
    taken = gate_passings.pull(clients=gateway.clients)
    assert (taken.said["no leave"], taken.said["unknown"], taken.said["out"]) == (1, 1, 1)
    with unit_of_work() as session:
        assert session.scalars(select(Scan.request_id)).all() == [leave]
    assert gateway.push() == "taken"
    counts = log_now().counts
    assert (counts["no leave"], counts["unknown"]) == (1, 1)
    page = visit.desk(gateway.app, gateway.school.office).get("/desk/leave/gates/").text
    assert "没有请假，只计数" in page and "时间不对" not in page


def test_people_are_looked_up_once_a_page(gateway: Gateway):
    begun(gateway)
    found: list[str] = []

    def note(_conn, _cursor, statement: str, *_more) -> None:
        if "FROM directory_people" in statement:
            found.append(statement)

    def pulled(lines: int) -> int:
        for _ in range(lines):
            clock.advance(clock.timedelta(seconds=1))
            gateway.walk(LI, "in")
            gateway.walk("2099999999", "in")
        found.clear()
        assert gateway.pull() == "end"
        return len(found)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert pulled(1) == pulled(20) > 0
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("days", "word"), [(-31, "too old"), (1, "future")])
def test_the_office_hears_of_times_that_cannot_be_right(gateway: Gateway, days: int, word: str):
    begun(gateway)
    desk = visit.desk(gateway.app, gateway.school.office)
    assert gateway.push() == "taken"
    moment = (clock.now() + clock.timedelta(days=days)).timestamp()
    for _ in range(2):
        gateway.walk(LI, "in", moment=moment)
        assert gateway.pull() == "end"
    assert (log_now().counts[word], odd_told()) == (2, 1)
    assert "有通行记录时间不对" in desk.get("/desk/leave/gates/").text
    clock.advance(clock.timedelta(days=1, minutes=1))
    desk = visit.desk(gateway.app, gateway.school.office)
    assert "有通行记录时间不对" not in desk.get("/desk/leave/gates/").text


def test_who_comes_in_by_a_clock_that_is_ahead_is_back_now(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    gateway.walk(LI, "in", moment=(clock.now() + clock.timedelta(hours=1)).timestamp())
    assert (gateway.pull(), status(leave)) == ("end", "closed")


def test_lines_that_come_in_do_not_wait_for_those_that_are_read_again(gateway: Gateway, monkeypatch):
    monkeypatch.setattr(gate_passings, "PAGE", 2)
    monkeypatch.setattr(gate_passings, "TURN", 3)
    leave = begun(gateway)
    for _ in range(5):
        gateway.walk("2099999999", "in", gate="G9")
        gateway.walk("2099999999", "in")
        clock.advance(clock.timedelta(minutes=1))
    while gateway.pull() != "end":
        pass
    assert log_now().unknown_codes == ["G9"]
    with unit_of_work() as session:
        assert service.read_again(session)
    gateway.walk(LI, "out")
    assert (gateway.pull(), status(leave)) == ("more", "out")
    half = log_now().again_cursor
    desk = visit.desk(gateway.app, gateway.school.office)
    desk.post("/desk/leave/gates/log", headers=visit.csrf(desk, "desk"))
    assert log_now().again_cursor == half == 6, "a second click does not begin anew"
    assert gateway.push() == "taken"
    assert "正在补读通行记录：第 6 号" in desk.get("/desk/leave/gates/").text
    assert gateway.pull() == "end"
    counts = log_now()
    assert (counts.again_cursor, counts.unknown_codes, counts.counts["unknown"]) == (None, ["G9"], 5)


def test_a_log_that_is_shorter_for_a_moment_is_not_read_from_its_start(gateway: Gateway):
    """Their database was switched over: the last lines come back, and nobody hears of it."""
    leave = begun(gateway)
    with unit_of_work() as session:
        session.execute(update(GateLog).values(cursor=5))
    for _ in range(2):
        assert gateway.pull() == "gap"
        clock.advance(clock.timedelta(minutes=4))
    assert log_now().cursor == 5
    for _ in range(5):
        gateway.walk(LI, "out")
    assert (gateway.pull(), log_now().cursor, log_now().gap_at) == ("end", 6, None)
    assert status(leave) == "out"


def test_a_log_that_stays_shorter_counts_anew_under_the_same_name(gateway: Gateway):
    begun(gateway)
    gateway.walk(LI, "out")
    with unit_of_work() as session:
        session.execute(update(GateLog).values(cursor=9))
    assert gateway.pull() == "gap"
    clock.advance(clock.timedelta(minutes=11))
    assert (gateway.pull(), log_now().cursor) == ("end", 2)


def test_a_closed_gate_that_lets_people_pass_counts_and_is_shown(gateway: Gateway):
    leave = begun(gateway)
    by = Caller(gateway.school.office, grants=(Grant("leave.office"),))
    with unit_of_work() as session:
        service.switch_gate(session, by=by, gate_id=gateway.gate_id, is_open=False)
    clock.advance(clock.timedelta(minutes=1))
    gateway.walk(LI, "out")
    assert (gateway.pull(), gateway.push(), status(leave)) == ("end", "taken", "out")
    desk = visit.desk(gateway.app, gateway.school.office)
    assert "照样登记出校和返校：东门" in desk.get("/desk/leave/gates/").text
    with unit_of_work() as session:
        service.switch_gate(session, by=by, gate_id=gateway.gate_id, is_open=True)
    assert "照样登记" not in desk.get("/desk/leave/gates/").text


def test_the_log_and_who_revokes_a_list_lock_leaves_in_one_order(gateway: Gateway):
    """陈 passes first, 李 has the older leave: the log does not hold 陈's while it waits for 李's."""
    first = begun(gateway)
    second = granted_to_chen(gateway)
    for number in (CHEN, LI):
        gateway.walk(number, "out")
        clock.advance(clock.timedelta(minutes=1))
    with ThreadPoolExecutor(1) as pool:
        with unit_of_work() as session:
            session.get_one(LeaveRequest, first, with_for_update=True)
            pulled = pool.submit(gateway.pull)
            wait_until_one_waits()
            session.get_one(LeaveRequest, second, with_for_update={"nowait": True})
        assert pulled.result(timeout=60) == "end"
    assert (status(first), status(second)) == ("out", "out")


def granted_to_chen(gateway: Gateway) -> int:
    request = submit(gateway.school, asked(after=0.02), person=gateway.school.chen)
    say_yes_to(request, gateway.school.sun)
    clock.advance(clock.timedelta(minutes=5))
    return request.id


def test_who_was_let_go_before_the_start_is_back_by_the_log(gateway: Gateway):
    leave = granted(gateway.school, asked(after=3))
    gateway.walk("2099999999", "out")
    assert gateway.pull() == "end"
    with unit_of_work() as session:
        service.mark_out(session, by=Caller(gateway.school.sun), request_id=leave, source="counsellor")
    clock.advance(clock.timedelta(hours=1))
    gateway.walk(LI, "in")
    assert (gateway.pull(), status(leave)) == ("end", "closed")


@pytest.mark.parametrize("end", ["cancelled", "revoked", "expired"])
def test_who_had_gone_when_his_leave_was_given_up_is_waited_for(gateway: Gateway, end: str):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    clock.advance(clock.timedelta(minutes=5))
    school = gateway.school
    with unit_of_work() as session:
        if end == "cancelled":
            service.withdraw(session, by=school.student(), request_id=leave)
        elif end == "revoked":
            service.revoke(session, by=school.counsellor(), request_id=leave, reason="台风")
        else:
            service.expire(session, request_id=leave)
    assert status(leave) == end
    clock.advance(clock.timedelta(minutes=5))
    assert (gateway.pull(), status(leave)) == ("end", "out")
    with unit_of_work() as session:
        found = session.get_one(LeaveRequest, leave)
        waits = found.due_at - clock.now()
        told = select(Message.person_id).where(Message.kind == "leave.gone_before")
        assert session.scalars(told).all() == [school.sun]
    assert (waits == clock.timedelta(hours=2)) == (end != "expired")
    clock.advance(clock.timedelta(hours=1))
    gateway.walk(LI, "in")
    assert (gateway.pull(), status(leave)) == ("end", "closed")


def test_who_went_and_came_before_the_log_was_read_is_back_from_what_he_gave_up(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    clock.advance(clock.timedelta(minutes=5))
    with unit_of_work() as session:
        service.withdraw(session, by=gateway.school.student(), request_id=leave)
    clock.advance(clock.timedelta(minutes=5))
    gateway.walk(LI, "in")
    assert (gateway.pull(), status(leave)) == ("end", "closed")


def test_who_goes_after_he_gave_up_his_leave_has_none(gateway: Gateway):
    leave = begun(gateway)
    with unit_of_work() as session:
        service.withdraw(session, by=gateway.school.student(), request_id=leave)
    clock.advance(clock.timedelta(minutes=5))
    gateway.walk(LI, "out")
    assert (gateway.pull(), status(leave), scans()) == ("end", "cancelled", [])


def take_again(after: int, *numbers: int, last: int = 9) -> str:
    lines = [Passed(no, "G9", LI, "in", clock.now()) for no in numbers]
    with unit_of_work() as session:
        return service.take_again(session, series="one", after=after, last=last, lines=lines).answer


def test_a_page_that_is_short_or_empty_does_not_end_what_is_read_again(gateway: Gateway):
    with unit_of_work() as session:
        service.begin_log(session, series="one", after=7)
    with unit_of_work() as session:
        assert service.read_again(session)
    assert (take_again(0, 1, 2), log_now().again_cursor) == ("more", 2)
    assert (take_again(2), log_now().again_cursor) == ("gap", 2)
    clock.advance(clock.timedelta(minutes=9))
    assert (take_again(2), log_now().again_cursor) == ("gap", 2)
    clock.advance(clock.timedelta(minutes=2))
    assert (take_again(2, 3), log_now().again_cursor) == ("more", 3)
    assert take_again(3) == "gap", "another one: waited for anew"
    clock.advance(clock.timedelta(minutes=11))
    assert (take_again(3), log_now().again_cursor, log_now().counts) == ("end", None, {})


@pytest.mark.parametrize(("numbers", "last"), [((1, 7), 9), ((1, 9), 9), ((1, 2), 2), ((), 0)], ids=str)
def test_what_is_read_again_ends_where_it_began_or_the_log_does(
    gateway: Gateway, numbers: tuple[int, ...], last: int
):
    with unit_of_work() as session:
        service.begin_log(session, series="one", after=7)
    with unit_of_work() as session:
        assert service.read_again(session)
    assert (take_again(0, *numbers, last=last), log_now().again_until) == ("end", None)


def test_lines_of_before_a_gate_was_closed_do_not_accuse_it(gateway: Gateway):
    leave = begun(gateway)
    gateway.walk(LI, "out")
    clock.advance(clock.timedelta(minutes=5))
    by = Caller(gateway.school.office, grants=(Grant("leave.office"),))
    with unit_of_work() as session:
        service.switch_gate(session, by=by, gate_id=gateway.gate_id, is_open=False)
    assert (gateway.pull(), status(leave), log_now().closed_codes) == ("end", "out", [])
    clock.advance(clock.timedelta(minutes=5))
    gateway.walk(LI, "in")
    assert (gateway.pull(), status(leave), log_now().closed_codes) == ("end", "closed", ["G1"])
    with unit_of_work() as session:
        assert service.read_again(session)
    assert (gateway.pull(), log_now().closed_codes) == ("end", ["G1"])
