"""The pusher: delivers messages and events to the application's callback and judges what comes back."""

import heapq
import itertools
import json
import logging
import random
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from sandbox.config import Config
from sandbox.knobs import Knobs, sleep_at_most
from sandbox.store import Row, Store
from sandbox.wechat import crypto, xml
from sandbox.wechat.chat import show_reply
from sandbox.world import say

log = logging.getLogger("sandbox.push")
OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"
SILENT = {
    "VIEW",
    "TEMPLATESENDJOBFINISH",
    "unsubscribe",
    "subscribe_msg_sent_event",
    "subscribe_msg_popup_event",
}
TRIES = 3


@dataclass
class Push:
    """One message or event on its way."""

    openid: str
    fields: dict[str, Any]
    mode: str = ""
    forge: str = ""
    answers: bool = True
    copies: int = 0
    after: float = 0.0
    ident: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def what(self) -> str:
        kind = self.fields.get("MsgType", "")
        return f"event:{self.fields.get('Event', '')}" if kind == "event" else str(kind)


def message_id() -> int:
    """64 bits, growing, larger than JavaScript can count."""
    return (int(time.time() * 1000) << 20) | random.getrandbits(20)  # noqa: S311


class Pusher:
    def __init__(self, config: Config, store: Store, knobs: Knobs) -> None:
        self.config, self.store, self.knobs = config, store, knobs
        self._pool = ThreadPoolExecutor(max_workers=24, thread_name_prefix="push")
        self._local = threading.local()
        self._soon = threading.Condition()
        self._waiting: list[tuple[float, int, Push]] = []
        self._order = itertools.count()
        self._timer: threading.Thread | None = None
        self._closed = False

    def message(self, openid: str, kind: str, **extra: Any) -> dict[str, Any]:
        """The members of a user's message."""
        return {**self._common(openid, kind), **extra, "MsgId": message_id()}

    def event(self, openid: str, name: str, **extra: Any) -> dict[str, Any]:
        return {**self._common(openid, "event"), "Event": name, **extra}

    def _common(self, openid: str, kind: str) -> dict[str, Any]:
        return {
            "ToUserName": self.config.account_id,
            "FromUserName": openid,
            "CreateTime": int(self.store.now()),
            "MsgType": kind,
        }

    def later(self, push: Push) -> None:
        """Hand over to a thread of the pool; the order between pushes is not kept, as on the "
        "real platform."""
        if push.after <= 0:
            self._enqueue(push)
            return
        with self._soon:
            heapq.heappush(self._waiting, (time.monotonic() + push.after, next(self._order), push))
            self._soon.notify()
            if self._timer is None:
                self._timer = threading.Thread(target=self._release, name="push-later", daemon=True)
                self._timer.start()

    def _release(self) -> None:
        """One thread hands over what has become due."""
        while True:
            with self._soon:
                while not self._waiting or self._waiting[0][0] > time.monotonic():
                    if self._closed:
                        return
                    self._soon.wait(self._waiting[0][0] - time.monotonic() if self._waiting else None)
                _, _, push = heapq.heappop(self._waiting)
            self._enqueue(push)

    def _enqueue(self, push: Push) -> None:
        try:
            self._pool.submit(self._safely, push)
        except RuntimeError:
            log.info("shut down; push %s dropped", push.ident)

    def _safely(self, push: Push) -> None:
        try:
            self.deliver(push)
        except Exception:
            log.exception("push %s failed", push.ident)

    def deliver(self, push: Push) -> list[Row]:
        """Send now, with retries and copies; the attempts as recorded."""
        sleep_at_most(float(self.knobs["push_delay"]))
        attempts: list[Row] = []
        for _ in range(max(1, push.copies or int(self.knobs["push_copies"]))):
            attempts += self._ladder(push)
        return attempts

    def _ladder(self, push: Push) -> list[Row]:
        attempts: list[Row] = []
        for number in range(1, TRIES + 1):
            query, body = self._envelope(push)
            row = self._attempt(push, number, query, body)
            attempts.append(row)
            if row["verdict"] != "no answer":
                break
        if attempts[-1]["verdict"] not in {"ok", "rejected"} and self._person_waits(push):
            say(self.store, push.openid, "system", "notice", {"text": OUT_OF_ORDER})
        return attempts

    @staticmethod
    def _person_waits(push: Push) -> bool:
        return push.answers and not push.forge and push.fields.get("Event") not in SILENT

    def _envelope(self, push: Push) -> tuple[dict[str, str], str]:
        """Query and body; a retry is signed anew. `forge` spoils exactly one thing."""
        config, mode, forge = self.config, push.mode or str(self.knobs["push_mode"]), push.forge
        fields = {**push.fields, "ToUserName": "gh_somebodyelse0"} if forge == "to" else push.fields
        plain = xml.build(fields)
        stamp = str(int(self.store.now()) - (3600 if forge == "stale" else 0))
        nonce = str(secrets.randbelow(9 * 10**9) + 10**9)
        token = "not-the-token" if forge == "token" else config.token
        query = {
            "signature": crypto.sign(token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": push.openid,
        }
        if mode == "plain" or forge == "plain":
            return query, plain
        appid = "wx0000000000000000" if forge == "appid" else config.appid
        sealed = crypto.encrypt(config.aes_key, appid, plain)
        signature = crypto.sign(token, stamp, nonce, sealed)
        if forge == "signature":
            signature = crypto.sign(sealed)
        if forge == "tampered":
            sealed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
        query |= {"encrypt_type": "aes", "msg_signature": signature}
        outer = (
            {**fields, "Encrypt": sealed}
            if mode == "compatible"
            else {"ToUserName": config.account_id, "Encrypt": sealed}
        )
        return query, xml.build(outer)

    def replay(self, callback_id: int) -> Row | None:
        """The very bytes of an earlier request once more."""
        old = self.store.one("SELECT * FROM callbacks WHERE id = ?", (callback_id,))
        if old is None:
            return None
        push = Push(old["openid"], {"MsgType": "replay"}, answers=False, forge="replay", ident=old["push"])
        return self._attempt(push, 0, json.loads(old["url"]), old["request"])

    def verify_url(self) -> Row:
        """The GET with which 服务器配置 is saved."""
        stamp, nonce, echo = str(int(self.store.now())), secrets.token_hex(5), str(secrets.randbelow(10**19))
        query = {
            "signature": crypto.sign(self.config.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "echostr": echo,
        }
        started = time.monotonic()
        try:
            found = self._session().get(
                self.target(), params=query, timeout=float(self.knobs["push_timeout"])
            )
            good = found.status_code == 200 and found.content == echo.encode()
            verdict, status, text = ("ok" if good else "wrong echo"), found.status_code, found.text
        except requests.RequestException as error:
            verdict, status, text = "no answer", None, type(error).__name__
        push = Push("", {"MsgType": "verify"})
        return self._record(push, 1, query, "", (status, text, verdict), time.monotonic() - started)

    def target(self) -> str:
        return str(self.knobs["callback_url"] or self.config.callback)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        return self._local.session  # type: ignore[no-any-return]

    def _attempt(self, push: Push, number: int, query: dict[str, str], body: str) -> Row:
        started = time.monotonic()
        limit = float(self.knobs["push_timeout"])
        try:
            found = self._session().post(
                f"{self.target()}?{urlencode(query)}",
                data=body.encode(),
                headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"},
                timeout=limit,
                allow_redirects=False,
            )
            if time.monotonic() - started > limit:
                raise requests.Timeout
            outcome = (found.status_code, found.text, self._judge(push, query, found))
        except requests.RequestException as error:
            outcome = (None, type(error).__name__, "no answer")
        return self._record(push, number, query, body, outcome, time.monotonic() - started)

    def _judge(self, push: Push, query: dict[str, str], found: requests.Response) -> str:
        if found.status_code >= 500:
            return "no answer"
        if found.status_code != 200:
            return "rejected" if push.forge else f"bad: HTTP {found.status_code}"
        try:
            reply = self._open_reply(query, found.content.decode("utf-8"))
            if reply and (reply.get("FromUserName"), reply.get("ToUserName")) != (
                self.config.account_id,
                push.openid,
            ):
                raise ValueError("FromUserName and ToUserName are not swapped")
            if reply and push.answers and not push.forge:
                show_reply(self.store, push.openid, reply)
        except ValueError as error:
            return f"bad: {error}"
        return "ok"

    def _open_reply(self, query: dict[str, str], text: str) -> dict[str, Any] | None:
        """The passive reply, decrypted; None for '' and 'success'."""
        if text.strip() in {"", "success"}:
            return None
        outer = xml.read(text)
        if "encrypt_type" not in query:
            return outer
        sealed, nonce, stamp = (str(outer.get(name) or "") for name in ("Encrypt", "Nonce", "TimeStamp"))
        if not sealed:
            raise ValueError("a reply in safe mode must be encrypted")
        if nonce != query["nonce"]:
            raise ValueError("Nonce is not the one of the request")
        if not crypto.same(
            crypto.sign(self.config.token, stamp, nonce, sealed), str(outer.get("MsgSignature"))
        ):
            raise ValueError("MsgSignature")
        return xml.read(crypto.decrypt(self.config.aes_key, self.config.appid, sealed))

    def _record(
        self,
        push: Push,
        number: int,
        query: dict[str, str],
        body: str,
        outcome: tuple[Any, str, str],
        took: float,
    ) -> Row:
        status, response, verdict = outcome
        row = {
            "push": push.ident,
            "attempt": number,
            "openid": push.openid,
            "what": push.what + (f" ({push.forge})" if push.forge else ""),
            "url": json.dumps(query),
            "request": body,
            "plain": xml.build(push.fields),
            "status": status,
            "latency_ms": round(took * 1000),
            "response": response[:4000],
            "verdict": verdict,
            "created": self.store.now(),
        }
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        row["id"] = self.store.insert(f"INSERT INTO callbacks ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608
        return row

    def close(self) -> None:
        with self._soon:
            self._closed = True
            self._waiting.clear()
            self._soon.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)
