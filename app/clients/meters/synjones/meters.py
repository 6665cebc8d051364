"""Electricity sold by the card platform: rooms and readings as anybody may ask, top-ups over TSM 2.0.

The vendor's names for top-up, its query and the statement are in no public document; `sim.…` are the sandbox's.
See `app.clients.card.synjones.card`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.clients.card.synjones.card import fetch_statement
from app.clients.card.synjones.codes import CODES
from app.clients.card.synjones.gateway import GatewaySettings, Operation, TsmGateway
from app.clients.card.synjones.page import TsmPage
from app.clients.line import Line, LineSettings
from app.clients.meters.protocol import (
    DailyUse,
    Meter,
    MeterCapabilities,
    Node,
    NoSuchRoom,
    Purchase,
    Reading,
    RoomRef,
    TopUpRequest,
    TopUpState,
    TopUpStatus,
)
from app.clients.meters.rules import OrderRules
from app.clients.meters.synjones.sentence import pattern_of, read_sentence
from app.clients.orders import asked_about
from app.clients.statement import Statement, read_statement
from app.clients.vendor import BadReply, NoSuchOrder, OrderClass, Unavailable
from app.clients.verdicts import NOT_FOUND, verdicts
from app.kit import clock

APPS = Operation("synjones.onecard.query.applist", "query_applist")
AREAS = Operation("synjones.onecard.query.elec.area", "query_elec_area")
BUILDINGS = Operation("synjones.onecard.query.elec.building", "query_elec_building")
ROOM = Operation("synjones.onecard.query.elec.roominfo", "query_elec_roominfo")
TOP_UP = Operation("sim.elec.topup", "elec_topup")
QUERY_TOP_UP = Operation("sim.elec.query.order", "elec_query_order")
STATEMENT = Operation("sim.statement", "statement")

ORDER_NO_LENGTH = 32
METER = "1"
_STATUS: Mapping[str, TopUpStatus] = {"0": "pending", "1": "applied", "2": "accepted", "3": "refused"}
_ROOM = re.compile(r"[^\x00-\x1f\x7f]{1,40}")


@dataclass(frozen=True)
class SynjonesMeterSettings:
    """One fee item of the card platform: `aid` chooses it, and may be left out where there is only one.

    `account` is any account number; the vendor wants one and does not look at it. `no_such_room` are the codes
    by which this school's system says so. `patterns` replace the words by which a reading is found.
    """

    dialect: str
    system: str
    merchant: str
    page_url: str
    gateway: GatewaySettings
    aid: str = ""
    account: str = "000000"
    extdata: str = ""
    meter_name: str = "电表"
    patterns: tuple[str, ...] = ()
    no_such_room: tuple[str, ...] = ("60037", "60038")
    order_class: OrderClass = "B"
    rules: OrderRules = OrderRules()
    codes: Mapping[str, str] = field(default_factory=dict)
    line: LineSettings = LineSettings()


class SynjonesMeters:
    """See `ElectricityMeters`. A room is (area, building, what the person typed)."""

    def __init__(self, settings: SynjonesMeterSettings) -> None:
        known = verdicts(CODES, settings.codes)
        line = Line(settings.system, settings.line)
        self.system = settings.system
        self.merchant = settings.merchant
        self.capabilities = _capabilities(settings)
        self._settings = settings
        self._patterns = tuple(pattern_of(text) for text in settings.patterns)
        self._no_room = dict.fromkeys(settings.no_such_room, NOT_FOUND)
        self._page = TsmPage(settings.page_url, line, known)
        self._gateway = TsmGateway(settings.gateway, line, known)
        self._aid = settings.aid

    def children(self, path: tuple[str, ...]) -> list[Node]:
        if not path:
            return self._page.ask(
                AREAS, self._who(), lambda answer: _nodes(answer["areatab"], "area", "areaname")
            )
        if len(path) > 1:
            return []
        body = {**self._who(), "area": {"area": path[0], "areaname": self._name_of((), path[0])}}
        return self._page.ask(
            BUILDINGS, body, lambda answer: _nodes(answer["buildingtab"], "buildingid", "building")
        )

    def resolve(self, path: tuple[str, ...], typed: str | None = None) -> RoomRef:
        number = unicodedata.normalize("NFKC", typed or "").strip()
        if len(path) != 2 or not _ROOM.fullmatch(number):
            raise NoSuchRoom("typed")
        area, building = path
        names = (self._name_of((), area), self._name_of((area,), building), number)
        room = RoomRef(self.system, (area, building, number), f"{building}-{number}", names)
        self._sentence(room)
        return room

    def meters(self, room: RoomRef) -> list[Meter]:
        self._sentence(room)
        return [self._meter()]

    def reading(self, room: RoomRef) -> list[Reading]:
        text = self._sentence(room)
        try:
            balance = read_sentence(text, self._patterns)
        except ValueError:
            balance = None
        if balance is None:
            raise BadReply("sentence", text[:200], call=ROOM.method)
        return [
            Reading(
                room=room,
                meter=self._meter(),
                kwh=balance.kwh,
                fen=balance.fen,
                subsidy_kwh=None,
                price_fen_per_kwh=balance.price_fen_per_kwh,
                power_on=None,
                as_of=balance.as_of,
                fetched_at=clock.now(),
                raw_text=text,
            )
        ]

    def usage(self, room: RoomRef, meter: str, since: date, until: date) -> list[DailyUse]:
        raise Unavailable("not_offered", call="usage")

    def purchases(self, room: RoomRef, meter: str, since: date, until: date) -> list[Purchase]:
        raise Unavailable("not_offered", call="purchases")

    def top_up(self, request: TopUpRequest) -> TopUpState:
        self._settings.rules.check(request, ORDER_NO_LENGTH)
        body = {**self._place(request.room), "orderno": request.order_no, "amt": str(request.fen)}
        return self._gateway.write(self._named("top_up", TOP_UP), body, _accepted)

    def query_top_up(self, request: TopUpRequest) -> TopUpState:
        body = {"orderno": request.order_no}
        operation = self._named("query_top_up", QUERY_TOP_UP)
        return asked_about(
            lambda: self._gateway.ask(operation, body, lambda answer: _state(answer, request.order_no)),
            TopUpState("not_found"),
        )

    def statement(self, day: date) -> Statement:
        return read_statement(self.statement_file(day), merchant=self.merchant, day=day, call="statement")

    def statement_file(self, day: date) -> bytes:
        return fetch_statement(self._gateway, self._named("statement", STATEMENT), "elec", day)

    def _sentence(self, room: RoomRef) -> str:
        """The text of the reading. A room of another building has a code of its own at each school."""
        try:
            return self._page.ask(
                ROOM, self._place(room), lambda answer: str(answer["errmsg"]), self._no_room
            )
        except NoSuchOrder as error:
            failure = NoSuchRoom(error.code, error.said, call=error.call)
        raise failure

    def _place(self, room: RoomRef) -> dict[str, Any]:
        """Names go along because the vendor has a field for them; the ids decide."""
        area, building, number = room.path
        names = room.names if len(room.names) == 3 else room.path
        place: dict[str, Any] = {
            **self._who(),
            "room": {"roomid": number, "room": number},
            "floor": {"floorid": "", "floor": ""},
            "area": {"area": area, "areaname": names[0]},
            "building": {"buildingid": building, "building": names[1]},
        }
        return place | ({"extdata": self._settings.extdata} if self._settings.extdata else {})

    def _who(self) -> dict[str, str]:
        """The fee item and an account; the fee item is asked for once where the settings do not name it."""
        if not self._aid:
            self._aid = self._page.ask(APPS, {"apptype": "elec"}, _only_app)
        return {"aid": self._aid, "account": self._settings.account}

    def _name_of(self, path: tuple[str, ...], code: str) -> str:
        name = next((node.name for node in self.children(path) if node.code == code), None)
        if name is None:
            raise NoSuchRoom("path")
        return name

    def _meter(self) -> Meter:
        return Meter(METER, "other", self._settings.meter_name)

    def _named(self, name: str, default: Operation) -> Operation:
        return self._settings.gateway.named(name, default)


def _capabilities(settings: SynjonesMeterSettings) -> MeterCapabilities:
    return settings.rules.capabilities(
        order_class=settings.order_class,
        can_query_order=True,
        has_usage=False,
        has_purchases=False,
        has_statement=True,
        order_no_max_len=ORDER_NO_LENGTH,
        levels=("校区", "楼栋", "房间"),
        typed_room=True,
    )


def _nodes(rows: Any, code: str, name: str) -> list[Node]:
    return [Node(str(row[code]), str(row[name])) for row in rows]


def _only_app(answer: Mapping[str, Any]) -> str:
    """The one electricity item; with two of them a guess would charge the wrong meter."""
    (app,) = answer["applist"]
    return str(app["aid"])


def _accepted(answer: Mapping[str, Any]) -> TopUpState:
    status = _STATUS[str(answer["status"])]
    if status not in ("applied", "accepted"):
        raise ValueError("neither accepted nor applied")
    return TopUpState(status, vendor_ref=_text(answer["journo"]))


def _state(answer: Mapping[str, Any], order_no: str) -> TopUpState:
    if answer["orderno"] != order_no:
        raise ValueError("about another order")
    return TopUpState(
        status=_STATUS[str(answer["status"])],
        vendor_ref=_text(answer["journo"]),
        fen=int(answer["amt"]),
        room_key=f"{_text(answer['buildingid'])}-{_text(answer['roomid'])}",
        at=datetime.strptime(answer["time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI),
    )


def _text(value: Any) -> str:
    """A text with something in it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("empty")
    return value
