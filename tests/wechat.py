"""The WeChat platform of the sandbox, joined to the application in both directions over real HTTP.

Import `wechat` and `_platform` (and `callback_server` for what WeChat pushes to us) into a conftest.
"""

import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from redis import Redis
from werkzeug.serving import make_server

from app.clients.wechat.client import WeChat
from app.config import Settings
from app.factory import build_clients
from app.kit import clock
from app.kit.db import unit_of_work
from app.platform.identity import service as identity
from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import Config
from sandbox.server import Quiet, Server

ROOT = Path(__file__).parent.parent
SEND = "/cgi-bin/message/template/send"
SUBSCRIBE = "/cgi-bin/message/subscribe/bizsend"


@dataclass
class WeChatWorld:
    """The sandbox as a test sees it: its switches, what it has sent, and what it pushes to us."""

    base: str
    clients: Any
    appid: str

    def set(self, **knobs: Any) -> None:
        answer = requests.post(f"{self.base}/_sim/set", json=knobs, timeout=10)
        assert answer.ok, answer.text

    def fault(self, path: str, *, times: int | None = 1, **what: Any) -> None:
        self.set(fault={"path": path, "times": times, **what})

    def get(self, name: str, **query: Any) -> Any:
        return requests.get(f"{self.base}/_sim/{name}", params=query, timeout=10).json()

    def sent(self, number: str) -> list[dict[str, Any]]:
        """What left for one of the cast, newest first."""
        return list(self.get("sent", openid=self.openid(number)))

    def calls(self, path: str = SEND) -> int:
        return int(self.get("stats")["calls"].get(path, 0))

    def chat(self, number: str) -> list[dict[str, Any]]:
        return list(self.get("messages", person=number))

    def push(self, number: str, **given: Any) -> list[dict[str, Any]]:
        """Deliver a message or event to our callback now: the attempts, as the platform judged them."""
        answer = requests.post(f"{self.base}/_sim/push", json={"person": number, **given}, timeout=60).json()
        assert "attempts" in answer, answer
        return list(answer["attempts"])

    def replay(self) -> list[dict[str, Any]]:
        """The bytes of the last request once more."""
        return list(
            requests.post(f"{self.base}/_sim/push", json={"replay": "last"}, timeout=60).json()["attempts"]
        )

    def follow(self, number: str, *, follow: bool = True, url: str = "") -> None:
        given = {"person": number, "follow": follow, "url": url}
        requests.post(f"{self.base}/_sim/follow", json=given, timeout=10).raise_for_status()

    def agree(self, number: str, template_id: str, answer: str = "accept") -> None:
        """One of the cast answers the popup for subscription messages; the event follows by itself."""
        given = {"person": number, "answers": {template_id: answer}}
        requests.post(f"{self.base}/phone/api/consent", json=given, timeout=10).raise_for_status()

    def hurry(self, seconds: float) -> None:
        """Our side waits no longer than this for an answer from now on."""
        self.clients.wechat.callback_ips()  # the token is there
        settings = dataclasses.replace(self.clients.wechat.settings, timeout=(1.0, seconds))
        hasty = WeChat(settings, self.clients.redis)
        self.clients = dataclasses.replace(self.clients, wechat=hasty)

    def keep_time(self) -> None:
        """Set the platform's clock to ours."""
        self.set(clock_offset=(clock.now() - datetime.now(UTC)).total_seconds())

    @staticmethod
    def openid(number: str) -> str:
        return BY_NUMBER[number].openid

    def follower(self, number: str, *, is_following: bool = True) -> int:
        """The person behind one of the cast, following or not as far as we know."""
        with unit_of_work() as session:
            return identity.note_follow(
                session, self.appid, self.openid(number), is_following=is_following, at=clock.now()
            )


@pytest.fixture(scope="session")
def _platform(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Server]:
    config = Config(
        data_dir=tmp_path_factory.mktemp("platform"),
        port=0,
        app_url="http://127.0.0.1:8000",
        appid=settings.wechat_appid,
        secret=settings.wechat_secret,
        token=settings.wechat_token,
        aes_key=settings.wechat_aes_key,
        account_id=settings.wechat_account_id,
        samples_dir=ROOT / "samples",
    )
    server = Server(create_app(config), "127.0.0.1", 0).start()
    yield server
    server.stop()


@pytest.fixture
def wechat(app: Flask, settings: Settings, _platform: Server) -> Iterator[WeChatWorld]:
    """The application's clients speak to the sandbox; it tells no outcomes until a test listens."""
    base = f"http://127.0.0.1:{_platform.port}"
    requests.post(f"{base}/_sim/reset", json={}, timeout=10).raise_for_status()
    before = app.extensions["clients"]
    joined = dataclasses.replace(settings, wechat_api_base=base, wechat_open_base=base)
    clients = build_clients(joined, Redis.from_url(settings.redis_url))
    app.extensions["clients"] = clients
    world = WeChatWorld(base, clients, settings.wechat_appid)
    world.set(job_finish=False, job_finish_delay=0)
    world.keep_time()
    yield world
    app.extensions["clients"] = before


@pytest.fixture
def callback_server(app: Flask, wechat: WeChatWorld) -> Iterator[str]:
    """The application served over HTTP, where the platform delivers its messages and events."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    wechat.set(callback_url=f"{root}/callbacks/wechat")
    yield root
    server.shutdown()
    server.server_close()
