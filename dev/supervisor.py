"""Starts services in order, keeps their logs, restarts what dies, stops all of it in reverse order."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from dev import processes
from dev.problem import Problem

LOG_BYTES = 5_000_000
POLL_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 30.0  # a service that ran this long starts over with the first pause


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM arrived; raised only where the supervisor waits."""


@dataclass(frozen=True)
class Service:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    cwd: Path = field(default_factory=Path.cwd)
    account: processes.Account | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0


class Supervisor:
    """Use as a context manager, in the main thread: leaving it stops everything."""

    def __init__(self, log_folder: Path, say: Callable[[str], None] = print) -> None:
        log_folder.mkdir(parents=True, exist_ok=True)
        self.log_folder = log_folder
        self.say = say
        self._running: list[_Running] = []
        self._signals = 0

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop_all()

    def start(self, service: Service, *, seconds: float = 60.0) -> None:
        """Returns when it is ready; one that does not come up is a Problem that shows its last words."""
        self.spawn(service)
        self.wait_for(service, seconds=seconds)

    def spawn(self, service: Service) -> None:
        """For several that come up side by side; `wait_for` each of them afterwards."""
        running = _Running(service, self.log_folder)
        self._running.append(running)
        running.spawn()

    def wait_for(self, service: Service, *, seconds: float = 60.0) -> None:
        """As `start`, for one that was spawned."""
        running = next(one for one in self._running if one.service is service)
        deadline = time.monotonic() + seconds
        while not (service.ready is None or service.ready()):
            if running.is_dead():
                raise Problem(f"{service.name} stopped at its start: {running.last_words()}")
            if time.monotonic() > deadline:
                raise Problem(f"{service.name} was not ready within {seconds:.0f} s: see {running.log.path}.")
            self.rest()

    def finish(self, task: Service, *, on_line: Callable[[str], None]) -> None:
        """Runs a task to its end, handing over its lines; one that fails is a Problem."""
        running = _Running(task, self.log_folder, on_line)
        self._running.append(running)
        running.spawn()
        while not running.is_dead():
            self.rest()
        running.end()
        self._running.remove(running)
        if running.code:
            raise Problem(f"{task.name} failed: {running.last_words()}")

    def run(self) -> None:
        """Until asked to stop."""
        while True:
            self.rest()
            for running in self._running:
                running.attend(self.say)

    def rest(self) -> None:
        if self._signals:
            raise StopAsked
        time.sleep(POLL_SECONDS)

    def stop_all(self) -> None:
        """In reverse order; a second signal takes the grace away."""
        for running in reversed(self._running):
            running.end(lambda: self._signals > 1)
        self._running.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1


class _Running:
    """A service with its process of the moment."""

    def __init__(
        self, service: Service, log_folder: Path, on_line: Callable[[str], None] | None = None
    ) -> None:
        self.service = service
        self.log = Log(log_folder / f"{service.name}.log", service.name)
        self.on_line = on_line
        self.recent: deque[str] = deque(maxlen=20)
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.code: int | None = None
        self.pause = FIRST_PAUSE
        self.started_at = self.restart_at = 0.0
        self.is_back = True

    def spawn(self) -> None:
        service = self.service
        try:
            self.process = processes.spawn(
                service.argv,
                env=service.env,
                cwd=service.cwd,
                output=subprocess.PIPE,
                account=service.account,
                stop_signal=service.stop_signal,
            )
        except OSError as error:
            raise Problem(f"{service.name} cannot be started: {error}") from None
        self.code = None
        self.started_at = time.monotonic()
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()

    def _read(self, output: IO[bytes]) -> None:
        for raw in output:
            line = raw.decode(errors="replace").rstrip()
            self.recent.append(line)
            self.log.write(line)
            if self.on_line:
                self.on_line(line)

    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def last_words(self) -> str:
        if self.reader:
            self.reader.join(2)
        said = next((line for line in reversed(self.recent) if line.strip()), f"exit code {self.code}")
        return f"{said.strip()} (see {self.log.path})"

    def attend(self, say: Callable[[str], None]) -> None:
        """One look: bury what died, restart it when its pause is over, tell when it is ready again."""
        now = time.monotonic()
        if self.process is not None and self.is_dead():
            self._plan_restart(now, say)
        elif self.process is None and now >= self.restart_at:
            self.spawn()
        elif self.process is not None and not self.is_back and self._is_ready():
            self.is_back = True
            say(f"{self.service.name} is back")

    def _is_ready(self) -> bool:
        return self.service.ready is None or self.service.ready()

    def _plan_restart(self, now: float, say: Callable[[str], None]) -> None:
        self.end()
        if now - self.started_at > STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        ending = _ending(self.code)
        say(f"{self.service.name} stopped ({ending}): restart in {self.pause:g} s, see {self.log.path}")
        self.restart_at = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        self.is_back = False

    def end(self, hurried: Callable[[], bool] = lambda: False) -> None:
        """Stops the process if it lives, and in any case what it left behind in its group."""
        if self.process is None:
            return
        if not self.is_dead():
            processes.signal_group(self.process.pid, self.service.stop_signal)
            processes.wait_until(lambda: self.is_dead() or hurried(), seconds=self.service.grace)
        processes.bury(self.process)
        self.code = self.process.returncode
        self.process = None


class Log:
    """A file that starts anew when it is full, keeping one older part beside it."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._file = path.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        if self._file.tell() > LOG_BYTES:
            self._file.close()
            os.replace(self.path, self.path.with_suffix(".log.1"))
            self._file = self.path.open("a", encoding="utf-8")
        self._file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {self.name} | {line}\n")
        self._file.flush()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
