"""我的同意: the campus card's agreement is listed there, and revoked."""

from sqlalchemy import select

from app.kit import db
from app.kit.caller import Caller
from app.payments.models import CardAgreement
from app.payments.service.agreements import find_agreement, sign_agreement
from tests import visit


def withdraw(browser, key: str = "card") -> int:
    data = {"module": "payments", "key": key}
    return browser.post("/m/privacy/agreements/withdraw", headers=visit.csrf(browser), data=data).status_code


def test_it_works(app, campus):
    li = visit.phone(app, campus.li)
    with db.unit_of_work() as session:
        sign_agreement(session, by=Caller(campus.li), account_no="6222000011112222")
    page = li.get("/m/privacy/agreements").text
    assert "校园卡小额免密" in page and "6222000011112222" not in page
    assert withdraw(li, "another") == 404
    assert withdraw(li) == 303
    with db.unit_of_work() as session:
        assert find_agreement(session, campus.li) is None
        assert len(session.scalars(select(CardAgreement.id)).all()) == 1
    assert "已撤回" in li.get("/m/privacy/agreements").text
    assert withdraw(li) == 404


def test_anothers_is_not_ones_own(app, campus):
    with db.unit_of_work() as session:
        sign_agreement(session, by=Caller(campus.li), account_no="6222000011112222")
    chen = visit.phone(app, campus.chen)
    assert "校园卡小额免密" not in chen.get("/m/privacy/agreements").text and withdraw(chen) == 404
    with db.unit_of_work() as session:
        assert find_agreement(session, campus.li) is not None
