"""Issuing and taking back, against every fault on the menu and by the rules of each kind."""

from typing import Any

import pytest

from app.clients.vendor import (
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from tests.vendors import HANG, Vendors, patience

NUMBER, RED = "R261116000001", "H261116000001"
AFTER = (
    "timeout_after",
    "reset_after",
    "http500_after",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
    "forged_reply",
)
BEFORE = ("timeout_before", "http500_before", "http502_html", "http200_html")


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "number": NUMBER,
        "kind": "fiscal",
        "title": "李一鸣",
        "fen": 5000,
        "item_code": "electricity",
        "item_title": "学生宿舍电费",
        "paid_at": "2026-11-16",
    } | changes


def red(**changes: Any) -> dict[str, Any]:
    return {"number": RED, "of_number": NUMBER, "fen": 5000, "reason": "退费"} | changes


def test_it_works(vendors: Vendors):
    client = vendors.receipts()
    told = client.issue(**wanted())
    assert told.receipt_no and told.check_code and told.url.startswith(vendors.base)
    assert client.query(NUMBER) == told == client.issue(**wanted())
    assert client.red(**red()).status == "DONE"
    assert client.query_red(RED).receipt_no
    books = vendors.get("/_sim/receipts/receipts")
    assert (len(books["receipts"]), len(books["reds"])) == (1, 1)


def test_a_fiscal_receipt_goes_back_as_a_whole_or_not_at_all(vendors: Vendors):
    client = vendors.receipts()
    client.issue(**wanted())
    with pytest.raises(Refused) as caught:
        client.red(**red(fen=1))
    assert caught.value.code == "WHOLE_ONLY"
    vendors.post("/_sim/receipts/book", {"number": NUMBER})
    with pytest.raises(Refused) as caught:
        client.red(**red())
    assert caught.value.code == "BOOKED"


def test_an_invoice_goes_back_in_parts_and_waits_for_a_buyer_who_has_booked_it(vendors: Vendors):
    client = vendors.receipts()
    client.issue(**wanted(kind="invoice"))
    assert client.red(**red(fen=1000)).status == "DONE"
    with pytest.raises(Refused):
        client.red(**red(number="H2", fen=4001))
    vendors.post("/_sim/receipts/book", {"number": NUMBER})
    assert client.red(**red(number="H3", fen=4000)).status == "CONFIRMING"
    vendors.post("/_sim/receipts/confirm", {"number": "H3"})
    assert client.query_red("H3").status == "DONE"


@pytest.mark.parametrize("fault", BEFORE + AFTER)
def test_whatever_is_no_clear_answer_is_unknown_until_asked(vendors: Vendors, fault: str):
    client = vendors.receipts(**patience(fault))
    vendors.fault("receipts", fault, op="issue", delay=HANG)
    with pytest.raises(OutcomeUnknown):
        client.issue(**wanted())
    if fault in AFTER:
        assert client.query(NUMBER).receipt_no
    else:
        with pytest.raises(NoSuchOrder):
            client.query(NUMBER)
    vendors.receipts().issue(**wanted())
    assert len(vendors.get("/_sim/receipts/receipts")["receipts"]) == 1


@pytest.mark.parametrize("fault", ["http500_before", "gbk_plain_error", "forged_reply", "timeout_before"])
def test_a_question_without_an_answer_is_never_taken_for_a_no(vendors: Vendors, fault: str):
    vendors.fault("receipts", fault, op="query", delay=HANG)
    with pytest.raises((BadReply, Unavailable)):
        vendors.receipts(**patience(fault)).query(NUMBER)


def test_other_contents_out_of_stock_and_strangers_are_told_apart(vendors: Vendors):
    client = vendors.receipts()
    client.issue(**wanted())
    with pytest.raises(DuplicateOrder):
        client.issue(**wanted(fen=5001))
    vendors.set("receipts", has_stock=False)
    try:
        with pytest.raises(Unavailable):
            client.issue(**wanted(number="R2"))
    finally:
        vendors.set("receipts", has_stock=None)
    with pytest.raises(OutcomeUnknown):
        vendors.receipts(key="k" * 64).issue(**wanted())
