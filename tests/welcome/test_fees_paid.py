"""A service fee through the real cashier: prepaid, paid in the sandbox's WeChat, fulfilled, shown as paid."""

from datetime import date
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.payments.flows import fulfilling
from app.payments.models import Order
from app.platform.directory import service as directory
from app.welcome import service
from app.welcome.models import Admission, FeeDue
from app.welcome.service import Admitted, fees
from app.welcome.service.fees import FeeTerms
from tests import visit
from tests.payments.conftest import (  # noqa: F401 - fixtures
    OPENID,
    _acquirer,
    add_fee_item,
    school,
    served,
)
from tests.payments.test_phone_pages import link, press
from tests.welcome.conftest import PEOPLE

PAGE = "/m/welcome/fees/"


@pytest.fixture
def zhou(school):  # noqa: F811
    """周's phone: a freshman with one fee to pay, whose vendor is welcome's own fulfiller."""
    fulfilling.configure(school.app.extensions["registry"])
    add_fee_item(code="uniform", title="军训服装费", service_key="welcome")
    day = clock.today()
    with db.unit_of_work() as session:
        season = service.open_season(
            session,
            by=None,
            code="2026",
            name="迎新",
            opens_on=day,
            dorms_on=day,
            arrives_on=day,
            arrival_ends_on=day,
            closes_on=date(day.year + 1, 1, 31),
        )
        college = directory.add_org_unit(session, by=None, code="XX", name="信息学院", kind="college")
        admitted = Admitted(**PEOPLE["zhou"], college_id=college)
        service.admit(session, by=None, season_id=season, admitted=admitted)
        admission = session.scalars(select(Admission)).one()
        admission.claimed_at = clock.now()
        terms = FeeTerms("军训服装费", date(day.year + 1, 1, 1), fee_item="uniform", fen=12_800)
        fees.save_fee(session, by=None, season_id=season, key="uniform", terms=terms)
        person_id = admission.person_id
    link(person_id, OPENID)
    return visit.phone(school.app, person_id)


def begin(client):
    """The order that 去缴费 makes, as the cashier knows it."""
    headers = visit.csrf(client) | {"Idempotency-Key": "one-fee-once"}
    answer = client.post(f"{PAGE}uniform/pay", headers=headers)
    with db.unit_of_work() as session:
        order_id = session.scalars(select(Order.id)).one()
    return SimpleNamespace(order_id=order_id, url=urlsplit(answer.headers["Location"]).path)


def test_it_works(school, zhou):  # noqa: F811
    assert "待缴" in zhou.get(PAGE).text
    charge = begin(zhou)
    assert "¥128.00" in zhou.get(charge.url).text
    assert "prepay_id=" in press(zhou, charge).text
    school.pay(charge)
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert [(one.fen, one.role) for one in school.payments(charge)] == [(12_800, "settles")]
    page = zhou.get(PAGE).text
    assert "已缴" in page and "待缴" not in page
    assert "已到账" in zhou.get(f"{charge.url}/result").text
    school.check()


def test_what_is_not_paid_stays_due(school, zhou):  # noqa: F811
    charge = begin(zhou)
    press(zhou, charge)
    school.deliver()
    assert "待缴" in zhou.get(PAGE).text
    with db.unit_of_work() as session:
        assert session.scalars(select(FeeDue.status)).all() == ["unpaid"]
