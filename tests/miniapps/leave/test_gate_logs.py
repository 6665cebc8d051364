"""The school's own gates: their list, and their logs."""

import io

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.cli import beside
from app.miniapps.leave.gate_logs import LogUnreadable, read_log, write_allow_list
from app.miniapps.leave.models import LeaveKind, LeaveRequest, Scan
from tests import visit
from tests.miniapps.leave.school import asked, granted, status


@pytest.fixture
def gate(school):
    with unit_of_work() as session:
        return service.add_gate(
            session, by=Caller(school.office, grants=(Grant("leave.office"),)), name="东门"
        )


@pytest.fixture
def run(app, gate, tmp_path):
    """`flask leave import-passes` with these lines."""

    def import_passes(*lines, options=(), header="时间,学号,方向"):
        path = tmp_path / "log.csv"
        path.write_text("\n".join([header, *lines]), encoding="utf-8-sig")
        words = ["leave", "import-passes", "--gate", gate.public_id, *options, str(path)]
        return app.test_cli_runner().invoke(args=words)

    return import_passes


def at(moment):
    return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}"


def test_a_log_takes_him_out_and_brings_him_back(school, run):
    leave = granted(school, asked(after=1))
    went = clock.now() + clock.timedelta(hours=2)
    came = clock.now() + clock.timedelta(hours=20)
    clock.advance(clock.timedelta(days=3))
    lines = (f"{at(came)},2023010101,进", f"{at(went)},2023010101,出", f"{at(went)},2099999999,out")
    told = run(*lines)
    assert told.exit_code == 0, told.output
    assert "3 lines" in told.output
    with unit_of_work() as session:
        found = session.get_one(LeaveRequest, leave)
        assert (found.status, found.out_at, found.returned_at) == ("closed", went, came)
    again = run(*lines)  # exported twice: nothing changes
    assert again.exit_code == 0
    assert status(leave) == "closed"


def test_of_who_has_no_leave_a_file_leaves_nothing(school, run):
    granted(school, asked(after=48))
    told = run(*(f"{at(clock.now())},{number},出" for number in ("2023010101", "2023010102", "2099999999")))
    assert (told.exit_code, told.output) == (0, "3 lines: no leave 2, unknown 1\n")
    with unit_of_work() as session:
        assert session.scalar(select(Scan.id)) is None


def test_a_dormitorys_door_counts_as_being_back(school, run):
    leave = granted(school, asked(after=0))
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate")
    clock.advance(clock.timedelta(hours=5))
    assert run(f"{at(clock.now())},2023010101,in", options=("--door",)).exit_code == 0
    with unit_of_work() as session:
        assert session.get_one(LeaveRequest, leave).return_source == "dorm"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["昨天,2023010101,出"], "第 2 行的时间看不懂"),
        (["2026-11-16 10:00:00,2023010101,上"], "第 2 行缺学号"),
        (["2026-11-16 10:00:00,,出"], "第 2 行缺学号"),
    ],
)
def test_nothing_is_taken_of_a_log_that_can_not_be_read(school, run, lines, words):
    leave = granted(school, asked(after=0))
    told = run(f"{at(clock.now())},2023010101,出", *lines)
    assert told.exit_code == 1
    assert words.replace("第 2 行", "第 3 行") in told.output
    assert status(leave) == "approved"
    assert "第 1 行要有" in run("a,b", header="a,b").output


def test_a_header_decides_the_columns():
    (line,) = read_log(io.StringIO("方向,number,时间\nin,1,2026-11-16T10:00:00+08:00\n"))
    assert (line.number, line.direction, line.at.hour) == ("1", "in", 2)
    with pytest.raises(LogUnreadable):
        list(read_log(io.StringIO("")))


def test_the_list_has_numbers_and_times_and_nothing_else(app, school, tmp_path):
    granted(school, asked(after=1, destination="广州"))
    granted(school, asked(days=20, after=60, kind=LeaveKind.DAY_STUDENT))
    out = io.StringIO()
    with unit_of_work() as session:
        assert write_allow_list(session, out) == 2
    text = out.getvalue()
    assert text.count("2023010101") == 2
    assert "是" in text
    for hidden in ("李一鸣", "广州", "回家有事"):
        assert hidden not in text
    path = tmp_path / "list.csv"
    told = app.test_cli_runner().invoke(args=["leave", "allow-list", "--out", str(path)])
    assert told.output == "2 may go out.\n"
    assert path.read_text("utf-8-sig").replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_the_file_is_its_owners_alone_and_never_half_a_list(app, school, tmp_path):
    granted(school, asked(after=1))
    path = tmp_path / "list.csv"
    path.write_text("yesterday's list")
    path.chmod(0o644)
    (tmp_path / "a folder").mkdir()
    for target, code in ((tmp_path / "a folder", 2), (path, 0)):
        told = app.test_cli_runner().invoke(args=["leave", "allow-list", "--out", str(target)])
        assert told.exit_code == code
    assert path.stat().st_mode & 0o777 == 0o600
    assert "2023010101" in path.read_text("utf-8-sig")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a folder", "list.csv"]


def test_a_list_that_fails_half_way_leaves_yesterdays_one(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("yesterday's list")
    with pytest.raises(ZeroDivisionError), beside(path) as opened:
        opened.write("half a list")
        opened.flush()
        assert path.read_text() == "yesterday's list"
        raise ZeroDivisionError
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]
    assert path.read_text() == "yesterday's list"


def test_who_stands_in_the_list_learns_of_it(app, school, tmp_path):
    granted(school, asked(after=1))
    told = app.test_cli_runner().invoke(args=["leave", "allow-list", "--out", str(tmp_path / "list.csv")])
    assert told.exit_code == 0
    assert "门岗核验用的放行名单" in visit.phone(app, school.li).get("/m/privacy/looks").text
