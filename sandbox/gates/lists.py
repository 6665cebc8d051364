"""The list that the gates hold: whole or by difference, each key once."""

import datetime as dt
import hashlib
import json
from typing import Any

from sandbox.machine import Machine, Refusal, Trouble
from sandbox.store import Store

DEFAULTS: dict[str, Any] = {"most_entries": 50_000}
FIELDS = ("id", "number", "from", "until", "direction")
DIRECTIONS = {"out", "both", "in"}


class AllowList:
    """In the store, with the version it came under."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self._store, self._machine = store, machine

    def held(self) -> dict[str, Any]:
        rows = self._store.all("SELECT * FROM gate_entries ORDER BY id")
        lines = "".join(f"{line(row)}\n" for row in rows)
        return {
            "code": "OK",
            "version": self._store.setting("gates_version", 0),
            "count": len(rows),
            "digest": hashlib.sha256(lines.encode()).hexdigest(),
        }

    def give(self, key: str, body: str, trouble: Trouble) -> dict[str, Any]:
        """With `list_ignored` it says yes and keeps nothing, with `list_partial` it keeps every second entry."""
        given = parsed(key, body)
        with self._store.tx():
            known = self._store.one("SELECT body FROM gate_given WHERE key = ?", (key,))
            if known and known["body"] != body:
                raise Refusal("duplicate")
            if known:
                return self.held()
            self._check(given)
            before = self.held()
            if trouble.kind == "list_ignored":
                return {**before, "version": given["version"]}
            self._write(given, trouble)
            self._store.run("INSERT INTO gate_given (key, body) VALUES (?, ?)", (key, body))
            self._store.keep("gates_version", given["version"])
            return self.held()

    def lose(self) -> None:
        """The controller was replaced: it has no list and knows no key."""
        with self._store.tx():
            for table in ("gate_entries", "gate_given"):
                self._store.run(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            self._store.keep("gates_version", 0)

    def allows(self, number: str, direction: str, moment: float) -> bool:
        """Coming in is barred to nobody."""
        at = dt.datetime.fromtimestamp(moment, dt.UTC)
        rows = self._store.all("SELECT * FROM gate_entries WHERE number = ?", (number,))
        return direction == "in" or any(
            row["direction"] != "in"
            and when(row["starts"]) <= at
            and (not row["ends"] or at <= when(row["ends"]))
            for row in rows
        )

    def _check(self, given: dict[str, Any]) -> None:
        holds = self._store.setting("gates_version", 0)
        if len(given["entries"]) > self._machine["most_entries"]:
            raise Refusal("too_many")
        if given["base"] is None:
            if given["version"] <= holds:
                raise Refusal("stale")
        elif given["base"] != holds:
            raise Refusal("stale" if given["version"] <= holds else "base")

    def _write(self, given: dict[str, Any], trouble: Trouble) -> None:
        if given["base"] is None:
            self._store.run("DELETE FROM gate_entries")
        for one in given["gone"]:
            self._store.run("DELETE FROM gate_entries WHERE id = ?", (one,))
        for one in given["entries"][:: 2 if trouble.kind == "list_partial" else 1]:
            self._store.run(
                "INSERT OR REPLACE INTO gate_entries (id, number, starts, ends, direction) VALUES (?, ?, ?, ?, ?)",
                tuple(one[name] for name in FIELDS),
            )


def parsed(key: str, body: str) -> dict[str, Any]:
    try:
        given: dict[str, Any] = json.loads(body)
        for one in given["entries"]:
            when(one["from"])
            if one["until"] is not None:
                when(one["until"])
            if set(one) != set(FIELDS) or one["direction"] not in DIRECTIONS:
                raise ValueError
        is_whole = given["base"] is None
        if not key or type(given["version"]) is not int or (is_whole and given["gone"]):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise Refusal("bad_request") from None
    return given


def when(text: str) -> dt.datetime:
    """Raises ValueError for a time without its offset."""
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(dt.UTC)


def line(row: dict[str, Any]) -> str:
    times = (f"{when(row[name]):%Y-%m-%dT%H:%M:%SZ}" if row[name] else "" for name in ("starts", "ends"))
    return "|".join((row["id"], row["number"], *times, row["direction"]))
