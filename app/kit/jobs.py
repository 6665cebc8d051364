"""RQ as a doorbell: after a commit that emitted events, wake a worker to drain the outbox."""

from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app.kit.breaker import Breaker, CircuitOpen
from app.kit.log import log

QUEUE = "outbox"
DRAIN = "app.worker.drain_outbox"
RINGING = "outbox:ringing"


class Doorbell:
    """Rings at most once until a worker answers. Redis away: silence, the sweeper comes by itself."""

    def __init__(self, redis: Redis, breaker: Breaker) -> None:
        self._redis = redis
        self._breaker = breaker
        self._queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)

    def after_commit(self, session: Session) -> None:
        if session.info.get("emitted"):
            self.ring()

    def ring(self) -> None:
        self._try(self._ring)

    def answered(self) -> None:
        """From now on a ring is a new one."""
        self._try(lambda: self._redis.delete(RINGING))

    def _ring(self) -> None:
        if self._redis.set(RINGING, 1, nx=True, ex=5):
            self._queue.enqueue(DRAIN, result_ttl=0, failure_ttl=60, job_timeout=120)

    def _try(self, touch: Callable[[], object]) -> None:
        try:
            self._breaker.call(touch)
        except CircuitOpen:
            return
        except RedisError as error:
            log.warning("doorbell_silent", error=type(error).__name__)
