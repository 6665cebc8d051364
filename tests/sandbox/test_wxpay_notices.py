"""The notice plane: fifteen more tries in a day, and each way in which notices go wrong."""

import threading
import time
from datetime import timedelta

import pytest

from app.clients.wxpay import BadNotice, PaymentNotice, RefundNotice
from app.kit import clock
from sandbox.wxpay.notices import LADDER

NO = "E26112200001AA"


@pytest.fixture
def order(bank, wx):
    bank.prepay(wx, NO)


def attempts(bank) -> list[tuple[str, int | None]]:
    rows = bank.get("orders", order_no=NO)["attempts"]
    return [(row["flaw"].removeprefix("notify."), row["status"]) for row in rows]


def given_up(bank) -> dict:
    end = time.monotonic() + 10
    while (notice := bank.get("notices")[0])["state"] != "given_up":
        assert time.monotonic() < end, notice
        time.sleep(0.01)
    return notice


def verdicts(wx, receiver) -> list[str]:
    def verdict(headers, body) -> str:
        try:
            wx.read_notice(headers, body)
        except BadNotice as error:
            return error.reason
        return "ok"

    return [verdict(*each) for each in receiver.got]


def test_it_works(bank, order, receiver):
    bank.pay(NO)
    assert attempts(bank) == [("", 204)]
    assert bank.ask("notices/flush", order_no=NO) == {"sent": 0}


def test_the_ladder_is_a_day_and_four_minutes_long():
    assert len(LADDER) == 15
    assert sum(LADDER) == 24 * 3600 + 4 * 60


@pytest.mark.parametrize("status", [302, 400, 401, 404, 500, 503])
def test_only_200_and_204_count(bank, order, receiver, status):
    receiver.answer = lambda: status
    bank.pay(NO)
    assert bank.get("notices")[0]["state"] == "waiting"
    receiver.answer = lambda: 200
    bank.ask("notices/flush", order_no=NO)
    assert bank.get("notices")[0]["state"] == "delivered"
    assert [code for _, code in attempts(bank)] == [status, 200]


def test_after_all_tries_it_gives_up(bank, order, receiver):
    """A thousand hours a second: the fifteen steps pass by in a moment."""
    receiver.answer = lambda: 500
    bank.set(wxpay_time_scale=3_600_000)
    bank.pay(NO)
    receiver.wait_for(16)
    assert given_up(bank)["attempts"] == len(receiver.got) == 16


def test_a_clock_put_forward_brings_the_next_try(bank, order, receiver):
    receiver.answer = lambda: 500
    bank.pay(NO)
    assert len(receiver.got) == 1
    receiver.answer = lambda: 204
    bank.set(clock_offset=16)
    receiver.wait_for(2)


def test_a_merchant_who_is_too_slow_is_asked_again(bank, order, receiver):
    gate = threading.Event()
    receiver.answer = lambda: (gate.wait(2), 204)[1]
    bank.set(wxpay_notify_timeout=0.1)
    bank.pay(NO)
    gate.set()
    assert attempts(bank) == [("", None)]
    assert bank.get("notices")[0]["state"] == "waiting"


@pytest.mark.parametrize(
    ("flaw", "verdict"),
    [
        ("bad_sig", "signature"),
        ("signtest", "probe"),
        ("stale_ts", "stale"),
        ("unknown_serial", "unknown_serial"),
    ],
)
def test_a_spoilt_try_and_then_a_good_one(bank, wx, order, receiver, flaw, verdict):
    receiver.answer = lambda: 401
    bank.fault(f"notify.{flaw}", order=NO)
    bank.pay(NO)
    receiver.answer = lambda: 204
    bank.ask("notices/flush")
    assert verdicts(wx, receiver) == [verdict, "ok"]
    assert attempts(bank) == [(flaw, 401), ("", 204)]


def test_lost(bank, order, receiver):
    bank.fault("notify.lost", order=NO)
    bank.pay(NO)
    assert receiver.got == []
    bank.ask("notices/flush")
    assert attempts(bank) == [("lost", None), ("", 204)]


def test_lost_for_ever(bank, order, receiver):
    bank.fault("notify.lost", order=NO, times=None)
    bank.set(wxpay_time_scale=3_600_000)
    bank.pay(NO)
    assert given_up(bank)["attempts"] == 16
    assert receiver.got == []


def test_several_at_once(bank, wx, order, receiver):
    bank.fault("notify.dup", order=NO, copies=5)
    bank.pay(NO)
    assert len(receiver.got) == 5
    assert {wx.read_notice(*each).trade.transaction_id for each in receiver.got} == {
        wx.query(NO).transaction_id
    }
    assert len({headers["Wechatpay-Nonce"] for headers, _ in receiver.got}) == 5


def test_late(bank, order, receiver):
    bank.fault("notify.late", order=NO, seconds=7200)
    bank.ask("pay", order_no=NO)
    assert bank.get("notices")[0]["state"] == "waiting"
    bank.at(clock.now() + timedelta(hours=2))
    receiver.wait_for(1)


def test_the_refund_is_told_before_the_payment(bank, wx, order, receiver):
    bank.fault("notify.reorder", order=NO)
    bank.ask("pay", order_no=NO)
    bank.refund(wx, "R1", NO, 10)
    kinds = [type(wx.read_notice(*each)) for each in receiver.wait_for(2)]
    assert kinds == [RefundNotice, PaymentNotice]


def test_told_before_the_call_is_answered(bank, wx, receiver):
    bank.fault("notify.before_response", op="prepay")
    bank.prepay(wx, NO)
    assert wx.read_notice(*receiver.got[0]).trade.order_no == NO
    bank.fault("notify.before_response", op="refund")
    accepted = bank.refund(wx, "R1", NO, 10)
    assert accepted.status == "PROCESSING"
    assert wx.read_notice(*receiver.got[1]).refund.status == "SUCCESS"


@pytest.mark.parametrize(
    ("flaw", "field", "value"),
    [
        ("wrong_amount", "fen", 1),
        ("wrong_appid", "appid", "wx0000000000000000"),
        ("wrong_mchid", "mchid", "1699900002"),
    ],
)
def test_validly_signed_and_wrong(bank, wx, order, receiver, flaw, field, value):
    bank.fault(f"notify.{flaw}", order=NO, fen=1)
    bank.pay(NO)
    assert getattr(wx.read_notice(*receiver.got[0]).trade, field) == value
    assert getattr(wx.query(NO), field) != value


def test_a_body_that_drips_arrives_whole(bank, wx, order, receiver):
    bank.fault("notify.slow_body", order=NO, seconds=0.2)
    bank.pay(NO)
    assert verdicts(wx, receiver) == ["ok"]


def test_probes_by_chance(bank, wx, order, receiver):
    bank.set(wxpay_signtest_percent=100)
    bank.pay(NO)
    assert verdicts(wx, receiver) == ["probe"]


def test_dropped(bank, order, receiver):
    receiver.answer = lambda: 500
    bank.pay(NO)
    assert bank.ask("notices/drop", order_no=NO) == {"dropped": 1}
    assert bank.ask("notices/flush") == {"sent": 0}
    receiver.answer = lambda: 204
    assert len(receiver.got) == 1


def test_a_delivered_one_again(bank, wx, order, receiver):
    bank.pay(NO)
    bank.ask("notices/again", order_no=NO)
    ids = [wx.read_notice(*each).id for each in receiver.got]
    assert len(ids) == 2
    assert ids[0] == ids[1]
