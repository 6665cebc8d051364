"""Accounts and their movements: debits, refunds, and what the machine knows of them when."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.card.flow import Flow
from sandbox.cast import BY_NUMBER
from sandbox.days import day_of, start_of
from sandbox.machine import Machine, Refusal, Trouble
from sandbox.store import Row, Store

NUMBER = re.compile(r"[0-9A-Z]{4,20}")
STATUSES = ("normal", "lost", "frozen", "closed", "expired")


@dataclass(frozen=True)
class Move:
    """A debit (`refund_no` empty) or a refund."""

    kind: str
    order_no: str
    account: str
    fen: int
    refund_no: str = ""
    memo: str = ""

    @property
    def number(self) -> str:
        return self.refund_no or self.order_no


class Books:
    """The purse of every account."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self._store, self._machine, self._flow = store, machine, Flow(store)

    def account_of(self, student: str) -> Row:
        """Opened for any well-formed number when first asked for. Raises Refusal."""
        if not NUMBER.fullmatch(student):
            raise Refusal("no_account")
        with self._store.tx():
            self._apply_due()
            found = self._store.one("SELECT * FROM card_accounts WHERE student = ?", (student,))
            return found or self._open(student)

    def account(self, number: str) -> Row:
        self._apply_due()
        found = self._store.one("SELECT * FROM card_accounts WHERE account = ?", (number,))
        if found is None:
            raise Refusal("no_account")
        return found

    def change(self, student: str, given: dict[str, Any]) -> Row:
        """Set purse, status or limits of an account, for a test."""
        account = self.account_of(student)
        for name in {"purse", "electronic", "status", "single_limit", "day_limit"} & set(given):
            self._store.run(
                f"UPDATE card_accounts SET {name} = ? WHERE account = ?",  # noqa: S608 - named above
                (given[name], account["account"]),
            )
        return self.account(account["account"])

    def move(self, asked: Move, trouble: Trouble, duplicates: str) -> Row:
        """The movement, perhaps an earlier one."""
        policy = {"duplicate_refused": "refuse", "duplicate_accepted": "accept"}.get(trouble.kind, duplicates)
        with self._store.tx():
            account = self.account(asked.account)
            earlier = self.find(asked)
            if earlier and policy == "refuse":
                raise Refusal("duplicate")
            if earlier and policy == "replay":
                return earlier
            self._check(asked, account)
            if policy != "accept":
                self._forget_late(asked)
            made = self._insert(asked, trouble)
            self._apply_due()
        return {**made, "repeated": earlier is not None}

    def find(self, asked: Move) -> Row | None:
        """The movement as far as the machine knows it now."""
        column = "refund_no" if asked.refund_no else "order_no"
        return self._store.one(
            f"SELECT * FROM card_moves WHERE {column} = ? AND kind = ? AND known <= ? ORDER BY id LIMIT 1",  # noqa: S608
            (asked.number, asked.kind, self._store.now()),
        )

    def spent_on(self, account: str, day: int) -> int:
        return int(
            self._store.value(
                "SELECT coalesce(sum(moved_fen), 0) FROM card_moves WHERE account = ? AND kind = 'DEBIT' "
                "AND applies >= ? AND applies < ?",
                (account, start_of(day), start_of(day + 1)),
            )
        )

    def of_account(self, account: str, first: int, last: int) -> list[Row]:
        """Newest first, both days included."""
        self._apply_due()
        return self._store.all(
            "SELECT * FROM card_moves WHERE account = ? AND settled = 1 AND applies >= ? AND applies < ? "
            "ORDER BY applies DESC, id DESC",
            (account, start_of(first), start_of(last + 1)),
        )

    def of_day(self, day: int) -> list[Row]:
        self._apply_due()
        return self._store.all(
            "SELECT * FROM card_moves WHERE settled = 1 AND applies >= ? AND applies < ? ORDER BY applies, id",
            (start_of(day), start_of(day + 1)),
        )

    def truth(self, order_nos: list[str]) -> dict[str, list[dict[str, Any]]]:
        """Every movement under each order number, those not yet applied too. For assertions only."""
        self._apply_due()
        rows = self._store.all(
            "SELECT * FROM card_moves WHERE order_no IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(order_nos),),
        )
        found: dict[str, list[dict[str, Any]]] = {order_no: [] for order_no in order_nos}
        for row in rows:
            found[row["order_no"]].append(public(row))
        return found

    def _open(self, student: str) -> Row:
        digest = int.from_bytes(hashlib.blake2b(student.encode(), digest_size=6).digest(), "big")
        number = 100_000 + digest % 900_000
        while self._store.value("SELECT 1 FROM card_accounts WHERE account = ?", (str(number),)):
            number = 100_000 + (number + 1) % 900_000
        person = BY_NUMBER.get(student)
        self._store.run(
            "INSERT INTO card_accounts VALUES (?, ?, ?, ?, ?, 'normal', ?, ?)",
            (
                str(number),
                student,
                person.name if person else "同学",
                5_000 + digest % 25_000,
                digest % 3_000,
                50_000,
                100_000,
            ),
        )
        return self.account(str(number))

    def _check(self, asked: Move, account: Row) -> None:
        if asked.fen <= 0:
            raise Refusal("bad_amount")
        if account["status"] == "closed":
            raise Refusal("closed")
        if asked.kind == "REFUND":
            self._check_refund(asked)
        else:
            self._check_debit(asked, account)

    def _check_debit(self, asked: Move, account: Row) -> None:
        if account["status"] != "normal":
            raise Refusal("lost" if account["status"] == "lost" else "frozen")
        if asked.fen > account["single_limit"]:
            raise Refusal("single_limit")
        today = day_of(self._store.now())
        if self.spent_on(asked.account, today) + asked.fen > account["day_limit"]:
            raise Refusal("day_limit")
        if asked.fen > account["purse"]:
            raise Refusal("not_enough")

    def _check_refund(self, asked: Move) -> None:
        debit = self.find(Move("DEBIT", asked.order_no, asked.account, asked.fen))
        if debit is None or debit["account"] != asked.account:
            raise Refusal("no_order")
        refunded = self._store.value(
            "SELECT coalesce(sum(moved_fen), 0) FROM card_moves WHERE order_no = ? AND kind = 'REFUND'",
            (asked.order_no,),
        )
        if int(refunded) + asked.fen > debit["moved_fen"]:
            raise Refusal("over_refund")

    def _forget_late(self, asked: Move) -> None:
        """Where numbers are unique, the one that is still under way will find its number taken."""
        column = "refund_no" if asked.refund_no else "order_no"
        self._store.run(
            f"DELETE FROM card_moves WHERE {column} = ? AND kind = ? AND known > ?",  # noqa: S608
            (asked.number, asked.kind, self._store.now()),
        )

    def _insert(self, asked: Move, trouble: Trouble) -> Row:
        now = self._store.now()
        known = now + float(trouble.option("seconds")) if trouble.kind == "late_apply" else now
        made = {
            "kind": asked.kind,
            "order_no": asked.order_no,
            "refund_no": asked.refund_no,
            "account": asked.account,
            "fen": asked.fen,
            "moved_fen": asked.fen - 1 if trouble.kind == "amount_rounding" else asked.fen,
            "memo": asked.memo,
            "accepted": now,
            "known": known,
            "applies": known,
        }
        names, marks = ", ".join(made), ", ".join("?" * len(made))
        number = self._store.insert(
            f"INSERT INTO card_moves ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            tuple(made.values()),
        )
        return {"id": number, **made}

    def _apply_due(self) -> None:
        """Move the money of what has arrived by now."""
        with self._store.tx():
            due = self._store.all(
                "SELECT * FROM card_moves WHERE settled = 0 AND applies <= ? ORDER BY applies, id",
                (self._store.now(),),
            )
            for row in due:
                change = row["moved_fen"] if row["kind"] == "REFUND" else -row["moved_fen"]
                self._store.run(
                    "UPDATE card_accounts SET purse = purse + ? WHERE account = ?", (change, row["account"])
                )
                self._store.run(
                    "UPDATE card_moves SET settled = 1, balance = (SELECT purse FROM card_accounts "
                    "WHERE account = card_moves.account) WHERE id = ?",
                    (row["id"],),
                )
                self._flow.add(row, reference(row))

    def flow(self) -> Flow:
        """With all that has arrived by now."""
        self._apply_due()
        return self._flow


def reference(row: Row) -> str:
    """The journal number (流水号)."""
    return f"{row['id']:012d}"


def public(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kind": row["kind"],
        "order_no": row["order_no"],
        "refund_no": row["refund_no"],
        "account": row["account"],
        "fen": row["moved_fen"],
        "asked_fen": row["fen"],
        "status": "applied" if row["settled"] else "accepted",
        "applies": row["applies"],
    }
