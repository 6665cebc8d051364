"""Handing vouchers in, against every fault on the menu: what the client says, and what is booked."""

from typing import Any

import pytest

from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from tests.vendors import HANG, Vendors, patience

NUMBER = "V2611000001"
BEFORE = ("timeout_before", "http500_before", "http502_html", "http200_html")
AFTER = (
    "timeout_after",
    "reset_after",
    "http500_after",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
)


def voucher(number: str = NUMBER, fen: int = 1005, **changes: Any) -> dict[str, Any]:
    lines = [
        {"side": "financial", "account": "102101", "debit_fen": fen, "credit_fen": 0, "summary": "收款"},
        {"side": "financial", "account": "230701", "debit_fen": 0, "credit_fen": fen, "summary": "收款"},
    ]
    return {"number": number, "period": "2026-11-16", "voucher_on": "2026-11-16", "lines": lines} | changes


def booked(vendors: Vendors) -> list[str]:
    return [row["number"] for row in vendors.get("/_sim/finance/vouchers")]


@pytest.fixture(autouse=True)
def _open_books(vendors: Vendors):
    vendors.set("finance", closed_until=None, unknown_accounts=None)


def test_it_works(vendors: Vendors):
    client = vendors.finance()
    told = client.push(voucher())
    assert (told.number, told.finance_no, told.debit_fen) == (NUMBER, "2026-11-记-1", 1005)
    assert client.query(NUMBER) == told
    assert client.push(voucher()) == told, "the same number is booked once"
    assert booked(vendors) == [NUMBER]


def test_the_same_number_with_other_contents_is_a_duplicate(vendors: Vendors):
    client = vendors.finance()
    client.push(voucher())
    with pytest.raises(DuplicateOrder):
        client.push(voucher(fen=1006))


@pytest.mark.parametrize(
    "changes",
    [
        {"knobs": {"closed_until": "2026-11"}, "code": "PERIOD_CLOSED"},
        {"knobs": {"unknown_accounts": "230701 9"}, "code": "ACCOUNT_UNKNOWN"},
        {"voucher": {"lines": [{**voucher()["lines"][0]}]}, "code": "UNBALANCED"},
        {"voucher": {"lines": []}, "code": "PARAM_ERROR"},
    ],
)
def test_a_clear_no_books_nothing(vendors: Vendors, changes: dict[str, Any]):
    vendors.set("finance", **changes.get("knobs", {}))
    with pytest.raises(Refused) as caught:
        vendors.finance().push(voucher(**changes.get("voucher", {})))
    assert caught.value.code == changes["code"] and caught.value.said
    with pytest.raises(NoSuchOrder):
        vendors.finance().query(NUMBER)


@pytest.mark.parametrize("fault", BEFORE + AFTER)
def test_whatever_is_no_clear_answer_is_unknown_until_asked(vendors: Vendors, fault: str):
    client = vendors.finance(**patience(fault))
    vendors.fault("finance", fault, op="push", delay=HANG)
    with pytest.raises(OutcomeUnknown):
        client.push(voucher())
    if fault in AFTER:
        assert client.query(NUMBER).debit_fen == 1005
    else:
        with pytest.raises(NoSuchOrder):
            client.query(NUMBER)
    vendors.finance().push(voucher())
    assert booked(vendors) == [NUMBER]


@pytest.mark.parametrize(
    "fault", ["http500_before", "gbk_plain_error", "truncated_json_after", "timeout_before"]
)
def test_a_question_without_an_answer_is_never_taken_for_a_no(vendors: Vendors, fault: str):
    vendors.fault("finance", fault, op="query", delay=HANG)
    with pytest.raises((BadReply, Unavailable)):
        vendors.finance(**patience(fault)).query(NUMBER)


def test_not_now_and_not_you_are_told_apart(vendors: Vendors):
    vendors.fault("finance", "service_closed")
    with pytest.raises(Unavailable):
        vendors.finance().push(voucher())
    with pytest.raises(AuthProblem):
        vendors.finance(token="another token of ours").push(voucher())
    assert booked(vendors) == []


def test_a_number_that_can_not_be_never_leaves(vendors: Vendors):
    with pytest.raises(Refused):
        vendors.finance().push(voucher("V/../1"))
    assert vendors.calls("finance") == {}
