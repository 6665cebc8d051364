"""Electronic receipts: issued once, and taken back by the rule of their kind before a refund goes out."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, text, update

from app.clients.opening import open_receipts
from app.kit import clock, db, outbox
from app.kit.errors import Invalid
from app.payments.errors import (
    OrderNotFound,
    ReceiptExists,
    ReceiptMovedOn,
    ReceiptNotOffered,
    ReceiptNotReversed,
)
from app.payments.flows import receipts as flow
from app.payments.flows import refunding
from app.payments.models import FeeItem, Refund, RefundStatus
from app.payments.service import move_offline, note_paid_out, request_refund
from app.payments.service.receipts import ask_receipt, ask_receipt_again, reverse_again
from tests.vendors import QUICK, Vendors, _vendor_server, vendors  # noqa: F401 - fixtures

LOST = ("reset_after", "http500_after", "gbk_plain_error", "forged_reply")


class Counter:
    """A delivered order of 50 yuan, and the issuer."""

    def __init__(self, school: Any, vendors: Vendors, kind: str = "fiscal") -> None:  # noqa: F811
        self.school, self.vendors = school, vendors
        self.offer(kind)
        self.charge = school.paid()
        school.deliver()

    def offer(self, kind: str | None) -> None:
        with db.unit_of_work() as session:
            session.execute(update(FeeItem).values(receipt_kind=kind))

    def ask(self, title: str = "李一鸣", by: Any = None) -> str:
        with db.unit_of_work() as session:
            public_id = self.school.order(self.charge).public_id
            return ask_receipt(session, by=by or self.school.li, order_public_id=public_id, title=title)

    def refund(self, fen: int) -> None:
        with db.unit_of_work() as session:
            public_id = self.school.order(self.charge).public_id
            request_refund(
                session, by=self.school.zhao, order_public_id=public_id, fen=fen, reason="多充了电"
            )

    def work(self, minutes: float = 0) -> None:
        self.school.pass_time(minutes=minutes)
        clients = self.school.clients
        for _ in range(2):
            outbox.drain(clients=clients, seconds=10)
            flow.work_due(clients=clients)
            refunding.refund_due(clients=clients)

    def rows(self, table: str) -> list[Any]:
        with db.unit_of_work() as session:
            return list(session.execute(text(f"SELECT * FROM payments_{table} ORDER BY id")))

    def issuer(self) -> tuple[list[Any], list[Any]]:
        books = self.vendors.get("/_sim/receipts/receipts")
        return books["receipts"][::-1], books["reds"][::-1]

    def refund_status(self) -> list[str]:
        return [row.status for row in self.rows("refunds")]


@pytest.fixture
def counter(school: Any, vendors: Vendors) -> Any:  # noqa: F811
    def make(kind: str = "fiscal") -> Counter:
        given = vendors.receipts()._settings
        told = {"url": given.url, "app_id": given.app_id, "key": given.key, "line": QUICK}
        before = school.app.extensions["clients"]
        school.app.extensions["clients"] = dataclasses.replace(
            before, receipts=open_receipts({"receipts": told})
        )
        return Counter(school, vendors, kind)

    return make


def test_it_works(counter: Any):
    one = counter()
    one.ask()
    one.work()
    [receipt] = one.rows("receipts")
    assert (receipt.status, receipt.fen, receipt.title, receipt.kind) == ("issued", 5000, "李一鸣", "fiscal")
    assert requests.get(receipt.url, timeout=10).status_code == 200
    assert [(row["number"], row["fen"]) for row in one.issuer()[0]] == [(receipt.number, 5000)]


def test_one_receipt_for_the_owner_of_a_delivered_order_of_an_item_that_has_them(counter: Any):
    one = counter()
    with pytest.raises(OrderNotFound):
        one.ask(by=one.school.chen)
    with pytest.raises(Invalid):
        one.ask("李")
    one.offer(None)
    with pytest.raises(ReceiptNotOffered):
        one.ask()
    one.offer("fiscal")
    one.ask()
    with pytest.raises(ReceiptExists):
        one.ask()


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_issued_twice(counter: Any, fault: str):
    one = counter()
    one.vendors.fault("receipts", fault, op="issue")
    one.ask()
    one.work()
    assert one.rows("receipts")[0].status == "issuing"
    one.work(5)
    assert one.rows("receipts")[0].status == "issued"
    assert (len(one.issuer()[0]), one.vendors.calls("receipts")["issue"]) == (1, 1)


def test_a_fiscal_receipt_is_taken_back_whole_and_a_new_one_says_the_rest(counter: Any):
    one = counter()
    one.ask()
    one.work()
    one.refund(1000)
    one.work(2)
    one.work(2)
    assert one.refund_status() == ["succeeded"]
    old, new = one.rows("receipts")
    assert (old.status, old.reversed_fen) == ("reversed", 5000)
    assert (new.status, new.fen, new.title) == ("issued", 4000, "李一鸣")
    assert [row["fen"] for row in one.issuer()[1]] == [5000]
    one.school.check()


def test_an_invoice_is_taken_back_in_part(counter: Any):
    one = counter("invoice")
    one.ask()
    one.work()
    for _ in range(2):
        one.refund(1000)
        one.work(3)
        one.work(3)
    [receipt] = one.rows("receipts")
    assert (receipt.status, receipt.reversed_fen) == ("issued", 2000)
    assert one.refund_status() == ["succeeded", "succeeded"]
    one.refund(3000)
    one.work(3)
    one.work(3)
    assert one.rows("receipts")[0].status == "reversed"


@pytest.mark.parametrize("fault", ["http500_before", *LOST])
def test_the_refund_waits_until_the_reversal_is_certain(counter: Any, fault: str):
    one = counter()
    one.ask()
    one.work()
    one.vendors.fault("receipts", fault, op="red")
    one.refund(5000)
    one.work(0.1)
    assert one.refund_status() == ["ready"]
    one.work(2)
    one.work(2)
    assert one.refund_status() == ["succeeded"]
    assert len(one.issuer()[1]) == 1
    assert [row.status for row in one.rows("receipts")] == ["reversed"]


def test_a_receipt_that_is_still_being_issued_holds_the_refund_too(counter: Any):
    one = counter()
    one.vendors.fault("receipts", "http500_after", op="issue")
    one.vendors.fault("receipts", "query_unavailable", op="query")
    one.ask()
    one.work()
    one.refund(5000)
    one.work(1)
    assert one.refund_status() == ["ready"]
    for _ in range(3):
        one.work(5)
    assert one.refund_status() == ["succeeded"]
    assert len(one.issuer()[1]) == 1


def test_a_receipt_that_the_payer_has_booked_holds_the_refund_until_a_person_has_seen_to_it(counter: Any):
    one = counter()
    public_id = one.ask()
    one.work()
    number = one.rows("receipts")[0].number
    one.vendors.post("/_sim/receipts/book", {"number": number})
    one.refund(1000)
    for _ in range(3):
        one.work(30)
    assert one.refund_status() == ["ready"]
    [red] = one.rows("red_receipts")
    assert (red.status, red.refusal) == ("refused", "票据已入账，须先由交款方取消入账")
    assert one.vendors.calls("receipts")["red"] == 1, "nobody knocks again without a person"
    one.vendors.post("/_sim/receipts/book", {"number": number, "booked": False})
    with db.unit_of_work() as session:
        reverse_again(session, by=one.school.zhao, public_id=public_id)
    one.work(1)
    one.work(2)
    assert one.refund_status() == ["succeeded"]


def test_a_booked_invoice_waits_for_its_buyer(counter: Any):
    one = counter("invoice")
    one.ask()
    one.work()
    one.vendors.post("/_sim/receipts/book", {"number": one.rows("receipts")[0].number})
    one.refund(1000)
    one.work(2)
    assert one.refund_status() == ["ready"]
    one.vendors.post("/_sim/receipts/confirm", {"number": one.rows("red_receipts")[0].number})
    one.work(31)
    one.work(2)
    assert one.refund_status() == ["succeeded"]


def test_a_receipt_asked_for_after_a_refund_says_the_rest_and_holds_nothing(counter: Any):
    one = counter()
    one.refund(1000)
    one.ask()
    one.work(2)
    one.work(2)
    assert one.refund_status() == ["succeeded"]
    assert [(row.status, row.fen) for row in one.rows("receipts")] == [("issued", 4000)]
    assert one.issuer()[1] == []


def test_a_refund_that_waits_for_a_second_person_takes_no_receipt_back(counter: Any):
    one = counter()
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(refund_alone_fen=10))
    one.ask()
    one.work()
    one.refund(1000)
    one.work(5)
    assert one.refund_status() == ["waiting"]
    assert one.rows("red_receipts") == []


def test_money_is_not_paid_out_by_hand_either_before_the_receipt_is_back(counter: Any):
    one = counter()
    one.ask()
    one.work()
    one.vendors.post("/_sim/receipts/book", {"number": one.rows("receipts")[0].number})
    one.refund(1000)
    with db.unit_of_work() as session:
        session.execute(update(Refund).values(status=RefundStatus.ABNORMAL))
        public_id = session.scalars(select(Refund.public_id)).one()
        move_offline(session, by=one.school.zhao, public_id=public_id)
    with pytest.raises(ReceiptNotReversed), db.unit_of_work() as session:
        note_paid_out(session, by=one.school.zhao, public_id=public_id, note="现金已付")


def test_a_refused_receipt_goes_again_by_a_person(counter: Any):
    one = counter()
    public_id = one.ask()
    with db.unit_of_work() as session:
        session.execute(text("UPDATE payments_receipts SET kind = 'fiscal', fen = 5000"))
    with pytest.raises(ReceiptMovedOn), db.unit_of_work() as session:
        ask_receipt_again(session, by=one.school.zhao, public_id=public_id)
    with db.unit_of_work() as session:
        session.execute(text("UPDATE payments_receipts SET status = 'refused', next_try_at = NULL"))
        ask_receipt_again(session, by=one.school.zhao, public_id=public_id)
    clock.advance(timedelta(seconds=1))
    one.work()
    assert one.rows("receipts")[0].status == "issued"
