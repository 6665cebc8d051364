"""Refunds: partial, several, at once, with the same number, abnormal, short of money, by hand."""

import dataclasses
import threading

import pytest
from sqlalchemy.exc import DBAPIError

from app.clients.wxpay.client import WxPay
from app.kit import db
from app.kit.errors import DomainError
from app.payments.errors import RefundMovedOn, RefundNeedsReason, RefundNotNow, RefundTooMuch, SamePerson
from app.payments.queries import ledger
from app.payments.service import (
    approve_refund,
    check_paid_out,
    move_offline,
    note_paid_out,
    reject_refund,
    request_refund,
)
from app.payments.service import ledger as books
from tests.payments.conftest import MCHID

WECHAT = f"channel:wechat:{MCHID}"


def ask(school, charge, fen, reason="宿舍已退费", by=None):
    with db.unit_of_work() as session:
        return request_refund(
            session, by=by or school.zhao, order_public_id=charge.public_id, fen=fen, reason=reason
        )


def delivered(school, fen=5000):
    charge = school.paid(fen=fen)
    school.deliver()
    return charge


def test_it_works(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    assert school.balances() == {
        WECHAT: 5000,
        "delivered:electricity": 3000,
        f"refunding:wechat:{MCHID}": 2000,
    }
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    assert school.payments(charge)[0].refunded_fen == 2000
    assert school.balances() == {WECHAT: 3000, "delivered:electricity": 3000}
    school.check()


def test_several_partial_refunds_never_exceed_the_payment(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    ask(school, charge, 2500)
    with pytest.raises(RefundTooMuch) as refused:
        ask(school, charge, 501)
    assert refused.value.params == {"left": "¥5.00"}
    ask(school, charge, 500)
    school.finish_refunds()
    assert {one.status for one in school.refunds(charge)} == {"succeeded"}
    assert school.balances() == {}
    school.check()


def test_clerks_at_the_same_instant_never_exceed_the_payment(school):
    charge = delivered(school)
    told, barrier = [], threading.Barrier(8)

    def go():
        barrier.wait()
        try:
            told.append(ask(school, charge, 1500))
        except DomainError as error:
            told.append(error.code)

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told).count("payments.refund_too_much") == 5
    assert school.payments(charge)[0].refunding_fen == 4500
    school.check()


def test_the_database_itself_refuses_more_than_was_paid(school):
    charge = delivered(school)
    with pytest.raises(DBAPIError), db.unit_of_work() as session:
        session.connection().exec_driver_sql(
            "UPDATE payments_payments SET refunded_fen = fen + 1 WHERE order_id = %s", (charge.order_id,)
        )


def test_a_reason_is_asked_for(school):
    with pytest.raises(RefundNeedsReason):
        ask(school, delivered(school), 100, reason="  ")


def test_no_refund_while_nobody_knows_whether_it_was_delivered(school):
    charge = school.paid()
    with pytest.raises(RefundNotNow):
        ask(school, charge, 100)


def test_above_the_limit_a_second_person_agrees(school):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 5001)
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "waiting"
    with db.unit_of_work() as session, pytest.raises(SamePerson):
        approve_refund(session, by=school.zhao, public_id=refund)
    with db.unit_of_work() as session:
        approve_refund(session, by=school.chen, public_id=refund)
    with db.unit_of_work() as session, pytest.raises(RefundMovedOn):
        approve_refund(session, by=school.chen, public_id=refund)
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    school.check()


def test_the_database_itself_refuses_one_person_in_both_roles(school):
    charge = delivered(school, fen=9000)
    ask(school, charge, 6000)
    with pytest.raises(DBAPIError), db.unit_of_work() as session:
        session.connection().exec_driver_sql("UPDATE payments_refunds SET approved_by_id = requested_by_id")


def test_a_refund_not_agreed_to_gives_the_reservation_back(school):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 6000)
    with db.unit_of_work() as session:
        reject_refund(session, by=school.chen, public_id=refund)
    assert school.payments(charge)[0].refunding_fen == 0
    assert school.balances() == {WECHAT: 9000, "delivered:electricity": 9000}
    ask(school, charge, 100)
    school.check()


def test_an_answer_that_was_lost_is_asked_for_under_the_same_number(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    school.sim("fault", name="api.timeout_after_commit", op="refund")
    number = school.refunds(charge)[0].number
    impatient(school)
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    assert school.refunds(charge)[0].number == number
    assert school.payments(charge)[0].refunded_fen == 2000
    school.check()


def impatient(school):
    """Our side waits no longer than half a second for WeChat Pay."""
    clients = school.clients
    hasty = {
        mchid: WxPay(dataclasses.replace(one._settings, timeout=(1.0, 0.5)))
        for mchid, one in clients.wxpay.items()
    }
    school.app.extensions["clients"] = dataclasses.replace(clients, wxpay=hasty)


def test_short_of_money_waits_for_finance_and_keeps_its_number(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    school.sim("fault", name="refund.not_enough")
    number = school.refunds(charge)[0].number
    school.send_refunds()
    assert school.refunds(charge)[0].status == "short"
    school.pass_time(minutes=9)
    school.finish_refunds()
    assert (school.refunds(charge)[0].status, school.refunds(charge)[0].number) == ("succeeded", number)
    school.check()


def test_a_number_that_the_channel_closed_is_replaced(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    school.sim("fault", name="refund.closed")
    number = school.refunds(charge)[0].number
    school.finish_refunds()
    refund = school.refunds(charge)[0]
    assert refund.status == "succeeded"
    assert refund.former_numbers == [number]
    assert school.payments(charge)[0].refunded_fen == 2000
    school.check()


def test_an_abnormal_refund_is_paid_out_by_two_people(school):
    charge = delivered(school)
    refund = ask(school, charge, 2000)
    school.sim("fault", name="refund.abnormal")
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "abnormal"
    with db.unit_of_work() as session:
        move_offline(session, by=school.zhao, public_id=refund)
    with db.unit_of_work() as session:
        note_paid_out(session, by=school.zhao, public_id=refund, note="转账至本人建行卡，回单 17 号")
    with db.unit_of_work() as session, pytest.raises(SamePerson):
        check_paid_out(session, by=school.zhao, public_id=refund)
    with db.unit_of_work() as session:
        check_paid_out(session, by=school.chen, public_id=refund)
    assert school.refunds(charge)[0].status == "paid_offline"
    assert school.payments(charge)[0].refunded_fen == 2000
    assert school.balances()["bank"] == -2000
    assert f"refunding:wechat:{MCHID}" not in school.balances()


def test_the_refund_notice_and_the_query_book_once(school):
    charge = delivered(school)
    ask(school, charge, 2000)
    school.sim("fault", name="refund.processing_forever")
    school.send_refunds()
    refund = school.refunds(charge)[0]
    assert refund.status == "processing"
    school.sim("refunds/finish", refund_no=refund.number, status="SUCCESS", wait=True)
    assert school.refunds(charge)[0].status == "succeeded"
    school.finish_refunds()
    assert school.payments(charge)[0].refunded_fen == 2000
    school.check()


def test_a_balance_at_an_earlier_moment(school):
    charge = delivered(school)
    with db.unit_of_work() as session:
        before = school.payments(charge)[0].received_at
        school.pass_time(minutes=5)
    ask(school, charge, 2000)
    with db.unit_of_work() as session:
        assert ledger.balance(session, "delivered:electricity", at=before) == 5000
        assert ledger.balance(session, "delivered:electricity") == 3000


def test_the_ledger_refuses_changes_and_doubles(school):
    charge = delivered(school)
    for sql in ("UPDATE payments_ledger_entries SET fen = 1", "DELETE FROM payments_ledger_entries"):
        with pytest.raises(DBAPIError), db.unit_of_work() as session:
            session.connection().exec_driver_sql(sql)
    with pytest.raises(DBAPIError), db.unit_of_work() as session:
        books.post(
            session,
            kind="payment",
            reference=str(school.payments(charge)[0].id),
            debit=WECHAT,
            credit="due:electricity",
            fen=1,
            happened_at=school.payments(charge)[0].paid_at,
        )
