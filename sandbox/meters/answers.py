"""What each call of ISIMS does, and the rows of the statement."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.days import date_of, day_of, local, second_text, start_of, within
from sandbox.machine import Refusal, Trouble
from sandbox.meters.orders import TopUp, kind_of
from sandbox.meters.plant import Plant
from sandbox.meters.rooms import KINDS, MeterKind, Room
from sandbox.meters.state import State, is_night
from sandbox.statement import Line

Given = dict[str, str]
SYSTEM = "isims"
STATUS = {"applied": "1", "accepted": "2"}
KIND_NAMES = {"order": "微信充值", "counter": "窗口充值"}


def room_of(plant: Plant, given: Given) -> Room:
    room = plant.rooms.find(SYSTEM, given["roomdm"])
    if room is None:
        raise Refusal("no_room")
    return room


def balances(plant: Plant, given: Given, trouble: Trouble) -> dict[str, Any]:
    """GetYEInfo."""
    room = room_of(plant, given)
    kinds = KINDS[SYSTEM]
    return {
        "code": "0",
        "msg": "success",
        "data": {
            "roomdm": room.key,
            "topUpTypeList": [{"cztype": room.key + kind.code, "mdname": kind.name} for kind in kinds],
            "sylList": [balance(kind, shown(plant, room, kind, trouble)) for kind in kinds],
        },
    }


def shown(plant: Plant, room: Room, kind: MeterKind, trouble: Trouble) -> State:
    """The state that people see: now, or as of the last read-out."""
    hours = 0.0
    if trouble.kind == "stale_balance":
        hours = float(trouble.option("hours"))
    elif plant.machine["readout"] == "daily":
        now = plant.store.now()
        hours = ((now - start_of(day_of(now))) / 3600 - 1) % 24
    return plant.meters.at_earlier(room, kind, hours) if hours else plant.meters.settle(room, kind)


def balance(kind: MeterKind, state: State) -> dict[str, str]:
    return {
        "SYL": f"{state.millifen / kind.price / 1000:.2f}",
        "SYLJE": f"{state.millifen / 100_000:.2f}",
        "SYBZ": f"{state.subsidy / 1000:.2f}" if kind.subsidy else "",
        "SYBZJE": f"{state.subsidy * kind.price / 100_000:.2f}" if kind.subsidy else "",
        "mdtype": kind.code,
        "mdname": kind.name,
        "hdclassname": kind.device,
        "CBSJ": second_text(state.at),
    }


def top_up(plant: Plant, given: Given, trouble: Trouble) -> dict[str, Any]:
    """TopUp. No reference comes back."""
    if not within(plant.machine["service_hours"], plant.store.now()):
        raise Refusal("service_closed")
    asked = TopUp(SYSTEM, given["orderid"], given["roomdm"], given["cztype"], fen_of(given["money"]))
    plant.orders.take(
        asked, trouble, duplicates=plant.machine["duplicates"], delivery=plant.machine["delivery"]
    )
    return {"code": 0, "msg": "充值成功！"}


def fen_of(yuan: str) -> int:
    try:
        fen = Decimal(yuan) * 100
    except InvalidOperation:
        raise Refusal("bad_amount") from None
    if not fen.is_finite() or fen != int(fen):
        raise Refusal("bad_amount")
    return int(fen)


def query_order(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """QueryOrder, an invention; can be switched off."""
    if not plant.machine["query_order"]:
        raise Refusal("bad_request")
    found = plant.orders.find(SYSTEM, given["orderid"])
    if found is None:
        raise Refusal("no_order")
    return {
        "code": "0",
        "msg": "success",
        "data": {
            "orderid": found["order_no"],
            "czid": f"DK{found['id']:010d}",
            "roomdm": found["credited_room"],
            "cztype": found["credited_room"] + found["meter"],
            "money": f"{found['credited_fen'] / 100:.2f}",
            "status": STATUS[plant.orders.status(found)],
            "time": second_text(found["applies"]),
        },
    }


def purchases(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """GetBuyRecord: the day alone, and no order number."""
    room = room_of(plant, given)
    kind = kind_of(room, given["cztype"])
    plant.meters.settle(room, kind)
    rows = plant.orders.of_room(room, kind.code, given["fromDate"], given["toDate"])
    data = [
        {
            "roomdm": room.key,
            "datetime": local(row["applies"]).strftime("%Y-%m-%d"),
            "buyusingtpe": KIND_NAMES[row["kind"]],
            "money": f"{row['credited_fen'] / 100:.2f}",
        }
        for row in rows
    ]
    return {"code": "0", "msg": "success", "data": data}


def daily_use(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """GetDayUsedRecords: whole days only."""
    room = room_of(plant, given)
    kind = kind_of(room, given["mdtype"])
    plant.meters.settle(room, kind)
    today = date_of(day_of(plant.store.now())).isoformat()
    rows = plant.store.all(
        "SELECT day, used FROM meter_days WHERE system = ? AND room = ? AND meter = ? AND day >= ? "
        "AND day <= ? AND day < ? ORDER BY day",
        (SYSTEM, room.key, kind.code, given["fromDate"], given["toDate"], today),
    )
    data = [{"roomdm": room.key, "datetime": row["day"], "used": f"{row['used'] / 1000:.2f}"} for row in rows]
    return {"code": "0", "msg": "success", "data": data}


def meter_state(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """GetMeterStu."""
    room = room_of(plant, given)
    state = plant.meters.settle(room, kind_of(room, given["mdtype"]))
    dark = plant.machine["night_cut"] and is_night(plant.store.now())
    return {"status": "正常" if state.powered and not dark else "软件关断"}


def control(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """MeterControl: 0 off, 1 and 2 on; the rest is accepted and does nothing."""
    room = room_of(plant, given)
    kind = kind_of(room, given["mdtype"])
    if given["controltype"] in ("0", "1", "2"):
        plant.meters.switch(room, kind, on=given["controltype"] != "0")
    return {"returncode": "1", "msg": "success"}


def room_list(plant: Plant, given: Given, _: Trouble) -> dict[str, Any]:
    """GetRoomList, an invention: campus, building, floor, room."""
    if not plant.machine["room_list"]:
        raise Refusal("bad_request")
    parent, found = given["parentdm"], {}
    for room in plant.rooms.all(SYSTEM):
        floor = f"{room.building}-{room.floor}"
        steps = {
            "": (room.campus, room.campus_name),
            room.campus: (room.building, room.building_name),
            room.building: (floor, f"{room.floor}层"),
            floor: (room.key, room.number),
        }
        if parent in steps:
            dm, name = steps[parent]
            found[dm] = {"dm": dm, "mc": name, "leaf": "1" if parent == floor else "0"}
    return {"code": "0", "msg": "success", "data": list(found.values())}


def lines(plant: Plant, system: str, day: int) -> list[Line]:
    """The statement's rows of one day."""
    prefix = "DK" if system == SYSTEM else "XD"
    return [
        Line(
            ref=f"{prefix}{row['id']:010d}",
            order_no=row["order_no"],
            moment=row["applies"],
            kind="TOPUP",
            key=row["credited_room"],
            meter=row["credited_room"] + row["meter"] if system == SYSTEM else row["meter"],
            fen=row["credited_fen"],
        )
        for row in plant.orders.of_day(system, day)
    ]


def compact_date(text: str) -> dt.date:
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


CALLS: dict[str, tuple[str, Callable[[Plant, Given, Trouble], dict[str, Any]]]] = {
    "GetYEInfo": ("reading", balances),
    "TopUp": ("top_up", top_up),
    "QueryOrder": ("query_top_up", query_order),
    "GetBuyRecord": ("purchases", purchases),
    "GetDayUsedRecords": ("usage", daily_use),
    "GetMeterStu": ("power", meter_state),
    "MeterControl": ("control", control),
    "GetRoomList": ("tree", room_list),
}
"""Our name for each call, and what it does."""
