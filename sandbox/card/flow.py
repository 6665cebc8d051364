"""The flow of the whole card centre: every movement under a number of its own, counted without gaps (an invention).

The canteens' are in it too. `flow_…` are its faults; `restart` counts from 1 again, as a moved centre does.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.days import local
from sandbox.machine import Trouble
from sandbox.statement import MERCHANT
from sandbox.store import Row, Store

CANTEEN = "ST001"
MOST = 500
"""Lines of a page."""


class Flow:
    """What has been settled, in that order."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, move: Row, ref: str) -> None:
        """A movement of ours; in the caller's transaction."""
        fen = -move["moved_fen"] if move["kind"] == "REFUND" else move["moved_fen"]
        number = move["refund_no"] or move["order_no"]
        self._insert(MERCHANT, ref, number, move["kind"], move["account"], fen, move["applies"])

    def add_meals(self, count: int) -> None:
        """What students ate meanwhile."""
        with self._store.tx():
            for _ in range(count):
                ref = f"M{self.last() + 1:011d}"
                self._insert(CANTEEN, ref, "", "DEBIT", "100000", 850, self._store.now())

    def restart(self) -> None:
        self._store.run("DELETE FROM card_flow")

    def forget(self, ref: str) -> None:
        """A line whose number stays empty for ever."""
        self._store.run("DELETE FROM card_flow WHERE ref = ?", (ref,))

    def last(self) -> int:
        return int(self._store.value("SELECT coalesce(max(no), 0) FROM card_flow"))

    def page(self, after: int, size: int, trouble: Trouble) -> dict[str, Any]:
        rows = self._store.all(
            "SELECT * FROM card_flow WHERE no > ? ORDER BY no LIMIT ?", (after, max(1, min(size, MOST)))
        )
        told = [_told(row) for row in rows]
        given = spoilt(told, trouble)
        count = len(told) if trouble.kind == "flow_truncated" else len(given)
        return {"last": str(self.last()), "count": str(count), "rows": given}

    def _insert(
        self, merchant: str, ref: str, number: str, kind: str, account: str, fen: int, moment: float
    ) -> None:
        self._store.run(
            "INSERT INTO card_flow (no, merchant, ref, order_no, kind, account, fen, moment) "
            "SELECT coalesce(max(no), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM card_flow",
            (merchant, ref, number, kind, account, fen, moment),
        )


def spoilt(rows: list[dict[str, str]], trouble: Trouble) -> list[dict[str, str]]:
    """As the fault has it. A truncated page says how many lines it should have."""
    if trouble.kind == "flow_repeat":
        return rows + rows[len(rows) // 2 :]
    if trouble.kind == "flow_reorder":
        return rows[::-1]
    if trouble.kind == "flow_skip":
        return [row for nth, row in enumerate(rows) if nth != len(rows) // 2]
    if trouble.kind == "flow_truncated":
        return rows[: len(rows) // 2]
    if trouble.kind == "flow_changed":
        return [{**row, "amt": str(int(row["amt"]) + 1)} for row in rows]
    return rows


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    at = local(row["moment"])
    return {
        "centerno": str(row["no"]),
        "merchant": row["merchant"],
        "journo": row["ref"],
        "orderno": row["order_no"],
        "bizdate": f"{at:%Y%m%d}",
        "time": f"{at:%Y-%m-%d %H:%M:%S}",
        "type": row["kind"],
        "account": row["account"],
        "amt": str(row["fen"]),
    }
