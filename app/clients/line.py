"""The line to one vendor: bounded waits, its speed limit, a breaker, and what a failed call means."""

import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from app.clients.outbound import OutboundSession, was_never_sent
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorDown,
    VendorError,
)
from app.kit.breaker import Breaker, CircuitOpen
from app.kit.log import log

T = TypeVar("T")

UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    SyntaxError,
    RecursionError,
)
"""What reading an answer raises when it is not what the vendor's document says."""
NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
LARGEST_READ = 16 << 20
"""Bytes: a statement of fifty thousand lines."""


@dataclass(frozen=True)
class LineSettings:
    """Seconds and speeds. The waits must be longer than the vendor's own (10 s as a rule)."""

    connect_seconds: float = 3.0
    read_seconds: float = 10.0
    write_seconds: float = 15.0
    calls_per_second: float = 20.0
    burst: int = 20
    patience_seconds: float = 2.0
    """How long a call waits for its turn under the speed limit."""
    failures: int = 5
    """In a row, then the breaker opens."""
    cool_down_seconds: float = 20.0

    def __post_init__(self) -> None:
        if min(self.calls_per_second, self.burst, self.failures, self.cool_down_seconds) <= 0:
            raise ValueError("line: speeds, failures and the cool-down are above zero")


@dataclass(frozen=True)
class Request:
    """One request. Headers and body may hold keys, so none of it is ever shown."""

    method: str
    url: str
    body: bytes | Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    answers: tuple[int, ...] = (200,)
    """HTTP statuses that are an answer at all."""

    def __repr__(self) -> str:
        return f"Request({self.method})"


class Pace:
    """A token bucket that threads share."""

    def __init__(self, per_second: float, burst: int, patience: float) -> None:
        self._per_second, self._burst, self._patience = per_second, float(burst), patience
        self._left, self._at = float(burst), time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Wait for one's turn; False, at once, when that would take longer than the patience."""
        with self._lock:
            tick = time.monotonic()
            self._left = min(self._burst, self._left + (tick - self._at) * self._per_second)
            self._at = tick
            wait = max(0.0, (1.0 - self._left) / self._per_second)
            if wait > self._patience:
                return False
            self._left -= 1.0  # below zero: a debt that this caller sleeps off
        time.sleep(wait)
        return True


class _Connection:
    """What may not cross a fork: sockets and locks."""

    def __init__(self, name: str, settings: LineSettings) -> None:
        self.pid = os.getpid()
        self.reads = OutboundSession(
            timeout=(settings.connect_seconds, settings.read_seconds), largest=LARGEST_READ
        )
        self.pace = Pace(settings.calls_per_second, settings.burst, settings.patience_seconds)
        self.breaker = Breaker(
            name,
            (VendorDown, OutcomeUnknown, BadReply),
            threshold=settings.failures,
            cool_down=settings.cool_down_seconds,
        )


class Line:
    """One per process and vendor; threads share it; a fork makes its own connection."""

    def __init__(self, name: str, settings: LineSettings) -> None:
        self.name, self.settings = name, settings
        self._connection = _Connection(name, settings)

    def ask(self, call: str, request: Request, read: Callable[[requests.Response], T]) -> T:
        """A call that changes nothing. Raises what `read` raises, Unavailable and its kinds, or BadReply."""
        return self._call(call, request, read, writes=False)

    def write(self, call: str, request: Request, read: Callable[[requests.Response], T]) -> T:
        """A call that moves something: whatever is neither a clear yes nor a clear no is OutcomeUnknown.

        Unavailable means that it never went out, or that the vendor said "not now" in so many words.
        """
        return self._call(call, request, read, writes=True)

    def _call(
        self, call: str, request: Request, read: Callable[[requests.Response], T], *, writes: bool
    ) -> T:
        connection = self._own_connection()
        if not connection.pace.take():
            raise Unavailable("too_fast", call=call)
        try:
            return connection.breaker.call(lambda: self._exchange(connection, call, request, read, writes))
        except CircuitOpen:
            failure: VendorError = Unavailable("circuit_open", call=call)
        except VendorError as error:
            failure = error
        note = log.info if isinstance(failure, Refused) else log.warning
        note("vendor.not_done", vendor=self.name, call=call, kind=type(failure).__name__, why=failure.code)
        raise failure

    def _own_connection(self) -> _Connection:
        if self._connection.pid != os.getpid():
            self._connection = _Connection(self.name, self.settings)
        return self._connection

    def _exchange(
        self,
        connection: _Connection,
        call: str,
        request: Request,
        read: Callable[[requests.Response], T],
        writes: bool,
    ) -> T:
        """The raise stands outside the `except`: the library's exceptions hold the request with its keys."""
        try:
            response = self._send_once(request) if writes else _send(connection.reads, request)
            if response.status_code in request.answers:
                return read(response)
            failure = _not_ok(response.status_code, call, writes)
        except requests.RequestException as error:
            failure = _silence(error, call, writes)
        except UNREADABLE:
            failure = (OutcomeUnknown if writes else BadReply)("unreadable", call=call)
        raise failure

    def _send_once(self, request: Request) -> requests.Response:
        """Over a connection of its own: one that has idled may turn out dead only after the request went out,
        and that would be a needless "unknown".
        """
        waits = (self.settings.connect_seconds, self.settings.write_seconds)
        with OutboundSession(timeout=waits, connections=1) as session:
            return _send(session, request)


def _send(session: OutboundSession, request: Request) -> requests.Response:
    return session.request(
        request.method, request.url, data=request.body, headers=dict(request.headers or {})
    )


def _silence(error: requests.RequestException, call: str, writes: bool) -> VendorError:
    stayed = was_never_sent(error) or _certificate_refused(error) or isinstance(error, NO_ADDRESS)
    return (OutcomeUnknown if writes and not stayed else VendorDown)(type(error).__name__, call=call)


def _certificate_refused(error: Any) -> bool:
    """Whether we hung up during the handshake, before anything was said."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = reason.args[0] if reason is not None and reason.args else None
    return isinstance(cause, ssl.SSLCertVerificationError)


def _not_ok(status: int, call: str, writes: bool) -> VendorError:
    """A proxy in between may have passed the request on before it failed, so a write stays unknown."""
    if writes:
        return OutcomeUnknown(f"HTTP {status}", call=call)
    return (AuthProblem if status in (401, 403) else VendorDown)(f"HTTP {status}", call=call)
