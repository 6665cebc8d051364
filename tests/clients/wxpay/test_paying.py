"""Orders: asking for a prepay_id, handing it to the page, asking how it stands, closing."""

import base64
import os
import threading
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.clients.vendor import AuthProblem, BadReply, NoSuchOrder, OutcomeUnknown, Refused, Unavailable
from app.clients.wxpay import OrderClosed, OrderPaid
from app.kit import clock
from tests.wxpay import CHEN, LI, MCHID, OTHER_MCHID

NO = "E26112200001AA"


def test_it_works(bank, wx, receiver):
    assert bank.prepay(wx, NO).startswith("wx")
    assert not wx.query(NO).is_paid
    paid = bank.pay(NO)
    trade = wx.query(NO)
    assert (trade.order_no, trade.state, trade.fen, trade.currency) == (NO, "SUCCESS", 100, "CNY")
    assert (trade.appid, trade.mchid, trade.payer_openid) == (bank.appid, MCHID, LI)
    assert trade.transaction_id == paid["transaction_id"]
    assert trade.is_paid
    assert abs(trade.paid_at - clock.now()) < timedelta(seconds=5)
    notice = wx.read_notice(*receiver.got[0])
    assert notice.trade == trade


def test_the_page_is_handed_what_wechat_checks(bank, wx):
    prepay_id = bank.prepay(wx, NO)
    given = wx.invocation(prepay_id)
    assert (given["appId"], given["signType"], given["package"]) == (
        bank.appid,
        "RSA",
        f"prepay_id={prepay_id}",
    )
    text = "".join(f"{given[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    key = load_pem_private_key(bank.told[MCHID]["private_key"].encode(), None).public_key()
    key.verify(base64.b64decode(given["paySign"]), text.encode(), PKCS1v15(), SHA256())
    assert wx.invocation(prepay_id)["nonceStr"] != given["nonceStr"]


def test_the_same_order_again_gets_a_fresh_prepay_id(bank, wx):
    until = clock.now() + timedelta(minutes=20)
    assert bank.prepay(wx, NO, expires_at=until) != bank.prepay(wx, NO, expires_at=until)


def test_another_price_under_the_same_number_is_refused(bank, wx):
    until = clock.now() + timedelta(minutes=20)
    bank.prepay(wx, NO, expires_at=until)
    with pytest.raises(Refused) as caught:
        bank.prepay(wx, NO, 99, expires_at=until)
    assert caught.value.code == "INVALID_REQUEST"
    assert "重入" in caught.value.said


def test_a_paid_or_closed_order_is_not_ordered_again(bank, wx):
    bank.prepay(wx, NO)
    bank.pay(NO)
    with pytest.raises(OrderPaid):
        bank.prepay(wx, NO)
    bank.prepay(wx, "E26112200002AA")
    wx.close("E26112200002AA")
    with pytest.raises(OrderClosed):
        bank.prepay(wx, "E26112200002AA")


def test_a_qr_code(bank, wx):
    url = wx.prepay_native(
        order_no=NO,
        description="补卡",
        fen=2000,
        expires_at=clock.now() + timedelta(hours=1),
        notify_url=bank.notify_url,
        attach="k=1",
    )
    assert url.startswith("weixin://wxpay/bizpayurl?pr=")
    bank.pay(NO, openid=CHEN)
    trade = wx.query(NO)
    assert (trade.trade_type, trade.attach, trade.payer_openid) == ("NATIVE", "k=1", CHEN)


def test_close_and_close_again(bank, wx):
    bank.prepay(wx, NO)
    wx.close(NO)
    wx.close(NO)
    assert wx.query(NO).state == "CLOSED"


def test_close_of_a_paid_order_says_so(bank, wx):
    bank.prepay(wx, NO)
    bank.pay(NO)
    with pytest.raises(OrderPaid):
        wx.close(NO)


def test_an_unknown_order(wx):
    with pytest.raises(NoSuchOrder):
        wx.query("NOSUCHORDER000")
    with pytest.raises(NoSuchOrder):
        wx.close("NOSUCHORDER000")


def test_an_unsigned_404_is_still_only_what_it_says(bank, wx):
    """WeChat need not sign it, so the caller must not conclude that nobody paid."""
    bank.fault("api.unsigned", op="query")
    with pytest.raises(NoSuchOrder):
        wx.query("NOSUCHORDER000")


def test_a_404_with_a_wrong_signature_is_not_believed(bank, wx):
    bank.fault("api.bad_resp_sig", op="query")
    with pytest.raises(BadReply):
        wx.query("NOSUCHORDER000")


def test_long_texts_are_cut_and_chinese_arrives(bank, wx):
    bank.prepay(wx, NO, description="电" * 300, attach="备" * 300)
    order = bank.get("orders", order_no=NO)["order"]
    assert (order["description"], order["attach"]) == ("电" * 127, "备" * 128)


@pytest.mark.parametrize("number", ["short", "with|bar", "with-dash", "é" * 10, "A" * 33, "", "a/../../b"])
def test_numbers_that_would_be_signed_otherwise_than_sent_never_leave(wx, number):
    for call in (wx.query, wx.close, lambda no: wx.prepay_jsapi(order_no=no, **ORDER)):
        with pytest.raises(ValueError):
            call(number)


ORDER = {
    "description": "x",
    "fen": 1,
    "openid": LI,
    "expires_at": clock.now(),
    "notify_url": "http://127.0.0.1:1/n",
}


def test_no_order_is_free(wx):
    with pytest.raises(ValueError):
        wx.prepay_jsapi(order_no=NO, **{**ORDER, "fen": 0})


def test_a_probe_in_the_answer_is_asked_again(bank, wx):
    bank.fault("api.signtest", op="prepay")
    assert bank.prepay(wx, NO).startswith("wx")
    bank.fault("api.bad_resp_sig", op="prepay")
    assert bank.prepay(wx, "E26112200002AA").startswith("wx")


def test_but_only_once(bank, wx):
    bank.fault("api.bad_resp_sig", op="prepay", times=2)
    with pytest.raises(OutcomeUnknown):
        bank.prepay(wx, NO)


def test_wrong_keys_are_the_administrators_business(bank):
    stranger = bank.told[OTHER_MCHID]["private_key"]
    for changes in ({"private_key": stranger}, {"serial_no": "4F" * 20}):
        with pytest.raises(AuthProblem):
            bank.client(**changes).query(NO)
    with pytest.raises(AuthProblem):
        bank.prepay(bank.client(appid="wx0000000000000000"), NO)


def test_our_clock_is_what_is_signed(bank, wx):
    """Six minutes apart is refused; when both have moved it works, though the machine's clock has not."""
    clock.travel(clock.now() + timedelta(minutes=6))
    with pytest.raises(AuthProblem) as caught:
        wx.query("NOSUCHORDER000")
    assert caught.value.code == "SIGN_ERROR"
    bank.at(clock.now() + timedelta(days=3))
    with pytest.raises(NoSuchOrder):
        wx.query("NOSUCHORDER000")


def test_two_merchants_do_not_know_each_other(bank, wx):
    bank.prepay(wx, NO)
    with pytest.raises(NoSuchOrder):
        bank.client(OTHER_MCHID).query(NO)


def test_a_platform_certificate_serves_as_well_as_a_public_key(bank):
    keys = bank.told[MCHID]["public_keys"]
    certificates = {name: pem for name, pem in keys.items() if "CERTIFICATE" in pem}
    bank.set(wxpay_mode="certificate")
    wx = bank.client(public_keys=certificates)
    bank.prepay(wx, NO)
    assert x509.load_pem_x509_certificate(next(iter(certificates.values())).encode()).serial_number == int(
        next(iter(certificates)), 16
    )


def test_an_answer_by_a_key_we_do_not_know_is_not_believed(bank):
    keys = bank.told[MCHID]["public_keys"]
    known = {"PUB_KEY_ID_0100000000000000000000000000000000": next(iter(keys.values()))}
    wx = bank.client(public_keys=known)
    bank.prepay(bank.client(), NO)
    with pytest.raises(BadReply) as caught:
        wx.query(NO)
    assert caught.value.code == "unknown_serial"


def test_threads_share_it_and_a_fork_makes_its_own_connections(bank, wx):
    bank.prepay(wx, NO)
    states: list[str] = []
    threads = [threading.Thread(target=lambda: states.append(wx.query(NO).state)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == ["NOTPAY"] * 8
    child = os.fork()
    if child == 0:
        os._exit(0 if wx.query(NO).state == "NOTPAY" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert wx.query(NO).state == "NOTPAY"


def test_nobody_there(bank):
    wx = bank.client(api_base="http://127.0.0.1:1")
    for call in (lambda: wx.query(NO), lambda: wx.close(NO), lambda: bank.prepay(wx, NO)):
        with pytest.raises(Unavailable) as caught:
            call()
        assert not isinstance(caught.value, OutcomeUnknown)
