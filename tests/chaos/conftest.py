"""One house of real processes for all tests here; `CHAOS_N` (make chaos N=500) makes them long."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.stage import Seeded, Stage

N = int(os.environ.get("CHAOS_N") or 0)
IS_LONG = N > 0
RACES = N or 40
REPORTS = N or 45
SECONDS_AWAY = 30 if IS_LONG else 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(1800 if IS_LONG else 300))


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """PostgreSQL, Redis, the sandbox and the web server; tests start workers themselves."""
    with Stage() as one:
        one.sandbox()
        yield one


@pytest.fixture(scope="session")
def seeded(stage: Stage) -> Seeded:
    made = stage.seed(str(60 + REPORTS), "2")
    stage.web("tests.chaos.planted:application")
    return made


_taken = count()


@pytest.fixture
def house(stage: Stage, seeded: Seeded) -> Iterator[Stage]:
    """The stage with nothing left over from an earlier test (no traffic limit either), and none of its workers."""
    with stage.connection() as connection:
        connection.execute("DELETE FROM outbox_deliveries")
    Redis.from_url(stage.redis.url).flushall()
    yield stage
    for name in [name for name in stage.processes if name not in ("web", "sandbox")]:
        stage.kill(name)


@pytest.fixture
def student(seeded: Seeded) -> dict[str, object]:
    """Somebody who has not reported yet."""
    return seeded.students[-1 - next(_taken)]
