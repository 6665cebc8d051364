"""The electricity control of the sandbox: its rooms, its past, its clock, its book."""

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.clients.vendor import DuplicateOrder
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.days import date_of, day_of, number_of, start_of
from sandbox.machine import Machine
from sandbox.meters import dorms
from sandbox.meters.plant import DEFAULTS
from sandbox.meters.rooms import AIR, HOT_WATER, LIGHT, campus_rooms
from sandbox.meters.state import Meters, use_between, use_of_day
from sandbox.store import Store
from tests.vendors import (
    LIGHTS,
    ROOMS,
    _vendor_server,  # noqa: F401 - fixture
    order,
    vendors,  # noqa: F401 - fixture
)

ROOM = campus_rooms()["isims"]["E03512"]


def sampled(name: str) -> list[list]:
    workbook = CalamineWorkbook.from_path(str(dorms.WORKBOOK))
    return workbook.get_sheet_by_name(name).to_python()[1:]


class Knobs(dict):
    """A machine's switches without a sandbox around them."""

    def change(self, given: dict) -> None:
        self.update(given)


@pytest.fixture
def meters(tmp_path) -> Meters:
    store = Store(tmp_path / "meters.db")
    return Meters(store, Machine("meters", DEFAULTS, store, Knobs(meters={})))


def ahead(meters: Meters, days: float) -> None:
    meters._store.clock_offset = days * 86_400


def test_the_list_of_dormitories_is_the_sample_campus():
    assert dorms.TARGET.read_text("utf-8") == dorms.as_json(dorms.read(dorms.WORKBOOK))


def test_every_bed_of_the_sample_campus_has_its_meters():
    known = {system: set(rooms) for system, rooms in campus_rooms().items()}
    buildings = {room.building_name for rooms in campus_rooms().values() for room in rooms.values()}
    names = {row[1]: row[2] for row in sampled("楼栋")}
    for _, building, number, *_ in sampled("住宿"):
        area = {"W": "2", "S": "3"}.get(building[0])
        key = f"{area}{int(building[1:])}-{number}" if area else f"{building}{number}"
        assert key in known["synjones" if area else "isims"]
        assert names[building] in buildings


def test_the_same_campus_has_the_same_past(meters, tmp_path):
    other = Store(tmp_path / "other.db")
    twin = Meters(other, Machine("meters", DEFAULTS, other, Knobs(meters={})))
    for each in (meters, twin):
        each.settle(ROOM, LIGHT)
    sql = "SELECT day, used FROM meter_days WHERE day < ? ORDER BY day"
    bought = "SELECT fen, applies FROM meter_credits ORDER BY applies"
    today = (date_of(day_of(other.now())).isoformat(),)
    assert meters._store.all(sql, today) == other.all(sql, today)
    assert meters._store.all(bought) == other.all(bought)
    assert len(other.all(sql, today)) == 60


@given(st.lists(st.floats(0, 86_400), max_size=6), st.sampled_from([LIGHT, AIR, HOT_WATER]))
def test_a_day_in_pieces_is_a_day(cuts, kind):
    day = number_of(date(2026, 11, 22))
    moments = [start_of(day), *(start_of(day) + cut for cut in sorted(cuts)), start_of(day + 1)]
    pieces = [use_between(ROOM, kind, day, a, b) for a, b in zip(moments, moments[1:], strict=False)]
    assert sum(pieces) == use_of_day(ROOM, kind, day) > 0
    assert min(pieces) >= 0


def test_asking_often_changes_nothing(meters, tmp_path):
    store = Store(tmp_path / "other.db")
    seldom = Meters(store, Machine("meters", DEFAULTS, store, Knobs(meters={})))
    assert seldom.first_day() == meters.first_day()  # before the clock moves on, over a midnight too
    for hours in range(1, 72, 5):
        ahead(meters, hours / 24)
        meters.settle(ROOM, AIR)
    ahead(meters, 3)
    ahead(seldom, 3)
    often, once = meters.settle(ROOM, AIR), seldom.settle(ROOM, AIR)
    assert abs(often.millifen - once.millifen) <= 1_000


def test_a_meter_that_nobody_fills_switches_off_at_its_limit(meters):
    meters.settle(ROOM, AIR)
    ahead(meters, 60)
    state = meters.settle(ROOM, AIR)
    assert not state.powered
    assert -1_000_000 <= state.millifen < -1_000_000 + 54 * 1_000
    ahead(meters, 90)
    assert meters.settle(ROOM, AIR).millifen == state.millifen


def test_the_subsidy_comes_with_the_month_and_is_used_first(meters):
    seen = {}
    for days in range(150):
        ahead(meters, days)
        meters.set_balance(ROOM, LIGHT, 100_000)
        state = meters.settle(ROOM, LIGHT)
        seen.setdefault(date_of(day_of(state.at)).replace(day=1), []).append(state.subsidy)
    full = [month for month in list(seen)[1:] if max(seen[month]) > 12_000]
    assert full == [month for month in list(seen)[1:] if month.month not in (2, 8)]


def test_what_was_credited_is_on_the_meter_at_once(vendors):  # noqa: F811
    before = vendors.post("/_sim/meters/room", {"key": "E03512"})
    vendors.meters("isims").top_up(order("isims"))
    after = vendors.post("/_sim/meters/room", {"key": "E03512"})
    assert 4_990 <= round(after["fen"] - before["fen"]) <= 5_000


def test_at_night_there_may_be_no_power(vendors):  # noqa: F811
    vendors.set("meters", night_cut=True)
    told = set()
    for hours in range(24):
        vendors.ahead(hours * 3_600)
        told.add(vendors.meters("isims").reading(ROOMS["isims"])[0].power_on)
    assert told == {True, False}


def test_a_daily_read_out_is_of_one_in_the_morning(vendors):  # noqa: F811
    vendors.set("meters", readout="daily")
    reading = vendors.meters("isims").reading(ROOMS["isims"])[0]
    assert (reading.as_of.hour, reading.as_of.minute) == (1, 0)
    assert timedelta(0) <= reading.fetched_at - reading.as_of <= timedelta(days=1)


def test_many_at_once_with_one_number(vendors):  # noqa: F811
    vendors.set("meters", duplicates="refuse")
    meters, won = vendors.meters("isims"), []

    def send() -> None:
        try:
            won.append(meters.top_up(order("isims")).status)
        except DuplicateOrder:
            won.append("duplicate")

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(won) == ["applied", *["duplicate"] * 7]
    assert len(vendors.credits(order("isims").order_no)) == 1


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({}, True),
        ({"op": "top_up"}, True),
        ({"op": "TopUp"}, True),
        ({"op": "top*"}, True),
        ({"op": "query*"}, False),
        ({"room": "E03512"}, True),
        ({"room": "E03511"}, False),
        ({"order_no": "E26112200001A"}, True),
        ({"order_no": "E26112200002A"}, False),
        ({"op": "top_up", "room": "E03512", "order_no": "E26112200001A"}, True),
        ({"account": "1"}, False),
    ],
)
def test_a_fault_meets_only_what_it_is_meant_for(vendors, match, hits):  # noqa: F811
    vendors.fault("meters", "http500_before", **match)
    assert post(vendors, order("isims")) == (500 if hits else 200)
    assert post(vendors, order("isims")) == 200
    state = vendors.get("/_sim/meters/state")
    assert len(state["faults"]) == (0 if hits else 1)


def post(vendors, request) -> int:  # noqa: F811
    """The status of a top-up, whatever the adapter would make of it."""
    from_adapter = vendors.meters("isims")._isims._request(
        "TopUp",
        {
            "orderid": request.order_no,
            "cztype": LIGHTS["isims"],
            "roomdm": request.room.key,
            "money": "50.00",
        },
    )
    return requests.post(from_adapter.url, data=from_adapter.body, headers=from_adapter.headers).status_code


def test_times_null_is_for_ever_and_flap_is_evenly_spread(vendors):  # noqa: F811
    vendors.fault("meters", "http502_html", op="top_up", times=None)
    assert {post(vendors, order("isims")) for _ in range(4)} == {502}
    vendors.post("/_sim/meters/reset")
    vendors.fault("meters", "flap", op="top_up", p=0.25, times=None)
    dropped = 0
    for _ in range(12):
        try:
            post(vendors, order("isims"))
        except requests.ConnectionError:
            dropped += 1
    assert dropped == 3


@pytest.mark.parametrize(
    "fault",
    [{"fault": "earthquake"}, {"fault": "slow", "match": {"name": "x"}}, {"fault": "slow", "when": 1}, {}],
)
def test_a_fault_that_is_not_on_the_menu(vendors, fault):  # noqa: F811
    answer = requests.post(f"{vendors.base}/_sim/meters/fault", json=fault)
    assert answer.status_code == 400 and "late_apply" in answer.json()["faults"]


@pytest.mark.parametrize("knobs", [{"speed": 1}, {"overdraft_fen": "much"}, {"night_cut": "yes"}])
def test_a_switch_that_does_not_exist(vendors, knobs):  # noqa: F811
    assert requests.post(f"{vendors.base}/_sim/meters/set", json=knobs).status_code == 400


def test_a_restart_changes_nothing(tmp_path):
    numbers = []
    for _ in range(2):
        app = create_app(Config(data_dir=tmp_path, samples_dir=tmp_path))
        client = app.test_client()
        if not numbers:
            client.post("/_sim/meters/fault", json={"fault": "slow", "times": 3})
            client.post("/_sim/meters/set", json={"delivery": "batch"})
            client.post("/_sim/meters/room", json={"key": "E03512", "fen": 123})
        state = client.get("/_sim/meters/state").json
        room = client.post("/_sim/meters/room", json={"key": "E03512"}).json
        numbers.append((state["faults"], state["knobs"], round(room["fen"])))
        app.extensions["sandbox"].pusher.close()
        app.extensions["sandbox"].store.close()
    assert numbers[0] == numbers[1]


def test_a_reset_of_the_world_empties_the_book(vendors):  # noqa: F811
    vendors.meters("isims").top_up(order("isims"))
    vendors.set("meters", delivery="batch")
    vendors.post("/_sim/reset")
    assert vendors.get("/_sim/meters/credits") == []
    assert vendors.get("/_sim/meters/state")["knobs"]["delivery"] == "instant"


def test_what_is_no_soap_is_told_so(vendors):  # noqa: F811
    url = f"{vendors.base}/meters/IAppService.svc"
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for body in (b"", b"hello", bomb, "<Envelope/>".encode("utf-16"), b"\xff\xfe"):
        answer = requests.post(url, data=body)
        assert answer.status_code == 500 and "soap:Fault" in answer.content.decode("gbk")


def test_rooms_are_listed_for_the_curious(vendors):  # noqa: F811
    assert len(vendors.get("/_sim/meters/rooms")) == len(campus_rooms()["isims"])
    assert requests.get(f"{vendors.base}/_sim/meters/rooms?system=x").status_code == 400
    assert requests.post(f"{vendors.base}/_sim/meters/room", json={"key": "X"}).status_code == 404


def test_the_key_of_statements_is_checked(vendors):  # noqa: F811
    url = f"{vendors.base}/meters/statements/DZ_WL001_20261122.txt"
    assert requests.get(url).status_code == 403
    assert requests.get(f"{url}?date=20261122&sign=X").status_code == 403
    assert requests.get(f"{vendors.base}/meters/statements/passwd").status_code == 404


def test_the_sample_workbook_is_where_the_sandbox_looks():
    assert Path(dorms.WORKBOOK).exists()
