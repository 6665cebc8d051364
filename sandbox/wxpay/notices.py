"""The notice plane: what is told to the merchant, again and again until he says 200 or 204."""

import heapq
import itertools
import json
import logging
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from sandbox.knobs import sleep_at_most
from sandbox.store import Row
from sandbox.wxpay import orders, refunds
from sandbox.wxpay.acquirer import Acquirer, number
from sandbox.wxpay.letters import FLAWS, Letter, draft, spoilt
from sandbox.wxpay.tables import insert

log = logging.getLogger("sandbox.wxpay")
HOUR = 3600
LADDER = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, HOUR, *[3 * HOUR] * 3, *[6 * HOUR] * 2)
"""Seconds from one try to the next: fifteen, 24 h 4 m in all."""
TAKEN = {200, 204}


class Slowly:
    """A body that drips."""

    def __init__(self, body: bytes, seconds: float) -> None:
        self._body, self._pause = body, seconds / 10
        self._step = len(body) // 10 + 1

    def __len__(self) -> int:
        return len(self._body)

    def read(self, _size: int = -1) -> bytes:
        part, self._body = self._body[: self._step], self._body[self._step :]
        if part:
            sleep_at_most(self._pause)
        return part


class Notifier:
    """Due times are on WeChat Pay's clock: put it forward, and what was to come later comes now."""

    def __init__(self, a: Acquirer) -> None:
        self.a = a
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="wxpay")
        self._http = urllib3.PoolManager(maxsize=16, retries=False)
        self._soon = threading.Condition()
        self._waiting: list[tuple[float, int, str, Any]] = []
        self._order = itertools.count()
        self._timer: threading.Thread | None = None
        self._closed = False

    def resume(self) -> None:
        """After a restart: what was on its way goes on."""
        store = self.a.store
        store.run("UPDATE wxpay_notices SET state = 'waiting' WHERE state = 'sending'")
        for row in store.all("SELECT id, due FROM wxpay_notices WHERE state = 'waiting'"):
            self._at(row["due"], "notice", row["id"])
        for row in store.all("SELECT * FROM wxpay_refunds WHERE finish_at IS NOT NULL"):
            self.finish_later(row)

    def payment(self, order: Row, payment: Row, *, after: float = 0.0) -> int:
        """Tell of a payment; the number of the notice."""
        return self._start(self._payment_notice(order, payment, after))

    def payment_at_once(self, order: Row, payment: Row) -> None:
        """The same, and wait until the merchant has answered."""
        self.deliver(self._payment_notice(order, payment, 0.0)["id"])

    def refund(self, refund: Row) -> None:
        """Tell how the refund ended."""
        if refund["notify_url"]:
            self._start(self._refund_notice(refund))

    def refund_at_once(self, refund: Row) -> None:
        if refund["notify_url"]:
            self.deliver(self._refund_notice(refund)["id"])

    def finish_later(self, refund: Row) -> None:
        if refund["finish_at"] is not None:
            self._at(refund["finish_at"], "refund", (refund["mchid"], refund["refund_no"]))

    def deliver(self, notice_id: int) -> None:
        """One try, unless it is being made already or the merchant has taken the notice."""
        claimed = self.a.store.run(
            "UPDATE wxpay_notices SET state = 'sending', attempts = attempts + 1 "
            "WHERE id = ? AND state IN ('waiting', 'held')",
            (notice_id,),
        )
        if claimed:
            notice = self.a.store.one("SELECT * FROM wxpay_notices WHERE id = ?", (notice_id,))
            assert notice is not None
            self._settle(notice, self._try(notice))
            self._release(notice)

    def flush(self, order_no: str = "") -> int:
        """Everything that waits, now, whatever its time; how many."""
        rows = self.a.store.all(
            "SELECT id FROM wxpay_notices WHERE state IN ('waiting', 'held') AND (? = '' OR order_no = ?) "
            "ORDER BY id",
            (order_no, order_no),
        )
        for row in rows:
            self.deliver(row["id"])
        return len(rows)

    def post(self, url: str, letter: Letter) -> tuple[int | None, int, str]:
        """Status or None, milliseconds, and what was said."""
        body: Any = Slowly(letter.body, letter.lasts) if letter.lasts else letter.body
        headers = {**letter.headers, "Content-Length": str(len(letter.body))}
        started = time.monotonic()
        limit = float(self.a.knobs["wxpay_notify_timeout"])
        try:
            found = self._http.request("POST", url, body=body, headers=headers, timeout=limit)
            status, said = found.status, found.data[:300].decode(errors="replace")
        except urllib3.exceptions.HTTPError as error:
            status, said = None, type(error).__name__
        return status, round((time.monotonic() - started) * 1000), said

    def close(self) -> None:
        with self._soon:
            self._closed = True
            self._waiting.clear()
            self._soon.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # inside

    def _payment_notice(self, order: Row, payment: Row, after: float) -> Row:
        inside = orders.paid_view(self.a, order, payment, "SUCCESS")
        return self._notice(order, order["notify_url"], "TRANSACTION.SUCCESS", inside, after)

    def _refund_notice(self, refund: Row) -> Row:
        event, inside = f"REFUND.{refund['status']}", refunds.notice_view(refund)
        return self._notice(refund, refund["notify_url"], event, inside, 0.0)

    def _notice(self, about: Row, url: str, event: str, inside: dict[str, Any], after: float) -> Row:
        now, order_no = self.a.now(), about["order_no"]
        late = self.a.faults.take("notify.late", order_no, op=event)
        after += float(late.get("seconds", HOUR)) if late else 0.0
        is_held = self.a.faults.take("notify.reorder", order_no, op=event)
        row = {
            "ident": number("EV-", now, 10),
            "mchid": about["mchid"],
            "order_no": order_no,
            "event": event,
            "url": url,
            "inside": json.dumps(inside, ensure_ascii=False),
            "due": now + after,
            "state": "held" if is_held else "waiting",
            "created": now,
        }
        return {**row, "id": insert(self.a.store, "wxpay_notices", row)}

    def _start(self, notice: Row) -> int:
        if notice["state"] == "waiting":
            self._at(notice["due"], "notice", notice["id"])
        return int(notice["id"])

    def _try(self, notice: Row) -> bool:
        """Whether the merchant took it."""
        flaw = self._flaw(notice)
        if flaw.get("name") == "notify.lost":
            self._record(notice, flaw, (None, 0, "lost"))
            return False
        twice = self.a.faults.take("notify.dup", notice["order_no"], op=notice["event"])
        copies = int(twice.get("copies", 2)) if twice else 1
        statuses: list[int | None] = []
        others = [
            threading.Thread(target=self._send, args=(notice, flaw, statuses), daemon=True)
            for _ in range(copies - 1)
        ]
        for other in others:
            other.start()
        self._send(notice, flaw, statuses)
        for other in others:
            other.join()
        return any(status in TAKEN for status in statuses)

    def _send(self, notice: Row, flaw: dict[str, Any], statuses: list[int | None]) -> None:
        letter = spoilt(self.a, draft(self.a, notice, json.loads(notice["inside"])), flaw)
        answer = self.post(notice["url"], letter)
        self._record(notice, flaw, answer)
        statuses.append(answer[0])

    def _flaw(self, notice: Row) -> dict[str, Any]:
        inside = json.loads(notice["inside"])
        references = (notice["order_no"], inside.get("out_refund_no", ""))
        for name in FLAWS:
            if found := self.a.faults.take(name, *references, op=notice["event"]):
                return found
        likely = float(self.a.knobs["wxpay_signtest_percent"])
        return {"name": "notify.signtest"} if secrets.randbelow(10000) < likely * 100 else {}

    def _record(self, notice: Row, flaw: dict[str, Any], answer: tuple[int | None, int, str]) -> None:
        status, took, said = answer
        row = {"notice": notice["id"], "order_no": notice["order_no"], "event": notice["event"]}
        row |= {"number": notice["attempts"], "flaw": flaw.get("name", ""), "status": status, "ms": took}
        insert(self.a.store, "wxpay_attempts", {**row, "said": said, "at": self.a.now()})

    def _settle(self, notice: Row, is_taken: bool) -> None:
        step = notice["attempts"] - 1
        state, due = "waiting", self.a.now()
        if is_taken:
            state = "delivered"
        elif step >= len(LADDER):
            state = "given_up"
        else:
            due += LADDER[step] / max(0.001, float(self.a.knobs["wxpay_time_scale"]))
        self.a.store.run(
            "UPDATE wxpay_notices SET state = ?, due = ? WHERE id = ? AND state = 'sending'",
            (state, due, notice["id"]),
        )
        if state == "waiting":
            self._at(due, "notice", notice["id"])

    def _release(self, notice: Row) -> None:
        """What was held back until another notice of the order had gone, goes."""
        held = self.a.store.all(
            "SELECT id FROM wxpay_notices WHERE state = 'held' AND mchid = ? AND order_no = ? AND id <> ?",
            (notice["mchid"], notice["order_no"], notice["id"]),
        )
        for row in held:
            self.a.store.run("UPDATE wxpay_notices SET state = 'waiting' WHERE id = ?", (row["id"],))
            self._at(0.0, "notice", row["id"])

    def _finish(self, key: tuple[str, str]) -> None:
        refund = refunds.by_number(self.a, *key)
        if refund is None or refund["finish_at"] is None:
            return
        for status in refund["finish_as"].split(","):
            refund = refunds.finish(self.a, refund, status)
            self.refund(refund)

    # time

    def _at(self, due: float, kind: str, key: Any) -> None:
        if due <= self.a.now():
            self._enqueue(kind, key)
            return
        with self._soon:
            heapq.heappush(self._waiting, (due, next(self._order), kind, key))
            self._soon.notify()
            if self._timer is None:
                self._timer = threading.Thread(target=self._run, name="wxpay-later", daemon=True)
                self._timer.start()

    def _run(self) -> None:
        """The clock may be moved at any time, so it is looked at four times a second."""
        while not self._closed:
            with self._soon:
                while not self._waiting or (left := self._waiting[0][0] - self.a.now()) > 0:
                    if self._closed:
                        return
                    self._soon.wait(min(0.25, left) if self._waiting else None)
                _, _, kind, key = heapq.heappop(self._waiting)
            self._enqueue(kind, key)

    def _enqueue(self, kind: str, key: Any) -> None:
        try:
            self._pool.submit(self._safely, kind, key)
        except RuntimeError:
            log.info("shut down; %s %s dropped", kind, key)

    def _safely(self, kind: str, key: Any) -> None:
        try:
            (self.deliver if kind == "notice" else self._finish)(key)
        except Exception:
            log.exception("%s %s failed", kind, key)
