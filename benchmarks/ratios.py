"""The product against its hand-written floor: CPU of the server per request, three runs, median.

Both run at once on one machine and database, each in one granian worker; the same requests go to one and then
to the other. Only the server's processes are counted; PostgreSQL's share is printed beside it.
"""

import contextlib
import itertools
import json
import re
import socket
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import load
from benchmarks.archive import fill
from benchmarks.report import heading, line
from benchmarks.usage import children_cpu, group_cpu
from dev.processes import wait_until
from tests.chaos.clients import TICKETS, ask, report
from tests.chaos.stage import Seeded, Stage, free_port, session_headers

RUNS = 3
STUDENTS = 420
PER_STUDENT = 7  # fewer than the limit, warm-up included


@dataclass
class Server:
    name: str
    port: int
    group: int


@dataclass
class Case:
    """`make(n)` prepares n requests that were never sent before."""

    name: str
    count: int
    status: int
    least: float
    make: Callable[[int], list[bytes]]


def main() -> bool:
    with Stage() as stage:
        seeded = stage.seed(str(STUDENTS), "1")
        stage.web()
        known = prepare_tickets(stage, seeded)
        app = Server("product", stage.port, stage.processes["web"].pid)
        floor = start_floor(stage)
        cases = [
            Case("POST a report", 400, 201, 0.45, reports(seeded)),
            Case("GET a ticket", 600, 200, 0.6, gets(f"{TICKETS}/{known}", seeded.students[0], "phone")),
            Case("GET the board", 200, 200, 0.6, gets("/desk/repairs/", seeded.dispatchers[0], "desk")),
        ]
        return all([compare(stage, case, app, floor) for case in cases])


def start_floor(stage: Stage) -> Server:
    port = free_port()
    words = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    words += ["--workers", "1", "--blocking-threads", "8", "benchmarks.floor:application"]
    group = stage.start("floor", *words)

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    assert wait_until(listens, seconds=60) and not stage.is_dead("floor"), stage.last_words("floor")
    return Server("floor", port, group)


def prepare_tickets(stage: Stage, seeded: Seeded) -> str:
    """A full board, and one ticket that was accepted and dispatched; its id."""
    made = report(stage.base, seeded.students[0], "first", room=seeded.room)
    desk = session_headers(seeded.dispatchers[0], "desk")
    path = f"{TICKETS}/{made.body['id']}"
    assert ask(stage.base, "POST", f"{path}/accept", desk, {"version": 1}).is_done
    sent = ask(stage.base, "POST", f"{path}/dispatch", desk, {"version": 2, "worker_id": seeded.worker})
    assert sent.is_done, sent
    fill(stage, like=made.body["number"], closed=2000, open_=300)
    return str(made.body["id"])


def reports(seeded: Seeded) -> Callable[[int], list[bytes]]:
    """Each student in turn, so that nobody reaches the limit."""
    turns: Iterator[Any] = itertools.chain.from_iterable(itertools.repeat(seeded.students, PER_STUDENT))
    body = {"category": "electric.lamp", "room_id": seeded.room, "detail": "宿舍的灯一闪一闪，晚上看不了书。"}

    def make(count: int) -> list[bytes]:
        return [
            load.prepare(
                "POST",
                TICKETS,
                session_headers(next(turns)) | {"Idempotency-Key": str(uuid.uuid4())},
                json.dumps(body).encode(),
            )
            for _ in range(count)
        ]

    return make


def gets(path: str, who: dict[str, Any], surface: str) -> Callable[[int], list[bytes]]:
    request = load.prepare("GET", path, session_headers(who, surface))
    return lambda count: [request] * count


def compare(stage: Stage, case: Case, app: Server, floor: Server) -> bool:
    """Back to back, floor and product in turn."""
    heading(f"{case.name}: microseconds of CPU per request")
    sizes = {}
    for server in (floor, app):
        sizes[server.name] = load.run(server.port, case.make(80)).expect(case.status).body_bytes
    ratios, costs = [], {"floor": [], "product": []}
    for _ in range(RUNS):
        pair = {server.name: cost(stage, case, server) for server in (floor, app)}
        ratios.append(pair["floor"][0] / pair["product"][0])
        for name, (server_cost, database_cost) in pair.items():
            costs[name].append(server_cost)
            print(f"  {name:<8} {server_cost:7.0f} us   and in PostgreSQL {database_cost:6.0f} us")
    for server in (floor, app):
        count = statements(stage, case, server)
        print(f"  {server.name:<8} {count} statements, {sizes[server.name]} bytes")
    return line(f"{case.name}: speed of the floor's", statistics.median(ratios), "", least=case.least)


def cost(stage: Stage, case: Case, server: Server) -> tuple[float, float]:
    """Microseconds per request of the server and of PostgreSQL."""
    requests = case.make(case.count)
    postmaster = stage.database.pid
    before, there = group_cpu(server.group), children_cpu(postmaster)
    load.run(server.port, requests).expect(case.status)
    used, used_there = group_cpu(server.group) - before, children_cpu(postmaster) - there
    return used / case.count * 1e6, used_there / case.count * 1e6


STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK")


def statements(stage: Stage, case: Case, server: Server) -> str:
    """How many statements PostgreSQL saw for one request, and how many brackets of transactions."""
    path = stage.folder / "logs" / "postgres.log"
    tell(stage, "all")
    at = path.stat().st_size
    load.run(server.port, case.make(1), connections=1).expect(case.status)
    time.sleep(0.3)
    seen = STATEMENT.findall(path.read_bytes()[at:].decode(errors="replace"))
    tell(stage, "none")
    brackets = sum(text.strip().upper().startswith(BRACKETS) for text in seen)
    return f"{len(seen) - brackets} (+ {brackets} BEGIN/COMMIT)"


def tell(stage: Stage, what: str) -> None:
    with stage.connection() as connection:
        connection.execute(f"ALTER SYSTEM SET log_statement = '{what}'")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)
