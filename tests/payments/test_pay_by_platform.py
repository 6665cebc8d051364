"""Paying through the school's platform: to its cashier and back, and every way in which it can go otherwise."""

from typing import Any

import pytest
import requests
from sqlalchemy import select

from app.kit import db
from app.payments.errors import OrderAlreadyPaid
from app.payments.flows import checking, paying
from app.payments.models import Channel, Dispute
from app.payments.service import cancel_order, request_refund
from sandbox.unipay.signing import sign

PLATFORM = "channel:platform:UP01"


class Payer:
    """Who is sent to the cashier, and the switches of the platform."""

    def __init__(self, school: Any) -> None:
        self.school = school

    def start(self, charge: Any) -> str:
        started = paying.start_payment(
            charge.order_id,
            payer_id=self.school.li.person_id,
            payer_account="",
            channel=Channel.PLATFORM,
            trade_type="CASHIER",
            clients=self.school.clients,
        )
        assert started.kind == "redirect"
        return str(started.payload["url"])

    def sim(self, path: str, **given: Any) -> Any:
        answer = requests.post(f"{self.school.sandbox}/_sim/unipay/{path}", json=given, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, kind: str, *, times: int | None = 1, **given: Any) -> None:
        self.sim("fault", fault=kind, times=times, **given)

    def paid(self, **given: Any) -> Any:
        charge = self.school.charge()
        self.sim("pay", url=self.start(charge), wait=True, **given)
        return charge

    def number(self, charge: Any) -> str:
        mine = [each for each in self.school.attempts(charge) if each.channel == Channel.PLATFORM]
        return str(mine[-1].number)

    def seen(self, charge: Any) -> Any:
        found = requests.get(
            f"{self.school.sandbox}/_sim/unipay/orders",
            params={"order_no": self.number(charge)},
            timeout=10,
        )
        return found.json()


@pytest.fixture
def payer(school: Any) -> Payer:
    return Payer(school)


def disputes() -> list[str]:
    with db.unit_of_work() as session:
        return list(session.scalars(select(Dispute.kind)))


def test_it_works(school, payer):
    charge = payer.paid()
    assert school.order(charge).status == "paid"
    assert school.balances() == {PLATFORM: 5000, "due:electricity": 5000}
    assert payer.seen(charge)["notices"][0]["state"] == "delivered"
    school.deliver()
    assert school.vendor.credits == [(school.order(charge).number, 5000)]
    assert school.payments(charge)[0].learned_by == "notify"
    school.check()


def test_pressing_again_leads_to_the_same_order_there(school, payer):
    charge = school.charge()
    first, second = payer.start(charge), payer.start(charge)
    assert len(school.attempts(charge)) == 1
    assert [requests.get(url, timeout=5).status_code for url in (first, second)] == [200, 200]
    payer.sim("pay", url=second, wait=True)
    with pytest.raises(OrderAlreadyPaid):
        payer.start(charge)


@pytest.mark.parametrize("fault", ["notify_lost", "notify_bad_sig", "notify_late"])
def test_a_notice_that_does_not_come_is_asked_for(school, payer, fault):
    payer.fault(fault, times=None, seconds=86_400)
    charge = payer.paid()
    assert school.order(charge).status == "open"
    school.pass_time(seconds=40)
    checking.check_due(clients=school.clients)
    school.deliver()
    assert school.order(charge).status == "paid"
    assert school.payments(charge)[0].learned_by == "query"
    assert disputes() == []
    school.check()


def test_a_notice_that_comes_twice_counts_once(school, payer):
    payer.fault("notify_dup")
    charge = payer.paid()
    school.deliver(2)
    assert len(school.payments(charge)) == 1
    assert len(school.vendor.credits) == 1
    school.check()


def test_a_notice_and_a_query_count_once(school, payer):
    payer.fault("notify_lost")
    charge = payer.paid()
    checking.check_order(charge.order_id, clients=school.clients)
    assert payer.sim("notices/flush") == {"sent": 1}
    assert payer.seen(charge)["notices"][0]["state"] == "delivered"
    assert len(school.payments(charge)) == 1
    school.check()


def test_a_genuine_notice_of_another_sum_moves_nothing(school, payer):
    payer.fault("notify_wrong_amount")
    charge = payer.paid()
    assert school.order(charge).status == "open"
    assert school.balances() == {}
    assert disputes() == ["wrong_amount"]
    assert payer.seen(charge)["notices"][0]["status"] == 422
    payer.sim("notices/flush")
    assert school.order(charge).status == "paid", "the next one is right"


def test_forged_notices_change_nothing(school, payer):
    charge = school.charge()
    payer.start(charge)
    fields = {
        "merchant_no": "UP01",
        "order_no": payer.number(charge),
        "transaction_id": "UP1",
        "state": "SUCCESS",
        "total_fen": "5000",
        "paid_at": "2026-11-26T12:00:00+08:00",
        "timestamp": "1",
        "nonce": "1",
    }
    for form in ({}, fields, {**fields, "sign": "0" * 64}, {**fields, "sign": sign("k" * 32, fields)}):
        answer = requests.post(f"{school.base}/callbacks/unipay/UP01", data=form, timeout=5)
        assert (answer.status_code, "success" in answer.text) == (401, False)
    assert requests.post(f"{school.base}/callbacks/unipay/UP99", data=fields, timeout=5).status_code == 404
    assert (school.order(charge).status, school.balances(), disputes()) == ("open", {}, [])


def test_an_order_that_runs_out_unopened_ends(school, payer):
    charge = school.charge()
    url = payer.start(charge)
    school.pass_time(seconds=40)
    checking.check_due(clients=school.clients)
    assert (school.order(charge).status, school.attempts(charge)[0].status) == ("open", "pending")
    school.pass_time(minutes=30)
    checking.check_due(clients=school.clients)
    assert (school.order(charge).status, school.attempts(charge)[0].status) == ("closed", "closed")
    assert requests.get(url, timeout=5).status_code == 400


def test_an_order_closed_here_before_anybody_opened_it_is_barred_there(school, payer):
    charge = school.charge()
    url = payer.start(charge)
    with db.unit_of_work() as session:
        cancel_order(session, by=school.li, public_id=charge.public_id)
    school.deliver()
    assert school.attempts(charge)[0].status == "closed"
    assert requests.get(url, timeout=5).status_code == 400


def test_where_the_platform_cannot_bar_the_attempt_lives_as_long_as_the_address(school, payer):
    payer.sim("set", bars_unseen=False)
    charge = school.charge()
    payer.start(charge)
    with db.unit_of_work() as session:
        cancel_order(session, by=school.li, public_id=charge.public_id)
    school.deliver()
    assert school.attempts(charge)[0].status == "pending"
    school.pass_time(minutes=31)
    checking.check_due(clients=school.clients)
    assert school.attempts(charge)[0].status == "closed"


def test_a_payment_by_an_address_that_lived_on_goes_back(school, payer):
    payer.sim("set", bars_unseen=False)
    payer.fault("notify_lost", times=None)
    charge = school.charge()
    url = payer.start(charge)
    with db.unit_of_work() as session:
        cancel_order(session, by=school.li, public_id=charge.public_id)
    school.deliver()
    payer.sim("pay", url=url)
    school.pass_time(minutes=31)
    checking.check_due(clients=school.clients)
    assert [payment.role for payment in school.payments(charge)] == ["surplus"]
    school.finish_refunds()
    assert school.balances() == {}
    school.check()


def test_an_order_closed_at_the_platform_ends_here(school, payer):
    charge = school.charge()
    requests.get(payer.start(charge), timeout=5).raise_for_status()
    school.clients.unipay["UP01"].close(payer.number(charge))
    checking.check_order(charge.order_id, clients=school.clients)
    assert school.attempts(charge)[0].status == "closed"
    assert school.order(charge).status == "open"
    payer.sim("pay", url=payer.start(charge), wait=True)
    assert [attempt.status for attempt in school.attempts(charge)] == ["closed", "paid"]


def test_going_over_to_wechat_closes_the_order_at_the_platform(school, payer):
    charge = school.charge()
    requests.get(payer.start(charge), timeout=5).raise_for_status()
    school.start(charge)
    assert [attempt.status for attempt in school.attempts(charge)] == ["closed", "pending"]
    assert payer.seen(charge)["order"]["state"] == "CLOSED"


def test_going_over_to_wechat_finds_that_the_platform_was_paid(school, payer):
    payer.fault("notify_lost", times=None)
    charge = payer.paid()
    with pytest.raises(OrderAlreadyPaid):
        school.start(charge)
    assert school.order(charge).status == "paid"


def ask(school, charge, fen=2000):
    with db.unit_of_work() as session:
        return request_refund(
            session, by=school.zhao, order_public_id=charge.public_id, fen=fen, reason="宿舍已退费"
        )


def refunded(school, payer, fault: str = ""):
    charge = payer.paid()
    school.deliver()
    ask(school, charge)
    if fault:
        payer.fault(fault, match={"op": "refund"})
    return charge


@pytest.mark.parametrize("fault", ["", "http500_before", "http500_after", "reset_after", "forged_reply"])
def test_a_refund_arrives_once(school, payer, fault):
    charge = refunded(school, payer, fault)
    number = school.refunds(charge)[0].number
    school.finish_refunds()
    refund = school.refunds(charge)[0]
    assert (refund.status, refund.number) == ("succeeded", number)
    assert [(one["fen"], one["status"]) for one in payer.seen(charge)["refunds"]] == [(2000, "SUCCESS")]
    assert school.balances() == {PLATFORM: 3000, "delivered:electricity": 3000}
    school.check()


def test_a_refund_short_of_money_waits_for_finance(school, payer):
    charge = refunded(school, payer)
    payer.sim("balance", merchant_no="UP01", fen=1999)
    school.send_refunds()
    assert school.refunds(charge)[0].status == "short"
    payer.sim("balance", merchant_no="UP01", fen=2000)
    school.pass_time(minutes=9)
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"


def test_an_abnormal_refund_is_for_people(school, payer):
    charge = refunded(school, payer, "refund_abnormal")
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "abnormal"


def test_a_number_that_the_platform_closed_is_replaced(school, payer):
    charge = refunded(school, payer, "refund_closed")
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    assert [one["status"] for one in payer.seen(charge)["refunds"]] == ["CLOSED", "SUCCESS"]
    school.check()
