"""What becomes of a person's payments when they merge, ask for a copy, or go."""

import json

import pytest
from sqlalchemy import select

from app.kit import db
from app.kit.caller import Caller
from app.payments.errors import MoneyUnderWay
from app.payments.models import CardAgreement, Channel
from app.payments.service import people, request_refund
from app.payments.service.agreements import find_agreement, sign_agreement
from app.payments.service.attempts import begin_attempt
from tests.payments.conftest import OPENID


def sign(person_id, account="6222000011112222"):
    with db.unit_of_work() as session:
        sign_agreement(session, by=Caller(person_id), account_no=account)


def merge(school):
    with db.unit_of_work() as session:
        people.merge_person(session, from_id=school.ids.li, into_id=school.ids.chen)


def agreements(person_id):
    with db.unit_of_work() as session:
        return session.execute(
            select(CardAgreement.account_no, CardAgreement.revoked_at)
            .where(CardAgreement.person_id == person_id)
            .order_by(CardAgreement.id)
        ).all()


def test_it_works(school):
    charge = school.paid()
    sign(school.ids.li)
    for _ in range(2):
        merge(school)
    assert school.order(charge).owner_id == school.ids.chen
    assert school.attempts(charge)[0].payer_id == school.ids.chen
    with db.unit_of_work() as session:
        assert find_agreement(session, school.ids.chen) is not None
        assert find_agreement(session, school.ids.li) is None
    school.check()


def test_of_two_agreements_the_survivors_stays(school):
    sign(school.ids.li, "old")
    sign(school.ids.chen, "new")
    merge(school)
    assert [(one.account_no, one.revoked_at is None) for one in agreements(school.ids.chen)] == [
        ("old", False),
        ("new", True),
    ]


def test_two_who_try_to_pay_one_order_can_become_one(school):
    charge = school.charge()
    school.start(charge, by=school.chen)
    with db.unit_of_work() as session:
        begin_attempt(
            session,
            order_id=charge.order_id,
            payer_id=school.ids.li,
            payer_account=OPENID,
            channel=Channel.WECHAT,
            trade_type="JSAPI",
        )
    merge(school)
    assert sorted(one.payer_id for one in school.attempts(charge)) == sorted([school.ids.li, school.ids.chen])
    assert school.order(charge).owner_id == school.ids.chen
    school.check()


def test_a_copy_names_what_was_paid_and_no_account(school):
    charge = school.paid()
    sign(school.ids.li)
    with db.unit_of_work() as session:
        copy = people.export_person(session, person_id=school.ids.li)
    assert copy["orders"][0]["number"] == school.order(charge).number
    assert copy["payments"][0]["fen"] == 5000
    assert copy["card_agreements"][0]["order_limit_fen"] == 20_000
    assert "6222000011112222" not in json.dumps(copy)


def test_erasing_ends_agreements_and_keeps_the_books(school):
    charge = school.paid()
    school.deliver()
    sign(school.ids.li)
    before = school.balances()
    for _ in range(2):
        with db.unit_of_work() as session:
            people.erase_person(session, by=None, person_id=school.ids.li)
    assert [(one.account_no, one.revoked_at is not None) for one in agreements(school.ids.li)] == [("", True)]
    assert school.attempts(charge)[0].payer_account == ""
    assert school.balances() == before
    school.check()


def test_nobody_is_erased_while_their_money_is_on_its_way(school):
    charge = school.paid()
    school.deliver()
    with db.unit_of_work() as session:
        request_refund(
            session, by=school.zhao, order_public_id=charge.public_id, fen=100, reason="宿舍已退费"
        )
    with db.unit_of_work() as session, pytest.raises(MoneyUnderWay):
        people.erase_person(session, by=None, person_id=school.ids.li)
    school.finish_refunds()
    with db.unit_of_work() as session:
        people.erase_person(session, by=None, person_id=school.ids.li)


def test_the_house_knows_what_to_do_with_payments(app):
    module = next(one for one in app.extensions["registry"].modules if one.key == "payments")
    assert None not in (module.merge_person, module.export_person, module.erase_person)
