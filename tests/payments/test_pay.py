"""Paying by WeChat: from a charge to a delivered order, and every way in which it can go otherwise."""

import pytest
import requests
from sqlalchemy import select

from app.kit import db, external_events
from app.kit.external_events import ExternalEvent
from app.payments.errors import OrderAlreadyPaid, OrderClosed
from app.payments.flows import checking
from app.payments.models import Dispute
from app.payments.service import cancel_order
from app.platform.operations.jobs import tidy
from tests.payments.conftest import FRIEND, MCHID

WECHAT = f"channel:wechat:{MCHID}"


def test_it_works(school):
    charge = school.charge()
    started = school.start(charge)
    assert started.kind == "invoke"
    assert started.payload["package"].startswith("prepay_id=")
    school.pay(charge)
    assert school.order(charge).status == "paid"
    assert school.balances() == {WECHAT: 5000, "due:electricity": 5000}
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert school.vendor.credits == [(school.order(charge).number, 5000)]
    assert school.balances() == {WECHAT: 5000, "delivered:electricity": 5000}
    school.check()


def test_an_open_order_is_used_again_and_so_is_its_number(school):
    first = school.charge()
    school.start(first)
    again = school.charge()
    school.start(again)
    assert again == first
    assert len(school.attempts(first)) == 1


def test_another_price_closes_the_order_and_makes_a_new_one(school):
    old = school.charge(fen=5000)
    school.start(old)
    new = school.charge(fen=6000)
    school.deliver()
    assert (school.order(old).status, school.order(old).closed_reason) == ("closed", "renewed")
    assert school.attempts(old)[0].status == "closed"
    assert school.order(new).fen == 6000
    with pytest.raises(OrderClosed):
        school.start(old)


def test_a_payment_of_a_renewed_order_goes_back(school):
    old = school.charge(fen=5000)
    school.start(old)
    new = school.charge(fen=6000)
    school.pay(old)
    school.start(new)
    school.pay(new)
    school.deliver()
    assert [payment.role for payment in school.payments(old)] == ["surplus"]
    assert school.refunds(old)[0].fen == 5000
    assert school.vendor.credits == [(school.order(new).number, 6000)]
    school.check()


def test_a_notice_that_never_comes_is_asked_for(school):
    charge = school.charge()
    school.start(charge)
    school.sim("fault", name="notify.lost", times=20)
    school.pay(charge)
    assert school.order(charge).status == "open"
    school.pass_time(seconds=40)
    checking.check_due(clients=school.clients)
    school.deliver()
    assert school.order(charge).status == "paid"
    assert len(school.vendor.credits) == 1
    assert school.payments(charge)[0].learned_by == "query"


def test_a_payment_after_expiry_is_delivered(school):
    charge = school.charge()
    school.start(charge)
    school.pass_time(minutes=31)
    checking.check_due(clients=school.clients)
    assert school.order(charge).status == "closed"
    school.pay(charge, force=True)
    school.deliver()
    order = school.order(charge)
    assert (order.status, order.is_late) == ("paid", True)
    assert len(school.vendor.credits) == 1
    school.check()


def test_a_payment_of_a_cancelled_order_goes_back(school):
    charge = school.charge()
    school.start(charge)
    with db.unit_of_work() as session:
        cancel_order(session, by=school.li, public_id=charge.public_id)
    school.pay(charge)
    school.deliver()
    assert school.order(charge).status == "closed"
    assert school.vendor.credits == []
    refund = school.refunds(charge)[0]
    assert (refund.cause, refund.fen) == ("surplus", 5000)
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    assert school.balances() == {}
    school.check()


def test_an_expired_order_with_a_successor_is_not_delivered(school):
    old = school.charge()
    school.start(old)
    school.pass_time(minutes=31)
    checking.check_due(clients=school.clients)
    new = school.charge()
    school.start(new)
    school.pay(new)
    school.pay(old, force=True)
    school.deliver()
    assert [payment.role for payment in school.payments(old)] == ["surplus"]
    assert len(school.vendor.credits) == 1
    school.check()


def test_two_phones_that_pay_one_order_are_one_payment_and_one_refund(school):
    charge = school.charge()
    school.start(charge)
    first = school.attempts(charge)[0].number
    school.sim("fault", name="api.timeout_before_commit", op="close", times=5)
    school.start(charge, by=school.chen, openid=FRIEND)
    second = school.attempts(charge)[1].number
    school.sim("pay", order_no=first, wait=True)
    school.sim("pay", order_no=second, wait=True)
    school.deliver()
    assert [payment.role for payment in school.payments(charge)] == ["settles", "surplus"]
    assert len(school.vendor.credits) == 1
    assert [(refund.cause, refund.fen) for refund in school.refunds(charge)] == [("surplus", 5000)]
    school.check()


def test_the_second_phone_closes_the_first_ones_attempt(school):
    charge = school.charge()
    school.start(charge)
    school.start(charge, by=school.chen, openid=FRIEND)
    assert [attempt.status for attempt in school.attempts(charge)] == ["closed", "pending"]


def test_the_second_phone_learns_that_the_first_has_paid(school):
    charge = school.charge()
    school.start(charge)
    school.sim("fault", name="notify.lost", times=20)
    school.pay(charge)
    with pytest.raises(OrderAlreadyPaid):
        school.start(charge, by=school.chen, openid=FRIEND)
    assert school.order(charge).status == "paid"


def test_a_paid_order_is_not_started_again(school):
    charge = school.paid()
    with pytest.raises(OrderAlreadyPaid):
        school.start(charge)


def test_a_hundred_notices_are_one_payment(school):
    charge = school.charge()
    school.start(charge)
    school.sim("fault", name="notify.dup", copies=20)
    school.pay(charge)
    school.sim("notices/flush")
    school.deliver(2)
    assert len(school.payments(charge)) == 1
    assert len(school.vendor.credits) == 1
    notices = requests.get(f"{school.sandbox}/_sim/wxpay/notices", timeout=10).json()
    assert {notice["state"] for notice in notices} == {"delivered"}
    school.check()


def test_a_genuine_notice_that_does_not_fit_is_told_twice_and_no_more(school):
    charge = school.charge()
    school.start(charge)
    school.pay(charge, amount=4999)
    assert told(school, charge) == ["waiting"], "it was refused, and is told again"
    school.sim("notices/flush")
    assert told(school, charge) == ["delivered"], "a person has it: the channel may rest"
    with db.unit_of_work() as session:
        assert session.scalars(select(Dispute.kind)).all() == ["wrong_amount"]
    assert (school.order(charge).status, school.balances()) == ("open", {})


def told(school, charge) -> list[str]:
    number = school.attempts(charge)[0].number
    notices = requests.get(f"{school.sandbox}/_sim/wxpay/notices", timeout=10).json()
    return [notice["state"] for notice in notices if notice["order_no"] == number]


def test_a_notice_is_kept_word_for_word_when_what_people_chatted_is_forgotten(school):
    charge = school.paid()
    with db.unit_of_work() as session:
        external_events.store(session, source="wechat", external_id="1", payload={})
    school.pass_time(days=15)
    tidy(clients=None)
    with db.unit_of_work() as session:
        (kept,) = session.scalars(select(ExternalEvent.payload))
    letter = kept.pop("letter")
    assert kept["transaction"] == school.payments(charge)[0].transaction_id
    school.pass_time(days=-15)
    again = school.clients.wxpay[MCHID].read_notice(letter, letter["body"].encode())
    assert again.trade.transaction_id == kept["transaction"], "it can be proved and opened once more"


FORGED = range(1, 26)


@pytest.mark.parametrize("variant", FORGED)
def test_a_forged_notice_changes_nothing(school, variant):
    charge = school.charge()
    school.start(charge)
    number = school.attempts(charge)[0].number
    sent = school.sim("forge", variant=variant, order_no=number)
    assert 400 <= sent["status"] < 500, sent
    assert school.order(charge).status == "open"
    assert school.balances() == {}
    with db.unit_of_work() as session:
        disputes = session.scalars(select(Dispute.kind)).all()
    assert len(disputes) == (1 if variant >= 20 else 0), disputes
    school.pay(charge)
    school.deliver()
    assert len(school.vendor.credits) == 1, "the genuine notice still counts"
    school.check()


@pytest.mark.parametrize("variant", ["first", "duplicate", "fresh", "rotated", "late"])
def test_a_genuine_notice_counts_once(school, variant):
    charge = school.charge()
    school.start(charge)
    number = school.attempts(charge)[0].number
    sent = school.sim("forge", variant=variant, order_no=number)
    assert 200 <= sent["status"] < 300, sent
    school.deliver()
    assert len(school.payments(charge)) == 1
    assert len(school.vendor.credits) == 1
    school.check()
