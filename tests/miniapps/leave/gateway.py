"""The school's own gates, joined to the application: the list they hold, and the log they give."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.flows import gate_lists, gate_passings
from app.miniapps.leave.models import Scan
from app.platform.notifications.models import Message
from tests.miniapps.leave.school import School, asked, deliver, granted
from tests.vendors import (
    Vendors,
    _vendor_server,  # noqa: F401 - fixture
    vendors,  # noqa: F401 - fixture
)

LI, CHEN = "2023010101", "2023010102"


@dataclass
class Gateway:
    """The controller, and the application joined to it."""

    school: School
    vendors: Vendors
    app: Any
    gate_id: str
    door_id: str

    @property
    def clients(self) -> Any:
        return self.app.extensions["clients"]

    def join(self, **changes: Any) -> None:
        self.app.extensions["clients"] = dataclasses.replace(
            self.clients, gates=self.vendors.gates(**changes)
        )

    def push(self, *, is_whole: bool = False) -> str:
        deliver()
        return gate_lists.push(clients=self.clients, is_whole=is_whole)

    def pull(self) -> str:
        return gate_passings.pull(clients=self.clients).answer

    def held(self) -> list[tuple[str, str]]:
        rows = self.vendors.get("/_sim/gates/list")["entries"]
        return sorted((row["number"], row["direction"]) for row in rows)

    def version(self) -> int:
        return int(self.vendors.get("/_sim/gates/list")["version"])

    def walk(
        self, number: str, direction: str, gate: str = "G1", *, forced: bool = True, **more: Any
    ) -> bool:
        given = {"number": number, "direction": direction, "gate": gate, "forced": forced}
        moment = clock.now().timestamp()
        answer = self.vendors.post("/_sim/gates/pass", {"moment": moment, **given, **more})
        return bool(answer["is_allowed"])

    def run(self, *words: str) -> Any:
        return self.app.test_cli_runner().invoke(args=["leave", *words])


@pytest.fixture
def gateway(app, school: School, vendors: Vendors) -> Iterator[Gateway]:  # noqa: F811
    before = app.extensions["clients"]
    by = Caller(school.office, grants=(Grant("leave.office"),))
    with unit_of_work() as session:
        gates = [service.add_gate(session, by=by, name=name) for name in ("东门", "3 号楼")]
        for gate, code, is_door in zip(gates, ("G1", "D3"), (False, True), strict=True):
            service.change_gate(session, by=by, gate_id=gate.public_id, code=code, is_door=is_door)
        ids = [gate.public_id for gate in gates]
    vendors.set("gates", most_entries=None)
    made = Gateway(school, vendors, app, *ids)
    made.join()
    yield made
    app.extensions["clients"] = before


def scans() -> list[tuple[str, bool]]:
    with unit_of_work() as session:
        rows = session.execute(select(Scan.direction, Scan.is_allowed).order_by(Scan.at, Scan.id))
        return [(row.direction, row.is_allowed) for row in rows]


def alarms() -> int:
    with unit_of_work() as session:
        return len(session.scalars(select(Message.id).where(Message.kind == "leave.gates_silent")).all())


def begun(gateway: Gateway) -> int:
    """李 has leave that began an hour ago; the log is read up to now."""
    leave = granted(gateway.school, asked(after=0.02))
    clock.advance(clock.timedelta(hours=1))
    gateway.walk("2099999999", "out")
    assert gateway.pull() == "end"
    assert scans() == [], "what was before is for the files"
    return leave
