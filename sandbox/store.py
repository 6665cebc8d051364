"""State in one SQLite file: a single connection behind a lock, so that any number of threads may use it."""

import datetime as dt
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.schema import NAMES, TABLES

Row = dict[str, Any]


class Store:
    """Rows as dicts; `tx()` makes several statements one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._arrived = threading.Condition()
        self._news = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(TABLES)
        self.clock_offset = 0.0

    def now(self) -> float:
        """The sandbox's clock; a test may put it forward."""
        return time.time() + self.clock_offset

    def today(self) -> str:
        """The day in China, by which quotas are counted."""
        return dt.datetime.fromtimestamp(self.now(), dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d")

    @contextmanager
    def tx(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Execute; the number of rows touched."""
        with self._lock:
            return self._connection.execute(sql, args).rowcount

    def insert(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Execute an INSERT; the new row's id."""
        with self._lock:
            return int(self._connection.execute(sql, args).lastrowid or 0)

    def all(self, sql: str, args: Sequence[Any] = ()) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, args).fetchall()]

    def one(self, sql: str, args: Sequence[Any] = ()) -> Row | None:
        with self._lock:
            row = self._connection.execute(sql, args).fetchone()
        return dict(row) if row else None

    def value(self, sql: str, args: Sequence[Any] = ()) -> Any:
        row = self.one(sql, args)
        return next(iter(row.values())) if row else None

    def setting(self, key: str, default: Any = None) -> Any:
        found = self.value("SELECT value FROM settings WHERE key = ?", (key,))
        return default if found is None else json.loads(found)

    def keep(self, key: str, value: Any) -> None:
        self.run(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
            "value = excluded.value",
            (key, json.dumps(value, ensure_ascii=False)),
        )

    def wipe(self) -> None:
        with self.tx():
            for name in NAMES:
                self.run(f"DELETE FROM {name}")  # noqa: S608 - names from our own schema

    def announce(self) -> None:
        """Wake the phones that wait for news."""
        with self._arrived:
            self._news += 1
            self._arrived.notify_all()

    def wait_for_message(self, after: int, seconds: float) -> int:
        """The newest message id, as soon as it differs from `after` or when the time is over.

        The store is never read while the condition is held: an announcer may hold the store.
        """
        end = time.monotonic() + seconds
        while True:
            known = self._news
            newest = int(self.value("SELECT coalesce(max(id), 0) FROM messages") or 0)
            left = end - time.monotonic()
            if newest != after or left <= 0:
                return newest
            with self._arrived:
                if self._news == known:
                    self._arrived.wait(min(left, 5.0))

    def close(self) -> None:
        with self._lock:
            self._connection.close()
