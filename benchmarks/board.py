"""The board over years of repairs, and what the web process weighs afterwards."""

from collections.abc import Sequence

from benchmarks import load
from benchmarks.archive import CLOSED, OPEN, fill
from benchmarks.report import heading, line
from benchmarks.usage import group_rss
from tests.chaos.clients import TICKETS, ask, report
from tests.chaos.stage import Stage, session_headers

PAGES = ("/desk/repairs/", "/desk/repairs/?view=working", "/desk/repairs/?overdue=1")


def main() -> bool:
    heading(f"Board with {CLOSED:,} closed and {OPEN:,} open tickets")
    with Stage() as stage:
        seeded = stage.seed("20", "1")
        leave_out(stage, "rich")
        stage.web(workers=2)
        made = report(stage.base, seeded.students[0], "first", room=seeded.room)
        desk = session_headers(seeded.dispatchers[0], "desk")
        sent = ask(
            stage.base,
            "POST",
            f"{TICKETS}/{made.body['id']}/dispatch",
            desk,
            {"version": 1, "worker_id": seeded.worker},
        )
        assert sent.is_done, sent
        fill(stage, like=made.body["number"], closed=CLOSED, open_=OPEN)
        held = []
        for path in PAGES:
            request = load.prepare("GET", path, desk)
            load.run(stage.port, [request] * 8, connections=1).expect(200)
            result = load.run(stage.port, [request] * 200, connections=4).expect(200)
            print(f"{path}: median {result.percentile(0.5):.0f} ms, {result.rate:.0f} pages/s")
            held.append(line(f"{path}: p95, four at a time", result.percentile(0.95), "ms", most=200))
        pages = [load.prepare("GET", path, desk) for path in PAGES]
        pages += [
            load.prepare("GET", path, session_headers(seeded.students[0]))
            for path in ("/m/", "/m/repairs/new", f"{TICKETS}/{made.body['id']}")
        ]
        held.append(line("Web process, resident", weigh(stage, pages), "MB", most=150))
        stage.stop("web")
        stage.environment["MICRO_APPS"] = "repairs"
        stage.web(workers=2)
        held.append(line("the same with repairs alone", weigh(stage, pages), "MB", most=150))
        return all(held)


def weigh(stage: Stage, requests: Sequence[bytes]) -> float:
    """Resident megabytes of the heaviest web process when it has shown these pages a hundred times each."""
    for request in requests:
        load.run(stage.port, [request] * 100).expect(200)
    return max(group_rss(stage.processes["web"].pid).values())


def leave_out(stage: Stage, module: str) -> None:
    """As where `requirements.txt` alone is installed: structlog loads `rich` if a developer's tool has brought it."""
    folder = stage.folder / "absent"
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text("raise ImportError")
    stage.environment["PYTHONPATH"] = str(folder)
