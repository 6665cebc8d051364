"""The outside world of the client tests: a sandbox over HTTP, a Redis of their own, fitting settings."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import settings as hypothesis_settings
from redis import Redis

from app.clients.wechat.client import WeChat
from app.clients.wechat.settings import WeChatSettings
from dev import redis as redis_server

hypothesis_settings.register_profile("clients", deadline=None, database=None)
hypothesis_settings.load_profile("clients")

ROOT = Path(__file__).parents[2]
APPID = "wx5a11db0c5a11db0c"
SECRET = "sandbox-secret-0123456789abcdef0"
TOKEN = "sandboxTokenSandboxTokenSandbox0"
AES_KEY = "SandboxSandboxSandboxSandboxSandboxSandbox0"
ACCOUNT = "gh_5a11db0c5a11"


@dataclass
class World:
    """The sandbox as a test sees it: its switches and what it has counted."""

    base: str

    def set(self, **switches: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.base}/_sim/set", json=switches)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, path: str, *, times: int | None = 1, **what: Any) -> None:
        self.set(faults=[{"path": path, "times": times, **what}])

    def faults_left(self) -> int:
        return sum(fault["times"] for fault in self.get("knobs")["now"]["faults"])

    def get(self, name: str, **query: Any) -> Any:
        return requests.get(f"{self.base}/_sim/{name}", params=query).json()

    def reset(self) -> None:
        requests.post(f"{self.base}/_sim/reset", json={})

    def calls(self, path: str) -> int:
        return self.get("stats")["calls"].get(path, 0)

    def person(self, name: str) -> dict[str, Any]:
        return next(person for person in self.get("cast") if person["name"].startswith(name))

    def code_of(self, openid: str, wechat: WeChat) -> str:
        """What the browser comes back with after WeChat's page."""
        url = wechat.authorize_url("a" * 32, "http://127.0.0.1:8000/callbacks/wechat/login")
        link = url.replace("#wechat_redirect", f"&sim_openid={requests.utils.quote(openid, safe='')}")
        back = requests.get(link, allow_redirects=False)
        assert back.status_code == 302, back.text
        return back.headers["Location"].split("code=")[1].split("&")[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def _running_world(tmp_path_factory) -> Iterator[World]:
    port, folder = free_port(), tmp_path_factory.mktemp("sandbox")
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data-dir", str(folder)]
    keys = {
        "WECHAT_APPID": APPID,
        "WECHAT_SECRET": SECRET,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_AES_KEY": AES_KEY,
        "WECHAT_ACCOUNT_ID": ACCOUNT,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | keys, stdout=log, stderr=log)
    world = World(f"http://127.0.0.1:{port}")
    try:
        _wait_for(world, process, folder / "log")
        yield world
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(world: World, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(f"{world.base}/healthz", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture
def world(_running_world) -> World:
    """The outside world as on the first day."""
    _running_world.reset()
    return _running_world


@pytest.fixture(scope="session")
def cache_server() -> Iterator[redis_server.Redis]:
    """Our own even where REDIS_URL is set, because tests stop it."""
    folder = Path(tempfile.mkdtemp(prefix="wl-clients-"))
    server = redis_server.Redis(folder, durable=False).start()
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cache(cache_server) -> Redis:
    """An empty Redis that is given up on after a second, as the factory's."""
    client = Redis.from_url(cache_server.url, socket_timeout=1, socket_connect_timeout=1)
    client.flushdb()
    return client


@pytest.fixture
def settings(world) -> WeChatSettings:
    return make_settings(world.base)


def make_settings(base: str, **changes: Any) -> WeChatSettings:
    given = {
        "appid": APPID,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "account_id": ACCOUNT,
        "api_base": base,
        "open_base": base,
        "timeout": (1.0, 5.0),
    }
    return WeChatSettings(**{**given, **changes})


@pytest.fixture
def wechat(settings, cache) -> WeChat:
    return WeChat(settings, cache)


@pytest.fixture
def dripping() -> Callable[[bytes, bytes, float], AbstractContextManager[str]]:
    """A peer that sends `head`, then `drop` for ever: `with dripping(head, drop, every) as base`."""
    return _dripping


@contextmanager
def _dripping(head: bytes, drop: bytes, every: float) -> Iterator[str]:
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(head)
                while not stop.wait(every):
                    connection.sendall(drop)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(5)
        listener.close()
