"""What the project asks of the gates' controller, as typed calls. Raises VendorError and nothing else."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import requests

from app.clients.gates.errors import KINDS
from app.clients.gates.settings import GateSettings
from app.clients.line import Line, Request
from app.clients.verdicts import refusal
from app.kit import clock

T = TypeVar("T")
DIRECTIONS = ("out", "in")
MOST_LINES = 1000
LARGEST_NO = 2**53
NEVER = datetime(1970, 1, 1, tzinfo=clock.UTC)
LONGEST = 64
"""Characters of a number, a gate's code or a series."""


@dataclass(frozen=True)
class Held:
    """The list that the gates have now."""

    version: int
    count: int
    digest: str


@dataclass(frozen=True)
class Passing:
    """Somebody went through. `no` is the controller's; `gate` is what it calls the gate.

    `direction` is empty for a line that makes no sense but has its number: a button, a visitor, a card half read.
    """

    no: int
    gate: str
    number: str
    direction: str
    at: datetime

    def __repr__(self) -> str:
        return f"Passing({self.no})"


@dataclass(frozen=True)
class PassingPage:
    """`lines` by number, each once; `last` is the highest number there is."""

    series: str
    last: int
    lines: tuple[Passing, ...]


class Gates:
    """Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: GateSettings) -> None:
        self.settings = settings
        self._url = settings.url.rstrip("/")
        self._line = Line("gates", settings.line)

    def give(self, change: Mapping[str, Any], *, key: str) -> Held:
        """Hand in a list or what differs; may be repeated under the same key.

        Raises Refused (stale, another base…), DuplicateOrder, Unavailable, OutcomeUnknown: then ask what they hold.
        """
        body = json.dumps(change, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, **self._token()}
        request = Request("POST", f"{self._url}/allow-list", body, headers)
        return self._line.write("give", request, _reader("give", _held, writes=True))

    def held(self) -> Held:
        """What they have. Raises Unavailable, BadReply."""
        request = Request("GET", f"{self._url}/allow-list", None, self._token())
        return self._line.ask("held", request, _reader("held", _held, writes=False))

    def passings(self, after: int, limit: int) -> PassingPage:
        """The next lines of their log. Raises Unavailable, BadReply: also for a page that is cut off."""
        url = f"{self._url}/passings?after={after}&limit={min(limit, MOST_LINES)}"
        request = Request("GET", url, None, self._token())
        return self._line.ask(
            "passings", request, _reader("passings", lambda told: _page(told, after), writes=False)
        )

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token}"}


def _reader(
    call: str, then: Callable[[Mapping[str, Any]], T], *, writes: bool
) -> Callable[[requests.Response], T]:
    def read(response: requests.Response) -> T:
        answer = json.loads(response.content)
        code = str(answer["code"])
        if code != "OK":
            raise refusal(KINDS, code, str(answer.get("message", "")), call, writes=writes)
        return then(answer)

    return read


def _held(told: Mapping[str, Any]) -> Held:
    held = Held(int(told["version"]), int(told["count"]), str(told["digest"]).lower())
    if not 0 <= held.version < LARGEST_NO or held.count < 0 or len(held.digest) != 64:
        raise ValueError("not a list")
    return held


def _page(told: Mapping[str, Any], after: int) -> PassingPage:
    """Raises ValueError for a page with other lines than it says, or with two stories under one number."""
    rows = told["rows"]
    if int(told["count"]) != len(rows) or len(rows) > 2 * MOST_LINES:
        raise ValueError("not the whole page")
    lines: dict[int, Passing] = {}
    for row in rows:
        line = _passing(row)
        if lines.setdefault(line.no, line) != line:
            raise ValueError("two lines of one number")
    new = tuple(lines[no] for no in sorted(lines) if no > after)
    last = int(told["last"])
    if not max(lines, default=0) <= last < LARGEST_NO:
        raise ValueError("a last number that can't be")
    return PassingPage(_short(told["series"]), last, new)


def _passing(row: Mapping[str, Any]) -> Passing:
    no = int(row["no"])
    if not 0 < no < LARGEST_NO:
        raise ValueError("not a passing")
    try:
        at = datetime.fromisoformat(str(row["time"]))
        if at.tzinfo is None or row["direction"] not in DIRECTIONS:
            raise ValueError("neither in nor out, or at no time")
        gate, number = _short(row["gate"]), _short(row["number"])
        return Passing(no, gate, number, row["direction"], at.astimezone(clock.UTC))
    except (ValueError, KeyError, OverflowError):
        return Passing(no, "", "", "", NEVER)


def _short(value: Any) -> str:
    """Raises ValueError also for what UTF-8 has no bytes for: half of a character can't be kept."""
    text = str(value)
    text.encode()
    if not 1 <= len(text) <= LONGEST or "\0" in text:
        raise ValueError("a text that can't be")
    return text
