"""The board over years of repairs, and what the web process weighs afterwards."""

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
        phone = session_headers(seeded.students[0])
        for path in ("/m/", "/m/repairs/new", f"{TICKETS}/{made.body['id']}"):
            load.run(stage.port, [load.prepare("GET", path, phone)] * 100).expect(200)
        heaviest = max(group_rss(stage.processes["web"].pid).values())
        held.append(line("Web process, resident", heaviest, "MB", most=150))
        return all(held)
