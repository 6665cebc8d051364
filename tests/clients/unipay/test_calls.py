"""Paying, closing and refunds against every fault on the menu: what the adapter says, and what is true."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from app.clients.opening import open_unipay
from app.clients.statement import StatementMissing
from app.clients.unipay.signing import sign
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    NoSuchOrder,
    NotEnough,
    OrderPaid,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorDown,
)
from app.kit import clock
from tests.clients.unipay.conftest import NO, REFUND
from tests.vendors import today

VECTOR = "a431ca21a02dca407d8ac378ff8fd985b252df8fc5ac7fb64ee48cbc025247de"
BEFORE = ("timeout_before", "http500_before", "http502_html", "http200_html")
AFTER = (
    "timeout_after",
    "reset_after",
    "http500_after",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
    "forged_reply",
    "query_unavailable",
)
DOWN = ("timeout_before", "timeout_after", "http500_before", "http502_html", "reset_after", "http500_after")
NOT_NOW = {"auth_expired": AuthProblem, "rate_limited": Unavailable, "service_closed": Unavailable}
READS = {
    "query": lambda desk: desk.sender.query(NO),
    "query_refund": lambda desk: desk.sender.query_refund(REFUND),
    "statement": lambda desk: desk.sender.day_file(today()),
}
WRITES = {"close": lambda desk: desk.sender.close(NO), "refund": lambda desk: desk.refund()}


def test_it_works(desk):
    desk.opened()
    assert desk.pay_platform.query(NO).state == "NOTPAY"
    desk.paid()
    trade = desk.pay_platform.query(NO)
    assert (trade.is_paid, trade.state, trade.fen, trade.order_no) == (True, "SUCCESS", 1_000, NO)
    assert abs(trade.paid_at - clock.now()) < timedelta(seconds=5)
    accepted = desk.refund()
    assert (accepted.status, accepted.fen) == ("PROCESSING", 400)
    state = desk.pay_platform.query_refund(REFUND)
    assert (state.status, state.refund_id) == ("SUCCESS", accepted.refund_id)
    assert desk.pay_platform.query(NO).state == "REFUND"


def test_the_signature_is_the_documented_one():
    fields = {"b": "电 &=1", "a": "x~y", "sign": "ignored", "empty": ""}
    # HMAC of a=x~y&b=%E7%94%B5%20%26%3D1&empty=
    assert sign("0123456789abcdef0123456789abcdef", fields) == VECTOR


def test_no_value_can_pretend_to_be_two_members():
    assert sign("k" * 32, {"a": "1&b=2"}) != sign("k" * 32, {"a": "1", "b": "2"})


def test_a_changed_address_is_not_opened(desk):
    url = desk.url()
    assert requests.get(url.replace("total_fen=1000", "total_fen=1"), timeout=5).status_code == 400
    with pytest.raises(NoSuchOrder):
        desk.pay_platform.query(NO)
    assert "key" not in url and desk.vendors.unipay_settings()["key"] not in url


def test_another_address_of_the_same_order_is_as_good(desk):
    until = clock.now() + timedelta(minutes=30)
    first, second = desk.url(expires_at=until), desk.url(expires_at=until)
    assert parse_qs(urlsplit(first).query)["nonce"] != parse_qs(urlsplit(second).query)["nonce"]
    assert [requests.get(url, timeout=5).status_code for url in (first, second)] == [200, 200]
    assert requests.get(desk.url(fen=999, expires_at=until), timeout=5).status_code == 400


@pytest.mark.parametrize(
    "bad", [{"order_no": "a-1"}, {"order_no": "A" * 33}, {"fen": 0}, {"fen": 10_000_001}]
)
def test_an_order_that_can_never_be_is_refused(desk, bad):
    with pytest.raises(Refused):
        desk.url(**bad)


def test_closing_holds_before_and_after_the_cashier_was_opened(desk):
    desk.opened()
    desk.pay_platform.close(NO)
    desk.pay_platform.close(NO)
    assert desk.pay_platform.query(NO).state == "CLOSED"
    desk.pay_platform.close("A26112200002AA")
    assert requests.get(desk.url("A26112200002AA"), timeout=5).status_code == 400


def test_closing_a_paid_order_says_so(desk):
    desk.paid()
    with pytest.raises(OrderPaid):
        desk.pay_platform.close(NO)


def test_a_platform_that_cannot_bar_says_no_such_order(desk):
    desk.vendors.set("unipay", bars_unseen=False)
    with pytest.raises(NoSuchOrder):
        desk.pay_platform.close(NO)


@pytest.mark.parametrize("fault", BEFORE + AFTER)
@pytest.mark.parametrize("call", WRITES)
def test_a_write_without_a_clear_answer_is_unknown(desk, call, fault):
    (desk.paid if call == "refund" else desk.opened)()
    desk.meets(call, fault)
    with pytest.raises(OutcomeUnknown):
        WRITES[call](desk)
    is_done = fault in AFTER and fault != "query_unavailable"
    if call == "refund":
        assert len(desk.refunds()) == int(is_done)
        desk.refund()
        assert len(desk.refunds()) == 1, "the same number again is the same refund"
    else:
        assert desk.pay_platform.query(NO).state == ("CLOSED" if is_done else "NOTPAY")


@pytest.mark.parametrize("fault", BEFORE + AFTER)
@pytest.mark.parametrize("call", READS)
def test_a_read_without_a_clear_answer_tells_nothing(desk, call, fault):
    desk.paid()
    desk.refund()
    desk.meets(call, fault)
    with pytest.raises(VendorDown if fault in (*DOWN, "query_unavailable") else BadReply):
        READS[call](desk)
    READS[call](desk)


@pytest.mark.parametrize("fault", NOT_NOW)
@pytest.mark.parametrize("call", READS | WRITES)
def test_not_now_means_that_nothing_happened(desk, call, fault):
    (desk.opened if call == "close" else desk.paid)()
    desk.meets(call, fault)
    with pytest.raises(NOT_NOW[fault]):
        (READS | WRITES)[call](desk)
    assert desk.refunds() == []


@pytest.fixture
def parrot() -> Iterator[tuple[str, dict[str, str]]]:
    """Somebody in between who answers everything with the same words."""
    words: dict[str, str] = {}
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: jsonified(words)(environ, start), threaded=True
    )
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", words
    server.shutdown()
    server.server_close()


def jsonified(words: dict[str, str]) -> Response:
    return Response(json.dumps(words), mimetype="application/json")


@pytest.mark.parametrize("changes", [{"nonce": "0" * 32}, {"merchant_no": "UP02"}])
def test_a_genuine_answer_to_another_request_is_not_believed(desk, parrot, changes):
    url, words = parrot
    key = desk.vendors.unipay_settings()["key"]
    words |= {
        "code": "SUCCESS",
        "merchant_no": "UP01",
        "order_no": NO,
        "state": "NOTPAY",
        "total_fen": "1000",
    }
    words |= {"nonce": "0" * 32, "timestamp": "1"} | changes
    words["sign"] = sign(key, words)
    client = desk.vendors.unipay(url=url)
    with pytest.raises(BadReply) as caught:
        client.query(NO)
    assert caught.value.code == "another_answer"
    with pytest.raises(OutcomeUnknown):
        client.close(NO)


def test_another_key_is_an_auth_problem(desk):
    with pytest.raises(AuthProblem):
        desk.vendors.unipay(key="x" * 64).query(NO)


def test_an_order_nobody_opened_is_unknown_there(desk):
    with pytest.raises(NoSuchOrder):
        desk.pay_platform.query(NO)
    with pytest.raises(NoSuchOrder):
        desk.pay_platform.query_refund(REFUND)


def test_a_refund_beyond_the_balance_waits(desk):
    desk.paid()
    desk.vendors.post("/_sim/unipay/balance", {"merchant_no": "UP01", "fen": 399})
    with pytest.raises(NotEnough):
        desk.refund()
    desk.vendors.post("/_sim/unipay/balance", {"merchant_no": "UP01", "fen": 400})
    assert desk.refund().status == "PROCESSING"


def test_refunds_never_exceed_the_payment_nor_change_under_their_number(desk):
    desk.paid()
    desk.refund(fen=600)
    for wrong in ({"fen": 601, "refund_no": "R2"}, {"fen": 599}, {"order_no": "NOBODY", "refund_no": "R3"}):
        with pytest.raises(Refused):
            desk.refund(**wrong)
    assert len(desk.refunds()) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [("refund_abnormal", "ABNORMAL"), ("refund_closed", "CLOSED"), ("refund_stuck", "PROCESSING")],
)
def test_a_refund_may_end_otherwise(desk, fault, status):
    desk.paid()
    desk.vendors.fault("unipay", fault)
    desk.refund()
    assert desk.pay_platform.query_refund(REFUND).status == status


def test_the_day_file_has_payments_and_refunds(desk):
    desk.paid()
    desk.refund()
    found = desk.pay_platform.day_file(today())
    assert [(row.kind, row.order_no, row.fen) for row in found.rows] == [
        ("DEBIT", NO, 1_000),
        ("REFUND", REFUND, -400),
    ]
    assert found.total_fen == 600 and found.content.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("statement_missing", StatementMissing),
        ("statement_truncated", BadReply),
        ("statement_total_mismatch", BadReply),
    ],
)
def test_a_day_file_comes_whole_or_not_at_all(desk, fault, error):
    desk.paid()
    desk.vendors.fault("unipay", fault)
    with pytest.raises(error):
        desk.pay_platform.day_file(today())


@pytest.mark.parametrize(
    "given",
    [{}, {"key": "k" * 64}, {"key": "short", "url": "http://x"}, {"key": "k" * 64, "url": "ftp://x"}],
)
def test_settings_that_cannot_be_are_named_without_their_value(given):
    with pytest.raises(ValueError, match=r"unipay\.UP01") as caught:
        open_unipay({"unipay": {"UP01": given}})
    assert "k" * 64 not in str(caught.value)


def test_nothing_shows_the_key(desk):
    key = desk.vendors.unipay_settings()["key"]
    assert key not in repr(desk.pay_platform._settings) + str(vars(desk.pay_platform))
