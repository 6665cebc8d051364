"""Tells merchants of payments, again and again until they say `success`."""

import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from sandbox.machine import Call, Trouble
from sandbox.store import Row
from sandbox.unipay.books import Books
from sandbox.unipay.gateway import paid_view
from sandbox.unipay.signing import sign

log = logging.getLogger("sandbox.unipay")
LADDER = (15, 15, 30, 180, 600, 1800, 1800, 3600, 3600)
"""Seconds from one try to the next."""


class Notifier:
    """Due times are on the sandbox's clock: put it forward, and what was to come later comes now."""

    def __init__(self, books: Books, keys: dict[str, str]) -> None:
        self._books, self._keys = books, keys
        self._store, self._machine = books.store, books.machine
        self._http = urllib3.PoolManager(maxsize=8, retries=False)
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="unipay")
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def resume(self) -> None:
        """After a restart: what was on its way goes on."""
        self._store.run("UPDATE unipay_notices SET state = 'waiting' WHERE state = 'sending'")
        if self._store.value("SELECT 1 FROM unipay_notices WHERE state = 'waiting' LIMIT 1"):
            self._wake()

    def tell(self, order: Row, *, wait: bool = False) -> int:
        """A notice of this payment; with `wait` its first try has been made."""
        number = self._store.insert(
            "INSERT INTO unipay_notices (merchant_no, order_no, due, state) VALUES (?, ?, ?, ?)",
            (order["merchant_no"], order["order_no"], self._store.now(), "sending" if wait else "waiting"),
        )
        if wait:
            self._deliver(number)
        else:
            self._wake()
        return number

    def flush(self) -> int:
        """Everything that waits, now, whatever its time; how many."""
        rows = self._store.all("SELECT id FROM unipay_notices WHERE state = 'waiting' ORDER BY id")
        taken = [row["id"] for row in rows if self._claim(row["id"])]
        for number in taken:
            self._deliver(number)
        return len(taken)

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _claim(self, number: int) -> bool:
        sql = "UPDATE unipay_notices SET state = 'sending' WHERE id = ? AND state = 'waiting'"
        return self._store.run(sql, (number,)) == 1

    def _deliver(self, number: int) -> None:
        """One try, of a notice that the caller has claimed."""
        notice = self._store.one("SELECT * FROM unipay_notices WHERE id = ?", (number,))
        if notice is None:
            return  # the world was put back to its first day
        trouble = self._machine.meet(Call("notify", "notify", order_no=notice["order_no"]))
        if trouble.kind == "notify_late":
            self._settle(notice, trouble, None, "late", self._store.now() + float(trouble.option("seconds")))
            return
        copies = 2 if trouble.kind == "notify_dup" else 1
        answers = [(None, "lost")] if trouble.kind == "notify_lost" else self._send(notice, trouble, copies)
        status, said = answers[-1]
        pause = LADDER[notice["tries"]] if notice["tries"] < len(LADDER) else None
        scale = max(0.001, float(self._machine["time_scale"]))
        due = None if pause is None else self._store.now() + pause / scale
        self._settle(notice, trouble, status, said, due)

    def _send(self, notice: Row, trouble: Trouble, copies: int) -> list[tuple[Any, str]]:
        order = self._books.known(notice["merchant_no"], notice["order_no"])
        form = self._form(order, trouble)
        limit = float(self._machine["notify_timeout"])
        answers: list[tuple[Any, str]] = []
        for _ in range(copies):
            try:
                found = self._http.request_encode_body(
                    "POST", order["notify_url"], fields=form, encode_multipart=False, timeout=limit
                )
                answers.append((found.status, found.data[:200].decode(errors="replace")))
            except urllib3.exceptions.HTTPError as error:
                answers.append((None, type(error).__name__))
        return answers

    def _form(self, order: Row, trouble: Trouble) -> dict[str, str]:
        told = {name: str(value) for name, value in paid_view(order).items()}
        if trouble.kind == "notify_wrong_amount":
            told["total_fen"] = str(max(1, order["fen"] - 1))
        told |= {"merchant_no": order["merchant_no"], "timestamp": str(int(self._store.now()))}
        told["nonce"] = secrets.token_hex(16)
        key = secrets.token_hex(32) if trouble.kind == "notify_bad_sig" else self._keys[order["merchant_no"]]
        return {**told, "sign": sign(key, told)}

    def _settle(self, notice: Row, trouble: Trouble, status: Any, said: str, due: float | None) -> None:
        is_taken = status == 200 and said.strip() == "success"
        state = "delivered" if is_taken else "given_up" if due is None else "waiting"
        self._store.run(
            "UPDATE unipay_notices SET state = ?, tries = tries + 1, due = ?, flaw = ?, status = ?, said = ? "
            "WHERE id = ?",
            (state, due or 0.0, trouble.kind, status, said, notice["id"]),
        )
        if state == "waiting":
            self._wake()

    def _wake(self) -> None:
        with self._news:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="unipay-notices", daemon=True)
                self._thread.start()
            self._news.notify_all()

    def _run(self) -> None:
        """The clock may be moved at any time, so what waits is looked at four times a second."""
        while not self._closed:
            for row in self._store.all(
                "SELECT id FROM unipay_notices WHERE state = 'waiting' AND due <= ?", (self._store.now(),)
            ):
                if self._claim(row["id"]):
                    self._submit(row["id"])
            waits = self._store.value("SELECT 1 FROM unipay_notices WHERE state = 'waiting' LIMIT 1")
            with self._news:
                if not self._closed:
                    self._news.wait(0.25 if waits else 5.0)

    def _submit(self, number: int) -> None:
        try:
            self._pool.submit(self._safely, number)
        except RuntimeError:
            log.info("shut down; notice %s dropped", number)

    def _safely(self, number: int) -> None:
        try:
            self._deliver(number)
        except Exception:
            log.exception("notice %s failed", number)
