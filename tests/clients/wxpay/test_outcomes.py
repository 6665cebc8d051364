"""What each trouble of the wire means for each call: the table that flows of money rely on."""

import time

import pytest

from app.clients.vendor import (
    BadReply,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorDown,
    VendorError,
)
from app.clients.wxpay import errors
from app.clients.wxpay.trades import trade_of
from tests.wxpay import LI

NO = "E26112200001AA"
UNKNOWN = {"write": OutcomeUnknown, "read": VendorDown}
UNREADABLE = {"write": OutcomeUnknown, "read": BadReply}
NOTHING_HAPPENED = {"write": Unavailable, "read": Unavailable}
TROUBLES = [
    ({"name": "api.timeout_before_commit"}, UNKNOWN),
    ({"name": "api.timeout_after_commit"}, UNKNOWN),
    ({"name": "api.timeout_after_commit", "seconds": 0.6}, UNKNOWN),
    ({"name": "api.500"}, UNKNOWN),
    ({"name": "api.500_after_commit"}, UNKNOWN),
    ({"name": "api.429"}, NOTHING_HAPPENED),
    ({"name": "api.bad_resp_sig"}, UNREADABLE),
    ({"name": "api.signtest"}, UNREADABLE),
    ({"name": "api.partial_json"}, UNREADABLE),
    ({"name": "api.unsigned"}, UNREADABLE),
]


def calls(bank, wx):
    return {
        "prepay": ("write", lambda: bank.prepay(wx, "E26112200009AA")),
        "query": ("read", lambda: wx.query(NO)),
        "close": ("write", lambda: wx.close("E26112200002AA")),
        "refund": ("write", lambda: bank.refund(wx, "R1", NO, 10)),
        "query_refund": ("read", lambda: wx.query_refund("R0")),
    }


OPS = ("prepay", "query", "close", "refund", "query_refund")
CASES = [
    pytest.param(op, trouble, meaning, id=f"{op}-{trouble['name']}-{trouble.get('seconds', 0)}")
    for op in OPS
    for trouble, meaning in TROUBLES
    if (op, trouble["name"]) != ("close", "api.partial_json")  # an empty answer cannot be cut
]


@pytest.mark.parametrize(("op", "trouble", "meaning"), CASES)
def test_it_works(bank, op, trouble, meaning):
    wx = bank.client(timeout=(1.0, 0.3))
    bank.set(wxpay_refund_spacing=0)
    bank.prepay(wx, NO)
    bank.pay(NO)
    bank.refund(wx, "R0", NO, 1)
    bank.prepay(wx, "E26112200002AA")
    kind, call = calls(bank, wx)[op]
    bank.fault(**trouble, op=op, times=2)
    with pytest.raises(VendorError) as caught:
        call()
    assert type(caught.value) is meaning[kind]
    assert caught.value.call in (op, "prepay")
    assert not isinstance(caught.value, Refused)


def test_after_an_unknown_outcome_the_same_call_tells_the_truth(bank, wx):
    """Nothing happens twice, whether the answer was lost before or after."""
    bank.prepay(wx, NO)
    bank.pay(NO)
    for number, fault in (("RA", "api.timeout_before_commit"), ("RB", "api.timeout_after_commit")):
        bank.set(wxpay_refund_spacing=0)
        bank.fault(fault, order=number)
        with pytest.raises(OutcomeUnknown):
            bank.refund(wx, number, NO, 10)
        bank.refund(wx, number, NO, 10)
    assert [row["fen"] for row in bank.get("orders", order_no=NO)["refunds"]] == [10, 10]


def test_a_silent_wechat_is_left_alone_for_a_while(bank):
    """Five in a row; then callers are told at once, and after the pause one of them tries again."""
    wx = bank.client(line={"failures": 5, "cool_down_seconds": 0.2})
    bank.fault("api.timeout_before_commit", op="query", times=5)
    for _ in range(5):
        with pytest.raises(VendorDown):
            wx.query(NO)
    with pytest.raises(Unavailable) as caught:
        wx.query(NO)
    assert caught.value.code == "circuit_open"
    time.sleep(0.2)
    with pytest.raises(NoSuchOrder):
        wx.query(NO)


def test_refusals_do_not_count_as_silence(bank):
    wx = bank.client(line={"failures": 2})
    for _ in range(5):
        with pytest.raises(NoSuchOrder):
            wx.query(NO)


@pytest.mark.parametrize(
    ("status", "code", "said", "kind"),
    [
        (400, "ORDERPAID", "", errors.OrderPaid),
        (400, "ORDER_PAID", "", errors.OrderPaid),
        (400, "INVALID_REQUEST", "该订单已支付", errors.OrderPaid),
        (400, "ORDER_CLOSED", "", errors.OrderClosed),
        (403, "NOT_ENOUGH", "", errors.NotEnough),
        (403, "NOTENOUGH", "", errors.NotEnough),
        (400, "INVALID_REQUEST", "频率限制,1个月之前的订单请降低申请频率再重试", Unavailable),
        (429, "WHATEVER", "", Unavailable),
        (400, "PARAM_ERROR", "", Refused),
        (400, "SOMETHING_NEW", "", OutcomeUnknown),
        (403, "", "<html>a firewall</html>", OutcomeUnknown),
    ],
)
def test_codes_and_their_consequences(status, code, said, kind):
    assert type(errors.refusal(status, code, said, "refund", has_effect=True)) is kind


def test_a_read_that_says_something_new_is_a_bad_reply():
    assert type(errors.refusal(400, "SOMETHING_NEW", "", "query", has_effect=False)) is BadReply


@pytest.mark.parametrize(
    "changes",
    [
        {"trade_state": "PAID"},
        {"trade_state": None},
        {"amount": {}},
        {"amount": {"total": "100", "currency": "CNY"}},
        {"amount": {"total": -1, "currency": "CNY"}},
        {"amount": {"total": True, "currency": "CNY"}},
        {"success_time": "yesterday"},
        {"success_time": "2026-11-16T09:00:00"},
        {"transaction_id": None},
        {"payer": {"openid": 5}},
    ],
)
def test_a_paid_trade_with_a_hole_is_no_trade(changes):
    good = {
        "out_trade_no": NO,
        "trade_state": "SUCCESS",
        "appid": "wx1",
        "mchid": "1",
        "transaction_id": "42",
        "success_time": "2026-11-16T09:00:00+08:00",
        "amount": {"total": 100, "currency": "CNY"},
        "payer": {"openid": LI},
    }
    assert trade_of(good).paid_at.isoformat() == "2026-11-16T01:00:00+00:00"
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        trade_of({**good, **changes})
