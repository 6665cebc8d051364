"""谁看过我的资料: lists of freshmen that are exported, or kept for starting without a network."""

import pytest
from sqlalchemy import func, select

from app.kit import db
from app.platform.privacy.models import PersonList
from tests import visit
from tests.welcome.reception import make_reception
from tests.welcome.test_check_in_offline import KEY
from tests.welcome.test_check_in_offline import PAGE as CHECK_IN
from tests.welcome.test_check_in_offline import register as register_browser

LOOKS = "/m/privacy/looks"
REASON = {"reason": "学院逐个联系"}


def seen_by(reception, person_id: int) -> str:
    return visit.phone(reception.app, person_id).get(LOOKS).text


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


def test_who_is_in_the_exported_list_sees_it_and_who_is_not_does_not(reception):
    """A college's desk exports its own: 高 belongs to another, 林 has already come."""
    intake = reception.intake
    reception.register(intake.staff(intake.campus.zhao), intake.lin)
    desk = reception.desk(intake.campus.he, "welcome.desk", college=intake.college)
    answer = desk.post("/desk/welcome/absent/export.xlsx", data=REASON, headers=visit.csrf(desk, "desk"))
    assert answer.status_code == 200
    page = seen_by(reception, intake.zhou)
    assert "导出未报到名单" in page and "东区维修班" in page and "报到点工作人员" in page
    assert "何志远" not in page
    assert "导出未报到名单" not in seen_by(reception, intake.lin) + seen_by(reception, intake.gao)
    with db.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(PersonList)) == 1


def test_the_drivers_list_too(reception):
    intake = reception.intake
    reception.plan(intake.zhou, reception.morning)
    desk = reception.desk(intake.campus.zhao, "welcome.dispatcher")
    form = REASON | {"day": "2026-11-20"}
    headers = visit.csrf(desk, "desk")
    assert desk.post("/desk/welcome/arrivals/drivers.xlsx", data=form, headers=headers).status_code == 200
    assert "导出接站名单" in seen_by(reception, intake.zhou)
    assert "导出接站名单" not in seen_by(reception, intake.lin)


def test_the_list_for_starting_without_a_network_once_a_day(reception):
    intake = reception.intake
    desk = reception.desk(intake.campus.zhao, "welcome.desk", college=intake.other_college)
    register_browser(desk)
    for _ in range(3):
        assert desk.get(CHECK_IN + "/list", headers={"X-Device-Key": KEY}).status_code == 200
    assert seen_by(reception, intake.gao).count("断网时用的名单") == 1
    assert "断网时用的名单" not in seen_by(reception, intake.zhou)
