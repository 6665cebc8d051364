"""Rooms of the vendor's tree, matched with the directory's by the names of building and room."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.clients.meters.protocol import ElectricityMeters, Node, NoSuchRoom, RoomRef
from app.clients.vendor import Unavailable
from app.kit.db import unit_of_work
from app.miniapps.electricity.queries import rooms
from app.miniapps.electricity.queries.rooms import ServedBuilding, ServedSystem
from app.miniapps.electricity.service.setup import FoundRoom, note_rooms

DEEPEST = 6
TRIES = 5
Say = Callable[[str], None]


@dataclass
class Report:
    """What matched and what did not, in words people can check."""

    matched: int = 0
    vendor_only: list[str] = field(default_factory=list)
    directory_only: list[str] = field(default_factory=list)


def import_rooms(system: str, *, clients: Any, say: Say = lambda _: None) -> Report:
    """Fill the rooms of a system. May be run again: what is known is brought up to date, nothing is deleted."""
    with unit_of_work() as session:
        served = rooms.served_system(session, system)
    meters: ElectricityMeters = clients.meters[system]
    report = Report()
    found = _typed(meters, served, report, say) if meters.capabilities.typed_room else _listed(meters, served)
    matched: set[int] = set()
    for building, batch in found:
        with unit_of_work() as session:
            note_rooms(session, system_id=served.id, found=batch)
        matched |= {room.room_id for room in batch if room.room_id is not None}
        report.vendor_only += [" ".join(room.names) for room in batch if room.room_id is None]
        say(f"{building}: {len(batch)}")
    report.matched = len(matched)
    report.directory_only += [
        f"{building.name} {number}"
        for building in served.buildings
        for number, room_id in building.rooms.items()
        if room_id not in matched and f"{building.name} {number}" not in report.directory_only
    ]
    return report


def _listed(meters: ElectricityMeters, served: ServedSystem) -> Iterator[tuple[str, list[FoundRoom]]]:
    """Walk the whole tree; a batch for each parent of rooms."""
    for path, names, nodes in _parents(meters, (), ()):
        building = _building_of(served, names)
        batch = []
        for node in nodes:
            room_id = building.rooms.get(_plain(node.name)) if building else None
            full = (*names, node.name)
            batch.append(FoundRoom((*path, node.code), node.code, full, room_id))
        yield " ".join(names), batch


def _parents(
    meters: ElectricityMeters, path: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], list[Node]]]:
    """(path, names, rooms) of every node that has rooms right below it."""
    nodes = _patiently(lambda: meters.children(path))
    leaves = [node for node in nodes if node.is_room]
    if leaves:
        yield path, names, leaves
    for node in nodes:
        if not node.is_room and len(path) < DEEPEST:
            yield from _parents(meters, (*path, node.code), (*names, node.name))


def _typed(
    meters: ElectricityMeters, served: ServedSystem, report: Report, say: Say
) -> Iterator[tuple[str, list[FoundRoom]]]:
    """Where rooms are typed, ask for each room that the directory has."""
    depth = len(meters.capabilities.levels) - 1
    for path, names in _branches(meters, (), (), depth):
        building = _building_of(served, names)
        if building is None:
            say(f"{' '.join(names)}: -")
            continue
        batch = []
        for number, room_id in building.rooms.items():
            ref = _resolved(meters, path, number)
            if ref is None:
                report.directory_only.append(f"{building.name} {number}")
            else:
                batch.append(FoundRoom(ref.path, ref.key, ref.names, room_id))
        yield " ".join(names), batch


def _branches(
    meters: ElectricityMeters, path: tuple[str, ...], names: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    if len(path) == depth:
        yield path, names
        return
    for node in _patiently(lambda: meters.children(path)):
        yield from _branches(meters, (*path, node.code), (*names, node.name), depth)


def _resolved(meters: ElectricityMeters, path: tuple[str, ...], number: str) -> RoomRef | None:
    try:
        return _patiently(lambda: meters.resolve(path, number))
    except NoSuchRoom:
        return None


def _patiently(ask: Callable[[], Any]) -> Any:
    """Our own speed limit makes an import wait, not fail."""
    for _ in range(TRIES):
        try:
            return ask()
        except Unavailable as error:
            if error.code != "too_fast":
                raise
    return ask()


def _building_of(served: ServedSystem, names: tuple[str, ...]) -> ServedBuilding | None:
    """The building whose name is one of the steps; its campus must be one too where several share the name."""
    steps = {_plain(name) for name in names}
    same = [building for building in served.buildings if _plain(building.name) in steps]
    if len(same) > 1:
        same = [building for building in same if _plain(building.campus) in steps]
    return same[0] if len(same) == 1 else None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
