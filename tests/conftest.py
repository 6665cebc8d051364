"""Fixtures for all tests: a real PostgreSQL and Redis per parallel worker, a clock, the application."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from redis import Redis
from sqlalchemy import make_url

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from app.config import Settings, read_settings  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.kit import clock, failpoint  # noqa: E402
from dev import messages, postgres, redis  # noqa: E402
from tests.beginnings import Beginnings  # noqa: E402
from tests.leak_watch import Watch, search_redis, watch_answers, watch_logs  # noqa: E402
from tests.make import CampusOfTests, make_campus  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
KEY = base64.b64encode(b"k" * 32).decode()
DATABASE = "weilife_test"
MORNING = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


def pytest_configure(config: pytest.Config) -> None:
    """The translations as they are now, not as somebody compiled them once; by the first process alone."""
    if not hasattr(config, "workerinput"):
        messages.main(["compile"])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests of one group run in one process, in their order: the stories in one house, others by file."""
    for item in items:
        if item.get_closest_marker("slow"):
            folder = item.path.parent.relative_to(ROOT)
            group = folder if folder.name == "browser" else item.path.relative_to(ROOT)
            item.add_marker(pytest.mark.xdist_group(str(group)))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this process: Playwright's loop allows no second one beside it.

    The system's, or else the one that Playwright brought; `sh dev/system.sh tests` installs either.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[postgres.Database, object]]:
    """One PostgreSQL and one Redis of this worker's own, thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wl-test-"))
    database = postgres.start(folder, durable=False)
    cache = redis.start(folder, durable=False)
    try:
        yield database, cache
    finally:
        for server in (cache, database):
            getattr(server, "close", server.stop)()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def environment(servers, tmp_path_factory) -> dict[str, str]:
    """The settings of the tests, as environment variables, with a migrated database behind them."""
    database, cache = servers
    name = f"{DATABASE}_{os.getpid()}"
    database.ensure_database(name)
    folder = tmp_path_factory.mktemp("weilife")
    env = {
        "ENVIRONMENT": "development",
        "BASE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": database.url(name, postgres.APP),
        "MIGRATION_DATABASE_URL": database.url(name, postgres.OWNER),
        "REDIS_URL": cache.url,
        "SECRET_KEY": "s" * 32,
        "FIELD_KEYS": f"1:{KEY}",
        "BLIND_INDEX_KEY": KEY,
        "AUDIT_KEY": KEY,
        "FILES_DIR": str(folder / "files"),
        "CLOCK_OFFSET_FILE": str(folder / "clock"),
        "LOG_LEVEL": "ERROR",
        "LOG_FORMAT": "console",
        "WECHAT_APPID": "wx1234567890abcdef",
        "WECHAT_SECRET": "wechat-secret-of-the-tests",
        "WECHAT_TOKEN": "t" * 32,
        "WECHAT_AES_KEY": "A" * 43,
        "WECHAT_ACCOUNT_ID": "gh_123456789abc",
        "WECHAT_API_BASE": "http://127.0.0.1:1",
        "WECHAT_OPEN_BASE": "http://127.0.0.1:1",
        "WECHAT_JS_URL": "http://127.0.0.1:1/open/js/jweixin-1.6.0.js",
        "CAS_URL": "http://127.0.0.1:1/cas",
    }
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env=os.environ | env,
        check=True,
        capture_output=True,
    )
    return env


@pytest.fixture(scope="session")
def settings(environment) -> Settings:
    return read_settings(environment)


@pytest.fixture(scope="session")
def admin_dsn(servers, environment) -> str:
    """libpq's words for the administrator of the test database."""
    name = make_url(environment["DATABASE_URL"]).database
    url = make_url(servers[0].url(name, postgres.ADMIN)).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _watch() -> Watch:
    watch = Watch()
    watch_answers(watch)
    return watch


@pytest.fixture(scope="session")
def _application(settings, _watch):
    application = create_app(settings)
    watch_logs(_watch)
    return application


@pytest.fixture
def nothing_leaks(_watch, _cache) -> Iterator[None]:
    """Part of `app`: whatever a test does, nothing personal is shown where it has no right to be."""
    _watch.take()
    yield
    search_redis(_watch, _cache)
    assert _watch.take() == []


@pytest.fixture
def app(_application, empty_database, clock_at_work, nothing_leaks):
    """The application on an empty database, on a Monday morning."""
    return _application


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def begin_with(app, _beginnings):
    """`begin_with(make)`: the rows that `make()` makes in an empty database, and what it returns."""
    return _beginnings.begin_with


@pytest.fixture
def campus(begin_with) -> CampusOfTests:
    return begin_with(make_campus)


EMPTY = """
DO $$ DECLARE t record; has bool; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', t.tablename) INTO has;
    IF has THEN EXECUTE format('DELETE FROM %I', t.tablename); END IF;
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def _administrator(admin_dsn) -> Iterator[psycopg.Connection]:
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def _cache(servers) -> Redis:
    return Redis.from_url(servers[1].url)


@pytest.fixture(scope="session")
def _beginnings(_administrator) -> Beginnings:
    return Beginnings(_administrator)


@pytest.fixture
def empty_database(_administrator, _cache) -> None:
    """No row from an earlier test, in no table and no Redis key."""
    _administrator.execute(EMPTY)
    _cache.flushdb()


@pytest.fixture
def clock_at_work() -> Iterator[None]:
    """Monday 09:00 in Shanghai until a test moves it with `clock.advance`."""
    clock.travel(MORNING)
    yield
    clock.travel(None)


@pytest.fixture(autouse=True)
def _nothing_armed() -> Iterator[None]:
    yield
    failpoint.configure("")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch) -> None:
    """A test that reaches for another machine fails at once."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            ("127.", "::1", "localhost")
        ):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
