"""No key, openid or account in any text that an exception or a log line could become."""

from dataclasses import replace

import pytest

from app.clients.vendor import VendorError
from app.clients.wxpay import BadNotice, WxPay
from tests.leaks import every_text_of, logged
from tests.wxpay import LI, MCHID, OTHER_MCHID

__all__ = ["logged"]

NO = "E26112200001AA"
FAULTS = ("api.500", "api.429", "api.bad_resp_sig", "api.partial_json", "api.timeout_after_commit", "")


def secrets_of(bank, mchid) -> list[str]:
    told = bank.told[mchid]
    return [told["api_v3_key"], told["private_key"].splitlines()[5], LI]


def test_it_works(bank, logged):
    wx, texts, count = bank.client(), "", 0
    bank.prepay(wx, NO)
    bank.pay(NO)
    calls = (
        lambda: bank.prepay(wx, NO),
        lambda: wx.query("NOSUCHORDER00"),
        lambda: wx.close(NO),
        lambda: bank.refund(wx, "R1", NO, 1000),
        lambda: wx.query_refund("R404"),
    )
    for fault in FAULTS:
        for call in calls:
            if fault:
                bank.fault(fault)
            with pytest.raises(VendorError) as caught:
                call()
            texts += every_text_of(caught.value)
            count += 1
    texts += logged.getvalue()
    assert count == 30
    assert "wxpay.answer_not_proved" in texts
    for secret in secrets_of(bank, MCHID):
        assert secret not in texts


def test_a_notice_shows_nothing_either(bank, wx, receiver, logged):
    bank.prepay(wx, NO)
    bank.pay(NO)
    headers, body = receiver.got[0]
    texts = repr(wx.read_notice(headers, body)) + repr(wx.query(NO))
    for stranger in (bank.client(OTHER_MCHID), wx):
        with pytest.raises(BadNotice) as caught:
            stranger.read_notice(headers, body if stranger is not wx else body + b" ")
        texts += every_text_of(caught.value)
    texts += logged.getvalue()
    for secret in (*secrets_of(bank, MCHID), *secrets_of(bank, OTHER_MCHID)):
        assert secret not in texts


def test_settings_and_client_show_nothing(bank, wx):
    texts = repr(bank.settings()) + repr(wx) + repr(wx._wire) + str(bank.settings())
    for secret in secrets_of(bank, MCHID):
        assert secret not in texts


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": ""},
        {"appid": " "},
        {"serial_no": ""},
        {"api_v3_key": "too short"},
        {"public_keys": {}},
        {"private_key": "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----"},
        {"public_keys": {"PUB_KEY_ID_01": "nonsense"}},
        {"public_keys": {"4F": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"}},
    ],
)
def test_settings_that_cannot_work_are_refused_without_showing_them(bank, changes):
    with pytest.raises(ValueError) as caught:
        WxPay(replace(bank.settings(), **changes))
    for secret in secrets_of(bank, MCHID):
        assert secret not in every_text_of(caught.value)
