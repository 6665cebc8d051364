"""Receipts and what was taken back of them."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.machine import Machine, Refusal
from sandbox.store import Row, Store

DEFAULTS = {"has_stock": True}
KINDS = {"fiscal": "财政电子票据", "invoice": "数电发票"}


class Books:
    """Every change is one transaction of the store."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self.store, self.machine = store, machine

    def issue(self, given: Mapping[str, Any]) -> Row:
        """A number is issued once; the same again is the same receipt."""
        wanted = {name: given[name] for name in ("kind", "title", "fen")}
        with self.store.tx():
            found = self.find(given["number"])
            if found and any(found[name] != value for name, value in wanted.items()):
                raise Refusal("duplicate")
            if found:
                return found
            if not self.machine["has_stock"]:
                raise Refusal("no_stock")
            if given["kind"] not in KINDS or int(given["fen"]) <= 0:
                raise Refusal("bad_request")
            self.store.insert(
                "INSERT INTO receipts (number, kind, title, fen, item, check_code, issued) VALUES (?,?,?,?,?,?,?)",
                (
                    given["number"],
                    *wanted.values(),
                    given["item_title"],
                    secrets.token_hex(3),
                    self.store.now(),
                ),
            )
        return self.known(given["number"])

    def red(self, given: Mapping[str, Any]) -> Row:
        """By the rules of its kind; what the buyer has booked waits for the buyer, or is refused."""
        with self.store.tx():
            found = self.find_red(given["number"])
            if found and (found["of_number"], found["fen"]) != (given["of_number"], given["fen"]):
                raise Refusal("duplicate")
            if found:
                return found
            receipt = self.find(given["of_number"])
            if receipt is None:
                raise Refusal("no_receipt")
            left = receipt["fen"] - self.taken_back(receipt)
            if given["fen"] > left:
                raise Refusal("too_much")
            if receipt["kind"] == "fiscal" and given["fen"] != receipt["fen"]:
                raise Refusal("whole_only")
            if receipt["kind"] == "fiscal" and receipt["booked"]:
                raise Refusal("booked")
            self.store.insert(
                "INSERT INTO red_receipts (number, of_number, fen, status, made) VALUES (?, ?, ?, ?, ?)",
                (
                    given["number"],
                    given["of_number"],
                    given["fen"],
                    "CONFIRMING" if receipt["booked"] else "DONE",
                    self.store.now(),
                ),
            )
        return self.known_red(given["number"])

    def taken_back(self, receipt: Row) -> int:
        return int(
            self.store.value(
                "SELECT coalesce(sum(fen), 0) FROM red_receipts WHERE of_number = ? AND status <> 'DECLINED'",
                (receipt["number"],),
            )
        )

    def find(self, number: str) -> Row | None:
        return self.store.one("SELECT * FROM receipts WHERE number = ?", (number,))

    def find_red(self, number: str) -> Row | None:
        return self.store.one("SELECT * FROM red_receipts WHERE number = ?", (number,))

    def known(self, number: str) -> Row:
        return self._there(self.find(number))

    def known_red(self, number: str) -> Row:
        return self._there(self.find_red(number))

    @staticmethod
    def _there(row: Row | None) -> Row:
        if row is None:
            raise Refusal("not_found")
        return row
