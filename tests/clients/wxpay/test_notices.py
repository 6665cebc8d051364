"""Notices: what is believed, what is not and why. 1–19 of the public list; 20–25 are for the application."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.clients.wxpay import BadNotice, PaymentNotice, RefundNotice
from app.clients.wxpay.notices import REASONS
from app.kit import clock
from sandbox.wxpay import forgeries
from tests.wxpay import LI, MCHID

NO = "E26112200001AA"
REASON_OF = {
    1: "signature",
    2: "signature",
    3: "missing_header",
    4: "probe",
    5: "signature",
    6: "unknown_serial",
    7: "missing_header",
    8: "missing_header",
    9: "stale",
    10: "stale",
    11: "malformed",
    12: "missing_header",
    13: "signature",
    14: "stale",
    15: "signature",
    16: "decrypt",
    17: "decrypt",
    18: "decrypt",
    19: "malformed",
}


def why_not(wx, headers, body) -> str:
    with pytest.raises(BadNotice) as caught:
        wx.read_notice(headers, body)
    assert str(caught.value) == caught.value.reason
    return caught.value.reason


@pytest.fixture
def message(bank, wx, receiver):
    """A genuine notice: headers and body."""
    bank.prepay(wx, NO)
    bank.pay(NO)
    return receiver.got[0]


def test_it_works(wx, message):
    notice = wx.read_notice(*message)
    assert isinstance(notice, PaymentNotice)
    assert notice.event_type == "TRANSACTION.SUCCESS"
    assert (notice.trade.order_no, notice.trade.fen, notice.trade.payer_openid) == (NO, 100, LI)
    assert notice.id.startswith("EV-")


@pytest.mark.parametrize("variant", sorted(REASON_OF), ids=lambda number: forgeries.NAMES[number])
def test_a_forgery_is_refused_for_its_reason(bank, wx, receiver, variant):
    bank.prepay(wx, NO)
    receiver.answer = lambda: 401
    assert bank.ask("forge", variant=variant, order_no=NO)["status"] == 401
    assert why_not(wx, *receiver.got[-1]) == REASON_OF[variant]


@pytest.mark.parametrize("variant", range(20, 26), ids=lambda number: forgeries.NAMES[number])
def test_what_is_validly_signed_is_handed_on_with_what_it_says(bank, wx, receiver, variant):
    bank.prepay(wx, NO)
    bank.ask("forge", variant=variant, order_no=NO)
    trade = wx.read_notice(*receiver.got[-1]).trade
    told = (trade.mchid, trade.appid, trade.fen, trade.currency, trade.state, trade.order_no)
    genuine = (MCHID, bank.appid, 100, "CNY", "SUCCESS", NO)
    assert [place for place in range(6) if told[place] != genuine[place]] == [variant - 20]


@pytest.mark.parametrize("variant", forgeries.GENUINE)
def test_the_genuine_ones_are_believed(bank, wx, receiver, variant):
    bank.prepay(wx, NO)
    bank.ask("forge", variant=variant, order_no=NO)
    for message in receiver.got:
        assert wx.read_notice(*message).trade.order_no == NO
    assert len(receiver.got) == (2 if variant in ("duplicate", "fresh") else 1)
    assert wx.query(NO).is_paid


def test_after_five_minutes_it_is_stale_and_so_it_is_before(wx, message):
    sent = int(message[0]["Wechatpay-Timestamp"])
    for seconds, reason in ((301, "stale"), (300, ""), (0, ""), (-300, ""), (-301, "stale")):
        clock.travel(clock.now().fromtimestamp(sent + seconds, tz=clock.now().tzinfo))
        if reason:
            assert why_not(wx, *message) == reason
        else:
            assert wx.read_notice(*message).trade.is_paid


def test_header_names_are_written_in_any_case(wx, message):
    headers, body = message
    assert wx.read_notice({name.lower(): value for name, value in headers.items()}, body)
    assert wx.read_notice({name.upper(): value for name, value in headers.items()}, body)


def test_a_serial_nobody_told_us_of_is_refused_without_a_question(bank, message):
    """However many come, nothing is fetched and the keys we have stay."""
    keys = bank.told[MCHID]["public_keys"]
    only_certificate = {name: pem for name, pem in keys.items() if not name.startswith("PUB")}
    lonely = bank.client(public_keys=only_certificate, api_base="http://127.0.0.1:1")
    for _ in range(20):
        assert why_not(lonely, *message) == "unknown_serial"
    assert bank.client(api_base="http://127.0.0.1:1").read_notice(*message)


def test_a_new_key_counts_as_soon_as_it_is_loaded_and_the_old_one_still_does(bank, wx, receiver, message):
    told = bank.ask("keys", add="public_key")[MCHID]["public_keys"]
    bank.prepay(wx, "E26112200002AA")
    bank.pay("E26112200002AA")
    assert why_not(wx, *receiver.got[1]) == "unknown_serial"
    both = bank.client(public_keys=told)
    assert [both.read_notice(*each).trade.order_no for each in receiver.got] == [NO, "E26112200002AA"]
    assert both.query(NO).is_paid


def test_during_a_migration_both_sign(bank, wx, receiver):
    bank.set(wxpay_mode="mixed", wxpay_mixed_percent=50)
    bank.prepay(wx, NO)
    for _ in range(12):
        bank.ask("forge", variant="fresh", order_no=NO)
    serials = {headers["Wechatpay-Serial"][:4] == "PUB_" for headers, _ in receiver.got}
    assert serials == {True, False}
    assert all(wx.read_notice(*message).trade.is_paid for message in receiver.got)


def test_the_right_key_of_another_merchant_does_not_open_it(bank, message):
    assert why_not(bank.client("1699900002"), *message) == "decrypt"


def test_refunds_are_told_by_another_name(bank, wx, receiver):
    bank.set(wxpay_refund_spacing=0)
    bank.prepay(wx, NO)
    bank.pay(NO)
    for count, (number, fault) in enumerate(
        (("RA", ""), ("RB", "refund.abnormal"), ("RC", "refund.closed")), 2
    ):
        if fault:
            bank.fault(fault, order=number)
        bank.refund(wx, number, NO, 10)
        receiver.wait_for(count)
    notices = {n.refund.refund_no: n for n in (wx.read_notice(*each) for each in receiver.got[1:])}
    assert all(isinstance(notice, RefundNotice) for notice in notices.values())
    assert {no: (n.event_type, n.refund.status) for no, n in notices.items()} == {
        "RA": ("REFUND.SUCCESS", "SUCCESS"),
        "RB": ("REFUND.ABNORMAL", "ABNORMAL"),
        "RC": ("REFUND.CLOSED", "CLOSED"),
    }
    assert notices["RA"].refund == wx.query_refund("RA")
    assert notices["RA"].refund.succeeded_at - clock.now() < timedelta(seconds=5)
    assert notices["RB"].refund.succeeded_at is None


def test_a_body_of_a_megabyte_is_not_read(wx, message):
    headers, body = message
    assert why_not(wx, headers, body + b" " * (1 << 20)) == "malformed"


def verdict(wx, headers, body) -> str:
    """The reason, or "" when it is believed."""
    try:
        wx.read_notice(headers, body)
    except BadNotice as error:
        return error.reason
    return ""


texts = st.text(max_size=40)
names = st.sampled_from(["Timestamp", "Nonce", "Signature", "Serial", "Signature-Type"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(changes=st.dictionaries(names, texts, max_size=3), body=st.binary(max_size=200) | st.none())
def test_whatever_comes_it_raises_nothing_else(wx, message, changes, body):
    headers = {**message[0], **{f"Wechatpay-{name}": value for name, value in changes.items()}}
    reason = verdict(wx, headers, message[1] if body is None else body)
    assert reason in REASONS or (body is None and set(changes) <= {"Signature-Type"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = ["id", "event_type", "resource", "resource.nonce", "resource.ciphertext", "resource.original_type"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(name=st.sampled_from(fields), value=json_values)
def test_nor_does_whatever_wechat_signs(bank, wx, message, name, value):
    """The envelope with one member replaced, signed by WeChat's own key."""
    envelope = json.loads(message[1])
    *path, last = name.split(".")
    place = envelope[path[0]] if path else envelope
    place[last] = value
    body = json.dumps(envelope).encode()
    wx._verifier = Anybody()
    assert verdict(wx, message[0], body) in REASONS or name in ("id", "event_type")


class Anybody:
    """Finds every signature right."""

    def flaw(self, _headers: object, _body: bytes) -> str:
        return ""
