"""People at their phones and desks: real HTTP, one connection each, and what they were answered."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.stage import session_headers

TICKETS = "/api/v1/repairs/tickets"


@dataclass(frozen=True)
class Answered:
    """`status` 0: the connection broke, and whether it was done is not known."""

    status: int
    body: Any
    seconds: float
    raw: bytes = b""

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300


def ask(
    base: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: Any = None,
    *,
    raw: bytes | None = None,
    patience: float = 60,
) -> Answered:
    """One request on a connection of its own."""
    parts = urlsplit(base)
    started = time.monotonic()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    try:
        data = raw if body is None else json.dumps(body).encode()
        connection.request(method, path, body=data, headers=dict(headers))
        answer = connection.getresponse()
        got = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return Answered(answer.status, json.loads(got) if is_json else None, time.monotonic() - started, got)
    except (OSError, http.client.HTTPException) as error:
        return Answered(0, type(error).__name__, time.monotonic() - started)
    finally:
        connection.close()


def report(
    base: str, who: Mapping[str, Any], key: str, *, room: int, detail: str = "灯不亮", path: str = TICKETS
) -> Answered:
    """Post a report under an Idempotency-Key."""
    headers = session_headers(who) | {"Idempotency-Key": key}
    body = {"category": "electric.lamp", "room_id": room, "detail": detail}
    return ask(base, "POST", path, headers, body)


def at_once(tasks: Sequence[Callable[[], Answered]]) -> list[Answered]:
    """All of them at the same instant, each in a thread."""
    barrier = threading.Barrier(len(tasks))

    def go(task: Callable[[], Answered]) -> Answered:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(go, tasks))


class Crowd:
    """Students who report one after the other in the background, until stopped; keeps every answer.

    Each tries again with the same key when it got no answer or a 503, as people and browsers do.
    """

    def __init__(
        self,
        base: str,
        students: Sequence[Mapping[str, Any]],
        *,
        room: int,
        pause: float,
        most: int = 100_000,
        path: str = TICKETS,
        name: str = "",
    ) -> None:
        self.base, self.room, self.pause, self.path = base, room, pause, path
        self.most = most
        self.name = name or uuid.uuid4().hex[:6]
        self.students = list(students)
        self.answers: list[tuple[str, Answered]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n, 3), daemon=True) for n in range(3)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a request never ended"

    def _run(self, first: int, step: int) -> None:
        turns = [(n, who) for n in range(8) for who in self.students[first::step]]
        for n, who in turns[: -(-self.most // step)]:
            if self._stop.wait(self.pause):
                return
            self._report(f"{self.name}-{who['person_id']}-{n}", who)

    def _report(self, key: str, who: Mapping[str, Any]) -> None:
        for _ in range(30):
            answered = report(self.base, who, key, room=self.room, detail=key, path=self.path)
            self.answers.append((key, answered))
            if answered.status not in (0, 503) or self._stop.is_set():
                return
            time.sleep(0.5)

    def wait_for(self, count: int, seconds: float) -> None:
        """Until so many reports were promised."""
        deadline = time.monotonic() + seconds
        while len(self.done) < count:
            assert time.monotonic() < deadline, f"{len(self.done)} of {count} reports: {self.statuses()}"
            time.sleep(0.05)

    @property
    def done(self) -> dict[str, str]:
        """Key → number of the ticket that was promised. Two different answers to one key fail here."""
        numbers: dict[str, str] = {}
        for key, answered in list(self.answers):
            if answered.is_done:
                assert numbers.setdefault(key, answered.body["number"]) == answered.body["number"], key
        return numbers

    def statuses(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for _, answered in list(self.answers):
            found[answered.status] = found.get(answered.status, 0) + 1
        return found
