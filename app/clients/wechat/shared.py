"""One short-lived secret that all processes share: fetched by one of them while the others wait."""

import copy
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from redis import Redis, RedisError

from app.clients.wechat.errors import WeChatError, WeChatUnavailable
from app.kit.log import log

Fetch = Callable[[], tuple[str, int]]
"""Asks WeChat for the value; returns it with its seconds to live."""

LEASE_MS = 30_000  # longer than the slowest fetch, so that the lock outlives it
PATIENCE = 12.0  # how long one waits for another's fetch
RETREAT = 5.0  # how long what failed (Redis; WeChat, slowly) is left alone
SLOW = 1.0  # a failure that took longer than this is worth avoiding
LOCAL = 60.0  # how long a process trusts its own copy while Redis is away
STUBBORN = 10.0  # how long a value that WeChat gave again, though refused, is not asked for again

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass
class SharedValue:
    """Cached in Redis under `key`; with Redis away each process fetches for itself, once at a time.

    WeChat's stable_token and ticket calls give every asker the same valid value, so two fetches at once
    would be wasteful, not wrong. The lock needs no fence for that reason.
    """

    redis: Redis = field(repr=False)
    key: str
    fetch: Fetch = field(repr=False)
    margin: int = 60
    longest: int = 3600
    _mutex: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _own: tuple[str, float] = field(default=("", 0.0), init=False, repr=False)
    _away_until: float = field(default=0.0, init=False, repr=False)
    _failed: tuple[float, WeChatError] | None = field(default=None, init=False, repr=False)
    _given_again: tuple[str, float] = field(default=("", 0.0), init=False, repr=False)

    def get(self) -> str:
        """The value, fetched when nobody has it."""
        return self._read() or self._renew("")

    def replace(self, refused: str) -> str:
        """Another value than the one WeChat refused; fetched only if nobody did so meanwhile."""
        return self._acceptable(refused) or self._renew(refused)

    def _renew(self, refused: str) -> str:
        """One thread of this process at a time; those who waited for one that failed share its failure."""
        asked_at = time.monotonic()
        if not self._mutex.acquire(timeout=PATIENCE):
            raise WeChatUnavailable(None, self.key, "", "waited too long for another thread")
        try:
            if self._failed and asked_at <= self._failed[0]:
                raise copy.copy(self._failed[1])
            return self._renew_or_remember(refused)
        finally:
            self._mutex.release()

    def _renew_or_remember(self, refused: str) -> str:
        """After a failure that took long, nobody tries again for a while: pages must not wait one by one."""
        started = time.monotonic()
        try:
            return self._renew_in_turn(refused)
        except WeChatError as error:
            failed_at = time.monotonic()
            rest = RETREAT if failed_at - started > SLOW else 0.0
            self._failed = (failed_at + rest, copy.copy(error))
            raise

    def _renew_in_turn(self, refused: str) -> str:
        """One process at a time."""
        owner, until = secrets.token_hex(16), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if value := self._acceptable(refused):
                return value
            if self._lock(owner):
                try:
                    return self._fetch_unless_there(refused)
                finally:
                    self._unlock(owner)
            time.sleep(0.03 + secrets.randbelow(40) / 1000)
        raise WeChatUnavailable(None, self.key, "", "waited too long for another process")

    def _fetch_unless_there(self, refused: str) -> str:
        if value := self._acceptable(refused):
            return value
        value, seconds = self.fetch()
        log.info("wechat.value_fetched", key=self.key, expires_in=seconds, same=value == refused)
        if value == refused:
            self._given_again = (value, time.monotonic() + STUBBORN)
        self._write(value, seconds)
        return value

    def _acceptable(self, refused: str) -> str:
        """What is there, unless it is what was refused; that too if WeChat has just given it again."""
        value = self._read()
        same, until = self._given_again
        just_given = value == same and time.monotonic() < until
        return value if value != refused or just_given else ""

    def _read(self) -> str:
        if time.monotonic() >= self._away_until:
            try:
                found = self.redis.get(self.key)
                return found.decode() if isinstance(found, bytes) else str(found or "")
            except RedisError as error:
                self._redis_failed(error)
        value, until = self._own
        return value if time.monotonic() < until else ""

    def _write(self, value: str, seconds: int) -> None:
        lifetime = max(1, min(max(seconds - self.margin, seconds // 2), self.longest))
        self._own = (value, time.monotonic() + min(lifetime, LOCAL))
        try:
            self.redis.set(self.key, value, ex=lifetime)
        except RedisError as error:
            self._redis_failed(error)

    def _lock(self, owner: str) -> bool:
        """True also when Redis is away: then the process's own lock must do."""
        if time.monotonic() < self._away_until:
            return True
        try:
            return bool(self.redis.set(f"{self.key}:lock", owner, nx=True, px=LEASE_MS))
        except RedisError as error:
            self._redis_failed(error)
            return True

    def _unlock(self, owner: str) -> None:
        try:
            self.redis.eval(_RELEASE, 1, f"{self.key}:lock", owner)
        except RedisError as error:
            self._redis_failed(error)

    def _redis_failed(self, error: RedisError) -> None:
        if time.monotonic() >= self._away_until:
            log.warning("wechat.redis_away", key=self.key, error=type(error).__name__)
        self._away_until = time.monotonic() + RETREAT
