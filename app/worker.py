"""Background entries: `python -m app.worker` drains on RQ's bell, `… sweep` by the clock."""

import gc

gc.disable()  # walking through what is being loaded takes a third of the start, and finds nothing

import signal
import sys
import threading
import time
from types import FrameType

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisDown
from redis.exceptions import TimeoutError as RedisSlow
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.factory import create_app
from app.kit import db, log, outbox
from app.kit.jobs import QUEUE

SWEEP_SECONDS = 1.0
WORKER_TTL = 20  # RQ waits 15 s less than this for a ring, and 10 s more for the answer
app = create_app()
gc.collect()
gc.freeze()  # what is here stays: the collector need not walk through it again and again
gc.enable()


def drain_outbox() -> int:
    """The RQ job: deliver what is due for up to 20 s; ring again when more is left."""
    doorbell = app.extensions["doorbell"]
    doorbell.answered()
    with app.app_context():
        delivered = outbox.drain(clients=app.extensions["clients"], seconds=20)
    with db.unit_of_work() as session:
        more = outbox.is_due(session)
    if more:
        doorbell.ring()
    return delivered


def work() -> None:
    """One queue, one process, no fork: the jobs are ours and short. Comes back when Redis comes back."""
    while True:
        try:
            _worker().work(with_scheduler=False)
            return
        except RedisError as error:
            log.log.warning("worker_restarts", error=type(error).__name__)
            time.sleep(1)


def _worker() -> SimpleWorker:
    """Waits at most 15 s for an answer of Redis, so that a lost connection is noticed."""
    redis = Redis.from_url(
        _redis_url(),
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=2), 3),
        retry_on_error=[RedisDown, RedisSlow],
    )
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
    return SimpleWorker([queue], connection=redis, serializer=JSONSerializer, worker_ttl=WORKER_TTL)


def sweep() -> None:
    """Deliver what no bell was rung for, and start what the schedules say. Needs no Redis."""
    stop = threading.Event()

    def _stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    while not stop.is_set():
        try:
            with app.app_context():
                outbox.drain(clients=app.extensions["clients"], seconds=20)
                for tick in app.extensions.get("ticks", ()):
                    tick(app.extensions["clients"])
        except Exception as error:  # the database may be away: say so and come back
            log.log.warning("sweep_failed", error=type(error).__name__)
        stop.wait(SWEEP_SECONDS)


def _redis_url() -> str:
    return str(app.config["REDIS_URL"])


if __name__ == "__main__":
    sweep() if sys.argv[1:] == ["sweep"] else work()
