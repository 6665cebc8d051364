"""Sending text messages, against every fault on the menu; no number leaves by an error or a log line."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.clients.sms import open_sms
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorError,
)
from sandbox import vendors as sandbox_vendors
from tests.vendors import HANG, Vendors, patience

PHONE = "10000000101"
BEFORE = ("timeout_before", "http500_before", "http502_html", "http200_html")
AFTER = ("timeout_after", "reset_after", "http500_after", "empty_body_after", "truncated_json_after")


def message(**changes: Any) -> dict[str, Any]:
    given = {"number": "T261116000001", "phone": PHONE, "template": "welcome.claim_code"}
    return {**given, "params": {"code": "123456", "minutes": "10"}, **changes}


def sent(vendors: Vendors) -> list[dict[str, Any]]:
    return list(vendors.get("/_sim/sms/sent"))


def test_it_works(vendors: Vendors):
    client = vendors.sms()
    serial = client.send(**message()).serial
    (arrived,) = vendors.get("/_sim/sms/messages", phone=PHONE)
    assert "【微生活】" in arrived["text"] and "123456" in arrived["text"]
    assert client.report(serial=serial, phone=PHONE, sent_at=datetime.now(UTC)).state == "delivered"
    assert client.report(serial="none", phone=PHONE, sent_at=datetime.now(UTC)).state == "waiting"


def test_what_the_carrier_takes_back_is_told_by_the_report(vendors: Vendors):
    client = vendors.sms()
    vendors.fault("sms", "sms_undelivered", op="send")
    serial = client.send(**message()).serial
    report = client.report(serial=serial, phone=PHONE, sent_at=datetime.now(UTC))
    assert (report.state, report.reason) == ("failed", "UNDELIV")
    assert vendors.get("/_sim/sms/messages", phone=PHONE) == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("sms_limit", Refused),
        ("sms_template", Refused),
        ("sms_blacklist", Refused),
        ("rate_limited", Unavailable),
        ("auth_expired", AuthProblem),
    ],
)
def test_a_clear_no_is_a_no_and_not_now_is_not_now(vendors: Vendors, fault: str, kind: type[VendorError]):
    vendors.fault("sms", fault, op="send")
    with pytest.raises(kind):
        vendors.sms().send(**message())
    assert sent(vendors) == []


def test_the_limits_of_a_number_are_the_gateways_own(vendors: Vendors):
    client = vendors.sms()
    client.send(**message())
    with pytest.raises(Unavailable):
        client.send(**message(number="T2"))
    vendors.set("sms", per_half_minute=100, per_hour=100, per_day=1)
    with pytest.raises(Refused):
        client.send(**message(number="T3"))
    client.send(**message(number="T4", phone="10000000102"))
    vendors.post("/_sim/sms/blacklist", {"phone": "10000000103"})
    with pytest.raises(Refused):
        client.send(**message(number="T5", phone="10000000103"))


@pytest.mark.parametrize("fault", BEFORE + AFTER)
def test_whatever_is_no_clear_answer_is_unknown(vendors: Vendors, fault: str):
    vendors.fault("sms", fault, op="send", delay=HANG)
    with pytest.raises(OutcomeUnknown):
        vendors.sms(**patience(fault)).send(**message())
    assert len(sent(vendors)) == (1 if fault in AFTER else 0)


def test_a_slow_answer_is_an_answer(vendors: Vendors):
    vendors.fault("sms", "slow", op="send", delay=0.5)
    assert vendors.sms().send(**message()).serial


@pytest.mark.parametrize("fault", ["http500_before", "truncated_json_after", "query_unavailable"])
def test_a_report_that_can_not_be_read_says_nothing(vendors: Vendors, fault: str):
    vendors.fault("sms", fault, op="report")
    with pytest.raises((BadReply, Unavailable)):
        vendors.sms().report(serial="x", phone=PHONE, sent_at=datetime.now(UTC))


def test_a_gateway_that_knows_repetitions_says_so_and_one_that_does_not_sends_twice(vendors: Vendors):
    vendors.set("sms", per_half_minute=100)
    client = vendors.sms()
    client.send(**message())
    client.send(**message())
    assert len(sent(vendors)) == 2
    vendors.set("sms", duplicates="refuse")
    with pytest.raises(DuplicateOrder):
        client.send(**message())


def test_what_the_settings_do_not_name_is_never_sent(vendors: Vendors):
    client = vendors.sms()
    assert client.knows("welcome.claim_code") and not client.knows("welcome.weather")
    for wrong in ({"template": "welcome.weather"}, {"params": {"code": "123456"}}):
        with pytest.raises(Refused):
            client.send(**message(**wrong))
    assert vendors.calls("sms") == {}


def test_no_number_or_key_in_errors_and_logs(vendors: Vendors, capsys: pytest.CaptureFixture[str]):
    client = vendors.sms()
    said = repr(vars(client))
    for fault in ("http500_after", "gbk_plain_error", "sms_blacklist", "auth_expired"):
        vendors.fault("sms", fault, op="send")
        with pytest.raises(VendorError) as caught:
            client.send(**message())
        said += str(caught.value) + repr(vars(caught.value))
    said += "".join(capsys.readouterr())
    given = sandbox_vendors.sms(vendors.data_dir, vendors.base)
    assert PHONE not in said and given["secret_key"] not in said and "123456" not in said


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"dialect": "pigeon"}, "dialect"),
        ({"secret_key": "short"}, "secret_key"),
        ({"url": "ftp://x"}, "url"),
        ({"templates": {"a": {"name": "1"}}}, "templates.a"),
    ],
)
def test_settings_that_can_not_be_are_named(vendors: Vendors, change: dict[str, Any], named: str):
    given = {**sandbox_vendors.sms(vendors.data_dir, vendors.base), **change}
    with pytest.raises(ValueError, match=named):
        open_sms(given)
