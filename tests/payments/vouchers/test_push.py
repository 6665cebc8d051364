"""Vouchers handed to the finance system: booked once there, whatever happens on the way."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.kit import clock, db, outbox
from app.payments.errors import NothingToExport, PeriodNotOver, VoucherMovedOn
from app.payments.flows import finance
from app.payments.service import vouchers
from tests.payments.vouchers.conftest import Books
from tests.vendors import HANG, Vendors, patience

DAY = "2026-11-16"
LOST = ("timeout_after", "reset_after", "http500_after", "gbk_plain_error", "truncated_json_after")
NEVER = ("timeout_before", "http502_html", "http500_before", "http200_html", "service_closed")


class Office:
    """The finance office: a book of one voucher, ready to go."""

    def __init__(self, app: Any, books: Books, vendors: Vendors) -> None:
        self.app, self.books, self.vendors = app, books, vendors
        self.client = vendors.finance()

    @property
    def clients(self) -> Any:
        return dataclasses.replace(self.app.extensions["clients"], finance=self.client)

    def send(self) -> int:
        with db.unit_of_work() as session:
            return vouchers.send_period(session, by=self.books.zhao, period=vouchers.Period.of(DAY))

    def again(self, **given: Any) -> None:
        number = self.voucher().number
        with db.unit_of_work() as session:
            vouchers.send_again(session, by=self.books.zhao, number=number, **given)

    def work(self, minutes: float = 0) -> None:
        clock.advance(timedelta(minutes=minutes))
        outbox.drain(clients=self.clients, seconds=10)
        finance.push_due(clients=self.clients)

    def voucher(self) -> Any:
        with db.unit_of_work() as session:
            return session.execute(text("SELECT * FROM payments_vouchers ORDER BY id LIMIT 1")).one()

    def booked(self) -> list[Any]:
        return list(self.vendors.get("/_sim/finance/vouchers"))


@pytest.fixture
def office(app: Any, books: Books, vendors: Vendors, next_day) -> Office:
    vendors.set("finance", closed_until=None, unknown_accounts=None)
    books.pay(5000)
    next_day(1)
    return Office(app, books, vendors)


def test_it_works(office: Office):
    assert office.send() == 1
    office.work()
    voucher = office.voucher()
    assert (voucher.status, voucher.finance_no) == ("accepted", "2026-11-记-1")
    assert [row["number"] for row in office.booked()] == [voucher.number]
    office.work(60)
    assert len(office.booked()) == 1


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_booked_twice(office: Office, fault: str):
    office.client = office.vendors.finance(**patience(fault))
    office.vendors.fault("finance", fault, op="push", delay=HANG)
    office.send()
    office.work()
    assert office.voucher().status == "sending"
    before = office.vendors.calls("finance")["push"]
    office.work(1)
    assert office.voucher().status == "accepted"
    assert office.vendors.calls("finance")["push"] == before, "it was asked about, not handed in again"
    assert len(office.booked()) == 1


@pytest.mark.parametrize("fault", NEVER)
def test_what_never_arrived_is_handed_in_again(office: Office, fault: str):
    office.client = office.vendors.finance(**patience(fault))
    office.vendors.fault("finance", fault, op="push", delay=HANG)
    office.send()
    office.work()
    assert (office.voucher().status, office.booked()) == ("sending", [])
    office.work(1)
    assert office.voucher().status == "accepted"
    assert len(office.booked()) == 1


def test_a_question_that_fails_is_asked_again_and_never_followed_by_a_second_voucher(office: Office):
    office.vendors.fault("finance", "http500_after", op="push")
    office.vendors.fault("finance", "query_unavailable", times=2)
    office.send()
    for _ in range(4):
        office.work(30)
    assert office.voucher().status == "accepted"
    assert (len(office.booked()), office.vendors.calls("finance")["push"]) == (1, 1)


def test_a_closed_period_is_refused_in_words_and_goes_again_with_another_date(office: Office):
    office.vendors.set("finance", closed_until="2026-11")
    office.send()
    office.work()
    voucher = office.voucher()
    assert (voucher.status, voucher.refusal) == ("refused", "会计期间已结账")
    clock.advance(timedelta(days=20))
    office.again(voucher_on=date(2026, 12, 7))
    office.work()
    voucher = office.voucher()
    assert (voucher.status, voucher.finance_no) == ("accepted", "2026-12-记-1")


def test_another_voucher_under_our_number_is_not_taken_for_ours(office: Office):
    office.send()
    number = office.voucher().number
    lines = [
        {"side": "financial", "account": "1", "debit_fen": 7, "credit_fen": 0, "summary": ""},
        {"side": "financial", "account": "2", "debit_fen": 0, "credit_fen": 7, "summary": ""},
    ]
    office.client.push({"number": number, "voucher_on": DAY, "lines": lines})
    office.work()
    voucher = office.voucher()
    assert voucher.status == "refused" and "与凭证不符" in voucher.refusal


def test_what_is_pushed_is_in_no_file_and_what_is_in_a_file_is_not_pushed(office: Office):
    office.send()
    with pytest.raises(NothingToExport):
        office.books.export(DAY)
    office.books.pay(300)
    assert office.books.export(DAY).vouchers == 1
    with pytest.raises(NothingToExport):
        office.send()


def test_only_a_refused_voucher_goes_again_and_only_a_period_that_is_over_goes(office: Office):
    office.send()
    with pytest.raises(VoucherMovedOn):
        office.again()
    with pytest.raises(PeriodNotOver), db.unit_of_work() as session:
        vouchers.send_period(session, by=office.books.zhao, period=vouchers.Period.of("2026-11-17"))


def test_without_a_finance_system_nothing_is_claimed(office: Office):
    office.send()
    office.client = None
    office.work()
    assert (office.voucher().status, office.voucher().tries) == ("sending", 0)
