"""The whole house as real processes: PostgreSQL, Redis, the sandbox, granian, workers, sweepers.

Chaos tests and benchmarks stand on it. It looks at the database as an outsider, by plain SQL, and never
imports `app`: the process that tests must not share state with what it kills.
"""

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import make_url

from dev import places, postgres, processes, redis
from dev.vendors import write_vendors

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "weilife_stage"
NOON = 4  # o'clock UTC: pushes rest at night
PYTHON = [sys.executable, "-m"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Seeded:
    """What the seeding process made: ids and session tokens."""

    room: int
    building: int
    worker: int
    other_worker: int
    students: list[dict[str, Any]]
    dispatchers: list[dict[str, Any]]


@dataclass
class Stage:
    """Use as a context manager. `web()`, `worker()`, `sweeper()`, `sandbox()` start processes."""

    durable: bool = False
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="wl-stage-")))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.port, self.sandbox_port = free_port(), free_port()
        without = {key: os.environ.pop(key, None) for key in ("DATABASE_URL", "REDIS_URL")}
        try:
            self.database = postgres.start(self.folder, durable=self.durable)
            self.redis = redis.start(self.folder, durable=False)
        finally:
            os.environ.update({key: value for key, value in without.items() if value is not None})
        assert isinstance(self.database, postgres.Postgres)
        assert isinstance(self.redis, redis.Redis)
        self.database.ensure_database(DATABASE)
        self.environment = self._environment()
        self.run("alembic", "upgrade", "head")
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.stop(name)
        self.redis.close()
        self.database.close()
        places.remove_postgres_home(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_base(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def _environment(self) -> dict[str, str]:
        key = base64.b64encode(b"k" * 32).decode()
        moved = self.folder / "clock"
        moved.write_text(str(to_noon().total_seconds()))
        templates = json.loads((ROOT / "samples" / "wechat-templates.json").read_text("utf-8"))
        chosen = {
            "ENVIRONMENT": "development",
            "BASE_URL": self.base,
            "DATABASE_URL": self.database.url(DATABASE, postgres.APP),
            "MIGRATION_DATABASE_URL": self.database.url(DATABASE, postgres.OWNER),
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "s" * 32,
            "FIELD_KEYS": f"1:{key}",
            "BLIND_INDEX_KEY": key,
            "AUDIT_KEY": key,
            "FILES_DIR": str(self.folder / "files"),
            "CLOCK_OFFSET_FILE": str(moved),
            "LOG_LEVEL": os.environ.get("STAGE_LOG_LEVEL", "WARNING"),
            "LOG_FORMAT": "json",
            "WECHAT_APPID": "wx1234567890abcdef",
            "WECHAT_SECRET": secrets.token_hex(16),
            "WECHAT_TOKEN": "t" * 32,
            "WECHAT_AES_KEY": "A" * 43,
            "WECHAT_ACCOUNT_ID": "gh_123456789abc",
            "WECHAT_API_BASE": self.sandbox_base,
            "WECHAT_OPEN_BASE": self.sandbox_base,
            "WECHAT_JS_URL": f"{self.sandbox_base}/open/js/jweixin-1.6.0.js",
            "WECHAT_TEMPLATES": json.dumps({name: t["template_id"] for name, t in templates.items()}),
            "CAS_URL": f"{self.sandbox_base}/cas",
            "VENDORS_FILE": str(
                write_vendors(
                    self.folder / "vendors.json",
                    sandbox_dir=self.folder / "sandbox",
                    sandbox_url=self.sandbox_base,
                )
            ),
            "PYTHONUTF8": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        return os.environ | chosen

    # processes

    def run(self, *words: str, extra: Mapping[str, str] | None = None) -> str:
        """A command to its end; its output."""
        done = subprocess.run(
            [*PYTHON, *words],
            cwd=ROOT,
            env=self.environment | dict(extra or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stderr[-3000:]}"
        return done.stdout

    def seed(self, *words: str) -> Seeded:
        """A small campus with sessions, by the real services (see seed.py)."""
        made = Seeded(**json.loads(self.run("tests.chaos.seed", *words)))
        with self.connection() as connection:
            connection.execute("VACUUM ANALYZE")
        return made

    def start(self, name: str, *words: str, extra: Mapping[str, str] | None = None) -> int:
        """Start or restart `python -m words`; returns its pid."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = processes.spawn(
                [*PYTHON, *words], env=self.environment | dict(extra or {}), cwd=ROOT, output=log
            )
        return self.processes[name].pid

    def stop(self, name: str) -> None:
        if (process := self.processes.pop(name, None)) is not None:
            processes.stop(process, grace=5)

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would."""
        if (process := self.processes.pop(name, None)) is not None:
            processes.bury(process)

    def is_dead(self, name: str) -> bool:
        return name not in self.processes or self.processes[name].poll() is not None

    def web(self, application: str = "wsgi:application", *, workers: int = 1, threads: int = 8) -> None:
        words = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        words += ["--no-ws", "--workers", str(workers), "--blocking-threads", str(threads)]
        self.start("web", *words, application)
        self.wait_for(f"{self.base}/healthz", "web")

    def worker(self, name: str = "worker", **extra: str) -> None:
        self.start(name, "app.worker", extra=extra)

    def sweeper(self, name: str = "sweeper", **extra: str) -> None:
        self.start(name, "app.worker", "sweep", extra=extra)

    def sandbox(self) -> None:
        words = ["sandbox", "--host", "127.0.0.1", "--port", str(self.sandbox_port)]
        words += ["--data-dir", str(self.folder / "sandbox"), "--app-url", self.base]
        self.start("sandbox", *words)
        self.wait_for(f"{self.sandbox_base}/healthz", "sandbox")
        offset = float(Path(self.environment["CLOCK_OFFSET_FILE"]).read_text())  # one clock in both worlds
        self.ask_sandbox("set", job_finish=False, clock_offset=offset)

    def wait_for(self, url: str, name: str, seconds: float = 60) -> None:
        def answers() -> bool:
            assert not self.is_dead(name), self.last_words(name)
            with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
            return False

        assert processes.wait_until(answers, seconds=seconds, every=0.05), self.last_words(name)

    def last_words(self, name: str) -> str:
        return f"{name}: " + (self.folder / f"{name}.log").read_text()[-2000:]

    # looking

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        url = make_url(self.database.url(DATABASE, postgres.ADMIN)).set(drivername="postgresql")
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True, row_factory=dict_row
        ) as connection:
            yield connection

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with self.connection() as connection:
            return connection.execute(statement, values).fetchall()

    def one(self, statement: str, *values: object) -> Any:
        """The single value of a single row."""
        return next(iter(self.rows(statement, *values)[0].values()))

    def ask_sandbox(self, path: str, **given: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310
            f"{self.sandbox_base}/_sim/{path}",
            data=json.dumps(given).encode() if given else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    def pass_time(self, seconds: float) -> None:
        """Move everybody's clock on, ours and WeChat's: leases run out without waiting for them."""
        path = Path(self.environment["CLOCK_OFFSET_FILE"])
        offset = float(path.read_text()) + seconds
        staged = path.with_suffix(".staged")
        staged.write_text(str(offset))
        staged.rename(path)
        if "sandbox" in self.processes:
            self.ask_sandbox("set", clock_offset=offset)

    def wait_until_delivered(self, seconds: float) -> None:
        """Until no event waits in the outbox."""

        def is_empty() -> bool:
            return self.one("SELECT count(*) FROM outbox_deliveries WHERE status <> 'done'") == 0

        if not processes.wait_until(is_empty, seconds=seconds, every=0.25):
            left = self.rows(
                "SELECT subscriber, status, attempts, due_at, leased_until, last_error "
                "FROM outbox_deliveries WHERE status <> 'done' LIMIT 5"
            )
            raise AssertionError(f"still waiting after {seconds} s: {left}")


def to_noon() -> timedelta:
    """How far to move the clock so that nobody sleeps: the nearest noon in Shanghai."""
    now = datetime.now(UTC)
    noon = now.replace(hour=NOON, minute=0, second=0, microsecond=0)
    return timedelta() if abs(now - noon) < timedelta(hours=3) else noon - now


def session_headers(who: Mapping[str, Any], surface: str = "phone") -> dict[str, str]:
    """What a signed-in browser sends with a JSON request."""
    return {
        "Cookie": f"{who['cookie']}={who['token']}",
        "X-Surface": surface,
        "X-CSRF-Token": who["csrf"],
        "Content-Type": "application/json",
    }
