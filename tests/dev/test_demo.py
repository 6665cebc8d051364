"""dev.demo in a project of its own: the real start with an application and a sandbox of a few lines each."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dev import demo, places, processes
from dev.problem import Problem
from dev.progress import Progress
from dev.settings import Options, environment_of, secrets_of

ROOT = Path(__file__).resolve().parents[2]

APPLICATION = """
import os
import click
from flask import Flask
application = Flask(__name__)

@application.get("/readyz")
def ready():
    return {"ready": True}

@application.cli.group("db")
def db(): ...

@db.command("upgrade")
def upgrade():
    print("migrating with", os.environ["MIGRATION_DATABASE_URL"])

@application.cli.group("wechat")
def wechat(): ...

@wechat.command("menu")
@click.argument("action")
def menu(action):
    print("menu", action)
"""
SEED = "import sys; print('2000 people', sys.argv[1:])"
WORKER = """
import time
from wsgi import application as app

def work():
    print("working", flush=True)
    time.sleep(600)

sweep = work
"""
SANDBOX = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
ThreadingHTTPServer((words["--host"], int(words["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def project(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "project"
    for part in ("dev", "sandbox"):  # the sandbox's keys are made by the demo
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in (
        ("app/worker.py", WORKER),
        ("sandbox/__main__.py", SANDBOX),
        ("wsgi.py", APPLICATION),
        ("dev/seed/__main__.py", SEED),
        ("app/translations/en/LC_MESSAGES/messages.po", 'msgid ""\nmsgstr ""\n'),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    yield folder
    for data_dir in folder.glob(".demo*"):
        places.remove_postgres_home(data_dir)


def two_free_ports() -> int:
    return next(
        port for port in range(18000 + os.getpid() % 900, 60000, 7) if demo.both_free("127.0.0.1", port)
    )


class Demo:
    """`python -m dev.demo` as make starts it."""

    def __init__(self, project: Path, port: int, data_dir: str = ".demo") -> None:
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        self.port = port
        self.data_dir = project / data_dir
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dev.demo"],
            cwd=project,
            env={**environment, "PORT": str(port), "DATA_DIR": data_dir, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until(self, sentence: str) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if sentence in line:
                return said
        raise AssertionError(said)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def pids(self) -> list[int]:
        """Everything that runs below this data folder or on its ports, found as an operator would."""
        marks = (str(self.data_dir), str(self.data_dir / "postgres"), f"--port\0{self.port}")
        marks += (str((self.data_dir / "postgres").resolve()),)
        found = []
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = command.read_bytes().decode(errors="replace")
            except OSError:
                continue
            if any(mark in words for mark in marks):
                found.append(int(command.parent.name))
        return found


@pytest.mark.slow
def test_it_works_and_keeps_its_data(project):
    port = two_free_ports()
    first = Demo(project, port)
    said = first.until("Try this")
    assert re.search(r"✓ Tables  \d+\.\d s", said)
    assert "2000 people" in said
    assert f"Ready: http://127.0.0.1:{port}" in said
    assert f"Phone: http://127.0.0.1:{port + 1}/phone" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:  # noqa: S310
        assert answer.status == 200
    secrets = (first.data_dir / "demo.env").read_text()
    assert stat.S_IMODE((first.data_dir / "demo.env").stat().st_mode) == 0o600
    assert "weilife_owner@" in (first.data_dir / "logs" / "migrate.log").read_text()

    refused = Demo(project, two_free_ports())
    assert f"already running with DATA_DIR=.demo (pid {first.process.pid})" in refused.until("DATA_DIR=…")
    assert refused.process.wait(10) == 1

    assert first.stop() == 0
    assert not first.pids()
    again = Demo(project, port)
    again.until("Ready:")
    assert (first.data_dir / "demo.env").read_text() == secrets
    assert again.stop() == 0


@pytest.mark.slow
def test_two_demos_run_side_by_side_and_a_killed_one_leaves_nobody(project):
    one = Demo(project, two_free_ports(), ".demo1")
    one.until("Ready:")
    two = Demo(project, two_free_ports(), ".demo2")
    two.until("Ready:")
    one.process.kill()
    one.process.wait()
    assert processes.wait_until(lambda: not one.pids(), seconds=20)
    with urllib.request.urlopen(f"http://127.0.0.1:{two.port}/readyz") as answer:  # noqa: S310
        assert answer.status == 200
    again = Demo(project, one.port, ".demo1")
    again.until("Ready:")
    assert (again.stop(), two.stop()) == (0, 0)


@pytest.mark.slow
def test_a_step_that_fails_is_one_sentence_that_names_the_log(project):
    (project / "dev" / "seed" / "__main__.py").write_text(
        "import sys; sys.exit('no workbook samples/people.xlsx')"
    )
    broken = Demo(project, two_free_ports())
    said = broken.until("✗ seed failed")
    assert "no workbook samples/people.xlsx (see " in said
    assert "Traceback" not in said
    assert broken.process.wait(20) == 1
    assert not broken.pids()


def options(tmp_path: Path, port: int) -> Options:
    return Options("127.0.0.1", port, tmp_path)


@pytest.mark.parametrize("taken", [0, 1])
def test_a_taken_port_is_named_with_another_that_is_free(tmp_path, taken):
    port = two_free_ports()
    with closing(socket.create_server(("127.0.0.1", port + taken))):
        with pytest.raises(Problem, match=f"Port {port + taken} is taken") as caught:
            demo.check_ports(options(tmp_path, port), patience=0)
        suggested = re.search(r"make demo PORT=(\d+)", str(caught.value))
        assert suggested and demo.both_free("127.0.0.1", int(suggested.group(1)))


@pytest.mark.parametrize("port", ["eighty", "0", "65535", "-1"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(Problem, match=f"PORT={port} is not a port"):
        Options.read({"PORT": port})


def test_a_data_dir_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="choose a folder of your own with DATA_DIR"):
        demo.open_data_dir(tmp_path / "file")


def test_a_data_dir_of_another_format_is_refused(tmp_path):
    demo.open_data_dir(tmp_path).close()
    (tmp_path / "format").write_text("0\n")
    with pytest.raises(Problem, match=r"format 0.*make reset"):
        demo.open_data_dir(tmp_path)


def test_a_public_host_is_warned_about(capsys, tmp_path):
    demo.warn_when_public(Options("0.0.0.0", 8000, tmp_path), Progress())  # noqa: S104
    assert "can act as any sample person" in capsys.readouterr().out
    demo.warn_when_public(options(tmp_path, 8000), Progress())
    assert not capsys.readouterr().out


def test_settings_have_the_shapes_that_wechat_asks_for(tmp_path):
    found = secrets_of(tmp_path)
    assert len(found["WECHAT_TOKEN"]) == 32
    assert re.fullmatch(r"[0-9A-Za-z]{43}", found["WECHAT_AES_KEY"])
    assert re.fullmatch(r"wx[0-9a-f]{16}", found["WECHAT_APPID"])
    assert found["WECHAT_ACCOUNT_ID"].startswith("gh_")
    assert secrets_of(tmp_path) == found
    environment = environment_of(options(tmp_path, 9000), {"REDIS_URL": "unix:///x"})
    assert environment["BASE_URL"] == "http://127.0.0.1:9000"
    assert environment["CAS_URL"] == "http://127.0.0.1:9001/cas"
