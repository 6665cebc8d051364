"""A campus with a catalogue and the cast, as callers."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.platform.operations.queries import forget_calendar
from app.repairs import service
from app.repairs.service import Report, moves
from tests.make import CampusOfTests, make_campus

CATALOGUE = Path(__file__).parents[2] / "samples" / "repairs-catalogue.json"


@dataclass
class House:
    """Ids, callers, and short ways through the use-cases; each call is its own unit of work."""

    ids: CampusOfTests
    li: Caller
    chen: Caller
    zhao: Caller
    he: Caller
    wang: Caller
    liu: Caller
    nobody: Caller

    def submit(self, by=None, *, category="electric.lamp", room_id=None, **fields):
        report = Report(category=category, room_id=room_id or self.ids.room_512, **fields)
        with db.unit_of_work() as session:
            return service.submit_ticket(session, by=by or self.li, report=report)

    def ticket(self, public_id):
        with db.unit_of_work() as session:
            return moves.load(session, self.zhao, public_id)

    def act(self, by, public_id, action, **fields):
        """Apply an action with the version that is current, unless one is given."""
        empty = {"note": "", "reason": "", "door_code": None, "photos": (), "tags": (), "until": None}
        scores = {"speed": None, "quality": None, "attitude": None, "worker_id": None}
        version = fields.pop("version", None) or self.ticket(public_id).version
        with db.unit_of_work() as session:
            service.act_on(
                session,
                by=by,
                ticket_id=public_id,
                action=action,
                data=empty | scores | {"version": version} | fields,
            )
        return self.ticket(public_id)

    def bring_to(self, status, **report):
        """A ticket in this state, by the ordinary way there."""
        public_id = self.submit(**report).public_id
        steps = {
            "submitted": [],
            "triaged": [(self.zhao, "accept", {})],
            "dispatched": [(self.zhao, "dispatch", {"worker_id": self.ids.wang})],
            "taken": [(self.wang, "take", {})],
            "working": [(self.wang, "arrive", {})],
            "finished": [(self.wang, "finish", {})],
            "closed": [(self.li, "confirm", {})],
        }
        if status == "cancelled":
            self.act(self.li, public_id, "cancel")
            return public_id
        if status == "rejected":
            self.act(self.zhao, public_id, "reject", reason="unclear", note="看不清是哪一间")
            return public_id
        wanted = "working" if status == "on_hold" else status
        for state, way in steps.items():
            for by, action, fields in way:
                self.act(by, public_id, action, **fields)
            if state == wanted:
                break
        if status == "on_hold":
            self.hold(public_id)
        return public_id

    def hold(self, public_id, reason="material", **fields):
        until = fields.pop("until", clock.now() + timedelta(days=2))
        return self.act(self.wang, public_id, "hold", reason=reason, until=until, **fields)


def make_house() -> CampusOfTests:
    """The campus with the sample catalogue; everything goes to 东区维修班."""
    ids = make_campus()
    catalogue = json.loads(CATALOGUE.read_text("utf-8"))
    with db.unit_of_work() as session:
        service.load_catalogue(session, categories=catalogue["categories"], reasons=catalogue["reasons"])
        service.add_route(session, unit_id=ids.unit, team_id=ids.team_east)
    return ids


@pytest.fixture
def house(begin_with) -> House:
    forget_calendar()
    ids = begin_with(make_house)
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
