"""What ISIMS's answers say, checked number by number. All raise what `line.UNREADABLE` names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import requests

from app.clients.meters.protocol import Meter, MeterKind, Node, TopUpState, TopUpStatus
from app.clients.statement import StatementMissing
from app.kit import clock

ELECTRIC = "电表"
KINDS: tuple[tuple[str, MeterKind], ...] = (
    ("照明", "light"),
    ("空调", "ac"),
    ("热水", "hot_water"),
    ("冷水", "cold_water"),
    ("气", "gas"),
)
_STATUS: Mapping[str, TopUpStatus] = {"0": "pending", "1": "applied", "2": "accepted", "3": "refused"}
_NUMBER = re.compile(r"[-+]?\d{1,9}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True)
class MeterRow:
    """One meter of a GetYEInfo, read."""

    meter: Meter
    mdtype: str
    is_electric: bool
    kwh: Decimal | None
    fen: int | None
    subsidy_kwh: Decimal | None
    as_of: datetime | None
    raw_text: str


def nodes(answer: Mapping[str, Any]) -> list[Node]:
    return [Node(str(row["dm"]), str(row["mc"]), row["leaf"] == "1") for row in answer["data"]]


def meter_rows(answer: Mapping[str, Any], key: str) -> list[MeterRow]:
    """Balances and what a top-up calls the meter are two lists that agree by name only."""
    data = answer["data"]
    if data["roomdm"] != key:
        raise ValueError("about another room")
    codes = {str(row["mdname"]): str(row["cztype"]) for row in data["topUpTypeList"]}
    found = [_row(row, codes[str(row["mdname"])]) for row in data["sylList"]]
    if not found:
        raise ValueError("a room without a meter")
    return found


def _row(row: Mapping[str, Any], code: str) -> MeterRow:
    """A water meter's SYL is in tons; only its money is of use. No balance at all is unreadable, never zero."""
    name, is_electric = str(row["mdname"]), row["hdclassname"] == ELECTRIC
    kwh = _number_or_none(row["SYL"]) if is_electric else None
    yuan = _number_or_none(row["SYLJE"])
    if kwh is None and yuan is None:
        raise ValueError("no balance")
    return MeterRow(
        meter=Meter(code, _kind(name), name),
        mdtype=str(row["mdtype"]),
        is_electric=is_electric,
        kwh=kwh,
        fen=None if yuan is None else int((yuan * 100).to_integral_value(ROUND_HALF_UP)),
        subsidy_kwh=_number_or_none(row.get("SYBZ", "")) if is_electric else None,
        as_of=moment_of(row["CBSJ"]) if row.get("CBSJ") else None,
        raw_text=json.dumps(row, ensure_ascii=False, default=str),
    )


def _kind(name: str) -> MeterKind:
    return next((kind for word, kind in KINDS if word in name), "other")


def order_state(answer: Mapping[str, Any], order_no: str) -> TopUpState:
    data = answer["data"]
    if data["orderid"] != order_no:
        raise ValueError("about another order")
    return TopUpState(
        status=_STATUS[str(data["status"])],
        vendor_ref=str(data["czid"]) or None,
        fen=fen_of(data["money"]),
        room_key=str(data["roomdm"]),
        at=moment_of(data["time"]),
    )


def statement_file(response: requests.Response) -> bytes:
    if response.status_code == 404:
        raise StatementMissing("statement_missing", call="statement")
    return response.content


def number(text: Any) -> Decimal:
    """Raises ValueError for all that is not plainly a number."""
    if not _NUMBER.fullmatch(str(text)):
        raise ValueError("not a number")
    return Decimal(str(text))


def _number_or_none(text: Any) -> Decimal | None:
    """None for an empty text, which is how ISIMS leaves a value out."""
    return None if text == "" else number(text)


def fen_of(text: Any) -> int:
    fen = number(text) * 100
    if fen != fen.to_integral_value():
        raise ValueError("parts of a fen")
    return int(fen)


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def moment_of(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
