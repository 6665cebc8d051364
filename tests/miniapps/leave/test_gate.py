"""Passes and gates: who is let through, what it does to the leave, and a day without a network."""

import json
import secrets
import sys
import threading
from datetime import datetime

import pytest
from sqlalchemy import func, inspect, select

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.errors import Forbidden
from app.miniapps.leave import jobs, passes, service
from app.miniapps.leave.errors import ScanWrong
from app.miniapps.leave.models import Gate, LeaveKind, LeaveRequest, Scan
from app.miniapps.leave.service import Shown
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from tests import visit
from tests.miniapps.leave.school import asked, deliver, granted, say_yes, status, submit


def leave_of(request_id):
    with unit_of_work() as session:
        return session.get_one(LeaveRequest, request_id)


def check(
    gate,
    text,
    direction="out",
    *,
    sequence=None,
    at=None,
    found_by=None,
    source="gate",
    client="a-guards-phone",
):
    with unit_of_work() as session:
        return service.check(
            session,
            by=None,
            gate_id=gate.id,
            client=client,
            sequence=sequence or secrets.randbelow(10**9) + 1,
            shown=Shown(
                text, direction, at, found_by or ("code" if text.startswith("WLP") else "number"), source
            ),
        )


def code_of(request_id, moment=None):
    return passes.text_at(leave_of(request_id).pass_id, moment or clock.now())


def test_out_and_in_by_the_code(school, gate):
    leave = granted(school, asked(after=1))
    clock.advance(clock.timedelta(hours=1))
    told = check(gate, code_of(leave))
    assert (told["is_allowed"], told["why"], told["name"]) == (True, "out", "李**")
    assert status(leave) == "out"
    clock.advance(clock.timedelta(hours=20))
    assert check(gate, code_of(leave), "in")["why"] == "in"
    assert status(leave) == "closed"
    assert leave_of(leave).return_source == "gate"
    assert check(gate, code_of(leave))["why"] == "no_leave"  # the pass died with the leave


def test_by_number_where_there_is_no_telephone(school, gate):
    leave = granted(school, asked(after=0))
    assert check(gate, " 2023010101 ")["why"] == "out"
    assert status(leave) == "out"
    assert check(gate, "2099999999")["why"] == "unknown"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda: clock.advance(clock.timedelta(seconds=-3600)), "early"),
        (lambda: clock.advance(clock.timedelta(hours=30)), "over"),
    ],
)
def test_not_before_and_not_after(school, gate, change, why):
    leave = granted(school, asked(after=2))
    clock.advance(clock.timedelta(hours=2))
    change()
    told = check(gate, code_of(leave))
    assert (told["is_allowed"], told["why"]) == (False, why)
    assert status(leave) == "approved"


def test_what_is_not_decided_or_called_back_lets_nobody_out(school, gate):
    waiting = submit(school, asked(after=0))
    assert check(gate, code_of(waiting.id))["why"] == "undecided"
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(), request_id=waiting.id)
    leave = granted(school, asked(after=0))
    text = code_of(leave)
    with unit_of_work() as session:
        service.revoke(session, by=school.counsellor(), request_id=leave, reason="台风")
    assert check(gate, text)["why"] == "no_leave"


def test_a_picture_of_a_code_is_worth_nothing(school, gate):
    leave = granted(school, asked(after=0))
    text = code_of(leave)
    clock.advance(clock.timedelta(seconds=90))
    assert check(gate, text)["why"] == "stale"
    assert check(gate, text[:-1] + ("0" if text[-1] != "0" else "1"))["why"] == "stale"
    assert check(gate, "WLP:lvx_nothing:00000000")["why"] == "not_a_pass"
    assert status(leave) == "approved"


def test_the_same_line_twice_is_one_check(school, gate):
    leave = granted(school, asked(after=0))
    first = check(gate, code_of(leave), sequence=7)
    clock.advance(clock.timedelta(hours=1))
    assert check(gate, code_of(leave), sequence=7) == first
    with pytest.raises(ScanWrong):  # the number stands for another line
        check(gate, code_of(leave), "in", sequence=7)
    assert status(leave) == "out"
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Scan)) == 1


def test_eight_gates_at_one_instant_are_one_way_out(school, gate):
    leave = granted(school, asked(after=0))
    text, start, told = code_of(leave), threading.Barrier(8), []

    def run(at):
        start.wait(timeout=10)
        told.append(check(gate, text, client=f"guard-number-{at}", sequence=1)["why"])

    threads = [threading.Thread(target=run, args=[at]) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(told) == ["again"] * 7 + ["out"]


def test_who_lives_at_home_goes_and_comes_for_his_month_and_then_it_ends(school, gate):
    leave = granted(school, asked(days=28, after=0, kind=LeaveKind.DAY_STUDENT))
    jobs.follow_the_clock(clients=None)
    for direction in ("in", "out", "in"):
        clock.advance(clock.timedelta(hours=5))
        assert check(gate, code_of(leave), direction)["why"] == "roaming"
    assert status(leave) == "out"
    clock.advance(clock.timedelta(days=28))
    jobs.follow_the_clock(clients=None)
    deliver()
    assert status(leave) == "closed"
    assert check(gate, "2023010101")["why"] == "no_leave"


def test_whom_the_clock_took_for_gone_is_seen_going(school, gate):
    leave = granted(school, asked(after=1))
    clock.advance(clock.timedelta(hours=3))
    jobs.follow_the_clock(clients=None)
    assert leave_of(leave).out_source == "clock"
    assert check(gate, code_of(leave))["why"] == "again"
    assert (leave_of(leave).out_source, leave_of(leave).out_at) == ("gate", clock.now())


def test_a_day_without_a_network_by_a_clock_that_is_wrong(app, school, gate):
    """The guard's clock is three hours slow; the lines come in a day later and count for when he passed."""
    leave = granted(school, asked(days=0.5, after=1))
    went = clock.now() + clock.timedelta(hours=2)
    came = clock.now() + clock.timedelta(hours=12)
    slow = clock.timedelta(hours=3)
    clock.advance(clock.timedelta(hours=26))
    for _ in range(8):
        jobs.follow_the_clock(clients=None)
    assert status(leave) == "overdue"
    answers = sent(
        app,
        school,
        gate,
        line(1, code_of(leave, went), "out", went - slow),
        line(2, code_of(leave, came), "in", came - slow),
        sent_at=clock.now() - slow,
    )
    assert [one["why"] for one in answers] == ["again", "in"]
    found = leave_of(leave)
    assert (found.status, found.out_at, found.returned_at) == ("closed", went, came)


def test_what_a_browser_knew_of_its_clock_goes_before_what_it_says_now(app, school, gate):
    leave = granted(school, asked(after=0))
    went = clock.now() + clock.timedelta(minutes=30)
    clock.advance(clock.timedelta(hours=20))
    told = sent(
        app,
        school,
        gate,
        line(1, code_of(leave, went), "out", went - clock.timedelta(hours=1), offset=3_600_000),
        sent_at=clock.now(),
    )
    assert told[0]["why"] in ("out", "again")
    assert leave_of(leave).out_at == went


def test_whom_a_check_names_is_found_by_an_index():
    """Erasing and merging people, and stopping devices, look for each of them."""
    with db.engine().connect() as connection:
        found = inspect(connection)
        leading = {one["column_names"][0] for one in found.get_indexes("leave_scans")}
        named = {one["constrained_columns"][0] for one in found.get_foreign_keys("leave_scans")}
    assert named >= {"person_id", "by_id", "device_id"}
    assert named <= leading


def test_who_was_let_out_wrongly_is_shown_to_the_guard(app, school, gate):
    leave = granted(school, asked(after=0))
    went = clock.now() + clock.timedelta(hours=1)
    with unit_of_work() as session:
        service.revoke(session, by=school.counsellor(), request_id=leave, reason="台风")
    clock.advance(clock.timedelta(hours=3))
    told = sent(
        app, school, gate, line(1, code_of(leave, went), "out", went, was_allowed=True), sent_at=clock.now()
    )
    assert (told[0]["status"], told[0]["why"]) == ("conflict", "no_leave")


def test_who_came_in_before_he_went_out_came_back_from_something_else(school, gate):
    """The clock counts him out; a log tells of the morning before that, and of the evening."""
    leave = granted(school, asked(after=3))
    morning, went = clock.now(), clock.now() + clock.timedelta(hours=4)
    clock.advance(clock.timedelta(hours=12))
    jobs.follow_the_clock(clients=None)
    assert check(gate, "2023010101", "in", at=morning, found_by="log")["why"] == "not_away"
    assert check(gate, "2023010101", at=went, found_by="log")["why"] == "again"
    assert (status(leave), leave_of(leave).out_at) == ("out", went)


def test_a_way_out_that_was_synced_after_the_way_back_does_not_leave_him_away(app, school, gate):
    """Before the clock counted him out: the way in was of somebody with nothing to end. Then the device came online."""
    leave = granted(school, asked(after=0.1))
    went, text = clock.now(), code_of(leave)
    clock.advance(clock.timedelta(minutes=4))
    assert check(gate, "2023010101", "in")["why"] == "not_away"
    came = clock.now()
    clock.advance(clock.timedelta(hours=3))
    jobs.follow_the_clock(clients=None)  # the house takes him for gone
    told = sent(app, school, gate, line(1, text, "out", went, was_allowed=True), sent_at=clock.now())
    found = leave_of(leave)
    assert (told[0]["status"], told[0]["why"]) == ("done", "back")
    assert (found.status, found.out_at, found.returned_at) == ("closed", went, came)


def test_a_way_out_that_was_synced_before_the_clock_saw_anything(school, gate):
    leave = granted(school, asked(after=0))
    went = clock.now()
    clock.advance(clock.timedelta(hours=5))
    assert check(gate, "2023010101", "in")["why"] == "not_away"
    came = clock.now()
    clock.advance(clock.timedelta(hours=1))
    assert check(gate, "2023010101", at=went)["why"] == "back"
    found = leave_of(leave)
    assert (found.status, found.out_at, found.returned_at) == ("closed", went, came)


def test_a_way_out_that_was_synced_after_the_leave_was_ended_tells_when_he_went(school, gate):
    leave = granted(school, asked(after=1))
    went = clock.now() + clock.timedelta(hours=2)
    clock.advance(clock.timedelta(hours=9))
    jobs.follow_the_clock(clients=None)
    assert check(gate, "2023010101", "in")["why"] == "in"
    came = clock.now()
    told = check(gate, code_of(leave, went), at=went)
    found = leave_of(leave)
    assert (told["is_allowed"], told["why"]) == (True, "back")
    assert (found.status, found.out_at, found.out_source, found.returned_at) == ("closed", went, "gate", came)


def test_a_way_in_that_was_synced_after_the_next_way_out_does_not_bring_him_back(school, gate):
    leave = granted(school, asked(after=0))
    went = clock.now()
    assert check(gate, "2023010101")["why"] == "out"
    clock.advance(clock.timedelta(hours=4))
    assert check(gate, "2023010101")["why"] == "again"
    told = check(gate, "2023010101", "in", at=went + clock.timedelta(hours=2))
    assert (told["is_allowed"], told["why"], status(leave)) == (True, "went_again", "out")


def test_a_way_in_between_two_ways_out_that_was_synced_last_does_not_move_his_return(school, gate):
    leave = granted(school, asked(after=0))
    began = clock.now()
    for hours, way, why in ((0, "out", "out"), (4, "out", "again"), (4, "in", "in")):
        clock.advance(clock.timedelta(hours=hours))
        assert check(gate, "2023010101", way)["why"] == why
    came = clock.now()
    assert check(gate, "2023010101", "in", at=began + clock.timedelta(hours=2))["why"] == "went_again"
    assert (status(leave), leave_of(leave).returned_at) == ("closed", came)


def test_a_way_in_that_was_synced_after_a_later_one_says_when_he_was_really_back(school, gate):
    leave = granted(school, asked(after=0))
    assert check(gate, "2023010101")["why"] == "out"
    came = clock.now() + clock.timedelta(hours=23)
    clock.advance(clock.timedelta(hours=40))
    for _ in range(3):
        jobs.follow_the_clock(clients=None)
    assert check(gate, "2023010101", "in", source="dorm")["why"] == "late"
    assert check(gate, "2023010101", "in", at=came)["why"] == "in"
    assert (status(leave), leave_of(leave).returned_at) == ("closed", came)


def test_an_old_log_is_refused_and_not_moved_to_a_later_day(school, gate):
    granted(school, asked(after=0))
    with pytest.raises(ScanWrong):
        check(gate, "2023010101", at=clock.now() - clock.timedelta(days=31), found_by="log")


def test_who_is_late_is_not_let_out_again(school, gate):
    leave = granted(school, asked(after=0))
    check(gate, code_of(leave))
    clock.advance(clock.timedelta(hours=30))
    for _ in range(3):
        jobs.follow_the_clock(clients=None)
    assert check(gate, code_of(leave))["why"] == "over"
    assert check(gate, code_of(leave), "in")["why"] == "late"


def test_the_pass_of_a_leave_that_was_extended_lets_him_in(school, gate):
    leave = granted(school, asked(after=0))
    check(gate, code_of(leave))
    with unit_of_work() as session:
        until = clock.now() + clock.timedelta(days=3)
        longer = service.extend(
            session, by=school.student(), request_id=leave, until=until, reason="车票改签"
        )
    say_yes(school.sun)
    assert check(gate, code_of(leave), "in")["why"] == "in"
    assert status(longer.id) == "closed"


def test_a_month_of_living_at_home_is_not_ended_by_a_word(school, gate):
    leave = granted(school, asked(days=28, after=0, kind=LeaveKind.DAY_STUDENT))
    jobs.follow_the_clock(clients=None)
    with unit_of_work() as session:
        session.get_one(LeaveRequest, leave).next_step_at = clock.now()
    jobs.follow_the_clock(clients=None)
    assert status(leave) == "out"


def test_a_dormitorys_door_knows_those_who_only_sleep_elsewhere(school, gate):
    leave = granted(school, asked(after=0, leaves_campus=False, kind=LeaveKind.NIGHT))
    jobs.follow_the_clock(clients=None)
    assert check(gate, "2023010101", source="dorm")["why"] == "door"
    assert check(gate, "2023010101", "in", source="dorm")["why"] == "in"
    assert status(leave) == "closed"


@pytest.mark.parametrize(
    "text", ["WLP:lvx_1:é", "WLP::", "é" * 100, "WLP:a:b:c", "\x00", "http://x.example/?a=1"]
)
def test_no_code_stops_the_queue_behind_it(app, school, gate, text):
    leave = granted(school, asked(after=0))
    told = sent(
        app,
        school,
        gate,
        {"sequence": 1, "text": text, "direction": "out"},
        {"sequence": 2, "text": code_of(leave), "direction": "out"},
    )
    assert told[0].get("why", "not_a_pass") in ("not_a_pass", "stale")
    assert told[1]["why"] == "out"


def test_nobody_sends_in_anothers_name_or_as_a_log(app, school, gate):
    first = sent(app, school, gate, {"sequence": 5, "text": "2023010101", "direction": "out"})
    again = sent(app, school, gate, {"sequence": 5, "text": "2023010101", "direction": "in"})
    assert first[0]["status"] == "done"
    assert again[0]["status"] == "refused"


def test_no_line_lies_in_the_future_or_further_back_than_two_days(school, gate):
    leave = granted(school, asked(after=0))
    far = clock.now() + clock.timedelta(days=5)
    check(gate, code_of(leave), at=far, found_by="code")
    check(gate, code_of(leave), at=clock.now() - clock.timedelta(days=30), found_by="code")
    with unit_of_work() as session:
        times = session.scalars(select(Scan.at).order_by(Scan.id)).all()
    assert times == [clock.now(), clock.now() - clock.timedelta(hours=48)]


@pytest.mark.parametrize("bad", [{"client": "short"}, {"sequence": -1}, {"direction": "up"}])
def test_what_no_guards_page_sends_is_refused(school, gate, bad):
    with pytest.raises(ScanWrong):
        check(gate, "2023010101", **bad)


def test_nobody_has_a_pass_where_no_gate_asks_for_it(app, school):
    leave = granted(school, asked(after=0))
    li, url = visit.phone(app, school.li), f"/m/leave/{leave_of(leave).public_id}"
    assert "外出码" not in li.get(url).text
    assert li.get(f"{url}/pass").status_code == 404
    with unit_of_work() as session:
        service.add_gate(session, by=Caller(school.office, grants=(Grant("leave.office"),)), name="东门")
    assert "外出码" in li.get(url).text
    assert "每半分钟换一次" in li.get(f"{url}/pass").text
    assert visit.phone(app, school.chen).get(f"{url}/pass").status_code == 404


def test_what_was_checked_at_a_gate_that_is_closed_now_can_be_read_and_what_waits_is_taken(app, school, gate):
    leave = granted(school, asked(after=0))
    went = clock.now()
    with unit_of_work() as session:
        office = Caller(school.office, grants=(Grant("leave.office"),))
        service.switch_gate(session, by=office, gate_id=gate.public_id, is_open=False)
    told = sent(app, school, gate, line(1, code_of(leave, went), "out", went), sent_at=clock.now())
    assert told[0]["why"] == "out"
    wu = visit.desk(app, school.wu)
    assert "李**" in wu.get(f"/desk/leave/gates/{gate.public_id}/records").text
    assert wu.get(f"/desk/leave/gates/{gate.public_id}/check").status_code == 404


def test_gates_are_the_offices(school, gate):
    with unit_of_work() as session, pytest.raises(Forbidden):
        service.add_gate(session, by=Caller(school.wu), name="西门")
    with unit_of_work() as session:
        assert session.scalars(select(Gate.name)).all() == ["东门"]


KEY = "k" * 43


def test_the_kept_list_names_nobody_and_is_for_registered_browsers(app, school, gate):
    leave = granted(school, asked(after=1))
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    headers = {"X-Device-Key": KEY, "Accept": "application/json"}
    assert wu.get(f"{url}/list", headers=headers).status_code == 404
    made = wu.post(f"{url}/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk"))
    assert made.status_code == 200
    given = wu.get(f"{url}/list", headers=headers).json["body"]
    for hidden in ("李一鸣", "2023010101", "回家有事"):
        assert hidden not in given
    (one,) = json.loads(given)["passes"]
    assert (one["id"], one["name"]) == (leave_of(leave).pass_id, "李**")


def test_a_list_that_says_the_same_is_not_sent_again(app, school, gate):
    leave = granted(school, asked(after=1))
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    wu.post(f"{url}/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk"))
    headers = {"X-Device-Key": KEY, "Accept": "application/json"}
    mark = wu.get(f"{url}/list", headers=headers).headers["ETag"]
    again = wu.get(f"{url}/list", headers={**headers, "If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    packed = wu.get(f"{url}/list", headers={**headers, "If-None-Match": f"W/{mark}"})
    assert packed.status_code == 304, "a proxy packed it on its way"
    check(gate, "2023010101", at=clock.now() + clock.timedelta(hours=1))
    clock.advance(clock.timedelta(hours=2))
    jobs.follow_the_clock(clients=None)
    assert status(leave) == "out"
    assert wu.get(f"{url}/list", headers={**headers, "If-None-Match": mark}).status_code == 200
    mark = wu.get(f"{url}/list", headers=headers).headers["ETag"]
    clock.advance(clock.timedelta(hours=14))  # another half-day, another day: other keys
    wu = visit.desk(app, school.wu)
    assert wu.get(f"{url}/list", headers={**headers, "If-None-Match": mark}).status_code == 200


@pytest.mark.parametrize("hour", [0, 12])
def test_a_list_that_says_the_same_is_good_for_a_day_whenever_the_network_goes(app, school, gate, hour):
    """The oldest that a browser may have is of the beginning of the half-day in which it goes."""
    granted(school, asked(days=3, after=0))
    clock.travel(clock.start_of_day(clock.today()) + clock.timedelta(days=1, hours=hour))
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    wu.post(f"{url}/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk"))
    headers = {"X-Device-Key": KEY, "Accept": "application/json"}
    first = wu.get(f"{url}/list", headers=headers)
    given = json.loads(first.json["body"])
    good_until = datetime.fromisoformat(given["expires_at"])
    assert good_until >= clock.now() + clock.timedelta(hours=36)
    last_day = clock.local(good_until - clock.timedelta(seconds=1)).date()
    assert last_day.isoformat() in given["passes"][0]["keys"]
    clock.advance(clock.timedelta(hours=12))
    wu = visit.desk(app, school.wu)
    again = wu.get(f"{url}/list", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def test_who_types_too_many_numbers_is_told_later_what_they_say(app, school, gate, monkeypatch):
    monkeypatch.setattr(sys.modules["app.miniapps.leave.pages.gates"], "NUMBERS_AN_HOUR", 1)
    granted(school, asked(after=0))
    numbers = [line(nth, "2023010101", "out", clock.now()) for nth in (1, 2)]
    told = sent(app, school, gate, *numbers)
    assert [one["status"] for one in told] == ["done", "held"]
    clock.advance(clock.timedelta(hours=1))
    assert sent(app, school, gate, numbers[1])[0]["status"] == "done"


def test_nobody_stops_a_colleagues_device_but_the_office(app, school, gate):
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.meng, role="leave.guard", scope_kind="all")
    wu, meng, url = (
        visit.desk(app, school.wu),
        visit.desk(app, school.meng),
        f"/desk/leave/gates/{gate.public_id}",
    )
    made = wu.post(
        f"{url}/check/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk")
    )
    stop = f"{url}/check/devices/{made.json['id']}/revoke"
    assert "东门手机" not in meng.get(f"{url}/check").text
    refused = meng.post(stop, headers=visit.csrf(meng, "desk"))
    assert refused.status_code == 403
    assert "只能停用自己登记的设备" in refused.text
    assert wu.get(f"{url}/check/list", headers={"X-Device-Key": KEY}).status_code == 200
    office = visit.desk(app, school.office)
    assert "东门手机" in office.get(f"{url}/check").text
    assert office.post(stop, headers=visit.csrf(office, "desk")).status_code == 303
    assert wu.get(f"{url}/check/list", headers={"X-Device-Key": KEY}).status_code == 404


def test_who_registered_a_device_stops_it(app, school, gate):
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    made = wu.post(f"{url}/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk"))
    for _time in range(2):
        stopped = wu.post(f"{url}/devices/{made.json['id']}/revoke", headers=visit.csrf(wu, "desk"))
        assert stopped.status_code == 303
    assert wu.get(f"{url}/list", headers={"X-Device-Key": KEY}).status_code == 404


def test_whom_the_kept_list_names_learns_of_it(app, school, gate):
    granted(school, asked(after=1))
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    wu.post(f"{url}/devices", json={"name": "东门手机", "key": KEY}, headers=visit.csrf(wu, "desk"))
    assert wu.get(f"{url}/list", headers={"X-Device-Key": KEY}).status_code == 200
    assert "门岗核验用的放行名单" in visit.phone(app, school.li).get("/m/privacy/looks").text


def test_a_gate_that_is_closed_is_not_a_device_that_was_stopped(app, school, gate):
    """The page takes its list along for the second alone: it goes by the code."""
    wu, url = visit.desk(app, school.wu), f"/desk/leave/gates/{gate.public_id}/check"
    headers = {"X-Device-Key": KEY, "Accept": "application/json"}
    assert wu.get(f"{url}/list", headers=headers).json["error"]["code"] == "identity.device_unknown"
    with unit_of_work() as session:
        office = Caller(school.office, grants=(Grant("leave.office"),))
        service.switch_gate(session, by=office, gate_id=gate.public_id, is_open=False)
    assert wu.get(f"{url}/list", headers=headers).json["error"]["code"] == "leave.gate_missing"


def test_the_guard_sees_a_masked_name_and_yes(app, school, gate):
    leave = granted(school, asked(after=0))
    told = sent(app, school, gate, {"sequence": 1, "text": code_of(leave), "direction": "out"})
    assert (told[0]["status"], told[0]["message"]) == ("done", "李** 可以出校")
    wu = visit.desk(app, school.wu)
    page = wu.get(f"/desk/leave/gates/{gate.public_id}/records").text
    assert "李**" in page
    assert "李一鸣" not in page


def line(sequence, text, direction, at, **more):
    return {
        "sequence": sequence,
        "text": text,
        "direction": direction,
        "at": at.isoformat(),
        "waited": True,
        **more,
    }


def sent(app, school, gate, *lines, sent_at=None):
    """What the guard's browser is answered."""
    with unit_of_work() as session:
        me = directory.person(session, school.wu).public_id
    wu = visit.desk(app, school.wu)
    answer = wu.post(
        f"/desk/leave/gates/{gate.public_id}/check/sent",
        json={
            "client": "the-guards-browser",
            "sent_at": (sent_at or clock.now()).isoformat(),
            "entries": [{**one, "author": me} for one in lines],
        },
        headers=visit.csrf(wu, "desk"),
    )
    assert answer.status_code == 200, answer.text
    return answer.json["answers"]
