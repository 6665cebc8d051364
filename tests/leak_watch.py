"""A watch over the whole test run: no answer, log line, Redis value or exported workbook shows what is personal.

The people of the tests have telephone numbers that begin with 1000000, identity numbers and openids that are known
by their form. Whatever the application says in any test is searched for them; `MAY_SHOW` names the pages that have
the right to show one, and why.
"""

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, request
from flask.signals import request_finished
from redis import Redis

CAST = Path(__file__).parents[1] / "samples" / "cast.json"
OPENIDS = [person["openid"] for person in json.loads(CAST.read_text("utf-8"))]
PATTERNS = {
    "phone": re.compile(rb"(?<!\d)1000000\d{4}(?!\d)"),
    "identity number": re.compile(rb"(?<![\dA-Za-z])\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![\dA-Za-z])"),
    "openid": re.compile(rb"\bo-of-[a-z-]+|" + "|".join(map(re.escape, OPENIDS)).encode()),
}
MOST = 5_000_000

# endpoint → what it may show, and why
MAY_SHOW: dict[str, dict[str, str]] = {
    "payments_bills.line": {"openid": "the raw line of a bill, evidence; who opens it is recorded"},
    "payments_bills.download": {
        "openid": "the bill as the channel made it, evidence; who takes it is recorded"
    },
    "leave_class.call_parents": {"phone": "of a parent whom a text did not reach, counted and recorded"},
    "repairs_desk.reveal": {"phone": "shown for a reason, counted and recorded"},
    "repairs.call": {"phone": "to the worker of the job, counted and recorded"},
    "welcome_disputes_desk.phone": {"phone": "shown for a reason and recorded"},
    "welcome_disputes.open_dispute": {"phone": "a form with a field to correct, given back to who typed it"},
    "repairs_desk.search": {"phone": "the words that were searched for, given back"},
    **dict.fromkeys(
        ("welcome_imports_desk.problems", "directory_imports_desk.problems"),
        {
            "phone": "the uploader's own rows given back",
            "identity number": "the uploader's own rows given back",
        },
    ),
    "privacy.export_file": {
        "phone": "a person's own copy, fetched by that person",
        "identity number": "the same",
        "openid": "the same",
    },
    "style.phone": {"phone": "an invented one, to show the field"},
}


@dataclass
class Watch:
    """What was seen since the last look."""

    found: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        found, self.found = self.found, []
        return found

    def search(self, where: str, said: bytes, allowed: dict[str, str] | None = None) -> None:
        for kind, pattern in PATTERNS.items():
            if kind not in (allowed or {}) and (hit := pattern.search(said)):
                self.found.append(f"{where} shows a {kind}: {hit[0].decode()}")


def watch_answers(watch: Watch) -> None:
    """Every answer of the application, whoever made it; streams are searched when they end."""

    def look(sender: Flask, response: Response, **_: Any) -> None:
        if sender.name != "app":
            return
        where = f"{request.method} {request.endpoint}"
        allowed = MAY_SHOW.get(request.endpoint or "", {})
        watch.search(f"{where} (headers)", str(response.headers).encode(), allowed)
        if response.direct_passthrough or response.is_streamed:
            response.direct_passthrough = False
            response.response = _copied(watch, where, allowed, response.response)
        else:
            watch.search(where, _readable(response.get_data()), allowed)

    request_finished.connect(look, weak=False)


def _copied(watch: Watch, where: str, allowed: dict[str, str], parts: Any) -> Iterator[bytes]:
    said = io.BytesIO()
    for part in parts:
        part = part.encode() if isinstance(part, str) else part
        if said.tell() < MOST:
            said.write(part)
        yield part
    watch.search(where, _readable(said.getvalue()), allowed)


def _readable(said: bytes) -> bytes:
    """A workbook or archive as the texts that are in it."""
    if said[:2] != b"PK":
        return said
    try:
        with zipfile.ZipFile(io.BytesIO(said)) as archive:
            return b"\n".join(_readable(archive.read(name)) for name in archive.namelist())
    except zipfile.BadZipFile:
        return said


def watch_logs(watch: Watch) -> None:
    """Our own lines at every level, whether shown or not, and the libraries' warnings."""
    structlog.configure(
        **structlog.get_config()
        | {
            "wrapper_class": structlog.make_filtering_bound_logger(logging.DEBUG),
            "logger_factory": structlog.PrintLoggerFactory(_Searched(watch)),  # type: ignore[arg-type]
        }
    )
    logging.getLogger().addHandler(_Lines(watch))


class _Searched(io.StringIO):
    """Where lines end up: searched, and shown from errors on."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def write(self, line: str, /) -> int:
        self.watch.search("log", line.encode())
        return len(line)


class _Lines(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.WARNING)
        self.watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self.watch.search(f"log of {record.name}", record.getMessage().encode(errors="replace"))


def search_redis(watch: Watch, cache: Redis) -> None:
    """Keys and values of every type."""
    readers = {
        b"string": cache.get,
        b"hash": cache.hgetall,
        b"list": lambda key: cache.lrange(key, 0, -1),
        b"set": cache.smembers,
        b"zset": lambda key: cache.zrange(key, 0, -1),
    }
    for key in cache.scan_iter(count=1000):
        reader = readers.get(cache.type(key))
        said = repr(reader(key)).encode() if reader else b""
        watch.search(f"Redis {key.decode(errors='replace')}", key + b"\n" + said)
