"""A dormitory with meters: the directory's rooms, the sandbox's electricity systems, and people who live there."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.kit import clock, db, outbox
from app.kit.caller import Caller, Grant
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import reading
from app.miniapps.electricity.models import Meter, Room, TopUp
from app.miniapps.electricity.queries import home
from app.miniapps.electricity.queries.home import RoomView
from app.payments.flows import fulfilling
from app.platform.directory import service as directory
from tests.make import SINCE, CampusOfTests, add_member, make_campus
from tests.vendors import Vendors, _vendor_server, vendors  # noqa: F401

RULES = service.SystemRules(
    "东区电控", "East Campus Meters", price_fen=Decimal("54.83"), price_text="0.5483 元/度"
)


@dataclass
class Dorm:
    """Short ways through the use-cases; each call is its own unit of work."""

    app: Flask
    ids: CampusOfTests
    vendors: Vendors
    li: Caller
    chen: Caller
    zhou: Caller
    clerk: Caller
    manager: Caller

    @property
    def clients(self) -> Any:
        return self.app.extensions["clients"]

    def bind(self, by: Caller | None = None) -> str:
        with db.unit_of_work() as session:
            return service.bind_own_room(session, by=by or self.li)

    def ask(self, by: Caller, room_id: int | None = None) -> str:
        with db.unit_of_work() as session:
            return service.request_binding(session, by=by, room_id=room_id or self.ids.room_512)

    def decide(self, by: Caller, binding_id: str, *, accepts: bool = True) -> None:
        with db.unit_of_work() as session:
            service.decide_request(session, by=by, binding_id=binding_id, accepts=accepts)

    def refresh(self, room: str = "E03512") -> reading.Answer:
        return reading.refresh(self.room(room).id, clients=self.clients)

    def view(self, by: Caller, binding_id: str, days: int = 7) -> RoomView:
        with db.unit_of_work() as session:
            binding = home.binding_for(session, by.person_id, binding_id, is_live=False)
            return home.room_view(session, binding, days=days)

    def start(self, binding_id: str, fen: int = 2_000, *, by: Caller | None = None, meter: str = "E035121"):
        with db.unit_of_work() as session:
            return service.start_top_up(
                session,
                by=by or self.li,
                binding_id=binding_id,
                meter=meter,
                fen=fen,
                settle_seconds=600,
                shown=service.Shown(),
            )

    def room(self, key: str) -> Any:
        with db.unit_of_work() as session:
            return session.execute(select(Room.__table__).where(Room.vendor_key == key)).one()

    def meter(self, code: str) -> Any:
        with db.unit_of_work() as session:
            return session.execute(select(Meter.__table__).where(Meter.code == code)).one()

    def top_up(self, public_id: str) -> Any:
        with db.unit_of_work() as session:
            return session.execute(select(TopUp.__table__).where(TopUp.public_id == public_id)).one()

    def deliver(self, times: int = 1) -> None:
        for _ in range(times):
            outbox.drain(clients=self.clients, seconds=10)
            fulfilling.deliver_due(clients=self.clients)
        outbox.drain(clients=self.clients, seconds=10)

    def set_balance(self, fen: int, key: str = "E03512") -> None:
        self.vendors.post("/_sim/meters/room", {"system": "isims", "key": key, "fen": fen})

    def pass_time(self, **step: float) -> None:
        clock.advance(timedelta(**step))
        self.keep_time()

    def keep_time(self) -> None:
        self.vendors.ahead((clock.now() - datetime.now(UTC)).total_seconds())


@pytest.fixture
def dorm(app: Flask, vendors: Vendors) -> Iterator[Dorm]:  # noqa: F811
    """李 and 周 live in 512, 陈 lives nowhere; 512 is served by the sandbox's ISIMS and imported."""
    ids = make_campus()
    before = app.extensions["clients"]
    app.extensions["clients"] = dataclasses.replace(
        before, meters={"isims": vendors.meters("isims"), "synjones": vendors.meters("synjones")}
    )
    with db.unit_of_work() as session:
        zhou = add_member(session, "周雨桐", "2023010104", "student", None)
        bed = directory.add_bed(session, by=None, room_id=ids.room_512, code="2")
        directory.assign_bed(session, by=None, person_id=zhou, bed_id=bed, starts_on=SINCE)
        system = service.save_system(session, key="isims", rules=RULES)
        service.serve_building(session, system_id=system, building_id=ids.building_3, policy="roommate")
    read, settle = Grant("electricity.read"), Grant("electricity.settle")
    made = Dorm(
        app,
        ids,
        vendors,
        Caller(ids.li, surface="phone"),
        Caller(ids.chen, surface="phone"),
        Caller(zhou, surface="phone"),
        Caller(ids.zhao, (read, settle), "desk"),
        Caller(ids.he, (Grant("electricity.consent", "building", ids.building_3),), "desk"),
    )
    made.keep_time()
    with db.unit_of_work() as session:
        service.note_rooms(session, system_id=system, found=_rooms(ids))
    yield made
    app.extensions["clients"] = before


def _rooms(ids: CampusOfTests) -> list[service.FoundRoom]:
    """As an import finds them: two of the directory and two that only the vendor has."""
    known = {"512": ids.room_512, "101": ids.room_101}
    return [
        service.FoundRoom(
            ("EAST", "E03", f"E03-{number[0]}", f"E03{number}"),
            f"E03{number}",
            ("东校区", "3号楼", f"{number[0]}层", number),
            known.get(number),
        )
        for number in ("512", "101", "511", "510")
    ]


def leave(person_id: int, on: date | None = None) -> None:
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=person_id, on=on)
