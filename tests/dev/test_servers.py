"""dev.postgres and dev.redis: real servers, started and stopped as a demo and the tests do."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis as RedisClient
from sqlalchemy import make_url

from dev import binaries, places, postgres, processes, redis
from dev.problem import Problem

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_servers(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def data_dir(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "demo"
    folder.mkdir()
    yield folder
    places.remove_postgres_home(folder)


def connect(server: postgres.Database, database: str, user: str) -> psycopg.Connection:
    url = make_url(server.url(database, user)).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def test_it_works(data_dir):
    with postgres.start(data_dir, durable=False) as server:
        server.ensure_database("weilife")
        server.ensure_database("weilife")
        with connect(server, "weilife", postgres.OWNER) as owner:
            owner.execute("CREATE TABLE lamps (id bigint GENERATED ALWAYS AS IDENTITY, room text)")
            assert owner.execute("SHOW timezone").fetchone() == ("UTC",)
            assert owner.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert owner.execute("SHOW listen_addresses").fetchone() == ("",)
        with connect(server, "weilife", postgres.APP) as app:
            app.execute("INSERT INTO lamps (room) VALUES ('301')")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("DROP TABLE lamps")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE TABLE mine (id int)")


def test_rows_survive_a_stop_a_kill_and_a_restart(data_dir):
    with postgres.start(data_dir, durable=True) as server:
        server.ensure_database("weilife")
        with connect(server, "weilife", postgres.OWNER) as owner:
            owner.execute("CREATE TABLE lamps AS SELECT 1 AS id")
        first = server.pid
        server.kill()
        assert not server.is_ready()
        server.start()
        server.restart()
        assert server.pid != first
    with postgres.start(data_dir, durable=True) as server, connect(server, "weilife", postgres.APP) as app:
        assert app.execute("SELECT id FROM lamps").fetchone() == (1,)


def test_a_throwaway_cluster_leaves_nothing(data_dir):
    with postgres.start(data_dir, durable=False) as server, redis.start(data_dir, durable=False):
        home, sockets = server.home, places.socket_folder(data_dir)
    assert not home.exists()
    assert not sockets.exists()


def test_two_data_dirs_run_side_by_side(data_dir, tmp_path):
    other = tmp_path / "other"
    with postgres.start(data_dir, durable=False) as one, postgres.start(other, durable=False) as two:
        one.ensure_database("weilife")
        with connect(two, "postgres", postgres.ADMIN) as admin:
            assert not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'weilife'").fetchone()


def test_a_second_start_of_the_same_data_dir_names_the_first(data_dir):
    with (
        postgres.start(data_dir, durable=False),
        pytest.raises(Problem, match=f"already running.*pid {os.getpid()}"),
    ):
        postgres.start(data_dir, durable=False)


def test_data_of_another_version_is_refused_in_one_sentence(data_dir):
    with postgres.start(data_dir, durable=True) as server:
        version = server.cluster / "PG_VERSION"
    version.write_text("99\n")
    with pytest.raises(Problem, match="PostgreSQL 99"):
        postgres.start(data_dir, durable=True)


def test_a_leftover_pid_file_does_not_stop_a_start(data_dir):
    with postgres.start(data_dir, durable=True) as server:
        pid_file = server.cluster / "postmaster.pid"
        leftover = pid_file.read_text()
    pid_file.write_text(leftover.replace(leftover.split("\n")[0], str(os.getpid()), 1))
    shutil.chown(pid_file, server.account.uid if server.account else None)
    with postgres.start(data_dir, durable=True) as server:
        assert server.is_ready()


def test_the_database_url_of_the_environment_wins(data_dir, tmp_path, monkeypatch):
    with postgres.start(data_dir, durable=False) as ours:
        monkeypatch.setenv("DATABASE_URL", ours.url("postgres", postgres.ADMIN))
        with postgres.start(tmp_path / "unused", durable=False) as server:
            assert not server.is_ours
            server.ensure_database("weilife")
            with connect(server, "weilife", postgres.OWNER) as owner:
                owner.execute("CREATE TABLE lamps AS SELECT 1 AS id")
            with connect(server, "weilife", postgres.APP) as app:
                assert app.execute("SELECT id FROM lamps").fetchone() == (1,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute("DROP TABLE lamps")
    assert not (tmp_path / "unused").exists()


def test_redis_keeps_what_it_holds_when_durable(data_dir):
    with redis.start(data_dir, durable=True) as server:
        RedisClient.from_url(server.url).set("lamp", "301")
        server.restart()
        assert RedisClient.from_url(server.url).get("lamp") == b"301"
        server.pause()
        assert not server.is_ready()
        server.resume()
        assert server.is_ready()
    with redis.start(data_dir, durable=True) as server:
        assert RedisClient.from_url(server.url).get("lamp") == b"301"


def test_the_redis_url_of_the_environment_wins(data_dir, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert redis.start(data_dir, durable=False).url == "redis://127.0.0.1:1/0"


@pytest.mark.slow
def test_servers_end_when_their_owner_is_killed(data_dir):
    words = (
        "import sys, time; from pathlib import Path; from dev import postgres, redis;"
        f"d = Path({str(data_dir)!r});"
        "p = postgres.start(d, durable=False); r = redis.start(d, durable=False);"
        "print(p.pid, r.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pids = [int(word) for word in owner.stdout.readline().split()]
    owner.kill()
    owner.wait()
    assert processes.wait_until(lambda: not any(processes.is_alive(pid) for pid in pids), seconds=15)
    left = (data_dir / "postgres").resolve()
    with postgres.start(data_dir, durable=False) as server:
        assert server.is_ready()
        assert server.home == left or not left.exists()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
@pytest.mark.parametrize("wheel", [False, True])
def test_root_can_keep_everything_in_a_private_folder(wheel, monkeypatch):
    """DATA_DIR and the programs themselves may lie where the servers' account cannot look."""
    private = Path(tempfile.mkdtemp(dir="/root" if Path("/root").is_dir() else None))
    try:
        if wheel:
            bundled = next(program for program in binaries.postgres_programs() if program.is_bundled)
            package = bundled.folder.parents[1]
            for part in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, private / part.name, symlinks=True)
            monkeypatch.setenv("POSTGRES_BIN", str(private / bundled.folder.relative_to(package.parent)))
        before = private.stat().st_mode
        with postgres.start(private / "demo", durable=False) as server:
            assert server.is_ready()
            owner = Path(f"/proc/{server.pid}").stat().st_uid
            assert owner == server.account.uid != 0
        assert private.stat().st_mode == before
    finally:
        shutil.rmtree(private)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_anybody_else_runs_them_in_the_data_dir_itself():
    account = places.server_account()
    python, packages = Path("/usr/bin/python3"), Path(psycopg.__file__).parents[1]
    if (
        not python.exists()
        or subprocess.run(
            [python, "-c", "import psycopg"],
            cwd="/",
            env={"PYTHONPATH": str(packages)},
            check=False,
            **account.popen(),
        ).returncode
    ):
        pytest.skip("they cannot use this environment")
    folder = Path(tempfile.mkdtemp(prefix="wl-nobody-"))
    os.chown(folder, account.uid, account.gid)
    words = (
        "from pathlib import Path; from dev import postgres, redis;"
        f"d = Path({str(folder)!r}) / ('deep' * 30);"
        "p = postgres.start(d, durable=True); r = redis.start(d, durable=True);"
        "p.ensure_database('weilife'); print(p.home, r.is_ready()); p.close(); r.close()"
    )
    try:
        done = subprocess.run(
            [python, "-c", words],
            cwd="/",
            env={
                "PYTHONPATH": f"{ROOT}:{packages}",
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            **account.popen(),
        )
        assert done.stdout.strip() == f"{folder / ('deep' * 30)}/postgres True", done.stderr
    finally:
        shutil.rmtree(folder)


def test_a_watchdog_that_was_killed_is_replaced(data_dir):
    with redis.start(data_dir, durable=False) as server:
        watchdog = processes._Watchdog.ours().process
        os.kill(watchdog.pid, signal.SIGKILL)
        watchdog.wait()
        time.sleep(0.05)
        server.restart()
        assert processes._Watchdog.ours().process.poll() is None
        assert server.pid in processes._Watchdog.ours().guarded
