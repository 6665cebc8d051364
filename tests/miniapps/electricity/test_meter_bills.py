"""What meters say they got comes as a bill: the vendor's own statement, or its purchase records room by room."""

import dataclasses

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.payments.flows import fetching
from app.payments.models import Bill, BillLine
from app.payments.service.bills import Matter
from tests.miniapps.electricity.test_top_up import till  # noqa: F401 - fixture


@pytest.fixture
def sold(till):  # noqa: F811
    """Two top-ups of 512 for the same amount and one for another; it is the next day."""
    binding = till.dorm.bind()
    till.dorm.refresh()
    for fen in (2_000, 2_000, 1_000):
        till.topped_up(binding, fen)
    till.settle(2)
    matter = Matter("meters", "delivery", "isims", clock.today())
    till.dorm.pass_time(days=1)
    return till, matter


def without_statement(till):  # noqa: F811
    """The same machine at a school that did not buy its statements."""
    bare = till.dorm.vendors.meters("isims", statement_url="")
    return dataclasses.replace(till.dorm.clients, meters={"isims": bare})


def bills():
    with db.unit_of_work() as session:
        return session.execute(select(Bill.__table__).order_by(Bill.id)).all()


def lines():
    with db.unit_of_work() as session:
        return session.execute(select(BillLine.__table__).order_by(BillLine.no)).all()


def test_it_works(sold):
    till, matter = sold  # noqa: F811
    assert fetching.fetch(matter, clients=till.dorm.clients).outcome == "new"
    found = lines()
    assert [(line.sort, line.fen, line.key, line.note) for line in found] == [
        ("top_up", fen, "E03512", "E035121") for fen in (2_000, 2_000, 1_000)
    ]
    assert all(line.number for line in found)


def test_without_a_statement_the_purchases_are_asked_for(sold):
    till, matter = sold  # noqa: F811
    clients = without_statement(till)
    assert fetching.fetch(matter, clients=clients).outcome == "new"
    (bill,) = bills()
    assert (bill.status, bill.lines, bill.in_fen, bill.account) == ("current", 3, 5_000, "isims")
    assert sorted(line.fen for line in lines()) == [1_000, 2_000, 2_000]
    assert {(line.key, line.number, line.note) for line in lines()} == {("E03512", None, "E035121")}
    assert fetching.fetch(matter, clients=clients).outcome == "same"


def test_both_are_among_what_is_due(sold):
    till, matter = sold  # noqa: F811
    for clients in (till.dorm.clients, without_statement(till)):
        with db.unit_of_work() as session:
            assert ("meters", "isims") in {
                (one.source, one.account) for one in fetching.accounts(session, clients)
            }


def test_a_statement_that_is_not_made_yet_is_asked_for_again(sold):
    till, matter = sold  # noqa: F811
    till.dorm.vendors.fault("meters", "statement_missing")
    assert fetching.fetch(matter, clients=till.dorm.clients) == "not_made"
    till.dorm.vendors.fault("meters", "statement_truncated")
    refused = fetching.fetch(matter, clients=till.dorm.clients)
    assert (refused.outcome, bills()[0].status) == ("refused", "refused")
    till.dorm.vendors.fault("meters", "statement_total_mismatch")
    assert fetching.fetch(matter, clients=till.dorm.clients).refusal.startswith("总金额写的是 5001")
    assert fetching.fetch(matter, clients=till.dorm.clients).outcome == "new"


def test_a_vendor_that_is_away_makes_no_bill(sold):
    till, matter = sold  # noqa: F811
    till.dorm.vendors.fault("meters", "http500_before", times=None)
    assert fetching.fetch(matter, clients=without_statement(till)) == "unavailable"
    assert bills() == []


def test_the_cards_statement_comes_too(sold):
    till, matter = sold  # noqa: F811
    vendors = till.dorm.vendors
    card = vendors.card()
    account = card.account("2023010101").account_no
    card.debit("P1", account, 1_000, "")
    clients = dataclasses.replace(till.dorm.clients, card=card)
    trade = Matter("card", "trade", "CARD01", clock.today())
    till.dorm.pass_time(days=1)
    assert fetching.fetch(trade, clients=clients).outcome == "new"
    assert [(line.sort, line.fen, line.number, line.key) for line in lines()] == [
        ("payment", 1_000, "P1", account)
    ]
