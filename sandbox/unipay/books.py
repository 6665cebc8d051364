"""Orders, payments and refunds of the platform's merchants."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from sandbox.days import local, start_of
from sandbox.machine import Machine, Refusal, Trouble
from sandbox.statement import Line
from sandbox.store import Row, Store

ENDS = {"refund_abnormal": "ABNORMAL", "refund_closed": "CLOSED"}
DEFAULTS = {
    "bars_unseen": True,  # whether closing a number that the cashier has not seen keeps it from being opened
    "refund_delay": 0.0,  # seconds until a refund is through
    "time_scale": 1.0,  # how many seconds of the ladder of notices pass in one
    "notify_timeout": 5.0,
}


@dataclass(frozen=True)
class Asked:
    """What the cashier's address says of an order."""

    merchant_no: str
    order_no: str
    subject: str
    fen: int
    payer: str
    expires: float
    notify_url: str
    return_url: str


class Books:
    """Every change is one transaction of the store."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self.store, self.machine = store, machine

    def open(self, asked: Asked) -> Row:
        """The order as the cashier shows it. Raises Refusal for other contents than at first."""
        with self.store.tx():
            found = self.order(asked.merchant_no, asked.order_no)
            if found is None:
                self._insert(asked, "NOTPAY")
            elif found["ticket"].startswith("barred") and found["state"] == "CLOSED":
                raise Refusal("closed")
            elif any(found[name] != value for name, value in vars(asked).items()):
                raise Refusal("conflict")
        return self.known(asked.merchant_no, asked.order_no)

    def order(self, merchant_no: str, order_no: str) -> Row | None:
        """An order that nobody paid in time is closed."""
        row = self.store.one(
            "SELECT * FROM unipay_orders WHERE merchant_no = ? AND order_no = ?", (merchant_no, order_no)
        )
        if row and row["state"] == "NOTPAY" and row["expires"] <= self.store.now():
            return {**row, "state": "CLOSED"}
        return row

    def known(self, merchant_no: str, order_no: str) -> Row:
        found = self.order(merchant_no, order_no)
        if found is None:
            raise Refusal("no_order")
        return found

    def pay(self, order: Row, bank: str, *, fen: int | None = None, force: bool = False) -> Row:
        """By the payer; with `force` also what is closed. Raises Refusal."""
        with self.store.tx():
            now = self.known(order["merchant_no"], order["order_no"])
            if now["paid"] is not None:
                raise Refusal("paid")
            if now["state"] == "CLOSED" and not force:
                raise Refusal("closed")
            moment = self.store.now()
            number = f"UP{local(moment):%Y%m%d}{secrets.randbelow(10**12):012}"
            self.store.run(
                "UPDATE unipay_orders SET state = 'SUCCESS', bank = ?, transaction_id = ?, paid = ?, fen = ? "
                "WHERE merchant_no = ? AND order_no = ?",
                (bank, number, moment, fen or now["fen"], now["merchant_no"], now["order_no"]),
            )
        return self.known(order["merchant_no"], order["order_no"])

    def close(self, merchant_no: str, order_no: str) -> None:
        with self.store.tx():
            found = self.order(merchant_no, order_no)
            if found is None and not self.machine["bars_unseen"]:
                raise Refusal("no_order")
            if found is None:
                self._insert(Asked(merchant_no, order_no, "", 0, "", 0.0, "", ""), "CLOSED", "barred-")
            elif found["paid"] is not None:
                raise Refusal("paid")
            else:
                self.store.run(
                    "UPDATE unipay_orders SET state = 'CLOSED' WHERE merchant_no = ? AND order_no = ?",
                    (merchant_no, order_no),
                )

    def refund(self, merchant_no: str, given: Mapping[str, Any], trouble: Trouble) -> Row:
        """Accepted; finished by itself later. The same number is the same refund."""
        fen = int(given["refund_fen"])
        with self.store.tx():
            known = self.find_refund(merchant_no, given["refund_no"])
            if known:
                if (known["order_no"], known["fen"]) != (given["order_no"], fen):
                    raise Refusal("conflict")
                return known
            order = self.known(merchant_no, given["order_no"])
            self._check_refund(order, fen, int(given["total_fen"]))
            return self._accept(order, given, trouble)

    def find_refund(self, merchant_no: str, refund_no: str) -> Row | None:
        self._finish_due()
        return self.store.one(
            "SELECT * FROM unipay_refunds WHERE merchant_no = ? AND refund_no = ?", (merchant_no, refund_no)
        )

    def refunds_of(self, order: Row) -> list[Row]:
        self._finish_due()
        return self.store.all(
            "SELECT * FROM unipay_refunds WHERE merchant_no = ? AND order_no = ? ORDER BY id",
            (order["merchant_no"], order["order_no"]),
        )

    def finish(self, refund: Row, status: str) -> None:
        self.store.run(
            "UPDATE unipay_refunds SET status = ?, finished = ?, finish_at = NULL WHERE id = ?",
            (status, self.store.now(), refund["id"]),
        )

    def balance(self, merchant_no: str) -> int:
        """What was paid, less refunds, and what `set_balance` moved."""
        paid = self.store.value(
            "SELECT coalesce(sum(fen), 0) FROM unipay_orders WHERE merchant_no = ? AND paid IS NOT NULL",
            (merchant_no,),
        )
        refunded = self.store.value(
            "SELECT coalesce(sum(fen), 0) FROM unipay_refunds WHERE merchant_no = ? AND status <> 'CLOSED'",
            (merchant_no,),
        )
        return int(paid) - int(refunded) + int(self.store.setting(f"unipay_moved_{merchant_no}", 0))

    def set_balance(self, merchant_no: str, fen: int) -> None:
        """As a withdrawal or a top-up would."""
        with self.store.tx():
            moved = int(self.store.setting(f"unipay_moved_{merchant_no}", 0))
            self.store.keep(f"unipay_moved_{merchant_no}", moved + fen - self.balance(merchant_no))

    def lines(self, merchant_no: str, day: int) -> list[Line]:
        """Payments and refunds of the day, for its file."""
        span = (merchant_no, start_of(day), start_of(day + 1))
        paid = self.store.all(
            "SELECT * FROM unipay_orders WHERE merchant_no = ? AND paid >= ? AND paid < ?", span
        )
        refunded = self.store.all(
            "SELECT * FROM unipay_refunds WHERE merchant_no = ? AND status <> 'CLOSED' "
            "AND accepted >= ? AND accepted < ?",
            span,
        )
        found = [
            Line(row["transaction_id"], row["order_no"], row["paid"], "DEBIT", row["bank"], "", row["fen"])
            for row in paid
        ] + [
            Line(
                refund_id(row), row["refund_no"], row["accepted"], "REFUND", row["order_no"], "", -row["fen"]
            )
            for row in refunded
        ]
        return sorted(found, key=lambda line: (line.moment, line.ref))

    def _insert(self, asked: Asked, state: str, mark: str = "") -> None:
        row = {**vars(asked), "ticket": mark + secrets.token_urlsafe(24), "state": state}
        row["created"] = self.store.now()
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.store.run(f"INSERT INTO unipay_orders ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608

    def _check_refund(self, order: Row, fen: int, total: int) -> None:
        if order["paid"] is None:
            raise Refusal("not_paid")
        if total != order["fen"] or fen <= 0:
            raise Refusal("bad_request")
        live = sum(row["fen"] for row in self.refunds_of(order) if row["status"] != "CLOSED")
        if live + fen > order["fen"]:
            raise Refusal("too_much")
        if fen > self.balance(order["merchant_no"]):
            raise Refusal("not_enough")

    def _accept(self, order: Row, given: Mapping[str, Any], trouble: Trouble) -> Row:
        now = self.store.now()
        row = {
            "merchant_no": order["merchant_no"],
            "refund_no": given["refund_no"],
            "order_no": order["order_no"],
            "fen": int(given["refund_fen"]),
            "reason": given["reason"],
            "status": "PROCESSING",
            "accepted": now,
            "finish_at": None
            if trouble.kind == "refund_stuck"
            else now + float(self.machine["refund_delay"]),
            "finish_as": ENDS.get(trouble.kind, "SUCCESS"),
        }
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        sql = f"INSERT INTO unipay_refunds ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        return {**row, "id": self.store.insert(sql, list(row.values()))}

    def _finish_due(self) -> None:
        now = self.store.now()
        self.store.run(
            "UPDATE unipay_refunds SET status = finish_as, finished = finish_at, finish_at = NULL "
            "WHERE finish_at <= ?",
            (now,),
        )


@dataclass(frozen=True)
class Platform:
    """The platform as a whole."""

    books: Books
    machine: Machine
    keys: Mapping[str, str]
    notifier: Any

    @property
    def store(self) -> Store:
        return self.books.store


def platform() -> Platform:
    """Of the current application."""
    return cast("Platform", current_app.extensions["unipay"])


def refund_id(row: Row) -> str:
    return f"UR{row['id']:012d}"
