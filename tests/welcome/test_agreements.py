"""我的同意: what a freshman allows is listed and ended in one place, with all that rested on it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.identity import service as identity
from app.welcome import queries, service
from app.welcome.errors import GuardianNotFound
from app.welcome.models import Admission, Channel, CompanionPost, Contact, Guardian
from app.welcome.queries.consents import has_given
from app.welcome.service import agreements, companions, guardians, roommates
from app.welcome.service.companions import Journey
from tests import visit


@pytest.fixture
def allowed(intake) -> str:
    """周 allows all there is; returns the id of the parent who looks on."""
    by = Caller(intake.zhou)
    with db.unit_of_work() as session:
        roommates.save_contact(session, by=by, channel=Channel.WECHAT, value="zhou_yutong", agrees=True)
        journey = Journey("440100", clock.today() + timedelta(days=1), "train", 1)
        companions.publish(session, by=by, journey=journey, agrees=True)
        admission = queries.admission_of(session, intake.zhou)
        public_id = guardians.ask(
            session, by=Caller(intake.gao), admission_id=admission.id, relation="mother"
        )
        service.decide_guardian(session, by=by, public_id=public_id, accepts=True)
    return public_id


def withdraw(browser, key: str):
    data = {"module": "welcome", "key": key}
    return browser.post("/m/privacy/agreements/withdraw", headers=visit.csrf(browser), data=data)


def test_it_works(intake, zhou, allowed):
    page = zhou.get("/m/privacy/agreements").text
    assert [page.count(words) for words in ("交换微信号", "同城结伴信息", "让家长查看")] == [1, 1, 1]
    assert (page.count("同意中"), page.count("已撤回")) == (3, 0)
    clock.advance(timedelta(minutes=1))
    for key in ("contact_wechat", "companion", f"guardian:{allowed}"):
        assert withdraw(zhou, key).status_code == 303
    page = zhou.get("/m/privacy/agreements").text
    assert (page.count("同意中"), page.count(">已撤回<")) == (0, 3)


def test_what_rested_on_it_ends(intake, zhou, allowed):
    withdraw(zhou, "contact_wechat")
    withdraw(zhou, "companion")
    withdraw(zhou, f"guardian:{allowed}")
    with db.unit_of_work() as session:
        assert session.scalars(select(Contact)).all() == []
        assert session.scalars(select(CompanionPost.status)).all() == ["closed"]
        assert session.scalars(select(Guardian.status)).all() == ["ended"]
        assert not has_given(session, intake.zhou, "companion")


def test_nobody_ends_what_another_allows(app, intake, allowed):
    lin = visit.phone(app, intake.lin)
    assert withdraw(lin, f"guardian:{allowed}").status_code == 404
    withdraw(lin, "companion")
    with db.unit_of_work() as session:
        assert has_given(session, intake.zhou, "companion")
        assert session.scalars(select(CompanionPost.status)).all() == ["open"]
        with pytest.raises(GuardianNotFound):
            agreements.withdraw(session, by=Caller(intake.lin), key=f"guardian:{allowed}")


def test_who_was_declined_was_never_allowed(intake, zhou):
    with db.unit_of_work() as session:
        admission = queries.admission_of(session, intake.zhou)
        asked = guardians.ask(session, by=Caller(intake.gao), admission_id=admission.id, relation="father")
        service.decide_guardian(session, by=Caller(intake.zhou), public_id=asked, accepts=False)
    assert "让家长查看" not in zhou.get("/m/privacy/agreements").text


def test_who_looked_at_the_card_is_told(app, intake, zhou):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
        public_id = session.scalars(
            select(Admission.public_id).where(Admission.person_id == intake.zhou)
        ).one()
    desk = visit.desk(app, intake.campus.zheng)
    assert desk.get(f"/desk/welcome/check-in/people/{public_id}").status_code == 200
    page = zhou.get("/m/privacy/looks").text
    assert "迎新现场报到" in page
    assert "宿舍" in page
    assert "没有人看过" in visit.phone(app, intake.lin).get("/m/privacy/looks").text
