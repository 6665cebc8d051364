"""The cashier inside the phone's inner frame, at a phone's width."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.server import Quiet, Server
from sandbox.unipay import keys
from sandbox.unipay.signing import sign

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[str]:
    """The sandbox, and a stand-in for the application whose first page is a frame around its second."""
    platform = Server(
        create_app(Config(data_dir=tmp_path, port=0, samples_dir=tmp_path)), "127.0.0.1", 0
    ).start()
    app = Flask("stand-in")
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    own, there = f"http://127.0.0.1:{server.server_port}", f"http://127.0.0.1:{platform.port}"
    fields = {
        "merchant_no": "UP01",
        "timestamp": str(int(time.time())),
        "nonce": "n" * 32,
        "order_no": "A26112600001AA",
        "subject": "学生宿舍电费 东校区 3 号楼 512",
        "total_fen": "5005",
        "payer": "17",
        "expires_at": "2099-01-01T00:00:00+08:00",
        "notify_url": f"{own}/notice",
        "return_url": f"{own}/result",
    }
    fields["sign"] = sign(keys.load_or_make(tmp_path)["UP01"], fields)
    url = f"{there}/unipay/cashier?{urlencode(fields, quote_via=quote)}".replace("&", "&amp;")
    app.add_url_rule(
        "/", "phone", lambda: '<iframe src="/pay" style="width:100%;height:100vh;border:0"></iframe>'
    )
    app.add_url_rule("/pay", "pay", lambda: f'<meta charset="utf-8"><a href="{url}">去支付</a>')
    app.add_url_rule("/result", "result", lambda: '<meta charset="utf-8"><h1>支付结果</h1>')
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    app.add_url_rule("/notice", "notice", lambda: "success", methods=["POST"])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield own
    server.shutdown()
    server.server_close()
    platform.stop()


def test_a_payer_pays_inside_the_frame_and_comes_back(scene: str, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 760})
    troubles: list[str] = []
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(scene)
    inner = page.frame_locator("iframe")
    inner.get_by_role("link", name="去支付").click()
    expect(inner.get_by_text("50.05")).to_be_visible()
    frame = page.frames[1]
    assert frame.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = frame.evaluate(
        "[...document.querySelectorAll('label, button, a')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    inner.get_by_label("招商银行").check()
    inner.get_by_role("button", name="确认支付").click()
    expect(inner.get_by_role("heading", name="支付结果")).to_be_visible()
    assert troubles == []
    page.close()
