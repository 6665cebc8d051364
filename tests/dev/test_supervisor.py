"""dev.supervisor with real small services: restarts, stops, and leaves nobody behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import processes
from dev.problem import Problem
from dev.supervisor import LOG_BYTES, Log, Service, Supervisor

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]

# A service that writes its pid and that of a child of its own, then waits; `deaf` ones ignore SIGTERM.
SERVICE = """
import os, signal, subprocess, sys, time
folder, name, deaf = sys.argv[1], sys.argv[2], sys.argv[3] == "deaf"
if deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
with open(f"{folder}/{name}.pids", "a") as file:
    file.write(f"{os.getpid()} {child.pid}\\n")
print("hello from", name, flush=True)
time.sleep(300)
"""

SUPERVISOR = """
import sys
from pathlib import Path
from dev.supervisor import Service, StopAsked, Supervisor
folder, names = Path(sys.argv[1]), sys.argv[2:]
try:
    with Supervisor(folder / "logs", lambda line: print(line, flush=True)) as supervisor:
        for name in names:
            words = [sys.executable, str(folder / "service.py"), str(folder), name, name]
            ready = (folder / f"{name}.pids").exists
            supervisor.start(Service(name, words, {"PATH": "/usr/bin:/bin"}, ready, grace=1.5))
        print("running", flush=True)
        supervisor.run()
except StopAsked:
    sys.exit(0)
"""


class Run:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "service.py").write_text(textwrap.dedent(SERVICE))
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(folder), *names],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.said() == "running"

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def pids(self, name: str) -> list[int]:
        """Of the newest start: the service and its child."""
        return [int(word) for word in (self.folder / f"{name}.pids").read_text().split("\n")[-2].split()]

    def all_gone(self, seconds: float) -> bool:
        pids = [int(word) for file in self.folder.glob("*.pids") for word in file.read_text().split()]
        return processes.wait_until(lambda: not any(processes.is_alive(pid) for pid in pids), seconds=seconds)


@pytest.fixture
def runs(tmp_path) -> Iterator:
    started: list[Run] = []

    def run(*names: str) -> Run:
        started.append(Run(tmp_path / str(len(started)), *names))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
        each.process.communicate(timeout=20)


def test_it_works(runs):
    run = runs("web", "worker")
    run.process.terminate()
    assert run.process.wait(10) == 0
    assert run.all_gone(1)
    log = (run.folder / "logs" / "web.log").read_text()
    assert "web | hello from web" in log


def test_what_dies_is_restarted_with_all_it_started(runs):
    run = runs("web")
    first, child = run.pids("web")
    os.kill(first, signal.SIGKILL)
    assert run.said().startswith("web stopped (SIGKILL): restart in 0.5 s")
    assert run.said() == "web is back"
    assert processes.wait_until(lambda: run.pids("web")[0] != first, seconds=5)
    assert not processes.is_alive(child)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_of_asking_ends_with_code_0(runs, asked):
    run = runs("web")
    os.kill(run.process.pid, asked)
    assert run.process.wait(10) == 0
    assert run.all_gone(1)


def test_a_service_that_ignores_the_signal_is_killed_after_its_grace(runs):
    run = runs("deaf")
    asked = time.monotonic()
    run.process.terminate()
    assert run.process.wait(10) == 0
    assert time.monotonic() - asked >= 1.4
    assert run.all_gone(1)


@pytest.mark.slow
def test_a_killed_supervisor_leaves_nobody(runs):
    first, second = runs("web", "worker"), runs("web", "deaf")
    first.process.kill()
    assert first.all_gone(10)
    assert all(processes.is_alive(pid) for pid in second.pids("web"))
    os.killpg(second.process.pid, signal.SIGKILL)
    assert second.all_gone(15)


def service(tmp_path: Path, words: str, *, ready=None) -> Service:
    return Service("broken", [sys.executable, "-c", words], dict(os.environ), ready, tmp_path)


def test_a_service_that_cannot_start_says_why(tmp_path):
    bad = service(tmp_path, "import sys; sys.exit('no key in SECRET_KEY')", ready=lambda: False)
    with Supervisor(tmp_path / "logs") as supervisor, pytest.raises(Problem, match="no key in SECRET_KEY"):
        supervisor.start(bad)


def test_a_task_that_fails_says_why_and_one_that_works_hands_over_its_lines(tmp_path):
    lines: list[str] = []
    with Supervisor(tmp_path / "logs") as supervisor:
        supervisor.finish(service(tmp_path, "print('1 of 2'); print('2 of 2')"), on_line=lines.append)
        with pytest.raises(Problem, match="broken failed: relation missing"):
            supervisor.finish(
                service(tmp_path, "import sys; sys.exit('relation missing')"), on_line=lines.append
            )
    assert lines == ["1 of 2", "2 of 2", "relation missing"]


def test_a_full_log_starts_anew_and_keeps_one_older_part(tmp_path):
    log = Log(tmp_path / "web.log", "web")
    line = "x" * 100_000
    for _ in range(LOG_BYTES // len(line) * 2 + 5):
        log.write(line)
    assert (tmp_path / "web.log").stat().st_size <= LOG_BYTES + 200_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1"]
