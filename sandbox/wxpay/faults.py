"""Named faults, each scoped by order number, operation, count and probability.

    {"name": "notify.lost", "order": "E2611…", "op": "refund", "times": 3, "probability": 0.1, "seed": 7, …}

`order` is an order or refund number, absent for any. `times` is 1 unless a probability is given, null for ever.
Further members (`seconds`, `copies`, `fen` …) belong to the fault. Those that name an order are found at once,
however many there are.
"""

import json
import random
import threading
from collections import defaultdict
from typing import Any

from sandbox.store import Store

TABLE = """CREATE TABLE IF NOT EXISTS pay_faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, given TEXT NOT NULL)"""


class UnknownFault(ValueError):
    """No such fault, or one that makes no sense."""


class Faults:
    """Of one channel; kept in the store, so that a restart changes nothing."""

    def __init__(self, store: Store, channel: str, names: frozenset[str]) -> None:
        self._store, self._channel, self.names = store, channel, names
        self._lock = threading.Lock()
        self._armed: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        store.run(TABLE)
        for row in store.all("SELECT id, given FROM pay_faults WHERE channel = ? ORDER BY id", (channel,)):
            self._arm({**json.loads(row["given"]), "id": row["id"]})

    def add(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("name") not in self.names:
            raise UnknownFault(f"name: {', '.join(sorted(self.names))}")
        is_likely = "probability" in given
        fault = {"order": "", "op": "", "probability": 1.0, "times": None if is_likely else 1, **given}
        with self._lock:
            text = json.dumps(fault, ensure_ascii=False)
            number = self._store.insert(
                "INSERT INTO pay_faults (channel, given) VALUES (?, ?)", (self._channel, text)
            )
            self._arm({**fault, "id": number})
        return {**fault, "id": number}

    def take(self, name: str, *references: str, op: str = "") -> dict[str, Any] | None:
        """The first fault that fits, using up one of its times."""
        if not self._armed:
            return None
        with self._lock:
            for reference in (*references, ""):
                for fault in self._armed.get((name, reference), ()):
                    if self._strikes(fault, op):
                        return fault
        return None

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            found = [fault for faults in self._armed.values() for fault in faults]
        public = [{key: value for key, value in fault.items() if key != "random"} for fault in found]
        return sorted(public, key=lambda fault: int(fault["id"]))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()
            self._store.run("DELETE FROM pay_faults WHERE channel = ?", (self._channel,))

    def _arm(self, fault: dict[str, Any]) -> None:
        fault["random"] = random.Random(fault.get("seed"))  # noqa: S311
        self._armed[(fault["name"], fault["order"])].append(fault)

    def _strikes(self, fault: dict[str, Any], op: str) -> bool:
        if fault["op"] and fault["op"] != op:
            return False
        if fault["probability"] < 1 and fault["random"].random() >= fault["probability"]:
            return False
        if fault["times"] is not None:
            fault["times"] -= 1
            self._keep(fault)
        return True

    def _keep(self, fault: dict[str, Any]) -> None:
        key = (fault["name"], fault["order"])
        if fault["times"] > 0:
            text = json.dumps({k: v for k, v in fault.items() if k not in {"id", "random"}})
            self._store.run("UPDATE pay_faults SET given = ? WHERE id = ?", (text, fault["id"]))
            return
        self._armed[key].remove(fault)
        if not self._armed[key]:
            del self._armed[key]
        self._store.run("DELETE FROM pay_faults WHERE id = ?", (fault["id"],))
