"""The sandbox's WeChat Pay is as strict as the real one: signatures, fields, states, sums."""

import json
from datetime import timedelta

import pytest
import requests

from app.clients.line import Request
from app.clients.vendor import Refused
from app.clients.wxpay import WxPay
from app.clients.wxpay.keys import Verifier
from app.kit import clock
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.server import Server
from sandbox.wxpay import keys
from tests.wxpay import CHEN, LI, MCHID, OTHER_MCHID, Bank

NO = "E26112200001AA"


def asked(bank, **changes):
    body = {
        "appid": bank.appid,
        "mchid": MCHID,
        "description": "电费",
        "out_trade_no": NO,
        "notify_url": bank.notify_url,
        "amount": {"total": 100, "currency": "CNY"},
        "payer": {"openid": LI},
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def send(request: Request) -> requests.Response:
    return requests.request(request.method, request.url, data=request.body, headers=request.headers)


def post(wx: WxPay, path: str, body: dict) -> tuple[int, dict]:
    """Signed, whatever is in it."""
    answer = send(wx._wire.write(path, "POST", json.dumps(body).encode()))
    return answer.status_code, answer.json() if answer.content else {}


def order(wx, body, kind="jsapi"):
    return post(wx, f"/v3/pay/transactions/{kind}", body)


def test_it_works(bank, wx):
    status, body = order(wx, asked(bank))
    assert (status, list(body)) == (200, ["prepay_id"])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"surprise": 1}, "额外参数"),
        ({"amount": {"total": 100, "currency": "CNY", "tip": 1}}, "额外参数"),
        ({"payer": {"openid": LI, "name": "x"}}, "额外参数"),
        ({"description": None}, "description"),
        ({"description": "字" * 128}, "description"),
        ({"out_trade_no": "short"}, "out_trade_no"),
        ({"out_trade_no": "with space 1"}, "out_trade_no"),
        ({"out_trade_no": "A" * 33}, "out_trade_no"),
        ({"amount": {"total": 0, "currency": "CNY"}}, "amount.total"),
        ({"amount": {"total": 1.5, "currency": "CNY"}}, "amount.total"),
        ({"amount": {"total": "1", "currency": "CNY"}}, "amount.total"),
        ({"amount": {"total": 1, "currency": "USD"}}, "amount.currency"),
        ({"notify_url": "http://example.com/n"}, "notify_url"),
        ({"notify_url": "https://example.com/n?a=1"}, "notify_url"),
        ({"time_expire": "2026-11-16 09:00"}, "time_expire"),
        ({"payer": {"openid": "stranger"}}, "payer.openid"),
        ({"payer": None}, "payer"),
        ({"mchid": OTHER_MCHID}, "mchid"),
        ({"attach": "x" * 129}, "attach"),
    ],
)
def test_a_wrong_field_is_named(bank, wx, changes, word):
    status, body = order(wx, asked(bank, **changes))
    assert (status, body["code"]) == (400, "PARAM_ERROR")
    assert word in body["message"]


def test_native_takes_no_payer(bank, wx):
    status, body = order(wx, asked(bank), "native")
    assert (status, body["code"]) == (400, "PARAM_ERROR")
    assert order(wx, asked(bank, payer=None), "native")[0] == 200


def test_what_is_signed_must_be_what_came(bank, wx):
    wire = wx._wire
    header = {"Accept": "*/*", "User-Agent": "x", "Content-Type": "application/json"}
    path, body = "/v3/pay/transactions/jsapi", json.dumps(asked(bank)).encode()

    def sent(target=path, content=body, **headers):
        signed = {"Authorization": wire._authorization("POST", path, body)}
        return requests.post(bank.url + target, data=content, headers={**header, **signed, **headers})

    assert sent().status_code == 200
    for answer in (
        sent(f"{path}?x=1"),
        sent(content=body + b" "),
        sent(Authorization="Bearer 1"),
        sent(Authorization=wire._authorization("GET", path, body)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
        assert "Wechatpay-Signature" not in answer.headers
    assert sent(Accept="").status_code == 400
    assert requests.get(f"{bank.url}/v3/nowhere").status_code == 404


def test_everything_answered_is_signed_errors_and_204_included(bank, wx):
    verifier = Verifier(bank.told[MCHID]["public_keys"])
    for path, body in (
        ("/v3/pay/transactions/jsapi", asked(bank)),
        ("/v3/pay/transactions/jsapi", {}),
        (f"/v3/pay/transactions/out-trade-no/{NO}/close", {"mchid": MCHID}),
    ):
        answer = send(wx._wire.write(path, "POST", json.dumps(body).encode()))
        assert verifier.flaw(answer.headers, answer.content) == "", answer.text
        assert answer.headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
        assert answer.headers["Request-ID"].endswith(f"-{answer.status_code}")


def test_five_minutes_on_its_own_clock(bank, wx):
    bank.set(wxpay_clock_skew=299)
    assert order(wx, asked(bank))[0] == 200
    bank.set(wxpay_clock_skew=-302)
    assert order(wx, asked(bank))[0] == 401


def test_the_deadline_is_for_paying_not_for_the_order(bank, wx):
    bank.prepay(wx, NO, expires_at=clock.now() - timedelta(hours=1))
    bank.set(clock_offset=58)
    bank.pay(NO)
    bank.prepay(wx, "E26112200002AA", expires_at=clock.now())
    bank.at(clock.now() + timedelta(minutes=3))
    refused = requests.post(f"{bank.url}/_sim/wxpay/pay", json={"order_no": "E26112200002AA"})
    assert (refused.status_code, refused.json()["error"]) == (409, "订单已超过支付时间")
    assert wx.query("E26112200002AA").state == "NOTPAY"
    bank.at(clock.now() + timedelta(days=7))
    assert wx.query("E26112200002AA").state == "CLOSED"


def test_one_order_is_paid_once_by_whom_it_is_for(bank, wx):
    bank.prepay(wx, NO)
    body = {"order_no": NO, "openid": CHEN}
    assert requests.post(f"{bank.url}/_sim/wxpay/pay", json=body).status_code == 409
    bank.pay(NO)
    assert requests.post(f"{bank.url}/_sim/wxpay/pay", json={"order_no": NO}).status_code == 409


def test_force_makes_what_must_not_be(bank, wx, receiver):
    bank.prepay(wx, NO)
    wx.close(NO)
    bank.pay(NO, force=True)
    assert wx.query(NO).is_paid
    bank.pay(NO, force=True, openid=CHEN)
    told = [wx.read_notice(*each).trade for each in receiver.got]
    assert [trade.payer_openid for trade in told] == [LI, CHEN]
    assert told[0].transaction_id != told[1].transaction_id
    bank.prepay(wx, "E26112200002AA")
    bank.pay("E26112200002AA", amount=99)
    assert wx.query("E26112200002AA").fen == 99


def test_fifty_partial_refunds_and_no_more(bank, wx):
    bank.set(wxpay_refund_spacing=0)
    bank.prepay(wx, NO)
    bank.pay(NO)
    for n in range(50):
        bank.refund(wx, f"R{n}", NO, 1)
    with pytest.raises(Refused) as caught:
        bank.refund(wx, "R50", NO, 1)
    assert "50" in caught.value.said


def test_the_total_must_be_the_orders_and_a_year_is_the_limit(bank, wx):
    bank.prepay(wx, NO)
    with pytest.raises(Refused):
        bank.refund(wx, "R1", NO, 1)
    bank.pay(NO)
    with pytest.raises(Refused):
        bank.refund(wx, "R1", NO, 1, 99)
    bank.at(clock.now() + timedelta(days=366))
    with pytest.raises(Refused):
        bank.refund(wx, "R1", NO, 1)


def test_a_closed_refund_leaves_its_money_for_another(bank, wx):
    bank.set(wxpay_refund_spacing=0)
    bank.prepay(wx, NO)
    bank.pay(NO)
    bank.fault("refund.processing_forever", order="R1")
    assert bank.refund(wx, "R1", NO, 100).status == "PROCESSING"
    with pytest.raises(Refused):
        bank.refund(wx, "R2", NO, 1)
    bank.ask("refunds/finish", refund_no="R1", status="CLOSED", wait=True)
    bank.refund(wx, "R2", NO, 100)
    assert bank.settled(wx, "R2").status == "SUCCESS"
    merchants = {row["mchid"]: row for row in bank.get("dump")["merchants"]}
    assert merchants[MCHID]["balance"] == 0


def test_a_refund_may_fall_back_from_success(bank, wx, receiver):
    bank.prepay(wx, NO)
    bank.pay(NO)
    bank.fault("refund.success_then_abnormal", order="R1")
    bank.refund(wx, "R1", NO, 10)
    events = {wx.read_notice(*each).event_type for each in receiver.wait_for(3)[1:]}
    assert events == {"REFUND.SUCCESS", "REFUND.ABNORMAL"}
    assert wx.query_refund("R1").status == "ABNORMAL"


def test_unknown_faults_and_orders_are_named(bank):
    answer = requests.post(f"{bank.url}/_sim/wxpay/fault", json={"name": "notify.eaten"})
    assert answer.status_code == 400
    assert "notify.lost" in answer.json()["error"]
    assert requests.post(f"{bank.url}/_sim/wxpay/pay", json={"order_no": "x"}).status_code == 404


def test_faults_are_used_up_and_reset_clears_them(bank, wx):
    bank.fault("api.500", order=NO, times=2)
    bank.fault("api.500", op="bill", times=None)
    assert order(wx, asked(bank))[0] == 500
    assert [fault["times"] for fault in bank.get("faults")["armed"]] == [1, None]
    requests.post(f"{bank.url}/_sim/reset", json={"only": "faults"})
    assert bank.get("faults")["armed"] == []
    assert order(wx, asked(bank))[0] == 200


def test_a_fault_by_probability_is_the_same_for_the_same_seed(bank, wx):
    def pattern() -> list[int]:
        bank.ask("faults/clear")
        bank.fault("api.429", probability=0.5, seed=7)
        return [order(wx, asked(bank))[0] for _ in range(12)]

    first = pattern()
    assert set(first) == {200, 429}
    assert pattern() == first


def test_a_restart_changes_nothing(tmp_path, receiver):
    """Keys, orders, armed faults, waiting notices and unfinished refunds."""
    config = Config(data_dir=tmp_path, port=0, samples_dir=tmp_path)
    told = {m: keys.load_or_make(tmp_path).environment(m) for m in keys.MERCHANTS}
    assert json.loads((tmp_path / "wxpay" / "merchant.json").read_text()) == told
    receiver.answer = lambda: 500
    server = Server(create_app(config), "127.0.0.1", 0).start()
    bank = Bank(f"http://127.0.0.1:{server.port}", told, receiver.url)
    wx = bank.client()
    bank.prepay(wx, NO)
    bank.pay(NO)
    bank.set(wxpay_refund_delay=3600)
    bank.refund(wx, "R1", NO, 10)
    bank.fault("api.429", order="LATER00001")
    server.stop()
    receiver.answer = lambda: 204
    server = Server(create_app(config), "127.0.0.1", 0).start()
    bank = Bank(f"http://127.0.0.1:{server.port}", told, receiver.url)
    wx = bank.client()
    assert wx.query(NO).is_paid
    assert [fault["order"] for fault in bank.get("faults")["armed"]] == ["LATER00001"]
    bank.set(clock_offset=4000)
    clock.travel(clock.now() + timedelta(seconds=4000))
    receiver.wait_for(3)
    assert bank.settled(wx, "R1").status == "SUCCESS"
    assert {row["state"] for row in bank.get("notices")} <= {"delivered", "sending"}
    clock.travel(None)
    server.stop()
