"""The dispatcher's console: the wave hour by hour, the drivers' list, boarding by code."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.kit import db
from app.welcome.errors import AdmissionNotFound, AlreadyBoarded, BoardingNotFound, ShuttleFull, ShuttleGone
from app.welcome.models import Shuttle
from app.welcome.queries import arrivals as queries
from app.welcome.service import shuttles
from tests import visit
from tests.welcome.reception import at, make_reception

PAGE = "/desk/welcome/arrivals"


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


@pytest.fixture
def desk(reception):
    return reception.desk(reception.intake.campus.zhao, "welcome.dispatcher")


def add_bus(reception, seats=3):
    with db.unit_of_work() as session:
        return shuttles.add_shuttle(
            session,
            by=None,
            season_id=reception.intake.season,
            station_id=reception.station,
            leaves_at=at(10),
            seats=seats,
            plate="粤A 00001",
            driver="陈师傅",
        )


def board(reception, bus, person_id):
    with db.unit_of_work() as session:
        by = reception.intake.staff(reception.intake.campus.zhao, "welcome.dispatch")
        code = reception.admission(person_id).public_id
        return shuttles.board(session, by=by, shuttle_id=bus, code=code)


def test_it_works(reception, desk):
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    reception.plan(reception.intake.lin, None)
    page = desk.get(PAGE + "?day=2026-11-20").text
    assert "东站" in page and "09:00" in page and "15:00" in page


def test_heads_are_counted_by_hour_and_station(reception):
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    reception.plan(reception.intake.lin, reception.morning, companions=1)
    reception.plan(reception.intake.he, None)
    with db.unit_of_work() as session:
        hours = queries.hours(session, season_id=reception.intake.season, day=at(9).date())
        factor = queries.scale(session, reception.intake.season)
    assert [(one.hour, one.people, one.companions, one.luggage) for one in hours] == [
        (at(9), 2, 3, 2),
        (at(15), 1, 0, 1),
    ]
    assert factor == pytest.approx(5 / 3)


def test_the_desk_makes_stations_slots_and_buses(reception, desk):
    headers = visit.csrf(desk, "desk")
    for number, (path, form) in enumerate(
        (
            ("/stations", {"name": "机场", "kind": "air", "address": "T3 到达层"}),
            ("/slots", {"station": reception.station, "starts": "16:00", "ends": "17:00", "capacity": "40"}),
            ("/shuttles", {"station": reception.station, "leaves": "16:30", "seats": "45", "plate": "粤B"}),
        )
    ):
        answer = desk.post(
            PAGE + path,
            data=form | {"day": "2026-11-20"},
            headers=headers | {"Idempotency-Key": str(number)},
        )
        assert answer.status_code == 303, answer.text
    page = desk.get(PAGE + "?day=2026-11-20").text
    assert all(word in page for word in ("机场", "16:00–17:00", "粤B"))
    assert desk.post(PAGE + f"/stations/{reception.station}/close", headers=headers).status_code == 303


def test_a_slot_is_moved_from_its_panel(reception, desk):
    reception.plan(reception.intake.zhou, reception.morning)
    assert "改时间并通知" in desk.get(f"{PAGE}/slots/{reception.morning}").text
    form = {"day": "2026-11-20", "starts": "10:00", "ends": "11:00", "version": "1"}
    url = f"{PAGE}/slots/{reception.morning}/move"
    assert desk.post(url, data=form, headers=visit.csrf(desk, "desk")).status_code == 303
    assert desk.post(url, data=form, headers=visit.csrf(desk, "desk")).status_code == 409
    assert reception.arrival(reception.intake.zhou).expected_at == at(10)


def test_the_drivers_list_has_surnames_a_watermark_and_no_numbers(reception, desk):
    reception.plan(reception.intake.zhou, reception.morning, companions=2)
    headers = visit.csrf(desk, "desk")
    form = {"day": "2026-11-20"}
    assert desk.post(PAGE + "/drivers.xlsx", data=form, headers=headers).status_code == 422
    answer = desk.post(PAGE + "/drivers.xlsx", data=form | {"reason": "交给接站组"}, headers=headers)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert rows[1][:6] == ["东站", "09:00–10:00", "周同学", "", 3, 1]
    assert "赵敏华" in rows[1][7] and "交给接站组" in rows[1][7]
    assert "周雨桐" not in str(rows) and "10000000101" not in str(rows)


def test_people_board_by_their_code_once(reception):
    bus = add_bus(reception)
    reception.plan(reception.intake.zhou, reception.morning, companions=1)
    assert board(reception, bus, reception.intake.zhou) == 2
    assert reception.arrival(reception.intake.zhou).status == "boarded"
    with pytest.raises(AlreadyBoarded) as refused:
        board(reception, bus, reception.intake.zhou)
    assert refused.value.params == {"time": "09:00", "plate": "粤A 00001"}
    assert board(reception, bus, reception.intake.lin) == 1
    with pytest.raises(ShuttleFull):
        board(reception, bus, reception.intake.he)


def test_nobody_boards_a_bus_that_left_or_with_a_code_of_nobody(reception):
    bus = add_bus(reception)
    by = reception.intake.staff(reception.intake.campus.zhao, "welcome.dispatch")
    with db.unit_of_work() as session, pytest.raises(AdmissionNotFound):
        shuttles.board(session, by=by, shuttle_id=bus, code="adm_nobody")
    with db.unit_of_work() as session:
        shuttles.end_shuttle(session, by=by, shuttle_id=bus, status="left")
    with pytest.raises(ShuttleGone):
        board(reception, bus, reception.intake.zhou)


def test_the_boarding_page_takes_one_scan_after_the_other(reception, desk):
    bus = add_bus(reception)
    url = f"{PAGE}/shuttles/{bus}"
    assert "扫报到卡" in desk.get(url).text
    headers = visit.csrf(desk, "desk") | {"Idempotency-Key": "x"}
    form = {"code": reception.admission(reception.intake.zhou).public_id}
    for _ in range(2):
        answer = desk.post(url + "/board", data=form, headers=headers)
        assert answer.status_code == 303
    assert "1 / 3" in desk.get(url).text


def test_others_are_refused(reception):
    desk = reception.desk(reception.intake.campus.liu, "welcome.editor")
    assert desk.get(PAGE).status_code == 403


def test_a_wrong_scan_is_undone(reception, desk):
    bus, intake = add_bus(reception), reception.intake
    reception.plan(intake.zhou, reception.morning, companions=1)
    board(reception, bus, intake.zhou)
    url = f"{PAGE}/shuttles/{bus}"
    assert "2 / 3" in desk.get(url).text and "周同学" in desk.get(url).text
    undo = f"{url}/boardings/{reception.admission(intake.zhou).public_id}/undo"
    assert desk.post(undo, headers=visit.csrf(desk, "desk")).status_code == 303
    assert "0 / 3" in desk.get(url).text and "周同学" not in desk.get(url).text
    assert reception.arrival(intake.zhou).status == "planned"
    assert desk.post(undo, headers=visit.csrf(desk, "desk")).status_code == 404
    assert board(reception, bus, intake.zhou) == 2


def test_of_two_who_undo_at_once_one_does(reception):
    bus, intake = add_bus(reception), reception.intake
    board(reception, bus, intake.zhou)
    board(reception, bus, intake.lin)
    code = reception.admission(intake.zhou).public_id

    def undo(_):
        try:
            with db.unit_of_work() as session:
                by = intake.staff(intake.campus.zhao, "welcome.dispatch")
                shuttles.get_off(session, by=by, shuttle_id=bus, admission_id=code)
        except BoardingNotFound:
            return 0
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(undo, range(6))) == 1
    with db.unit_of_work() as session:
        assert session.scalars(select(Shuttle.taken)).one() == 1
