"""Refunds: one number, one refund; what repeats safely and what is a definite no."""

import pytest

from app.clients.vendor import NoSuchOrder, Refused, Unavailable
from app.clients.wxpay import NotEnough
from app.kit import clock
from tests.wxpay import MCHID

NO = "E26112200001AA"


@pytest.fixture
def paid(bank, wx):
    bank.set(wxpay_refund_spacing=0)
    bank.prepay(wx, NO)
    return bank.pay(NO)


def test_it_works(bank, wx, paid, receiver):
    accepted = bank.refund(wx, "R1", NO, 40)
    assert (accepted.status, accepted.fen, accepted.total_fen) == ("PROCESSING", 40, 100)
    assert accepted.transaction_id == paid["transaction_id"]
    receiver.wait_for(2)
    done = wx.query_refund("R1")
    assert (done.status, done.refund_id, done.order_no) == ("SUCCESS", accepted.refund_id, NO)
    assert abs((done.succeeded_at - clock.now()).total_seconds()) < 5
    assert done.account
    assert wx.query(NO).state == "REFUND"
    assert wx.query(NO).is_paid


def test_the_same_number_is_refunded_once(bank, wx, paid):
    first = bank.refund(wx, "R1", NO, 40)
    assert bank.refund(wx, "R1", NO, 40).refund_id == first.refund_id
    with pytest.raises(Refused):
        bank.refund(wx, "R1", NO, 41)


def test_never_more_than_was_paid(bank, wx, paid):
    bank.refund(wx, "R1", NO, 60)
    with pytest.raises(Refused) as caught:
        bank.refund(wx, "R2", NO, 41)
    assert type(caught.value) is Refused
    bank.refund(wx, "R3", NO, 40)


def test_a_balance_that_does_not_cover_it_may_be_topped_up(bank, wx, paid):
    bank.ask("balance", mchid=MCHID, fen=10)
    with pytest.raises(NotEnough) as caught:
        bank.refund(wx, "R1", NO, 40)
    assert isinstance(caught.value, Unavailable)
    bank.ask("balance", mchid=MCHID, fen=1000)
    assert bank.refund(wx, "R1", NO, 40).status == "PROCESSING"


def test_too_soon_after_the_last_is_later_not_never(bank, wx, paid):
    bank.set(wxpay_refund_spacing=60)
    bank.refund(wx, "R1", NO, 1)
    with pytest.raises(Unavailable):
        bank.refund(wx, "R2", NO, 1)


def test_unknown_numbers(bank, wx, paid):
    with pytest.raises(NoSuchOrder):
        wx.query_refund("R404")
    with pytest.raises(NoSuchOrder):
        bank.refund(wx, "R1", "NOSUCHORDER00", 1)


def test_an_abnormal_refund_goes_to_a_bank_card_encrypted(bank, wx, paid):
    bank.fault("refund.abnormal", order="R1")
    bank.refund(wx, "R1", NO, 40)
    now = bank.settled(wx, "R1")
    assert now.status == "ABNORMAL"
    given = {"bank_type": "ICBC_DEBIT", "bank_account": "6222000000000000000", "real_name": "李一鸣"}
    assert wx.apply_abnormal_refund(refund_id=now.refund_id, refund_no="R1", **given).status == "PROCESSING"
    assert bank.settled(wx, "R1").status == "SUCCESS"


def test_or_to_the_merchant_and_only_when_abnormal(bank, wx, paid):
    bank.fault("refund.abnormal", order="R1")
    refund_id = bank.refund(wx, "R1", NO, 40).refund_id
    bank.settled(wx, "R1")
    wx.apply_abnormal_refund(refund_id=refund_id, refund_no="R1")
    other = bank.refund(wx, "R2", NO, 10)
    with pytest.raises(Refused):
        wx.apply_abnormal_refund(refund_id=other.refund_id, refund_no="R2")
    with pytest.raises(NoSuchOrder):
        wx.apply_abnormal_refund(refund_id="503000000", refund_no="R2")
