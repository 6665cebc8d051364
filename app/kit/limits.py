"""Traffic limits in Redis. They protect comfort, not money: without Redis everything passes."""

from redis import Redis
from redis.exceptions import RedisError

from app.kit import clock
from app.kit.breaker import Breaker, CircuitOpen
from app.kit.errors import TooMany

_redis: Redis | None = None
_breaker: Breaker


def configure(redis: Redis, breaker: Breaker) -> None:
    """`breaker` keeps requests from waiting, one after the other, for a Redis that is away."""
    global _redis, _breaker
    _redis, _breaker = redis, breaker


def hit(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one use in the current window. Raises TooMany above `limit` uses per `seconds`."""
    window = int(clock.now().timestamp()) // seconds
    if _count(f"limit:{name}:{key}:{window}", seconds) > limit:
        raise TooMany(seconds=seconds)


def _count(slot: str, seconds: int) -> int:
    if _redis is None:
        return 0
    with _redis.pipeline(transaction=False) as pipe:
        pipe.incr(slot)
        pipe.expire(slot, seconds)
        try:
            return int(_breaker.call(pipe.execute)[0])
        except (RedisError, CircuitOpen):
            return 0
