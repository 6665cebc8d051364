"""Notices: what is believed, what is not and why."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.clients.unipay import BadNotice, UniPay, UniPaySettings
from app.clients.unipay.client import NOTICE_FIELDS
from app.clients.unipay.errors import REASONS
from app.kit import clock
from sandbox.unipay.signing import sign

KEY = "0123456789abcdef0123456789abcdef"
US = UniPay(UniPaySettings("UP01", KEY, "http://127.0.0.1:9"))


def form(key: str = KEY, **changes: str) -> dict[str, str]:
    fields = {
        "merchant_no": "UP01",
        "order_no": "A26112200001AA",
        "transaction_id": "UP20261126000000000001",
        "state": "SUCCESS",
        "total_fen": "5000",
        "paid_at": "2026-11-26T12:00:00+08:00",
        "bank": "CCB",
        "timestamp": str(int(clock.now().timestamp())),
        "nonce": "593bec0c930bf1afeb40b4a08c8fb242",
    } | changes
    return {**fields, "sign": sign(key, fields)}


def why_not(fields) -> str:
    with pytest.raises(BadNotice) as caught:
        US.read_notice(fields)
    assert caught.value.reason in REASONS
    return caught.value.reason


def test_it_works():
    notice = US.read_notice(MultiDict(form()))
    assert (notice.order_no, notice.fen, notice.state) == ("A26112200001AA", 5000, "SUCCESS")
    assert notice.paid_at.isoformat() == "2026-11-26T04:00:00+00:00"


@pytest.mark.parametrize("name", NOTICE_FIELDS)
def test_a_member_that_is_missing_or_empty(name):
    whole = form()
    assert why_not({key: value for key, value in whole.items() if key != name}) == "missing"
    assert why_not({**whole, name: ""}) == "missing"


@pytest.mark.parametrize("name", [name for name in NOTICE_FIELDS if name not in ("merchant_no", "sign")])
def test_a_member_that_was_changed_after_signing(name):
    whole = form()
    assert why_not({**whole, name: whole[name] + "1"}) == "signature"


def test_a_member_that_was_added_after_signing():
    assert why_not({**form(), "more": "1"}) == "signature"


@pytest.mark.parametrize("sent", ["0" * 64, "签名", "x"])
def test_a_signature_that_is_none(sent):
    assert why_not({**form(), "sign": sent}) == "signature"


def test_somebody_elses_key_and_somebody_elses_notice():
    assert why_not(form(key="x" * 32)) == "signature"
    assert why_not(form(merchant_no="UP02")) == "merchant"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_stale_one(seconds):
    stamp = str(int((clock.now() + timedelta(seconds=seconds)).timestamp()))
    assert why_not(form(timestamp=stamp)) == "stale"


def test_age_is_told_by_the_clock_of_the_kit():
    fields = form()
    clock.advance(timedelta(minutes=4, seconds=50))
    US.read_notice(fields)
    clock.advance(timedelta(seconds=20))
    assert why_not(fields) == "stale"


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "now"},
        {"timestamp": "9" * 5000},
        {"timestamp": "9" * 400},
        {"total_fen": "50.00"},
        {"total_fen": "-5000"},
        {"total_fen": "五千"},
        {"paid_at": "2026-11-26T12:00:00"},
        {"paid_at": "yesterday"},
        {"order_no": "A" * 65},
        {"transaction_id": "UP-1"},
    ],
)
def test_a_signed_one_that_makes_no_sense(changes):
    assert why_not(form(**changes)) == "malformed"


@pytest.mark.parametrize("state", ["NOTPAY", "CLOSED", "REFUND", "success"])
def test_a_signed_one_of_no_payment(state):
    assert why_not(form(state=state)) == "not_paid"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(NOTICE_FIELDS), st.text(max_size=30)))
def test_whatever_comes_is_refused_in_the_same_way(changes):
    assert why_not({**form(), **changes, "nonce": "another"}) in ("missing", "merchant", "signature")
