"""Fills the house of the browser tests, `python -m tests.browser.seed base|crowd`; prints what it made.

`base` is the small campus of the story: its people, their WeChat accounts, roles, door codes. `crowd` adds
what pages must be looked at with: long names, full lists, a ticket in every state. It runs in a process
of its own with the stage's environment and does everything through the real services.
"""

import json
import sys
from datetime import timedelta
from typing import Any

from app.factory import create_app
from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.platform.directory import queries as lookup
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.repairs import queries, service
from app.repairs.service import Report
from dev.seed import electricity
from sandbox.meters.rooms import campus_rooms
from tests.chaos.seed import link, sign_in
from tests.chaos.stage import ROOT
from tests.make import SINCE, CampusOfTests, add_member, make_campus
from tests.repairs.conftest import House

PASSWORD = "老赵的口令-很长的一句"
METERED = ("E03512", "E03101")
LONG_NAME = "阿依古丽·买买提艾力·阿卜杜热合曼"
LONG_BUILDING = "研究生与留学生综合公寓（东区北侧）"
LONG_BUILDING_EN = "Postgraduate and International Students Apartments (East Campus, North Side)"
LONG_DETAIL = (
    "卫生间洗手池下面的水管接头一直在滴水，地上已经积了一滩，我们用桶接着，大概两小时满一桶。"
    "晚上更厉害一些，怕漏到楼下。钥匙在宿管阿姨那里，随时可以进来修。"
)


def main(what: str) -> dict[str, Any]:
    app = create_app()
    return base(app) if what == "base" else crowd(app)


def base(app: Any) -> dict[str, Any]:
    ids = make_campus()
    catalogue = json.loads((ROOT / "samples" / "repairs-catalogue.json").read_text("utf-8"))
    administrator = Caller(ids.zheng, surface="desk")
    with db.unit_of_work() as session:
        service.load_catalogue(session, categories=catalogue["categories"], reasons=catalogue["reasons"])
        service.add_route(session, unit_id=ids.unit, team_id=ids.team_east)
        _grant(session, ids)
        for building_id in (ids.building_3, ids.building_t1):
            service.issue_door_codes(session, by=administrator, building_id=building_id)
        identity.set_password(session, by=None, person_id=ids.zhao, password=PASSWORD, must_change=False)
        for number, person_id in (("2023010101", ids.li), ("W0001", ids.wang), ("T0001", ids.zhao)):
            link(session, app.config["WECHAT_APPID"], number, person_id)
        meters = (campus_rooms()["isims"][key] for key in METERED)
        electricity.serve(session, "isims", list(meters))
        electricity.add_fee_items(session)
    with db.unit_of_work() as session:
        doors = queries.door_labels(session, ids.building_3) + queries.door_labels(session, ids.building_t1)
    return {"doors": [{"code": code, "label": label} for code, label in doors], "password": PASSWORD}


def _grant(session: Any, ids: CampusOfTests) -> None:
    everywhere = ("administrator", "repairs.administrator", "notifications.administrator")
    for role in everywhere:
        identity.grant_role(session, by=None, person_id=ids.zheng, role=role)
    for person_id, role, kind, scope_id in (
        (ids.zhao, "repairs.dispatcher", "unit", ids.unit),
        (ids.he, "repairs.head", "team", ids.team_east),
    ):
        identity.grant_role(
            session, by=None, person_id=person_id, role=role, scope_kind=kind, scope_id=scope_id
        )


# --- What pages are looked at with


def crowd(app: Any) -> dict[str, Any]:
    house = _house()
    with db.unit_of_work() as session:
        long = _long_names(session, house.ids)
        service.issue_door_codes(session, by=house.nobody, building_id=long["building"])
        door = queries.door_labels(session, long["building"])[0][0]
        link(session, app.config["WECHAT_APPID"], "2023010103", long["person"])
    tickets = _every_state(house) | _long_ticket(house, long)
    _full_lists(house, long)
    with db.unit_of_work() as session:
        worker = sign_in(app, session, house.ids.wang, "phone")
        people = {
            "li": sign_in(app, session, house.ids.li, "phone"),
            "long": sign_in(app, session, long["person"], "phone"),
            "chen": sign_in(app, session, house.ids.chen, "phone"),
            "james": sign_in(app, session, long["james"], "phone"),
            "nobody": sign_in(app, session, house.ids.zheng, "phone"),
            "zhao": sign_in(app, session, house.ids.zhao, "desk"),
            "zheng": sign_in(app, session, house.ids.zheng, "desk"),
            "he": sign_in(app, session, house.ids.he, "desk"),
        }
    return {"people": people | {"wang": worker}, "tickets": tickets, "door_long": door}


def _house() -> House:
    """The story's campus again, with callers for the services."""
    with db.unit_of_work() as session:
        person = {
            key: lookup.find_person_by_number(session, number).id
            for key, number in (
                ("li", "2023010101"),
                ("chen", "2023010102"),
                ("zhao", "T0001"),
                ("he", "T0006"),
                ("wang", "W0001"),
                ("liu", "W0002"),
                ("zheng", "T0002"),
            )
        }
        units = {code: lookup.find_org_unit(session, code).id for code in ("WXZX", "T-EAST", "T-URGENT")}
        dorm, lectures = (lookup.find_building(session, code) for code in ("E03", "E-T1"))
        rooms = {
            room.number: room.id for house in (dorm, lectures) for room in lookup.rooms(session, house.id)
        }
    ids = CampusOfTests(
        campus=dorm.campus_id,
        building_3=dorm.id,
        building_t1=lectures.id,
        room_512=rooms["512"],
        room_101=rooms["101"],
        room_201=rooms["201"],
        bed_1=0,
        unit=units["WXZX"],
        team_east=units["T-EAST"],
        team_urgent=units["T-URGENT"],
        **person,
    )
    board = Grant("repairs.read_board")
    return House(
        ids=ids,
        li=Caller(ids.li, surface="phone"),
        chen=Caller(ids.chen, surface="phone"),
        zhao=Caller(ids.zhao, (board, Grant("repairs.dispatch", "unit", ids.unit)), "desk"),
        he=Caller(ids.he, (board, Grant("repairs.lead", "team", ids.team_east)), "desk"),
        wang=Caller(ids.wang, surface="phone"),
        liu=Caller(ids.liu, surface="phone"),
        nobody=Caller(ids.zheng, surface="phone"),
    )


def _long_names(session: Any, ids: CampusOfTests) -> dict[str, int]:
    building = directory.add_building(
        session,
        by=None,
        campus_id=ids.campus,
        code="E-LONG",
        name=LONG_BUILDING,
        name_en=LONG_BUILDING_EN,
        kind="dorm",
    )
    room = directory.add_room(
        session,
        by=None,
        building_id=building,
        floor=12,
        number="1208-B",
        name="公共活动室与自助洗衣房",
        name_en="Common room and laundry",
    )
    bed = directory.add_bed(session, by=None, room_id=room, code="4")
    person = add_member(session, LONG_NAME, "2023010103", "student", None, phone="10000000003")
    james = directory.add_person(
        session,
        by=None,
        name="奥科罗·詹姆斯",
        name_en="James Chukwuemeka Okoro-Williams",
        number="2024990001",
    )
    directory.add_affiliation(
        session, by=None, person_id=james, kind="student", org_unit_id=None, starts_on=SINCE
    )
    directory.assign_bed(session, by=None, person_id=person, bed_id=bed, starts_on=SINCE)
    add_member(session, "吐尔逊江·阿卜杜克热木·麦麦提敏", "W0003", "contractor", ids.team_east)
    return {"building": building, "room": room, "person": person, "james": james}


STATES = ("submitted", "triaged", "dispatched", "taken", "working", "on_hold", "finished", "closed")


def _every_state(house: House) -> dict[str, str]:
    """One of 李's tickets in each state, by fault and place in turn."""
    faults = ("electric.lamp", "water.tap", "electric.socket", "wood.door")
    made = {}
    for at, state in enumerate((*STATES, "cancelled", "rejected")):
        places = {"category": faults[at % len(faults)], "place_note": "靠窗" if at % 2 else ""}
        made[state] = house.bring_to(state, **places)
    rated = house.bring_to("closed", category=faults[0])
    house.act(
        house.li, rated, "rate", speed=5, quality=4, attitude=5, note="师傅很耐心，修完还收拾干净了", tags=()
    )
    back = house.bring_to("finished", category=faults[0])
    house.act(house.li, back, "rework", note="只亮了一半，另一半还是不亮")
    return made | {"rated": rated, "rework": back}


def _long_ticket(house: House, long: dict[str, int]) -> dict[str, str]:
    who = Caller(long["person"], surface="phone")
    fields = {"detail": LONG_DETAIL, "place_note": "卫生间洗手池下面靠近门口的那一侧，蹲下才看得到"}
    room = {"room_id": long["room"], "building_id": long["building"]}
    with db.unit_of_work() as session:
        report = Report(category="water.drip", access="anytime", **room, **fields)
        made = service.submit_ticket(session, by=who, report=report)
    house.act(house.zhao, made.public_id, "dispatch", worker_id=house.ids.wang)
    return {"long": made.public_id}


def _full_lists(house: House, long: dict[str, int]) -> None:
    """Enough for several screens and a second page; some overdue, some of danger."""
    with db.unit_of_work() as session:
        faults = [f.code for t in queries.categories(session) for f in t.faults]
        students = [add_member(session, f"学生{n:02}", f"20239{n:05}", "student", None) for n in range(12)]
        rooms = [house.ids.room_512, house.ids.room_101, house.ids.room_201, long["room"]]
    late = clock.now() - timedelta(days=3)
    for n in range(60):
        by = Caller(students[n % len(students)], surface="phone")
        if n % 5 == 0:
            clock.travel(late + timedelta(minutes=n * 7))
        with db.unit_of_work() as session:
            report = Report(
                category=faults[n % len(faults)],
                room_id=rooms[n % len(rooms)],
                detail=("", "开关按了没有反应", LONG_DETAIL)[n % 3],
            )
            made = service.submit_ticket(session, by=by, report=report)
        if n % 4 == 1:
            house.act(house.zhao, made.public_id, "dispatch", worker_id=house.ids.wang)
        clock.travel(None)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))  # noqa: T201
