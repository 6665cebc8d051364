"""The rooms of two electricity systems: the sample campus's dormitories, and whatever a test adds.

`isims` has the east campus, chosen step by step. `synjones` has the west and the south, rooms typed.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.store import Store

SYSTEMS = {"isims": ("EAST",), "synjones": ("WEST", "SOUTH")}
AREAS = {"WEST": "2", "SOUTH": "3"}


@dataclass(frozen=True)
class Room:
    """`key` is what this system calls the room."""

    system: str
    key: str
    campus: str
    campus_name: str
    building: str
    building_name: str
    floor: str
    number: str


@dataclass(frozen=True)
class MeterKind:
    """Thousandths of its unit used on an average day, and the price of a unit in fen."""

    code: str
    name: str
    device: str
    daily: int
    price: int
    subsidy: int = 0


LIGHT = MeterKind("1", "照明用电", "电表", 4_200, 54, subsidy=20_000)
AIR = MeterKind("2", "空调用电", "电表", 5_400, 54)
HOT_WATER = MeterKind("3", "热水", "水表", 80, 2_500)
KINDS = {"isims": (LIGHT, AIR, HOT_WATER), "synjones": (LIGHT,)}


@cache
def campus_rooms() -> dict[str, dict[str, Room]]:
    """Room by key, per system."""
    dorms = json.loads((Path(__file__).parent / "dorms.json").read_text("utf-8"))
    made: dict[str, dict[str, Room]] = {system: {} for system in SYSTEMS}
    for system, campuses in SYSTEMS.items():
        for dorm in dorms:
            if dorm["campus"] not in campuses:
                continue
            for floor, numbers in dorm["floors"].items():
                for number in numbers:
                    room = room_of(system, dorm, floor, number)
                    made[system][room.key] = room
    return made


def room_of(system: str, dorm: dict[str, str], floor: str, number: str) -> Room:
    if system == "isims":
        place, key = (dorm["campus"], dorm["building"]), f"{dorm['building']}{number}"
    else:
        area = AREAS[dorm["campus"]]
        building = area + dorm["building"].lstrip("WS0")
        place, key = (area, building), f"{building}-{number}"
    return Room(
        system, key, place[0], dorm["campus_name"], place[1], dorm["building_name"], str(floor), number
    )


class Rooms:
    """The campus's rooms and those that were added."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, system: str, key: str) -> Room | None:
        known = campus_rooms()[system].get(key)
        if known is not None:
            return known
        row = self._store.one("SELECT * FROM meter_rooms WHERE system = ? AND key = ?", (system, key))
        return Room(**row) if row else None

    def all(self, system: str) -> list[Room]:
        added = self._store.all("SELECT * FROM meter_rooms WHERE system = ? ORDER BY key", (system,))
        return [*campus_rooms()[system].values(), *(Room(**row) for row in added)]

    def neighbour(self, room: Room) -> Room:
        """The next room, for credits that go astray."""
        everyone = self.all(room.system)
        return everyone[(everyone.index(room) + 1) % len(everyone)]

    def add(self, room: Room) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO meter_rooms VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            tuple(room.__dict__.values()),
        )

    def close(self, room: Room, *, closed: bool) -> None:
        """A closed room takes no top-ups."""
        if closed:
            self._store.run("INSERT OR IGNORE INTO meter_closed VALUES (?, ?)", (room.system, room.key))
        else:
            self._store.run("DELETE FROM meter_closed WHERE system = ? AND room = ?", (room.system, room.key))

    def is_closed(self, room: Room) -> bool:
        found = self._store.value(
            "SELECT 1 FROM meter_closed WHERE system = ? AND room = ?", (room.system, room.key)
        )
        return bool(found)
