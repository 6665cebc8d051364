"""The payment platform of the sandbox: its cashier in a browser, its door for merchants, its notices."""

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.server import Server
from sandbox.unipay import keys
from sandbox.unipay.signing import is_signed, sign

NO = "A26112600001AA"
BACK = "http://127.0.0.1:8000/m/pay/ord_1/result?a=1&b=2"


class Merchant:
    """Signs as the documents say, and takes notices."""

    def __init__(self, base: str, data_dir: Any) -> None:
        self.base, self.key = base, keys.load_or_make(data_dir)["UP01"]
        self.got: list[dict[str, str]] = []
        self.answers: list[tuple[int, str]] = []
        self.notify_url = ""

    def signed(self, **fields: str) -> dict[str, str]:
        whole = {"merchant_no": "UP01", "timestamp": str(int(time.time())), "nonce": "n" * 32} | fields
        return {"sign": sign(self.key, whole)} | whole

    def order(self, **changes: str) -> dict[str, str]:
        given = {
            "order_no": NO,
            "subject": "电费 <3号楼>",
            "total_fen": "5005",
            "payer": "17",
            "expires_at": "2099-01-01T00:00:00+08:00",
            "notify_url": self.notify_url,
            "return_url": BACK,
        }
        return self.signed(**{**given, **changes})

    def open(self, **changes: str) -> requests.Response:
        return requests.get(f"{self.base}/unipay/cashier", params=self.order(**changes), timeout=5)

    def choose(self, page: requests.Response, bank: str = "CCB") -> requests.Response:
        found = re.search(r'name="ticket" value="([^"]+)"', page.text)
        form = {"ticket": found.group(1) if found else "", "bank": bank}
        return requests.post(f"{self.base}/unipay/cashier", data=form, timeout=5, allow_redirects=False)

    def call(self, op: str, **fields: str) -> dict[str, str]:
        answer = requests.post(f"{self.base}/unipay/gateway/{op}", data=self.signed(**fields), timeout=5)
        return dict(answer.json())

    def sim(self, path: str, **given: Any) -> Any:
        answer = requests.post(f"{self.base}/_sim/unipay/{path}", json=given, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def notices(self) -> list[dict[str, Any]]:
        found = requests.get(f"{self.base}/_sim/unipay/orders", params={"order_no": NO}, timeout=5)
        return list(found.json()["notices"])

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + 5
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.005)
        assert len(self.got) >= count


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    folder = tmp_path_factory.mktemp("unipay")
    server = Server(create_app(Config(data_dir=folder, port=0, samples_dir=folder)), "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{server.port}", folder
    server.stop()


@pytest.fixture
def merchant(_server: tuple[str, Any]) -> Iterator[Merchant]:
    made = Merchant(*_server)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.got.append({name: values[0] for name, values in parse_qs(raw).items()})
            status, text = made.answers.pop(0) if made.answers else (200, "success")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.notify_url = f"http://127.0.0.1:{server.server_port}/callbacks/unipay/UP01"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    requests.post(f"{made.base}/_sim/reset", json={}, timeout=10).raise_for_status()
    made.sim("reset")
    yield made
    server.shutdown()
    server.server_close()


def test_a_payer_chooses_a_bank_and_comes_back(merchant):
    page = merchant.open()
    assert page.status_code == 200
    assert "<small>¥</small>50.05" in page.text and "电费 &lt;3号楼&gt;" in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    found = merchant.choose(page, "CMB")
    assert (found.status_code, found.headers["Location"]) == (303, BACK)
    merchant.wait_for(1)
    told = merchant.got[0]
    assert is_signed(merchant.key, told)
    assert (told["order_no"], told["state"], told["total_fen"], told["bank"]) == (
        NO,
        "SUCCESS",
        "5005",
        "CMB",
    )
    assert "订单已支付" in merchant.open().text


def test_a_payer_turns_back(merchant):
    page = merchant.open()
    assert f'<a href="{BACK.replace("&", "&amp;")}">取消</a>' in page.text
    assert merchant.call("query", order_no=NO)["state"] == "NOTPAY"


def test_pressing_twice_pays_once(merchant):
    page = merchant.open()
    merchant.choose(page)
    again = merchant.choose(page)
    assert again.status_code == 409 and "订单已支付" in again.text
    assert len(merchant.notices()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"sign": "0" * 64},
        {"merchant_no": "UP99"},
        {"total_fen": "many"},
        {"expires_at": "soon"},
    ],
)
def test_an_address_that_is_not_right_opens_nothing(merchant, changes):
    given = merchant.order(**{name: value for name, value in changes.items() if name != "sign"})
    answer = requests.get(f"{merchant.base}/unipay/cashier", params={**given, **changes}, timeout=5)
    assert answer.status_code == 400 and "无法支付" in answer.text
    assert merchant.call("query", order_no=NO)["code"] == "ORDER_NOT_EXIST"


def test_nobody_pays_what_has_run_out_or_was_closed(merchant):
    late = merchant.open(expires_at="2020-01-01T00:00:00+08:00")
    assert "订单已关闭" in late.text
    page = merchant.open(order_no="A26112600002AA")
    assert merchant.call("close", order_no="A26112600002AA")["code"] == "SUCCESS"
    assert merchant.choose(page).status_code == 409
    assert merchant.got == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sign": "0" * 64}, "SIGN_ERROR"),
        ({"merchant_no": "UP99"}, "MERCHANT_ERROR"),
        ({"timestamp": "1"}, "TIMESTAMP_ERROR"),
        ({"nonce": ""}, "TIMESTAMP_ERROR"),
        ({"order_no": "NOBODY"}, "ORDER_NOT_EXIST"),
    ],
)
def test_the_door_for_merchants_checks_who_it_is(merchant, changes, code):
    fields = merchant.signed(**{"order_no": NO} | {k: v for k, v in changes.items() if k != "sign"})
    answer = requests.post(f"{merchant.base}/unipay/gateway/query", data={**fields, **changes}, timeout=5)
    told = answer.json()
    assert told["code"] == code
    assert is_signed(merchant.key, told) is (code not in ("SIGN_ERROR", "MERCHANT_ERROR"))


def test_it_tells_until_it_hears_success(merchant):
    merchant.answers = [(500, ""), (200, "ok"), (200, '{"code": "success"}')]
    merchant.sim("set", time_scale=1000)
    merchant.choose(merchant.open())
    merchant.wait_for(4)
    end = time.monotonic() + 5
    while merchant.notices()[0]["state"] != "delivered" and time.monotonic() < end:
        time.sleep(0.01)
    assert (merchant.notices()[0]["tries"], len(merchant.got)) == (4, 4)
    assert len({told["nonce"] for told in merchant.got}) == 4


@pytest.mark.parametrize(
    ("fault", "count", "state"),
    [
        ("notify_lost", 0, "waiting"),
        ("notify_late", 0, "waiting"),
        ("notify_dup", 2, "delivered"),
        ("notify_bad_sig", 1, "delivered"),
        ("notify_wrong_amount", 1, "delivered"),
    ],
)
def test_what_can_happen_to_a_notice(merchant, fault, count, state):
    merchant.sim("fault", fault=fault)
    merchant.open()
    merchant.sim("pay", order_no=NO, wait=True)
    notice = merchant.notices()[0]
    assert (len(merchant.got), notice["state"], notice["flaw"]) == (count, state, fault)
    if fault == "notify_bad_sig":
        assert not is_signed(merchant.key, merchant.got[0])
    if fault == "notify_wrong_amount":
        assert is_signed(merchant.key, merchant.got[0]) and merchant.got[0]["total_fen"] == "5004"
    if state == "waiting":
        assert merchant.sim("notices/flush") == {"sent": 1}
        assert len(merchant.got) == 1


def test_a_refund_waits_and_can_be_ended_by_hand(merchant):
    merchant.sim("set", refund_delay=3600)
    merchant.open()
    merchant.sim("pay", order_no=NO)
    asked = {"refund_no": "R1", "order_no": NO, "refund_fen": "5", "total_fen": "5005", "reason": "试"}
    assert merchant.call("refund", **asked)["status"] == "PROCESSING"
    assert merchant.call("query_refund", refund_no="R1")["status"] == "PROCESSING"
    assert merchant.sim("balance", merchant_no="UP01")["fen"] == 5000
    merchant.sim("refunds/finish", refund_no="R1", status="CLOSED")
    assert merchant.call("query_refund", refund_no="R1")["status"] == "CLOSED"
    assert merchant.sim("balance", merchant_no="UP01")["fen"] == 5005


def test_both_sides_read_the_same_keys(merchant, tmp_path):
    assert keys.load_or_make(tmp_path) == keys.load_or_make(tmp_path)
    assert (tmp_path / "unipay-keys.json").stat().st_mode & 0o077 == 0
