"""A private Redis (or Valkey) for development and tests, on a unix socket only.

`start(data_dir, durable=…)` gives a running server; with REDIS_URL in the environment it gives that one.
"""

import os
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

from dev import places, processes
from dev.binaries import redis_program
from dev.problem import Problem
from dev.supervisor import Service

START_SECONDS = 20


class External:
    """The server of REDIS_URL."""

    is_ours = False

    def __init__(self, url: str) -> None:
        self.url = url

    def stop(self) -> None:
        """It is not ours to stop."""

    close = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Redis:
    """One server under a DATA_DIR; durable means it writes what it holds to disk."""

    is_ours = True

    def __init__(self, data_dir: Path, *, durable: bool) -> None:
        self.home = (data_dir / "redis").resolve()
        self.home.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self._lock = places.Lock(self.data_dir, "redis")
        self.program = redis_program()
        self.socket = places.socket_folder(self.data_dir) / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def argv(self) -> list[str]:
        words = [
            str(self.program),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
        ]
        words += ["--dir", str(self.home), "--maxmemory-policy", "noeviction", "--save", ""]
        return words + ["--appendonly", "yes" if self.durable else "no"]

    def service(self) -> Service:
        """For a supervisor that runs it instead of start()."""
        return Service("redis", self.argv, os.environ, ready=self.is_ready, cwd=self.home)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "not running"
        return self._process.pid

    def start(self) -> Self:
        folder = self.data_dir / "logs"
        folder.mkdir(exist_ok=True)
        self.socket.unlink(missing_ok=True)
        with (folder / "redis.log").open("ab") as log:
            self._process = processes.spawn(self.argv, env=os.environ, cwd=self.home, output=log)
        processes.wait_until(lambda: self.is_ready() or self.pid_is_gone(), seconds=START_SECONDS)
        if not self.is_ready():
            self.stop()
            raise Problem(f"Redis did not start: see {folder / 'redis.log'}.")
        return self

    def pid_is_gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def is_ready(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
            processes.stop(self._process)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            processes.stop(self._process, with_signal=signal.SIGKILL)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """It keeps its connections and answers nobody, until resume()."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Stops it and lets others use the DATA_DIR."""
        self.stop()
        self.socket.unlink(missing_ok=True)
        places.leave_socket_folder(self.data_dir)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(data_dir: Path, *, durable: bool) -> Redis | External:
    """A running server. REDIS_URL in the environment wins over one of our own."""
    if url := os.environ.get("REDIS_URL"):
        return External(url)
    data_dir.mkdir(parents=True, exist_ok=True)
    ours = Redis(data_dir, durable=durable)
    try:
        return ours.start()
    except BaseException:
        ours.close()
        raise
