"""WeChat Pay for tests: the sandbox in process, a merchant's server that takes notices, short ways to both.

Import the fixtures `_bank`, `bank` and `receiver` into a conftest.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from app.clients.wxpay import RefundState, WxPay, WxPaySettings
from app.kit import clock
from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import DEFAULT_APPID, Config
from sandbox.server import Server

MCHID, OTHER_MCHID = "1699900001", "1699900002"
QUICK = {"calls_per_second": 5000.0, "burst": 5000, "failures": 50}
LI, CHEN = BY_NUMBER["2023010101"].openid, BY_NUMBER["2023010102"].openid


@dataclass
class Receiver:
    """The merchant's side of the notices, and what it shall answer."""

    port: int = 0
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[], int] = lambda: 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callbacks/wxpay/notices"

    def wait_for(self, count: int, seconds: float = 5.0) -> list[tuple[Mapping[str, str], bytes]]:
        end = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.005)
        assert len(self.got) >= count, f"{len(self.got)} notices of {count}"
        return self.got


@dataclass
class Bank:
    """A running sandbox as the tests of payments see it."""

    url: str
    told: dict[str, dict[str, Any]]
    notify_url: str
    appid: str = DEFAULT_APPID

    def settings(self, mchid: str = MCHID, **changes: Any) -> WxPaySettings:
        given = {"appid": self.appid, "api_base": self.url, "timeout": (1.0, 5.0), "line": QUICK}
        given |= self.told[mchid]
        return WxPaySettings(**{**given, **changes})

    def client(self, mchid: str = MCHID, **changes: Any) -> WxPay:
        return WxPay(self.settings(mchid, **changes))

    def set(self, **knobs: Any) -> None:
        found = requests.post(f"{self.url}/_sim/set", json=knobs, timeout=10)
        assert found.status_code == 200, found.text

    def get(self, path: str, **params: Any) -> Any:
        found = requests.get(f"{self.url}/_sim/wxpay/{path}", params=params, timeout=10)
        assert found.status_code == 200, found.text
        return found.json()

    def ask(self, path: str, **body: Any) -> Any:
        found = requests.post(f"{self.url}/_sim/wxpay/{path}", json=body, timeout=30)
        assert found.status_code == 200, found.text
        return found.json()

    def fault(self, name: str, **given: Any) -> None:
        self.ask("fault", name=name, **given)

    def pay(self, order_no: str, **given: Any) -> dict[str, Any]:
        """Somebody pays; by the time this returns the notice has been answered."""
        return self.ask("pay", order_no=order_no, wait=True, **given)

    def at(self, moment: datetime) -> None:
        """Both worlds' clocks: ours stands, WeChat's runs on from there."""
        clock.travel(moment)
        self.set(clock_offset=(moment - datetime.now(UTC)).total_seconds())

    def prepay(self, wx: WxPay, order_no: str, fen: int = 100, **given: Any) -> str:
        """An order of 李 that may be paid for half an hour."""
        wanted = {"description": "电费", "openid": LI, "expires_at": clock.now() + timedelta(minutes=30)}
        wanted |= {"notify_url": self.notify_url}
        return wx.prepay_jsapi(order_no=order_no, fen=fen, **{**wanted, **given})

    def settled(self, wx: WxPay, refund_no: str) -> RefundState:
        """The refund once it is through; that takes some milliseconds."""
        end = time.monotonic() + 5
        while (now := wx.query_refund(refund_no)).status == "PROCESSING":
            assert time.monotonic() < end
            time.sleep(0.005)
        return now

    def refund(self, wx: WxPay, refund_no: str, order_no: str, fen: int, total_fen: int = 100) -> Any:
        return wx.refund(
            refund_no=refund_no,
            order_no=order_no,
            fen=fen,
            total_fen=total_fen,
            reason="多充了",
            notify_url=self.notify_url,
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    seen = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            seen.got.append((dict(self.headers), raw))
            self.send_response(seen.answer())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield seen
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def _bank(tmp_path_factory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("wxpay")
    server = Server(create_app(Config(data_dir=folder, port=0, samples_dir=folder)), "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def bank(_bank: str, receiver: Receiver) -> Iterator[Bank]:
    """WeChat Pay as on the first day, at the present time."""
    requests.post(f"{_bank}/_sim/reset", json={}, timeout=10)
    told = requests.get(f"{_bank}/_sim/wxpay/keys", timeout=10).json()
    yield Bank(_bank, told, receiver.url)
    clock.travel(None)


@pytest.fixture
def wx(bank: Bank) -> WxPay:
    return bank.client()
