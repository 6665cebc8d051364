"""Service fees: what is owed, paid, refunded; tuition is only linked."""

from datetime import date

import pytest
from sqlalchemy import select

from app.kit import db, outbox
from app.payments.events import PaymentSucceeded, RefundSucceeded
from app.payments.models import Order
from app.welcome import service as welcome_service
from app.welcome.models import FeeDue
from app.welcome.service import fees as service
from app.welcome.service.fees import FeeTerms
from tests import visit
from tests.payments.conftest import add_fee_item

PAGE = "/m/welcome/fees/"


@pytest.fixture
def fees(app, intake):
    add_fee_item(code="uniform", title="军训服装费", service_key="welcome")
    with db.unit_of_work() as session:
        for key, terms in {
            "uniform": FeeTerms("军训服装费", date(2026, 11, 30), fee_item="uniform", fen=12_800),
            "tuition": FeeTerms("学费", date(2026, 11, 30), link_url="https://pay.school.example/"),
        }.items():
            service.save_fee(session, by=None, season_id=intake.season, key=key, terms=terms)


def pay(client, key="uniform", once="one"):
    return client.post(f"{PAGE}{key}/pay", headers=visit.csrf(client) | {"Idempotency-Key": once})


def deliver(app, event):
    with db.unit_of_work() as session:
        outbox.emit(session, event)
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=20)


def order() -> Order:
    with db.unit_of_work() as session:
        found = session.scalars(select(Order)).one()
        session.expunge(found)
        return found


def test_it_works(app, intake, zhou, fees):
    page = zhou.get(PAGE).text
    assert "¥128.00" in page and "待缴" in page and 'href="https://pay.school.example/"' in page
    answer = pay(zhou)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/m/pay/ord_")
    assert pay(zhou).headers["Location"] == pay(zhou, once="two").headers["Location"]
    paid = order()
    assert (paid.fen, paid.service_key, paid.owner_id) == (12_800, "welcome", intake.zhou)
    with db.unit_of_work() as session:
        service.note_paid(session, public_id=paid.subject, order_id=paid.id)
    assert "已缴" in zhou.get(PAGE).text
    assert pay(zhou, once="three").status_code == 409
    with db.unit_of_work() as session:
        service.note_refunded(session, order_id=paid.id)
    assert "已退" in zhou.get(PAGE).text


def test_the_events_of_payments_are_heard(app, intake, zhou, fees):
    pay(zhou)
    found = order()
    with db.unit_of_work() as session:
        outbox.emit(session, PaymentSucceeded(found.id, "welcome", found.subject))
        outbox.emit(session, PaymentSucceeded(found.id, "electricity", "etu_x"))
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=5)
    assert "已缴" in zhou.get(PAGE).text
    deliver(app, RefundSucceeded(1, found.id))
    assert "已退" in zhou.get(PAGE).text


def test_tuition_is_not_collected(app, intake, zhou, fees):
    assert (pay(zhou, "tuition").status_code, pay(zhou, "none", "x").status_code) == (409, 404)
    assert pay(visit.phone(app), once="y").status_code == 404


def test_dues_follow_a_merge(app, intake, zhou, fees):
    pay(zhou)
    with db.unit_of_work() as session:
        welcome_service.merge_person(session, from_id=intake.zhou, into_id=intake.lin)
        assert session.scalars(select(FeeDue.person_id)).all() == [intake.lin]
        welcome_service.erase_person(session, by=None, person_id=intake.lin)
        assert session.scalars(select(FeeDue.id)).all() == []
