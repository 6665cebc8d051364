"""Electricity as the card platform sells it: areas, buildings, a sentence per room, top-ups (an invention)."""

from collections.abc import Mapping
from typing import Any

from sandbox.card.operations import Bank, check_hours, fen_of
from sandbox.days import second_text
from sandbox.machine import Refusal, Trouble
from sandbox.meters.answers import STATUS, shown
from sandbox.meters.orders import TopUp
from sandbox.meters.plant import plant
from sandbox.meters.rooms import LIGHT, Room
from sandbox.meters.state import State
from sandbox.store import Row

SYSTEM = "synjones"
AID = "0030000000002501"
Given = Mapping[str, Any]


def apps(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    if given["apptype"] != "elec":
        return {"applist": []}
    return {"applist": [{"aid": AID, "name": "电费", "apptype": "elec"}]}


def areas(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    check_aid(given)
    found = {room.campus: room.campus_name for room in plant().rooms.all(SYSTEM)}
    return {"areatab": [{"area": code, "areaname": name} for code, name in found.items()]}


def buildings(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    check_aid(given)
    area = str(given["area"]["area"])
    found = {room.building: room.building_name for room in plant().rooms.all(SYSTEM) if room.campus == area}
    return {"buildingtab": [{"buildingid": code, "building": name} for code, name in found.items()]}


def room_of(given: Given) -> Room:
    """By area, building and what was typed; a room of another building gets the code that means a broken net."""
    check_aid(given)
    key = f"{given['building']['buildingid']}-{given['room']['roomid']}"
    room = plant().rooms.find(SYSTEM, key)
    if room is None or room.campus != given["area"]["area"]:
        raise Refusal("no_room")
    return room


def room_info(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    """The reading is in `errmsg`."""
    room = room_of(given)
    return {"errmsg": sentence(room, shown(plant(), room, LIGHT, trouble), trouble)}


def sentence(room: Room, state: State, trouble: Trouble) -> str:
    """One of three styles, by building; an old reading says its time."""
    if trouble.kind == "balance_text_variant":
        return str(trouble.option("text")) or "查询成功"
    kwh, yuan = state.millifen / LIGHT.price / 1000, state.millifen / 100_000
    texts = (
        f"房间剩余电量:{kwh:.2f}",
        f"房间号：{room.number},剩余金额：{yuan:.2f}，单价：{LIGHT.price / 100:.4f}",
        f"当前余额{yuan:.2f}元,当前剩余电量{kwh:.2f}度",
    )
    age = f" 截至{second_text(state.at)[:16]}" if trouble.kind == "stale_balance" else ""
    return texts[(int(room.building) if room.building.isdecimal() else 0) % 3] + age


def top_up(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    check_hours(made)
    room = room_of(given)
    asked = TopUp(SYSTEM, str(given["orderno"]), room.key, LIGHT.code, fen_of(given["amt"]))
    row = plant().orders.take(
        asked, trouble, duplicates=made.machine["duplicates"], delivery=made.machine["elec_delivery"]
    )
    repeated = {"errmsg": "[订单号重复]"} if row.get("repeated") else {}
    return {"journo": reference(row), "status": STATUS[plant().orders.status(row)], **repeated}


def query(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    orders = plant().orders
    row = orders.find(SYSTEM, str(given["orderno"]))
    if row is None:
        raise Refusal("no_order")
    building, _, number = row["credited_room"].partition("-")
    return {
        "orderno": row["order_no"],
        "journo": reference(row),
        "buildingid": building,
        "roomid": number,
        "amt": str(row["credited_fen"]),
        "status": STATUS[orders.status(row)],
        "time": second_text(row["applies"]),
    }


def reference(row: Row) -> str:
    return f"XD{row['id']:010d}"


def check_aid(given: Given) -> None:
    if given["aid"] != AID or not given["account"]:
        raise Refusal("bad_request")
