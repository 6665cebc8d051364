"""What the project asks of the issuer, as typed calls. Raises VendorError and nothing else."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from app.clients.line import Line, Request
from app.clients.orders import check_order
from app.clients.receipts.errors import KINDS
from app.clients.receipts.settings import ReceiptSettings
from app.clients.verdicts import refusal
from app.kit import clock

T = TypeVar("T")
RED_STATES = ("DONE", "CONFIRMING", "DECLINED")
MOST_FEN = 10_000_000_000


@dataclass(frozen=True)
class Issued:
    """A receipt as its holder needs it: code and number, what to check it by, where to see it."""

    number: str
    receipt_code: str
    receipt_no: str
    check_code: str
    url: str


@dataclass(frozen=True)
class RedState:
    """`receipt_no` is that of the red receipt, once it is DONE."""

    number: str
    status: str
    receipt_no: str


class Receipts:
    """Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: ReceiptSettings) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._line = Line("receipts", settings.line)

    def issue(
        self,
        *,
        number: str,
        kind: str,
        title: str,
        fen: int,
        item_code: str,
        item_title: str,
        paid_at: str,
    ) -> Issued:
        """A receipt; may be repeated under the same number. Raises Refused, DuplicateOrder, OutcomeUnknown."""
        check_order(number, 32, fen, 1, MOST_FEN)
        given = {
            "number": number,
            "kind": kind,
            "title": title,
            "fen": fen,
            "item_code": item_code,
            "item_title": item_title,
            "paid_at": paid_at,
        }
        return self._tell("issue", lambda told: _issued(told, number), given)

    def query(self, number: str) -> Issued:
        """What became of it. Raises NoSuchOrder, Unavailable, BadReply."""
        return self._ask("query", lambda told: _issued(told, number), {"number": number})

    def red(self, *, number: str, of_number: str, fen: int, reason: str) -> RedState:
        """Take `fen` of a receipt back; may be repeated under the same number."""
        check_order(number, 32, fen, 1, MOST_FEN)
        given = {"number": number, "of_number": of_number, "fen": fen, "reason": reason[:80]}
        return self._tell("red", lambda told: _red(told, number), given)

    def query_red(self, number: str) -> RedState:
        """How a reversal stands. Raises NoSuchOrder, Unavailable, BadReply."""
        return self._ask("query_red", lambda told: _red(told, number), {"number": number})

    # the wire

    def _ask(self, call: str, then: Callable[[Mapping[str, Any]], T], given: Mapping[str, Any]) -> T:
        request, nonce = self._request(call, given)
        return self._line.ask(call, request, self._reader(call, nonce, then, writes=False))

    def _tell(self, call: str, then: Callable[[Mapping[str, Any]], T], given: Mapping[str, Any]) -> T:
        request, nonce = self._request(call, given)
        return self._line.write(call, request, self._reader(call, nonce, then, writes=True))

    def _request(self, call: str, given: Mapping[str, Any]) -> tuple[Request, str]:
        whole = {
            "app_id": self._settings.app_id,
            "timestamp": str(int(clock.now().timestamp())),
            "nonce": secrets.token_hex(16),
            "data": base64.b64encode(json.dumps(given, ensure_ascii=False).encode()).decode(),
        }
        body = json.dumps({**whole, "sign": sign(self._settings.key, whole)}).encode()
        headers = {"Content-Type": "application/json"}
        return Request("POST", f"{self._url}/{call}", body, headers), whole["nonce"]

    def _reader(
        self, call: str, nonce: str, then: Callable[[Mapping[str, Any]], T], *, writes: bool
    ) -> Callable[[requests.Response], T]:
        """Only what is signed and about this request is believed; a stranger's words are unreadable."""

        def read(response: requests.Response) -> T:
            answer = json.loads(response.content)
            if answer["nonce"] != nonce or not hmac.compare_digest(
                sign(self._settings.key, answer).encode(), str(answer["sign"]).encode()
            ):
                raise ValueError("not proved")
            told = json.loads(base64.b64decode(answer["data"], validate=True))
            if told["code"] != "OK":
                raise refusal(KINDS, str(told["code"]), str(told.get("message", "")), call, writes=writes)
            return then(told)

        return read


def sign(key: str, fields: Mapping[str, Any]) -> str:
    words = "\n".join(str(fields[name]) for name in ("app_id", "timestamp", "nonce", "data"))
    return hmac.new(key.encode(), words.encode(), hashlib.sha256).hexdigest()


def _issued(told: Mapping[str, Any], number: str) -> Issued:
    if told["number"] != number or not str(told["receipt_no"]):
        raise ValueError("about another receipt")
    if not str(told["url"]).startswith(("https://", "http://")):
        raise ValueError("not an address")
    names = ("receipt_code", "receipt_no", "check_code", "url")
    return Issued(number, *(str(told[name]) for name in names))


def _red(told: Mapping[str, Any], number: str) -> RedState:
    if told["number"] != number or told["status"] not in RED_STATES:
        raise ValueError("about another receipt")
    return RedState(number, told["status"], str(told.get("receipt_no", "")))
