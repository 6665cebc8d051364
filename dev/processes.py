"""Child processes in groups of their own: start one, stop it with all it started, never leave one behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True)
class Account:
    """An existing unprivileged user that a server runs as when we are root."""

    name: str
    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int | IO[bytes],
    account: Account | None = None,
    stop_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts argv as leader of its own group; should we be killed, the watchdog stops that group."""
    process = subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        **(account.popen() if account else {}),
    )
    _Watchdog.ours().guard(process.pid, stop_signal)
    return process


def stop(process: subprocess.Popen[bytes], *, with_signal: int = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ends the whole group: the signal first, SIGKILL for what is left when the grace is over."""
    signal_group(process.pid, with_signal)
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    bury(process)


def bury(process: subprocess.Popen[bytes]) -> None:
    """Ends what a dead or dying leader left in its group and takes it off the watchdog's list."""
    signal_group(process.pid, signal.SIGKILL)
    process.wait()
    _Watchdog.ours().release(process.pid)


def signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "?"


def wait_until(happened: Any, *, seconds: float, every: float = 0.02) -> bool:
    """Polls until `happened()` is true; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


class _Watchdog:
    """Our end of dev/watchdog.py; one per process that starts children."""

    _ours: "_Watchdog | None" = None

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.guarded: dict[int, int] = {}
        self._start()

    @classmethod
    def ours(cls) -> "_Watchdog":
        if cls._ours is None or cls._ours.owner != os.getpid():
            cls._ours = cls()
        return cls._ours

    def _start(self) -> None:
        script = str(Path(__file__).with_name("watchdog.py"))
        self.process = subprocess.Popen(
            [sys.executable, "-I", script, str(self.owner)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def guard(self, group: int, number: int) -> None:
        self.guarded[group] = number
        self._tell(f"+ {group} {int(number)}")

    def release(self, group: int) -> None:
        if self.guarded.pop(group, None) is not None:
            self._tell(f"- {group}")

    def _tell(self, line: str) -> None:
        if self.process.poll() is not None:
            self._start()
            for group, number in self.guarded.items():
                self._write(f"+ {group} {int(number)}")
        self._write(line)

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
