"""What every electricity system can do for us, whoever made it. Errors are those of `app.clients.vendor`.

Money is int fen, kWh Decimal. A value that the vendor did not tell is None, never zero. Every adapter keeps these
promises, which the sandbox's fault menu checks: see docs/write-an-adapter.md.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

from app.clients.service_hours import ServiceHours
from app.clients.statement import Statement
from app.clients.vendor import OrderClass, Refused

MeterKind = Literal["light", "ac", "hot_water", "cold_water", "gas", "other"]
TopUpStatus = Literal["accepted", "applied", "pending", "refused", "not_found"]


class NoSuchRoom(Refused):
    """The electricity system does not know this room."""


@dataclass(frozen=True)
class MeterCapabilities:
    """What this system offers, and its rules."""

    order_class: OrderClass
    can_query_order: bool
    has_usage: bool
    has_purchases: bool
    has_statement: bool
    order_no_max_len: int
    min_fen: int
    max_fen: int
    step_fen: int
    presets_fen: tuple[int, ...]
    settle_seconds: int
    """From the acceptance until the meter has it, at the longest."""
    service_hours: ServiceHours
    levels: tuple[str, ...]
    """What the steps down to a room are called, such as 校区, 楼栋, 房间."""
    typed_room: bool
    """The last step is typed by the person, not chosen from a list."""


@dataclass(frozen=True)
class Node:
    """One choice on the way down to a room."""

    code: str
    name: str
    is_room: bool = False


@dataclass(frozen=True)
class RoomRef:
    """A room of one system. `path` is opaque and of the vendor's making: store it, never take it apart.

    `key` is what answers and statements call the room. Names are for people alone; equality ignores them.
    """

    system: str
    path: tuple[str, ...]
    key: str
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def label(self) -> str:
        return " ".join(self.names) or self.key


@dataclass(frozen=True)
class Meter:
    """One meter of a room; `code` is what a top-up names."""

    code: str
    kind: MeterKind
    name: str


@dataclass(frozen=True)
class Reading:
    """What is left on one meter. Negative is owed. `as_of` is None when the vendor does not tell the age."""

    room: RoomRef
    meter: Meter
    kwh: Decimal | None
    fen: int | None
    subsidy_kwh: Decimal | None
    price_fen_per_kwh: Decimal | None
    power_on: bool | None
    as_of: datetime | None
    fetched_at: datetime
    raw_text: str = field(repr=False)


@dataclass(frozen=True)
class DailyUse:
    day: date
    kwh: Decimal


@dataclass(frozen=True)
class Purchase:
    """A top-up by anybody, as the vendor lists it. Most vendors tell the day only, and no order number."""

    day: date
    fen: int
    kind: str
    at: datetime | None = None
    order_no: str | None = None


@dataclass(frozen=True)
class TopUpRequest:
    """One attempt; `order_no` is ours, up to 14 of [0-9A-Z]."""

    order_no: str
    room: RoomRef
    meter: str
    fen: int
    student_no: str
    requested_at: datetime


@dataclass(frozen=True)
class TopUpState:
    """What the vendor says became of an order.

    `accepted`: it will be on the meter within `settle_seconds`. `applied`: it is. `pending`: the vendor is still
    at it and promises nothing. `fen` and `room_key` are the vendor's own record, None if it does not tell.
    """

    status: TopUpStatus
    vendor_ref: str | None = None
    fen: int | None = None
    room_key: str | None = None
    at: datetime | None = None

    def agrees_with(self, request: TopUpRequest) -> bool:
        """Whether the vendor's record, as far as it goes, is of this request: same money, same room."""
        return self.fen in (None, request.fen) and self.room_key in (None, request.room.key)


class ElectricityMeters(Protocol):
    """One electricity system of the school. Make one per process; threads share it."""

    @property
    def system(self) -> str:
        """Its name in the settings, also in every RoomRef."""

    @property
    def merchant(self) -> str:
        """What its statements call us."""

    @property
    def capabilities(self) -> MeterCapabilities: ...

    def children(self, path: tuple[str, ...]) -> list[Node]:
        """The choices below `path`; () is the top. [] where the room is to be typed."""

    def resolve(self, path: tuple[str, ...], typed: str | None = None) -> RoomRef:
        """The room that a person chose or typed, after asking the vendor for it. Raises NoSuchRoom."""

    def meters(self, room: RoomRef) -> list[Meter]:
        """At least one. Raises NoSuchRoom."""

    def reading(self, room: RoomRef) -> list[Reading]:
        """One per meter. An answer without a number raises BadReply."""

    def usage(self, room: RoomRef, meter: str, since: date, until: date) -> list[DailyUse]:
        """Both days included; only with `has_usage`."""

    def purchases(self, room: RoomRef, meter: str, since: date, until: date) -> list[Purchase]:
        """Both days included; only with `has_purchases`."""

    def top_up(self, request: TopUpRequest) -> TopUpState:
        """Sends once, whatever happens; `accepted` or `applied`.

        Raises Refused (nothing happened), DuplicateOrder (ask), Unavailable (nothing happened, later perhaps),
        OutcomeUnknown (ask). Whether to send the same number again is the caller's to decide, by the class.
        """

    def query_top_up(self, request: TopUpRequest) -> TopUpState:
        """What became of it; `not_found` is an answer. Only with `can_query_order`.

        Raises Unavailable or BadReply and never Refused: a refused question says nothing about the order.
        """

    def statement(self, day: date) -> Statement:
        """The vendor's books of a day, whole. Raises StatementMissing, Unavailable or BadReply."""

    def statement_file(self, day: date) -> bytes:
        """The same, as it came: whoever archives it reads it. Raises StatementMissing or Unavailable."""
