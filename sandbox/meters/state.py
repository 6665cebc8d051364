"""What is left on a meter, worked out when somebody asks: use over the sandbox's clock, subsidies, credits, cut-off.

Everything is derived from names and days, so the same campus has the same sixty days behind it. Money is kept in
thousandths of a fen, use in thousandths of a kWh (or a ton of hot water).
"""

import hashlib
from dataclasses import dataclass
from itertools import accumulate

from sandbox.days import DAY, date_of, day_of, local, start_of
from sandbox.machine import Machine
from sandbox.meters.rooms import MeterKind, Room
from sandbox.store import Store

HISTORY_DAYS = 60
LOW = 1_500_000
NO_SUBSIDY_MONTHS = (2, 8)
HOURS = (2, 2, 1, 1, 1, 1, 3, 6, 4, 2, 2, 3, 6, 4, 2, 2, 3, 5, 8, 9, 10, 11, 8, 4)
SHARES = [0, *accumulate(HOURS)]


@dataclass
class State:
    """One meter at `at`."""

    millifen: int
    subsidy: int
    powered: bool
    at: float


class Meters:
    """All meters of both systems."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self._store, self._machine = store, machine

    def settle(self, room: Room, kind: MeterKind) -> State:
        """Bring one meter up to now."""
        with self._store.tx():
            now = self._store.now()
            state = self._load(room, kind)
            if now <= state.at:
                return state
            due = self._due(room, kind, now)
            run = Run(self, room, kind, state, due, self.first_day() + HISTORY_DAYS)
            run.until(now)
            self._save(room, kind, state, run)
        return state

    def at_earlier(self, room: Room, kind: MeterKind, hours: float) -> State:
        """As it was some hours ago, for read-outs that are old; a cut-off in between is left out."""
        state = self.settle(room, kind)
        then = state.at - hours * 3600
        credits = self._store.value(
            "SELECT coalesce(sum(credited_fen), 0) FROM meter_credits WHERE system = ? AND credited_room = ? "
            "AND meter = ? AND applies > ? AND applies <= ?",
            (room.system, room.key, kind.code, then, state.at),
        )
        days = range(day_of(then), day_of(state.at) + 1)
        used = sum(use_between(room, kind, day, then, state.at) for day in days) if state.powered else 0
        return State(
            state.millifen + used * kind.price - int(credits) * 1000, state.subsidy, state.powered, then
        )

    def switch(self, room: Room, kind: MeterKind, *, on: bool) -> None:
        self.settle(room, kind)
        self._store.run(
            "UPDATE meter_states SET powered = ? WHERE system = ? AND room = ? AND meter = ?",
            (int(on), room.system, room.key, kind.code),
        )

    def set_balance(self, room: Room, kind: MeterKind, fen: int) -> None:
        self.settle(room, kind)
        self._store.run(
            "UPDATE meter_states SET millifen = ?, powered = ? WHERE system = ? AND room = ? AND meter = ?",
            (fen * 1000, int(fen * 1000 > self.overdraft), room.system, room.key, kind.code),
        )

    @property
    def overdraft(self) -> int:
        """Thousandths of a fen below zero at which the meter switches off."""
        return -int(self._machine["overdraft_fen"]) * 1000

    def first_day(self) -> int:
        """Sixty days before this world began."""
        found = self._store.setting("meters_first_day")
        if found is None:
            found = day_of(self._store.now()) - HISTORY_DAYS
            self._store.keep("meters_first_day", found)
        return int(found)

    def _load(self, room: Room, kind: MeterKind) -> State:
        row = self._store.one(
            "SELECT * FROM meter_states WHERE system = ? AND room = ? AND meter = ?",
            (room.system, room.key, kind.code),
        )
        if row:
            return State(row["millifen"], row["subsidy"], bool(row["powered"]), row["settled"])
        opening = 2_000_000 + chance(room, kind, "opening") % 5_000_000
        return State(opening, kind.subsidy, True, start_of(self.first_day()))

    def _due(self, room: Room, kind: MeterKind, now: float) -> list[tuple[float, int]]:
        rows = self._store.all(
            "SELECT applies, credited_fen FROM meter_credits WHERE system = ? AND credited_room = ? "
            "AND meter = ? AND settled = 0 AND applies <= ? ORDER BY applies, id",
            (room.system, room.key, kind.code, now),
        )
        return [(row["applies"], row["credited_fen"]) for row in rows]

    def _save(self, room: Room, kind: MeterKind, state: State, run: "Run") -> None:
        where = (room.system, room.key, kind.code)
        for moment, fen in run.bought:
            self._store.run(
                "INSERT INTO meter_credits (system, room, meter, fen, credited_room, credited_fen, kind, "
                "accepted, known, applies, settled) VALUES (?, ?, ?, ?, ?, ?, 'counter', ?, ?, ?, 1)",
                (*where, fen, room.key, fen, moment, moment, moment),
            )
        for day, used in run.used.items():
            self._store.run(
                "INSERT INTO meter_days VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET used = used + ?",
                (*where, date_of(day).isoformat(), used, used),
            )
        self._store.run(
            "UPDATE meter_credits SET settled = 1 WHERE system = ? AND credited_room = ? AND meter = ? "
            "AND settled = 0 AND applies <= ?",
            (*where, state.at),
        )
        self._store.run(
            "INSERT OR REPLACE INTO meter_states VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*where, state.millifen, state.subsidy, int(state.powered), state.at),
        )


class Run:
    """Moves one state forward in time."""

    def __init__(
        self,
        meters: Meters,
        room: Room,
        kind: MeterKind,
        state: State,
        due: list[tuple[float, int]],
        history_until: int,
    ) -> None:
        self.room, self.kind, self.state, self.due = room, kind, state, due
        self.limit, self.history_until = meters.overdraft, history_until
        self.used: dict[int, int] = {}
        self.bought: list[tuple[float, int]] = []

    def until(self, now: float) -> None:
        for day in range(day_of(self.state.at), day_of(now) + 1):
            end = min(now, start_of(day + 1))
            if self.state.at == start_of(day):
                self._new_day(day)
            while self.due and self.due[0][0] <= end:
                moment, fen = self.due.pop(0)
                self._use(day, max(self.state.at, moment))
                self._credit(fen)
            self._use(day, end)

    def _new_day(self, day: int) -> None:
        """The monthly subsidy; and, in the past, somebody who noticed that little was left."""
        date = date_of(day)
        if date.day == 1 and self.kind.subsidy and date.month not in NO_SUBSIDY_MONTHS:
            self.state.subsidy = self.kind.subsidy
        careless = chance(self.room, self.kind, "careless") % 23 == 0
        if day < self.history_until and self.state.millifen < LOW and not careless:
            fen = (3_000, 5_000, 10_000)[chance(self.room, self.kind, str(day)) % 3]
            self.bought.append((self.state.at - DAY / 6, fen))
            self._credit(fen)

    def _credit(self, fen: int) -> None:
        self.state.millifen += fen * 1000
        self.state.powered = self.state.powered or self.state.millifen > self.limit

    def _use(self, day: int, end: float) -> None:
        """The subsidy goes first; at the overdraft limit the meter switches off."""
        amount = use_between(self.room, self.kind, day, self.state.at, end) if self.state.powered else 0
        self.state.at = end
        free = min(amount, self.state.subsidy)
        affordable = max(0, (self.state.millifen - self.limit) // self.kind.price)
        paid = min(amount - free, affordable)
        self.state.subsidy -= free
        self.state.millifen -= paid * self.kind.price
        if paid < amount - free:
            self.state.powered = False
        self.used[day] = self.used.get(day, 0) + free + paid


def chance(room: Room, kind: MeterKind, what: str) -> int:
    """A number that is the same for ever."""
    text = f"{room.system}/{room.key}/{kind.code}/{what}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")


def use_of_day(room: Room, kind: MeterKind, day: int) -> int:
    """Thousandths of the unit."""
    habit = 60 + chance(room, kind, "habit") % 80
    mood = 70 + chance(room, kind, date_of(day).isoformat()) % 60
    weekend = 115 if date_of(day).weekday() >= 5 else 100
    return kind.daily * habit * mood * weekend // 1_000_000


def use_between(room: Room, kind: MeterKind, day: int, since: float, until: float) -> int:
    """Cut into pieces it adds up to the day's use exactly."""
    whole = use_of_day(room, kind, day)
    return _share(whole, day, until) - _share(whole, day, since)


def _share(whole: int, day: int, moment: float) -> int:
    hours = min(24.0, max(0.0, (moment - start_of(day)) / 3600))
    full = min(23, int(hours))
    done = SHARES[full] + HOURS[full] * (hours - full)
    return int(whole * done / SHARES[24])


def is_night(moment: float) -> bool:
    return not 6 <= local(moment).hour < 23
