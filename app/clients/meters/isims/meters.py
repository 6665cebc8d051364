"""Electricity over ISIMS.

Of the calls used here GetYEInfo, TopUp, GetBuyRecord, GetDayUsedRecords and GetMeterStu are the vendor's.
GetRoomList, QueryOrder, the member CBSJ (抄表时间) and the statement file are the sandbox's: no public document
has their like. Without QueryOrder (`can_query_order: false`) the system is of class D and a top-up with an unknown
outcome is for a person to look at, with `purchases` as evidence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from app.clients.line import Line, LineSettings, Request
from app.clients.meters.isims.answers import (
    MeterRow,
    day_of,
    fen_of,
    meter_rows,
    nodes,
    number,
    order_state,
    statement_file,
)
from app.clients.meters.isims.codes import CODES
from app.clients.meters.isims.soap import Isims, sign
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
from app.clients.orders import asked_about
from app.clients.statement import Statement, read_statement
from app.clients.vendor import Refused, Unavailable, VendorError
from app.clients.verdicts import verdicts
from app.kit import clock

ORDER_NO_LENGTH = 32
POWER: Mapping[str, bool] = {"正常": True, "软件关断": False}
_ROOM = re.compile(r"[^\x00-\x1f\x7f]{1,40}")


@dataclass(frozen=True)
class IsimsSettings:
    """`delivery: batch` where the vendor hands top-ups to the meters at fixed hours.

    `has_room_list: false` where the tree of rooms is not offered: rooms are then typed, by the vendor's number.
    `asks_power` costs a call per meter and reading. No `statement_url`, no statement.
    """

    dialect: str
    system: str
    merchant: str
    url: str
    signkey: str = field(repr=False)
    can_query_order: bool = True
    delivery: Literal["instant", "batch"] = "instant"
    has_room_list: bool = True
    levels: tuple[str, ...] = ("校区", "楼栋", "楼层", "房间")
    asks_power: bool = True
    statement_url: str = ""
    no_such_room: tuple[str, ...] = ("房间不存在",)
    rules: OrderRules = OrderRules()
    codes: Mapping[str, str] = field(default_factory=dict)
    line: LineSettings = LineSettings()


class IsimsMeters:
    """See `ElectricityMeters`."""

    def __init__(self, settings: IsimsSettings) -> None:
        self._line = Line(settings.system, settings.line)
        self._isims = Isims(settings.url, settings.signkey, self._line, verdicts(CODES, settings.codes))
        self._settings = settings
        self.system = settings.system
        self.merchant = settings.merchant
        self.capabilities = _capabilities(settings)

    def children(self, path: tuple[str, ...]) -> list[Node]:
        if not self._settings.has_room_list:
            return []
        parent = path[-1] if path else ""
        return self._isims.ask("GetRoomList", {"parentdm": parent}, nodes)

    def resolve(self, path: tuple[str, ...], typed: str | None = None) -> RoomRef:
        if self._settings.has_room_list:
            names = self._names(path)
        else:
            path = names = (*path, (typed or "").strip())
        if not path or not _ROOM.fullmatch(path[-1]):
            raise NoSuchRoom("path")
        room = RoomRef(self.system, path, path[-1], names)
        self.meters(room)
        return room

    def meters(self, room: RoomRef) -> list[Meter]:
        return [row.meter for row in self._balances(room)]

    def reading(self, room: RoomRef) -> list[Reading]:
        return [self._reading(room, row) for row in self._balances(room)]

    def usage(self, room: RoomRef, meter: str, since: date, until: date) -> list[DailyUse]:
        """[] for a meter that counts something else than kWh."""
        row = self._row_of(room, meter)
        if not row.is_electric:
            return []
        asked = {"roomdm": room.key, "mdtype": row.mdtype, **_span(since, until)}
        return self._isims.ask(
            "GetDayUsedRecords",
            asked,
            lambda answer: [
                DailyUse(day_of(each["datetime"]), number(each["used"])) for each in answer["data"]
            ],
        )

    def purchases(self, room: RoomRef, meter: str, since: date, until: date) -> list[Purchase]:
        asked = {"roomdm": room.key, "cztype": meter, **_span(since, until)}
        return self._isims.ask(
            "GetBuyRecord",
            asked,
            lambda answer: [
                Purchase(day_of(each["datetime"]), fen_of(each["money"]), str(each["buyusingtpe"]))
                for each in answer["data"]
            ],
        )

    def top_up(self, request: TopUpRequest) -> TopUpState:
        self._settings.rules.check(request, ORDER_NO_LENGTH)
        status: TopUpStatus = "accepted" if self._settings.delivery == "batch" else "applied"
        yuan, fen = divmod(request.fen, 100)
        arguments = {
            "orderid": request.order_no,
            "cztype": request.meter,
            "roomdm": request.room.key,
            "money": f"{yuan}.{fen:02d}",
        }
        return self._isims.write("TopUp", arguments, lambda _: TopUpState(status))

    def query_top_up(self, request: TopUpRequest) -> TopUpState:
        if not self._settings.can_query_order:
            raise Unavailable("not_offered", call="QueryOrder")
        return asked_about(
            lambda: self._isims.ask(
                "QueryOrder",
                {"orderid": request.order_no},
                lambda answer: order_state(answer, request.order_no),
            ),
            TopUpState("not_found"),
        )

    def statement(self, day: date) -> Statement:
        return read_statement(self.statement_file(day), merchant=self.merchant, day=day, call="statement")

    def statement_file(self, day: date) -> bytes:
        if not self._settings.statement_url:
            raise Unavailable("not_offered", call="statement")
        merchant, asked = self._settings.merchant, {"date": f"{day:%Y%m%d}"}
        query = urlencode({**asked, "sign": sign({**asked, "merchant": merchant}, self._settings.signkey)})
        url = f"{self._settings.statement_url.rstrip('/')}/DZ_{merchant}_{day:%Y%m%d}.txt?{query}"
        return self._line.ask("statement", Request("GET", url, answers=(200, 404)), statement_file)

    def _balances(self, room: RoomRef) -> list[MeterRow]:
        try:
            return self._isims.ask(
                "GetYEInfo", {"roomdm": room.key}, lambda answer: meter_rows(answer, room.key)
            )
        except Refused as error:
            if error.said not in self._settings.no_such_room:
                raise
            failure = NoSuchRoom(error.code, error.said, call=error.call)
        raise failure

    def _row_of(self, room: RoomRef, meter: str) -> MeterRow:
        row = next((row for row in self._balances(room) if row.meter.code == meter), None)
        if row is None:
            raise NoSuchRoom("meter")
        return row

    def _reading(self, room: RoomRef, row: MeterRow) -> Reading:
        return Reading(
            room=room,
            meter=row.meter,
            kwh=row.kwh,
            fen=row.fen,
            subsidy_kwh=row.subsidy_kwh,
            price_fen_per_kwh=None,
            power_on=self._power(room, row) if row.is_electric else None,
            as_of=row.as_of,
            fetched_at=clock.now(),
            raw_text=row.raw_text,
        )

    def _power(self, room: RoomRef, row: MeterRow) -> bool | None:
        """None when the vendor does not tell, or not now: the balance is worth showing without it."""
        if not self._settings.asks_power:
            return None
        asked = {"roomdm": room.key, "mdtype": row.mdtype, "type": "1"}
        try:
            return self._isims.ask("GetMeterStu", asked, lambda answer: POWER.get(str(answer["status"])))
        except VendorError:
            return None

    def _names(self, path: tuple[str, ...]) -> tuple[str, ...]:
        names = []
        for depth, code in enumerate(path):
            name = next((node.name for node in self.children(path[:depth]) if node.code == code), None)
            if name is None:
                raise NoSuchRoom("path")
            names.append(name)
        return tuple(names)


def _capabilities(settings: IsimsSettings) -> MeterCapabilities:
    return settings.rules.capabilities(
        order_class="C" if settings.can_query_order else "D",
        can_query_order=settings.can_query_order,
        has_usage=True,
        has_purchases=True,
        has_statement=bool(settings.statement_url),
        order_no_max_len=ORDER_NO_LENGTH,
        levels=settings.levels,
        typed_room=not settings.has_room_list,
    )


def _span(since: date, until: date) -> dict[str, str]:
    return {"fromDate": since.isoformat(), "toDate": until.isoformat()}
