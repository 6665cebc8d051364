"""Card, electricity control and payment platform of the sandbox, with short ways to work their switches.

Import the fixtures `vendors` and `_vendor_server` into a conftest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from app.clients.card import open_card
from app.clients.card.protocol import CardSystem
from app.clients.finance import Finance
from app.clients.gates import Gates
from app.clients.meters import open_meters
from app.clients.meters.protocol import ElectricityMeters, RoomRef, TopUpRequest
from app.clients.opening import open_finance, open_gates, open_receipts, open_text_messages, open_unipay
from app.clients.receipts import Receipts
from app.clients.sms import TextMessages
from app.clients.unipay import UniPay
from sandbox import vendors as sandbox_vendors
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.days import local
from sandbox.server import Server

STUDENT = "2023010101"
UNIPAY = "UP01"
QUICK = {
    "connect_seconds": 1.0,
    "read_seconds": 5.0,
    "write_seconds": 5.0,
    "calls_per_second": 5000.0,
    "burst": 5000,
    "failures": 50,
}
HANG = 0.9
"""Seconds that a silent vendor keeps a test's client waiting; the client gives up before."""
ROOMS = {
    "isims": RoomRef(
        "isims", ("EAST", "E03", "E03-5", "E03512"), "E03512", ("东校区", "3号楼", "5层", "512")
    ),
    "synjones": RoomRef("synjones", ("2", "21", "305"), "21-305", ("西校区", "西1号楼", "305")),
}
LIGHTS = {"isims": "E035121", "synjones": "1"}
MACHINES = {"isims": "meters", "synjones": "card"}
"""At which machine the top-ups of a system arrive."""


def patience(fault: str) -> dict[str, Any]:
    """Settings of a client that is going to meet this fault: short of patience where it would have to wait."""
    return {"line": {**QUICK, "read_seconds": 0.45, "write_seconds": 0.45}} if "timeout" in fault else {}


@dataclass
class Vendors:
    """A running sandbox."""

    base: str
    data_dir: Path

    def card(self, **changes: Any) -> CardSystem:
        return open_card({**self.card_settings(), **changes})

    def meters(self, system: str, **changes: Any) -> ElectricityMeters:
        return open_meters({**self.meter_settings(system), **changes})

    def unipay(self, **changes: Any) -> UniPay:
        return open_unipay({"unipay": {UNIPAY: {**self.unipay_settings(), **changes}}})[UNIPAY]

    def finance(self, **changes: Any) -> Finance:
        given = {**sandbox_vendors.finance(self.data_dir, self.base), "line": QUICK, **changes}
        made = open_finance({"finance": given})
        assert made is not None
        return made

    def gates(self, **changes: Any) -> Gates:
        given = {**sandbox_vendors.gates(self.data_dir, self.base), "line": QUICK, **changes}
        made = open_gates({"gates": given})
        assert made is not None
        return made

    def receipts(self, **changes: Any) -> Receipts:
        given = {**sandbox_vendors.receipts(self.data_dir, self.base), "line": QUICK, **changes}
        made = open_receipts({"receipts": given})
        assert made is not None
        return made

    def sms(self, **changes: Any) -> TextMessages:
        given = {**sandbox_vendors.sms(self.data_dir, self.base), "line": QUICK, **changes}
        made = open_text_messages({"sms": given})
        assert made is not None
        return made

    def unipay_settings(self) -> dict[str, Any]:
        return {**sandbox_vendors.unipay(self.data_dir, self.base)[UNIPAY], "line": QUICK}

    def card_settings(self) -> dict[str, Any]:
        return {**sandbox_vendors.card(self.data_dir, self.base), "line": QUICK}

    def meter_settings(self, system: str) -> dict[str, Any]:
        made = {each["system"]: each for each in sandbox_vendors.meters(self.data_dir, self.base)}
        return {**made[system], "line": QUICK}

    def fault(self, machine: str, kind: str, *, times: int | None = 1, **given: Any) -> None:
        match = {name: given.pop(name) for name in ("op", "room", "order_no", "account") if name in given}
        self.post(f"/_sim/{machine}/fault", {"fault": kind, "match": match, "times": times, **given})

    def set(self, machine: str, **knobs: Any) -> None:
        self.post(f"/_sim/{machine}/set", knobs)

    def ahead(self, seconds: float) -> None:
        """Put the sandbox's clock this far before ours."""
        self.post("/_sim/set", {"clock_offset": seconds})

    def calls(self, machine: str) -> dict[str, int]:
        return dict(self.get(f"/_sim/{machine}/state")["calls"])

    def credits(self, order_no: str) -> list[dict[str, Any]]:
        return list(self.get("/_sim/meters/credits", order_no=order_no))

    def debits(self, order_no: str) -> list[dict[str, Any]]:
        return list(self.get("/_sim/card/debits", order_no=order_no))

    def post(self, path: str, body: Any = None) -> Any:
        answer = requests.post(f"{self.base}{path}", json=body or {}, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        return requests.get(f"{self.base}{path}", params=query, timeout=20).json()


@pytest.fixture(scope="session")
def _vendor_server(tmp_path_factory) -> Iterator[Vendors]:
    folder = tmp_path_factory.mktemp("vendors")
    server = Server(create_app(Config(data_dir=folder, port=0, samples_dir=folder)), "127.0.0.1", 0).start()
    yield Vendors(f"http://127.0.0.1:{server.port}", folder)
    server.stop()


@pytest.fixture
def vendors(_vendor_server: Vendors) -> Vendors:
    """All machines as on the first day."""
    _vendor_server.post("/_sim/reset")
    for machine in ("card", "meters", "unipay", "finance", "receipts", "sms", "gates"):
        _vendor_server.post(f"/_sim/{machine}/reset")
    return _vendor_server


def order(system: str, order_no: str = "E26112200001A", fen: int = 5_000, **changes: Any) -> TopUpRequest:
    given = {
        "order_no": order_no,
        "room": ROOMS[system],
        "meter": LIGHTS[system],
        "fen": fen,
        "student_no": STUDENT,
        "requested_at": datetime.now(UTC),
    }
    return TopUpRequest(**{**given, **changes})


def today() -> date:
    """The sandbox's day."""
    return local(datetime.now(UTC).timestamp()).date()
