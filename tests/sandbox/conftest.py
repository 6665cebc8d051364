"""The sandbox on a free port, unmodified wechatpy pointed at it, and a small callback server of our own."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient
from wechatpy.crypto import WeChatCrypto
from wechatpy.oauth import WeChatOAuth

from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import Config
from sandbox.server import Server
from tests.wxpay import _bank, bank, receiver, wx

__all__ = ["_bank", "bank", "receiver", "wx"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is meant for development changes seldom."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.thorough)


class HostRewrite(HTTPAdapter):
    """Sends what is meant for WeChat's hosts to the sandbox."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        super().__init__()

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        host = urlsplit(request.url or "").netloc
        request.url = self.base + str(request.url).split(host, 1)[1]
        return super().send(request, **kwargs)


@dataclass
class Callback:
    """What the application's side received, and what it shall answer."""

    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], tuple[int, str]] = lambda request: (200, "success")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callbacks/wechat"

    def wait_for(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while len(self.requests) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.requests


@pytest.fixture
def callback() -> Iterator[Callback]:
    seen = Callback()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            self.reply(200, query.get("echostr", ""))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            made = {"query": query, "body": raw, "headers": dict(self.headers)}
            seen.requests.append(made)
            self.reply(*seen.answer(made))

        def reply(self, status: int, text: str) -> None:
            try:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield seen
    server.shutdown()
    server.server_close()


@dataclass
class Sandbox:
    """A running sandbox and short ways to work its switches."""

    url: str
    config: Config

    def set(self, **knobs: Any) -> dict[str, Any]:
        found = requests.post(f"{self.url}/_sim/set", json=knobs, timeout=10)
        assert found.status_code == 200, found.text
        return dict(found.json())

    def get(self, path: str, **params: Any) -> Any:
        return requests.get(f"{self.url}{path}", params=params, timeout=10).json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return requests.post(f"{self.url}{path}", json=body or {}, timeout=60).json()

    def push(self, **given: Any) -> list[dict[str, Any]]:
        return list(self.post("/_sim/push", given)["attempts"])

    def chat(self, number: str) -> list[dict[str, Any]]:
        return list(self.get("/_sim/messages", person=number))

    def openid(self, number: str) -> str:
        return BY_NUMBER[number].openid


@pytest.fixture
def sandbox(tmp_path: Path, callback: Callback) -> Iterator[Sandbox]:
    config = Config(
        data_dir=tmp_path,
        port=0,
        app_url="http://127.0.0.1:8000",
        callback_url=callback.url,
        samples_dir=tmp_path,
    )
    server = Server(create_app(config), "127.0.0.1", 0).start()
    made = Sandbox(f"http://127.0.0.1:{server.port}", config)
    made.set(job_finish_delay=0)
    yield made
    server.stop()


@pytest.fixture
def client(sandbox: Sandbox) -> WeChatClient:
    """wechatpy as it comes, only its transport mounted elsewhere."""
    made = WeChatClient(sandbox.config.appid, sandbox.config.secret, timeout=10)
    made._http.mount("https://api.weixin.qq.com/", HostRewrite(sandbox.url))
    return made


@pytest.fixture
def oauth(sandbox: Sandbox) -> WeChatOAuth:
    made = WeChatOAuth(
        sandbox.config.appid, sandbox.config.secret, "http://127.0.0.1:8000/m/back?x=1", state="abc123"
    )
    made._http.mount("https://api.weixin.qq.com/", HostRewrite(sandbox.url))
    made.OAUTH_BASE_URL = f"{sandbox.url}/connect/"
    return made


@pytest.fixture
def crypto(sandbox: Sandbox) -> WeChatCrypto:
    return WeChatCrypto(sandbox.config.token, sandbox.config.aes_key, sandbox.config.appid)
