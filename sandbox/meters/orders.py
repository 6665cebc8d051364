"""Top-ups: taken, applied now, at the next batch or too late; and what the truth is."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sandbox.days import day_of, next_odd_hour, number_of, start_of
from sandbox.machine import Refusal, Trouble
from sandbox.meters.rooms import KINDS, MeterKind, Room, Rooms
from sandbox.store import Row, Store


@dataclass(frozen=True)
class TopUp:
    """What was asked for."""

    system: str
    order_no: str
    room: str
    meter: str
    fen: int


class Orders:
    """The book of credits."""

    def __init__(self, store: Store, rooms: Rooms) -> None:
        self._store, self._rooms = store, rooms

    def take(self, asked: TopUp, trouble: Trouble, *, duplicates: str, delivery: str) -> Row:
        """The credit, perhaps an earlier one. `repeated` tells a second one under the same number."""
        room, kind = self.open_meter(asked)
        policy = {"duplicate_refused": "refuse", "duplicate_accepted": "accept"}.get(trouble.kind, duplicates)
        with self._store.tx():
            now = self._store.now()
            earlier = self.find(asked.system, asked.order_no)
            if earlier and policy == "refuse":
                raise Refusal("duplicate")
            if earlier and policy == "replay":
                return earlier
            if policy != "accept":
                self._forget_late(asked, now)
            made = self._insert(asked, room, kind, trouble, delivery, now)
        return {**made, "repeated": earlier is not None}

    def open_meter(self, asked: TopUp) -> tuple[Room, MeterKind]:
        """Raises Refusal when this cannot be topped up."""
        room = self._rooms.find(asked.system, asked.room)
        if room is None:
            raise Refusal("no_room")
        kind = kind_of(room, asked.meter)
        if asked.fen <= 0:
            raise Refusal("bad_amount")
        if self._rooms.is_closed(room):
            raise Refusal("closed_room")
        return room, kind

    def find(self, system: str, order_no: str) -> Row | None:
        """The order as far as the machine knows it now."""
        return self._store.one(
            "SELECT * FROM meter_credits WHERE order_no = ? AND system = ? AND known <= ? ORDER BY id LIMIT 1",
            (order_no, system, self._store.now()),
        )

    def status(self, credit: Row) -> str:
        return "applied" if credit["applies"] <= self._store.now() else "accepted"

    def of_day(self, system: str, day: int) -> list[Row]:
        """Our orders that were applied on this day."""
        return self._store.all(
            "SELECT * FROM meter_credits WHERE system = ? AND kind = 'order' AND applies <= ? "
            "AND applies >= ? AND applies < ? ORDER BY applies, id",
            (system, self._store.now(), start_of(day), start_of(day + 1)),
        )

    def of_room(self, room: Room, meter: str, since: str, until: str) -> list[Row]:
        """Every credit on one meter, whoever paid it."""
        rows = self._store.all(
            "SELECT * FROM meter_credits WHERE system = ? AND credited_room = ? AND meter = ? AND applies <= ? "
            "ORDER BY applies, id",
            (room.system, room.key, meter, self._store.now()),
        )
        first, last = _day(since), _day(until)
        return [row for row in rows if first <= day_of(row["applies"]) <= last]

    def truth(self, order_nos: list[str]) -> dict[str, list[dict[str, Any]]]:
        """Every credit under each number, those not yet applied too. For assertions, not for the application."""
        rows = self._store.all(
            "SELECT * FROM meter_credits WHERE order_no IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(order_nos),),
        )
        found: dict[str, list[dict[str, Any]]] = {order_no: [] for order_no in order_nos}
        for row in rows:
            found[row["order_no"]].append(self.public(row))
        return found

    def public(self, row: Row) -> dict[str, Any]:
        return {
            "id": row["id"],
            "system": row["system"],
            "order_no": row["order_no"],
            "room": row["credited_room"],
            "asked_room": row["room"],
            "meter": row["meter"],
            "fen": row["credited_fen"],
            "asked_fen": row["fen"],
            "kind": row["kind"],
            "status": self.status(row),
            "applies": row["applies"],
        }

    def _forget_late(self, asked: TopUp, now: float) -> None:
        """Where numbers are unique, the one that is still under way will find its number taken."""
        self._store.run(
            "DELETE FROM meter_credits WHERE order_no = ? AND system = ? AND known > ?",
            (asked.order_no, asked.system, now),
        )

    def _insert(
        self, asked: TopUp, room: Room, kind: MeterKind, trouble: Trouble, delivery: str, now: float
    ) -> Row:
        known = now + float(trouble.option("seconds")) if trouble.kind == "late_apply" else now
        made = {
            "system": asked.system,
            "order_no": asked.order_no,
            "room": asked.room,
            "meter": kind.code,
            "fen": asked.fen,
            "credited_room": self._rooms.neighbour(room).key if trouble.kind == "wrong_room" else asked.room,
            "credited_fen": asked.fen - 1 if trouble.kind == "amount_rounding" else asked.fen,
            "kind": "order",
            "accepted": now,
            "known": known,
            "applies": next_odd_hour(known) if delivery == "batch" else known,
        }
        names = ", ".join(made)
        marks = ", ".join("?" * len(made))
        number = self._store.insert(
            f"INSERT INTO meter_credits ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            tuple(made.values()),
        )
        return {"id": number, **made}


def kind_of(room: Room, code: str) -> MeterKind:
    """The meter of a room by what the vendor calls it. Raises Refusal."""
    for kind in KINDS[room.system]:
        if code in (kind.code, f"{room.key}{kind.code}"):
            return kind
    raise Refusal("no_meter")


def _day(text: str) -> int:
    try:
        return number_of(dt.date.fromisoformat(text))
    except ValueError:
        raise Refusal("bad_request") from None
