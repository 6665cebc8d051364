"""Stops calling an outside system that does not answer, and tries again after a while."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.kit.errors import Unavailable

T = TypeVar("T")


class CircuitOpen(Unavailable):
    """Refused at once because the last calls failed."""

    code = "kit.circuit_open"


@dataclass
class Breaker:
    """Opens after `threshold` failures in a row; lets one call try after `cool_down` seconds.

    One per process and outside system; safe for threads. Only the error types in `counts` are failures:
    a refusal by the other side is an answer.
    """

    name: str
    counts: tuple[type[Exception], ...]
    threshold: int = 5
    cool_down: float = 20.0
    _failures: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def call(self, work: Callable[[], T]) -> T:
        """Run `work`, or raise CircuitOpen without running it."""
        self._admit()
        try:
            result = work()
        except self.counts:
            self._failed()
            raise
        except Exception:
            self._succeeded()  # a refusal is an answer: the other side is there
            raise
        self._succeeded()
        return result

    def _admit(self) -> None:
        with self._lock:
            if self._opened_at is None:
                return
            if time.monotonic() - self._opened_at < self.cool_down:
                raise CircuitOpen(system=self.name)
            self._opened_at = time.monotonic()  # this caller tries; the others go on waiting

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self.threshold:
                self._opened_at = time.monotonic()

    def _succeeded(self) -> None:
        with self._lock:
            self._failures, self._opened_at = 0, None
