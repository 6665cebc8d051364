"""The card centre's flow, a page after a number: whose lines, which numbers, and what is no page."""

import dataclasses

import pytest

from app.clients.vendor import BadReply, Unavailable
from tests.vendors import HANG, STUDENT, patience, today

SILENT = (
    "timeout_before",
    "http500_before",
    "http502_html",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
    "forged_reply",
    "rate_limited",
    "flow_truncated",
)


@pytest.fixture
def card(vendors):
    """Two debits of ours, a meal in between, and a refund of the first."""
    card = vendors.card()
    account = card.account(STUDENT).account_no
    first = card.debit("P00001", account, 1_000, "电费")
    vendors.post("/_sim/card/flow", {"meals": 1})
    card.debit("P00002", account, 250, "电费")
    card.refund("R00001", "P00001", first.vendor_ref, account, 400)
    return card


def test_it_works(card):
    page = card.flow(0, 50)
    assert ([line.no for line in page.lines], page.last) == ([1, 2, 3, 4], 4)
    ours = [line.movement for line in page.lines if line.movement]
    assert [(one.order_no, one.kind, one.fen) for one in ours] == [
        ("P00001", "DEBIT", 1_000),
        ("P00002", "DEBIT", 250),
        ("R00001", "REFUND", -400),
    ]


def test_the_day_file_has_the_same_movements(card):
    ours = [line.movement for line in card.flow(0, 50).lines if line.movement]
    rows = card.statement(today()).rows
    assert [dataclasses.replace(one, at=row.at) for one, row in zip(ours, rows, strict=True)] == list(rows)


def test_pages_are_bounded_and_follow_each_other(card):
    first = card.flow(0, 3)
    rest = card.flow(first.lines[-1].no, 3)
    assert [line.no for line in (*first.lines, *rest.lines)] == [1, 2, 3, 4]
    assert (first.last, rest.last, card.flow(4, 3).lines) == (4, 4, ())


def test_of_others_only_the_number_is_told(card):
    assert [line.no for line in card.flow(0, 50).lines if line.movement is None] == [2]


def test_a_line_is_always_the_same_text(card):
    assert card.flow(0, 50) == card.flow(0, 50)


@pytest.mark.parametrize("fault", SILENT)
def test_no_page_is_no_page(vendors, card, fault):
    vendors.fault("card", fault, op="flow", delay=HANG)
    with pytest.raises((Unavailable, BadReply)):
        vendors.card(**patience(fault)).flow(0, 50)


def test_a_movement_that_comes_late_gets_the_next_number(vendors, card):
    vendors.fault("card", "late_apply", op="debit", seconds=90)
    with pytest.raises(Exception, match="OutcomeUnknown"):
        card.debit("P00003", card.account(STUDENT).account_no, 100, "")
    vendors.post("/_sim/card/flow", {"meals": 2})
    vendors.ahead(91)
    late = card.flow(4, 50).lines[-1]
    assert (late.no, late.movement.order_no) == (7, "P00003")


def test_a_school_without_it_says_so(vendors):
    assert not vendors.card(has_flow=False).capabilities.has_flow
