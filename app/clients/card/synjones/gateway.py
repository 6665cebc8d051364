"""TSM 2.0, server to server: signed and sealed calls, a token that is renewed once, answers that are forms."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import requests

from app.clients.card.synjones.codes import TOKEN_REFUSED
from app.clients.card.synjones.crypto import Envelope
from app.clients.charset import text_of
from app.clients.line import Line, Request
from app.clients.vendor import AuthProblem, BadReply, Refused, VendorDown, VendorError
from app.clients.verdicts import Verdicts, error_of
from app.kit import clock

T = TypeVar("T")

NO_TOKEN = "0" * 128
TOKEN_MARGIN = 60


class Operation(NamedTuple):
    """A method of the vendor's, and the name around its request and its answer."""

    method: str
    root: str


OPERATIONS = (
    "debit",
    "pin_page",
    "refund",
    "query_order",
    "turnover",
    "flow",
    "top_up",
    "query_top_up",
    "statement",
)
"""What a school's contract may name otherwise."""
ACCESS_TOKEN = Operation("synjones.authorize.access_token", "authorize_access_token")


@dataclass(frozen=True)
class GatewaySettings:
    """Keys as base64: `des_key` of 24 bytes, `private_key` PKCS#8, `vendor_public_key` X.509.

    `operations` renames methods: {"debit": ["vendor.method", "root"]}.
    """

    url: str
    app_key: str = field(repr=False)
    des_key: str = field(repr=False)
    private_key: str = field(repr=False)
    vendor_public_key: str = field(repr=False)
    operations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, operation in self.operations.items()
            if name not in OPERATIONS or len(operation) != 2 or not all(operation)
        ]
        if wrong:
            raise ValueError(
                f"gateway.operations: {', '.join(wrong)}: name a method and a root of {OPERATIONS}"
            )

    def named(self, name: str, default: Operation) -> Operation:
        return Operation(*self.operations.get(name, default))


class TsmGateway:
    """One per process and app key; threads share it."""

    def __init__(self, settings: GatewaySettings, line: Line, known: Verdicts) -> None:
        self._settings, self._line, self._known = settings, line, known
        self._envelope = Envelope(settings.des_key, settings.private_key, settings.vendor_public_key)
        self._token = _Token(self._fetch_token)

    def ask(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        understand: Callable[[Mapping[str, Any]], T],
        overrides: Verdicts | None = None,
    ) -> T:
        """A read. `understand` may raise what `line.UNREADABLE` names; `overrides` are letters for this call."""
        known = {**self._known, **(overrides or {})}
        return self._with_token(lambda token: self._send(operation, body, token, understand, known, False))

    def write(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        understand: Callable[[Mapping[str, Any]], T],
        overrides: Verdicts | None = None,
    ) -> T:
        """Sent once; a second time only when the first was refused for its token, which is before any work."""
        known = {**self._known, **(overrides or {})}
        return self._with_token(lambda token: self._send(operation, body, token, understand, known, True))

    def signed(self, operation: Operation, body: Mapping[str, Any]) -> dict[str, str]:
        """The fields of an address that a browser carries to the vendor."""
        return self._form(operation, body, NO_TOKEN)

    def _with_token(self, attempt: Callable[[str], T]) -> T:
        token = self._token.get()
        try:
            return attempt(token)
        except AuthProblem as error:
            if error.code != TOKEN_REFUSED:
                raise
        return attempt(self._token.replace(token))

    def _send(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        token: str,
        understand: Callable[[Mapping[str, Any]], T],
        known: Verdicts,
        writes: bool,
    ) -> T:
        def read(response: requests.Response) -> T:
            return understand(self._read(response, operation, known, writes))

        request = Request("POST", self._settings.url, self._form(operation, body, token))
        return (self._line.write if writes else self._line.ask)(operation.method, request, read)

    def _form(self, operation: Operation, body: Mapping[str, Any], token: str) -> dict[str, str]:
        """JSON goes out as pure ASCII, so that no side can mistake the names in it."""
        fields = {
            "access_token": token,
            "app_key": self._settings.app_key,
            "format": "json",
            "method": operation.method,
            "request": self._envelope.seal(json.dumps({operation.root: body})),
            "sign_method": "rsa",
            "timestamp": f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}",
            "v": "2.0",
        }
        return {**fields, "sign": self._envelope.sign(fields)}

    def _read(
        self, response: requests.Response, operation: Operation, known: Verdicts, writes: bool
    ) -> Mapping[str, Any]:
        """The part under the operation's root. A failing gateway answers with a bare sentence in GBK instead."""
        text = text_of(response.content, response.headers.get("Content-Type", "")).strip()
        if text and "&" not in text:
            raise error_of(known, "sentence", text[:100], call=operation.method, writes=writes)
        fields = {name: value.replace(" ", "+") for name, value in parse_qsl(text, keep_blank_values=True)}
        signature = fields.pop("sign")
        if not self._envelope.is_from_vendor(fields, signature):
            raise ValueError("not signed by the vendor")
        if fields["errcode"] != "0":
            raise error_of(known, fields["errcode"], "", call=operation.method, writes=writes)
        answer = json.loads(text_of(self._envelope.unseal(fields["request"])))[operation.root]
        if str(answer["retcode"]) != "0":
            said = str(answer.get("errmsg", ""))
            raise error_of(known, str(answer["retcode"]), said, call=operation.method, writes=writes)
        return dict(answer)

    def _fetch_token(self) -> tuple[str, float]:
        """Whatever goes wrong here, the call it was for has not been sent."""
        failure: VendorError
        try:
            return self._send(ACCESS_TOKEN, {}, NO_TOKEN, _read_token, self._known, False)
        except Refused as error:
            failure = AuthProblem(error.code, error.said, call=error.call)
        except BadReply as error:
            failure = VendorDown(error.code, error.said, call=error.call)
        raise failure


class _Token:
    """The access token of this process; one thread fetches while the others wait."""

    def __init__(self, fetch: Callable[[], tuple[str, float]]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._value, self._until = "", 0.0

    def get(self) -> str:
        with self._lock:
            if not self._value or time.monotonic() >= self._until:
                self._renew()
            return self._value

    def replace(self, refused: str) -> str:
        """Another than the one that was refused, unless another thread has fetched it meanwhile."""
        with self._lock:
            if self._value == refused:
                self._renew()
            return self._value

    def _renew(self) -> None:
        self._value = ""
        value, seconds = self._fetch()
        self._value, self._until = value, time.monotonic() + max(seconds - TOKEN_MARGIN, seconds / 2)


def _read_token(answer: Mapping[str, Any]) -> tuple[str, float]:
    token = answer["access_token"]
    if not isinstance(token, str) or not token:
        raise ValueError("no token")
    return token, float(answer["expires_in"])
