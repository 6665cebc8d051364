"""The lobby screen of a dorm: its PIN, and what it shows to whom."""

from datetime import date

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import jobs, service
from app.miniapps.leave.errors import PinWrong, ScreenMissing
from app.miniapps.leave.models import CampaignKind, Screen, ScreenKey, StayReason, Whereto
from app.miniapps.leave.queries import lobby as queries
from app.miniapps.leave.service import Given, Plan
from app.platform.directory import service as directory
from tests import visit
from tests.make import SINCE
from tests.miniapps.leave.school import asked, day, granted, say_yes

PIN = "271828"


@pytest.fixture
def dorm(school):
    """陈晓雨 lives with 李一鸣."""
    with unit_of_work() as session:
        bed = directory.add_bed(session, by=None, room_id=school.campus.room_512, code="2")
        directory.assign_bed(session, by=None, person_id=school.chen, bed_id=bed, starts_on=SINCE)
    return school.campus.building_3


def manager(school, building):
    return Caller(school.wu, grants=(Grant("leave.dorm", "building", building),))


@pytest.fixture
def screen(school, dorm):
    with unit_of_work() as session:
        return service.set_pin(session, by=manager(school, dorm), building_id=dorm, pin=PIN).public_id


def shown(dorm):
    with unit_of_work() as session:
        return queries.lobby(session, dorm)


def by_name(dorm):
    return {one.name: one for one in shown(dorm).residents}


def test_it_works(school, dorm):
    granted(school, asked(days=2, after=2))
    seen = by_name(dorm)
    assert set(seen) == {"李**", "陈**"}
    li, chen = seen["李**"], seen["陈**"]
    assert (li.room, li.bed, li.is_out) == ("512", "1", False)
    assert li.due_at is not None  # is to go before tonight
    assert chen.due_at is None
    clock.advance(clock.timedelta(hours=3))
    jobs.follow_the_clock(clients=None)
    assert by_name(dorm)["李**"].is_out
    clock.advance(clock.timedelta(days=3))
    jobs.follow_the_clock(clients=None)
    assert by_name(dorm)["李**"].is_late
    assert [one.name for one in shown(dorm).away] == ["李**"]


def test_leave_that_begins_tomorrow_or_comes_home_to_sleep_is_not_shown(school, dorm):
    granted(school, asked(days=1, after=24))
    assert shown(dorm).away == []
    granted(school, asked(days=0.2, after=1, leaves_dorm=False))
    clock.advance(clock.timedelta(hours=2))
    jobs.follow_the_clock(clients=None)
    assert shown(dorm).away == []


def test_over_the_vacation_only_who_is_confirmed_may_enter(school, dorm):
    office = Caller(school.office, grants=(Grant("leave.campaign"),))
    plan = Plan(
        CampaignKind.STAY,
        "寒假留校",
        date(2027, 1, 18),
        date(2027, 2, 20),
        day("2027-01-10"),
        unit_ids=(school.class_id,),
    )
    with unit_of_work() as session:
        campaign = service.open_campaign(session, by=office, plan=plan).public_id
        stays = Given(Whereto.STAY, stay_reason=StayReason.STUDY)
        service.answer(session, by=Caller(school.li), campaign_id=campaign, given=stays)
        goes = Given(Whereto.HOME, leaves_at=day("2027-01-19", 12), returns_at=day("2027-02-19", 12))
        service.answer(session, by=Caller(school.chen), campaign_id=campaign, given=goes)

    def may_enter(moment):
        clock.travel(moment)
        return {one.name[0]: one.may_enter for one in shown(dorm).residents}

    assert may_enter(day("2027-01-17")) == {"李": True, "陈": True}  # the term still runs
    assert may_enter(day("2027-01-19", 9)) == {"李": False, "陈": True}  # not confirmed; not gone yet
    say_yes(school.sun, school.wu, school.office)
    assert may_enter(day("2027-01-19", 13)) == {"李": True, "陈": False}
    assert may_enter(day("2027-02-19", 12)) == {"李": True, "陈": True}
    assert shown(dorm).vacation == "寒假留校"
    assert may_enter(day("2027-02-21")) == {"李": True, "陈": True}


def test_who_may_set_a_pin_and_which(school, dorm):
    for building, pin, refusal in (
        (dorm, "12345", PinWrong),
        (dorm, "111122", PinWrong),
        (dorm, "１２３４５６", PinWrong),
        (school.campus.building_t1, PIN, ScreenMissing),
        (999, PIN, ScreenMissing),
    ):
        with unit_of_work() as session, pytest.raises(refusal):
            service.set_pin(session, by=manager(school, building), building_id=building, pin=pin)
    with unit_of_work() as session, pytest.raises(ScreenMissing):
        service.set_pin(session, by=manager(school, 999), building_id=dorm, pin=PIN)


def attempt(screen, pin):
    with unit_of_work() as session:
        return service.try_pin(session, screen_id=screen, pin=pin)


def test_five_wrong_ones_shut_it_for_a_quarter_of_an_hour(screen):
    assert [attempt(screen, "000001") for _ in range(4)] == [None] * 4
    assert attempt(screen, PIN)  # the row is broken
    assert [attempt(screen, "000001") for _ in range(5)] == [None] * 5
    assert attempt(screen, PIN) is None
    clock.advance(clock.timedelta(minutes=14))
    assert attempt(screen, PIN) is None
    clock.advance(clock.timedelta(minutes=1))
    assert attempt(screen, PIN)


def test_neither_pin_nor_key_is_kept(screen):
    key = attempt(screen, PIN)
    with unit_of_work() as session:
        assert PIN not in session.scalars(select(Screen.pin_hash)).one()
        assert key not in session.scalars(select(ScreenKey.key_hash)).one()


# --- pages


def test_the_screen_in_the_lobby(app, school, dorm, screen):
    granted(school, asked(days=2, after=2, reason="回家有事"))
    wall, url = app.test_client(), f"/desk/leave/lobby/{screen}"
    page = wall.get(url)
    assert page.status_code == 200
    assert "请输入 PIN" in page.text
    assert "李**" not in page.text

    def give(pin):
        return wall.post(url, data={"pin": pin, "_csrf": token(wall.get(url).text)})

    refused = give("000001")
    assert refused.status_code == 422
    assert "PIN 不对" in refused.text
    assert give(PIN).status_code == 303
    page = wall.get(url).text
    assert "李**" in page
    for hidden in ("李一鸣", "2023010101", "回家有事", "事假"):
        assert hidden not in page
    clock.advance(clock.timedelta(days=7))
    assert "请输入 PIN" in wall.get(url).text


def token(page):
    return page.partition('name="_csrf" value="')[2].partition('"')[0]


def test_a_new_pin_and_a_closed_screen(app, school, dorm, screen):
    wall, url = app.test_client(), f"/desk/leave/lobby/{screen}"
    wall.post(url, data={"pin": PIN, "_csrf": token(wall.get(url).text)})
    desk = visit.desk(app, school.wu)
    assert "3号楼" in desk.get("/desk/leave/screens/").text

    def send(path, **form):
        return desk.post(f"/desk/leave/screens/{path}", data=form, headers=visit.csrf(desk, "desk"))

    assert "李**" in wall.get(url).text
    weak = send(dorm, pin="1")
    assert weak.status_code == 422
    assert "六位数字" in weak.text
    assert send(dorm, pin="314159").status_code == 303
    assert "李**" not in wall.get(url).text
    assert send(f"{dorm}/close").status_code == 303
    assert wall.get(url).status_code == 404
    assert send(f"{school.campus.building_t1}", pin=PIN).status_code == 404
