"""我的同意: a roommate who was let in is listed with whoever let them in, and put out again there."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.miniapps.electricity.errors import BindingNotFound
from app.miniapps.electricity.models import Binding
from tests import visit


@pytest.fixture
def let_in(app, dorm) -> str:
    """李 lets 陈 into 512; the binding."""
    dorm.bind()
    binding = dorm.ask(dorm.chen)
    dorm.decide(dorm.li, binding)
    return binding


def withdraw(browser, key: str) -> int:
    data = {"module": "electricity", "key": key}
    return browser.post("/m/privacy/agreements/withdraw", headers=visit.csrf(browser), data=data).status_code


def state(binding: str) -> tuple[str, str | None]:
    with db.unit_of_work() as session:
        row = session.execute(
            select(Binding.status, Binding.ended_reason).where(Binding.public_id == binding)
        ).one()
        return row.status, row.ended_reason


def test_it_works(app, dorm, let_in):
    li = visit.phone(app, dorm.ids.li)
    page = li.get("/m/privacy/agreements").text
    assert "让室友查看本房电费" in page and "陈**" in page and "陈晓雨" not in page
    assert withdraw(li, let_in) == 303
    assert state(let_in) == ("ended", "consent_ended")
    page = li.get("/m/privacy/agreements").text
    assert (page.count("同意中"), page.count(">已撤回<")) == (0, 1)
    assert withdraw(li, let_in) == 404


def test_only_who_allowed_it_may_end_it_there(app, dorm, let_in):
    chen = visit.phone(app, dorm.ids.chen)
    assert "还没有同意过什么" in chen.get("/m/privacy/agreements").text
    assert (withdraw(chen, let_in), withdraw(chen, "ebd_nothing")) == (404, 404)
    assert state(let_in) == ("live", None)


def test_what_a_manager_decided_or_a_roommate_declined_is_no_consent(app, dorm):
    dorm.bind()
    dorm.decide(dorm.li, dorm.ask(dorm.chen), accepts=False)
    dorm.decide(dorm.manager, dorm.ask(dorm.chen))
    for person_id in (dorm.ids.li, dorm.manager.person_id):
        assert "让室友查看本房电费" not in visit.phone(app, person_id).get("/m/privacy/agreements").text


def test_who_was_put_out_sees_the_room_no_more(app, dorm, let_in):
    dorm.view(dorm.chen, let_in)
    withdraw(visit.phone(app, dorm.ids.li), let_in)
    with pytest.raises(BindingNotFound):
        dorm.view(dorm.chen, let_in)
