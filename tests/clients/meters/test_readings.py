"""Rooms, readings, use and purchases, as both systems tell them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.meters.isims.answers import meter_rows
from app.clients.meters.protocol import NoSuchRoom
from app.clients.vendor import BadReply, Unavailable, VendorDown
from tests.vendors import HANG, LIGHTS, MACHINES, ROOMS, order, patience, today

each_system = pytest.mark.parametrize("system", ["isims", "synjones"])
RARE = ("龘犇堃喆园", "彧曌翀赟楼", "䶮㙟园", "𠮷祥楼", "阿依古丽·买买提 A&B <1>")
DOWN = (
    "timeout_before",
    "timeout_after",
    "reset_after",
    "http500_before",
    "http500_after",
    "http502_html",
    "http200_html",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
)


def test_a_room_of_isims_is_chosen_step_by_step(vendors):
    meters, path = vendors.meters("isims"), ()
    for name in ("东校区", "3号楼", "5层", "512"):
        (step,) = [node for node in meters.children(path) if node.name == name]
        path = (*path, step.code)
        assert step.is_room == (name == "512")
    room = meters.resolve(path)
    assert room == ROOMS["isims"] and room.label == "东校区 3号楼 5层 512"


def test_a_room_of_synjones_is_typed(vendors):
    meters = vendors.meters("synjones")
    assert [node.name for node in meters.children(())] == ["西校区", "南校区"]
    assert [node.name for node in meters.children(("2",))] == ["西1号楼", "西2号楼", "西3号楼"]
    assert meters.children(("2", "21")) == []
    room = meters.resolve(("2", "21"), " ３０５ ")
    assert room == ROOMS["synjones"] and room.label == "西校区 西1号楼 305"


@pytest.mark.parametrize("typed", ["", "999", "0305", "3\n05", "x" * 50, None])
def test_a_room_that_is_not_there(vendors, typed):
    with pytest.raises(NoSuchRoom):
        vendors.meters("synjones").resolve(("2", "21"), typed)


def test_a_room_of_another_building_is_no_outage(vendors):
    """60037 is called a broken network and means a wrong room."""
    meters = vendors.meters("synjones", line={"failures": 2})
    for number in range(5):
        with pytest.raises(NoSuchRoom):
            meters.resolve(("2", "22"), f"9{number}")
    assert meters.resolve(("2", "22"), "305").key == "22-305"


def test_at_another_school_60037_may_be_the_network(vendors):
    with pytest.raises(VendorDown):
        vendors.meters("synjones", no_such_room=[]).resolve(("2", "21"), "999")


@pytest.mark.parametrize("path", [(), ("EAST",), ("EAST", "E03"), ("WEST", "E03", "E03-5", "E03512"), ("",)])
def test_a_path_that_leads_to_no_room(vendors, path):
    with pytest.raises(NoSuchRoom):
        vendors.meters("isims").resolve(path)


def test_without_a_list_rooms_of_isims_are_typed(vendors):
    meters = vendors.meters("isims", has_room_list=False)
    assert meters.capabilities.typed_room and meters.children(()) == []
    assert meters.resolve((), " E03512 ").key == "E03512"
    with pytest.raises(NoSuchRoom):
        meters.resolve((), "E03999")


def test_a_room_has_several_meters(vendors):
    meters = vendors.meters("isims")
    assert [(each.code, each.kind) for each in meters.meters(ROOMS["isims"])] == [
        ("E035121", "light"),
        ("E035122", "ac"),
        ("E035123", "hot_water"),
    ]
    light, _, water = meters.reading(ROOMS["isims"])
    assert light.kwh is not None and light.fen is not None and light.power_on is True
    assert light.subsidy_kwh is not None and light.as_of is not None
    assert water.kwh is None and water.fen is not None and water.power_on is None


@each_system
def test_a_balance_may_be_negative(vendors, system):
    vendors.post("/_sim/meters/room", {"system": system, "key": ROOMS[system].key, "fen": -570})
    reading = vendors.meters(system).reading(ROOMS[system])[0]
    assert reading.fen in (None, -570)
    assert reading.kwh in (None, Decimal("-10.56"))


@pytest.mark.parametrize("building", ["21", "22", "23"])
def test_each_building_words_it_in_its_own_way(vendors, building):
    room = vendors.meters("synjones").resolve(("2", building), "305")
    vendors.post("/_sim/meters/room", {"system": "synjones", "key": room.key, "fen": 5_400})
    (reading,) = vendors.meters("synjones").reading(room)
    assert {reading.kwh, reading.fen} <= {Decimal("100.00"), 5_400, None}
    assert reading.power_on is None and reading.raw_text


def test_a_sentence_without_a_number_is_a_bad_reply(vendors):
    meters = vendors.meters("synjones")
    for text in ("", "房间剩余电量:", "照明剩余电量:1.00,空调剩余电量:2.00"):
        vendors.fault("card", "balance_text_variant", op="reading", text=text)
        with pytest.raises(BadReply):
            meters.reading(ROOMS["synjones"])


def test_a_school_may_bring_its_own_patterns(vendors):
    meters = vendors.meters("synjones", patterns=[r"表一:(?P<kwh>-?\d+\.\d+)"])
    vendors.fault("card", "balance_text_variant", op="reading", text="表一:12.34 表二:56.78")
    assert meters.reading(ROOMS["synjones"])[0].kwh == Decimal("12.34")


@each_system
def test_a_reading_tells_its_age_when_it_is_old(vendors, system):
    vendors.fault(MACHINES[system], "stale_balance", op="reading", hours=5)
    reading = vendors.meters(system).reading(ROOMS[system])[0]
    assert timedelta(hours=4.9) < reading.fetched_at - reading.as_of < timedelta(hours=5.1)


@each_system
@pytest.mark.parametrize("fault", DOWN)
def test_a_reading_that_fails_is_never_a_number(vendors, system, fault):
    vendors.fault(MACHINES[system], fault, op="reading", delay=HANG)
    with pytest.raises((Unavailable, BadReply)):
        vendors.meters(system, **patience(fault)).reading(ROOMS[system])


@each_system
@pytest.mark.parametrize("fault", ["wrong_charset", "bom"])
@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_names_come_through_in_any_charset(vendors, system, fault, charset):
    vendors.set("card", charset=charset)
    vendors.fault(MACHINES[system], fault, op="tree", times=None)
    names = [node.name for node in vendors.meters(system).children(())]
    assert names == (["东校区"] if system == "isims" else ["西校区", "南校区"])


@each_system
@pytest.mark.parametrize("name", RARE)
def test_rare_characters_in_names_survive_both_ways(vendors, system, name):
    path = ("EAST", "X1", "X1-1") if system == "isims" else ("2", "29")
    key = "X1101" if system == "isims" else "29-101"
    vendors.post(
        "/_sim/meters/room",
        {
            "add": True,
            "system": system,
            "key": key,
            "campus": path[0],
            "campus_name": "东校区" if system == "isims" else "西校区",
            "building": path[1],
            "building_name": name,
            "floor": "1",
            "number": "101",
        },
    )
    meters = vendors.meters(system)
    assert name in [node.name for node in meters.children(path[:1])]
    room = meters.resolve((*path, key) if system == "isims" else path, "101")
    assert name in room.label
    request = order(system, room=room, meter=meters.meters(room)[0].code)
    assert meters.top_up(request).status == "applied"
    assert meters.query_top_up(request).agrees_with(request)


def test_use_and_purchases_of_sixty_days(vendors):
    meters, room, day = vendors.meters("isims"), ROOMS["isims"], today()
    use = meters.usage(room, LIGHTS["isims"], day - timedelta(days=90), day)
    assert len(use) == 60 and all(0 < each.kwh < 10 for each in use)
    assert use[-1].day == day - timedelta(days=1)
    assert meters.usage(room, "E035123", day - timedelta(days=9), day) == []
    before = meters.purchases(room, LIGHTS["isims"], day - timedelta(days=90), day)
    assert before and all(each.order_no is None for each in before)
    meters.top_up(order("isims", fen=4_200))
    after = meters.purchases(room, LIGHTS["isims"], day, day)
    assert [(each.day, each.fen) for each in after] == [(day, 4_200)]


def test_a_system_without_use_says_so(vendors):
    meters = vendors.meters("synjones")
    assert not meters.capabilities.has_usage and not meters.capabilities.has_purchases
    with pytest.raises(Unavailable):
        meters.usage(ROOMS["synjones"], "1", today(), today())
    with pytest.raises(Unavailable):
        meters.purchases(ROOMS["synjones"], "1", today(), today())


def test_the_power_is_told_apart_from_the_balance(vendors):
    meters = vendors.meters("isims")
    vendors.post("/_sim/meters/room", {"key": "E03512", "fen": -2_000})
    assert meters.reading(ROOMS["isims"])[0].power_on is False
    meters.top_up(order("isims"))
    assert meters.reading(ROOMS["isims"])[0].power_on is True
    vendors.fault("meters", "http500_before", op="power", times=None)
    reading = meters.reading(ROOMS["isims"])[0]
    assert reading.power_on is None and reading.kwh > 0
    quiet = vendors.meters("isims", asks_power=False)
    assert quiet.reading(ROOMS["isims"])[0].power_on is None


scraps = st.sampled_from(["", None, "-", "无", "12.3.4", "1,2", "NaN", "Infinity", "1e3", [], {}, "十", True])


@given(scraps, scraps)
def test_a_balance_that_is_not_a_number_is_unreadable(syl, sylje):
    row = {"mdname": "照明用电", "mdtype": "1", "hdclassname": "电表", "SYL": syl, "SYLJE": sylje}
    answer = {
        "data": {"roomdm": "E1", "topUpTypeList": [{"cztype": "E11", "mdname": "照明用电"}], "sylList": [row]}
    }
    with pytest.raises((ValueError, TypeError)):
        meter_rows(answer, "E1")


def test_the_item_is_looked_up_when_the_settings_do_not_name_it(vendors):
    meters = vendors.meters("synjones")
    meters.reading(ROOMS["synjones"])
    meters.reading(ROOMS["synjones"])
    assert vendors.calls("card") == {"tree": 1, "reading": 2}
    named = vendors.meters("synjones", aid="0030000000002501")
    named.reading(ROOMS["synjones"])
    assert vendors.calls("card") == {"tree": 1, "reading": 3}
