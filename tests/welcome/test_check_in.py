"""The desk's steps: marking, conflicts by name, undoing, 报到 itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.kit import clock, db
from app.welcome.errors import (
    AdmissionNotFound,
    AlreadyMarked,
    AlreadyUndone,
    CannotRegister,
    ReasonNeeded,
    StepsMissing,
    UndoFinalFirst,
)
from app.welcome.models import Deferral, Fee, FeeDue, StepMark
from app.welcome.service import fees
from app.welcome.service.fees import FeeTerms
from tests import visit
from tests.welcome.reception import make_reception

PAGE = "/desk/welcome/check-in"


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


@pytest.fixture
def clerk(reception):
    return reception.intake.staff(reception.intake.campus.zhao)


@pytest.fixture
def other(reception):
    return reception.intake.staff(reception.intake.campus.he)


def test_it_works(reception, clerk):
    reception.register(clerk, reception.intake.zhou)
    admission = reception.admission(reception.intake.zhou)
    assert (admission.status, admission.registered_at) == ("registered", clock.now())
    assert reception.messages("welcome.registered") == 1


def test_the_final_step_waits_for_the_required_ones(reception, clerk):
    reception.mark(clerk, reception.intake.zhou, "papers")
    with pytest.raises(StepsMissing) as missing:
        reception.mark(clerk, reception.intake.zhou, "register")
    assert missing.value.params == {"steps": "领取钥匙"}


def test_a_second_desk_is_told_who_was_first_and_when(reception, clerk, other):
    reception.mark(clerk, reception.intake.zhou, "papers")
    with pytest.raises(AlreadyMarked) as refused:
        reception.mark(other, reception.intake.zhou, "papers")
    assert refused.value.params == {"step": "核验材料", "who": "赵敏华", "time": "11-16 09:00"}


def test_of_ten_desks_at_once_one_marks(reception, clerk):
    def mark(_):
        try:
            return reception.mark(clerk, reception.intake.zhou, "papers")
        except AlreadyMarked:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert len([one for one in pool.map(mark, range(10)) if one]) == 1


def test_daily_steps_are_done_once_a_day_and_multiple_ones_as_often_as_wanted(reception, clerk):
    zhou = reception.intake.zhou
    reception.mark(clerk, zhou, "drill")
    with pytest.raises(AlreadyMarked):
        reception.mark(clerk, zhou, "drill")
    clock.advance(timedelta(days=1))
    reception.mark(clerk, zhou, "drill")
    for _ in range(3):
        reception.mark(clerk, zhou, "parcel")
    with db.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(StepMark)) == 5


def test_undoing_registration_puts_the_status_back_with_its_reason(reception, clerk, other):
    zhou = reception.intake.zhou
    reception.register(clerk, zhou)
    with pytest.raises(UndoFinalFirst):
        reception.undo(other, zhou, "papers")
    reception.undo(other, zhou, "register", "扫错了同学的码")
    admission = reception.admission(zhou)
    assert (admission.status, admission.registered_at) == ("admitted", None)
    with pytest.raises(AlreadyUndone) as refused:
        reception.undo(clerk, zhou, "register")
    assert refused.value.params["who"] == "何志远"
    reception.mark(clerk, zhou, "register")
    assert reception.admission(zhou).status == "registered"


def test_undoing_and_checking_in_for_somebody_need_a_reason(reception, clerk):
    with pytest.raises(ReasonNeeded):
        reception.mark(clerk, reception.intake.zhou, "papers", is_proxy=True, reason=" ")
    reception.mark(clerk, reception.intake.zhou, "papers", is_proxy=True, reason="手机没电")
    with pytest.raises(ReasonNeeded):
        reception.undo(clerk, reception.intake.zhou, "papers", "")
    with db.unit_of_work() as session:
        assert session.scalars(select(StepMark.proxy_reason)).one() == "手机没电"


def test_who_gave_the_place_up_is_not_registered(reception, clerk):
    zhou = reception.intake.zhou
    for step in ("papers", "key"):
        reception.mark(clerk, zhou, step)
    with db.unit_of_work() as session:
        session.get_one(type(reception.admission(zhou)), reception.admission(zhou).id).status = "withdrawn"
    with pytest.raises(CannotRegister):
        reception.mark(clerk, zhou, "register")


def test_a_desk_of_one_college_knows_nobody_of_another(reception):
    intake = reception.intake
    clerk = intake.staff(intake.campus.zhao, "welcome.check_in", college=intake.other_college)
    with pytest.raises(AdmissionNotFound):
        reception.mark(clerk, intake.zhou, "papers")
    reception.mark(clerk, intake.gao, "papers")


def test_people_are_found_by_all_that_may_be_at_hand(reception):
    desk = reception.desk(reception.intake.campus.zhao, "welcome.desk")
    headers = visit.csrf(desk, "desk")
    code = reception.admission(reception.intake.zhou).public_id
    for text in ("周雨", code, f"https://x.example/q/{code}", "26440100000001", "44010020080101002x"):
        found = desk.post(PAGE + "/find", json={"text": text}, headers=headers).json["people"]
        assert [one["name"] for one in found] == ["周雨桐"], text
    assert len(desk.post(PAGE + "/find", json={"text": "0001"}, headers=headers).json["people"]) == 1
    assert desk.post(PAGE + "/find", json={"text": "没有这个人"}, headers=headers).json["people"] == []


def test_the_card_says_where_somebody_belongs_and_what_is_missing(reception, clerk):
    desk = reception.desk(reception.intake.campus.zhao, "welcome.desk")
    reception.mark(clerk, reception.intake.zhou, "papers")
    code = reception.admission(reception.intake.zhou).public_id
    card = desk.get(f"{PAGE}/people/{code}").json
    assert (card["name"], card["college"], card["class"]) == ("周雨桐", "信息学院", "计算机2601")
    assert "512" in card["dorm"] and card["missing"] == ["领取钥匙"]
    assert card["steps"][0]["marks"] == [{"who": "赵敏华", "at": "11-16 09:00", "proxy": ""}]
    assert not {"10000000101", "44010020080101002X"} & set(str(card).split("'"))
    assert desk.get(f"{PAGE}/people/{code}/state").json["missing"] == ["领取钥匙"]


def test_foreign_and_missing_people_are_the_same_404(reception):
    intake = reception.intake
    desk = reception.desk(intake.campus.zhao, "welcome.desk", college=intake.other_college)
    headers = {"Accept": "application/json"}
    own = reception.admission(intake.gao).public_id
    foreign = reception.admission(intake.zhou).public_id
    assert desk.get(f"{PAGE}/people/{own}", headers=headers).status_code == 200
    answers = [desk.get(f"{PAGE}/people/{code}", headers=headers) for code in (foreign, "adm_nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["error"]["message"] == answers[1].json["error"]["message"]
    found = desk.post(PAGE + "/find", json={"text": "周雨"}, headers=visit.csrf(desk, "desk"))
    assert found.json["people"] == []


@pytest.fixture
def with_fees(reception):
    """One fee that is collected, one that is only linked."""
    day = clock.today()
    with db.unit_of_work() as session:
        for key, terms in {
            "uniform": FeeTerms("军训服装费", day, fee_item="uniform", fen=12_800),
            "tuition": FeeTerms("学费", day, link_url="https://pay.school.example/"),
        }.items():
            fees.save_fee(session, by=None, season_id=reception.intake.season, key=key, terms=terms)


def card(desk, reception, person_id):
    return desk.get(f"{PAGE}/people/{reception.admission(person_id).public_id}").json


def test_an_unpaid_fee_is_told_and_keeps_nobody_out(reception, clerk, with_fees):
    desk = reception.desk(reception.intake.campus.zhao)
    assert card(desk, reception, reception.intake.zhou)["unpaid"] == ["军训服装费"]
    reception.register(clerk, reception.intake.zhou)
    assert reception.admission(reception.intake.zhou).status == "registered"


def test_the_green_channel_looks_like_paid(reception, with_fees):
    """Nobody at the desk, and nobody who looks over a shoulder, can tell who pays later."""
    intake = reception.intake
    desk = reception.desk(intake.campus.zhao)
    with db.unit_of_work() as session:
        fees.ask_deferral(session, by=intake.freshman(intake.zhou), statement="家里遭了灾", loan_code="")
    assert card(desk, reception, intake.zhou)["unpaid"] == ["军训服装费"], "asked is not granted"
    with db.unit_of_work() as session:
        deferral = session.scalars(select(Deferral)).one()
        aid = intake.staff(intake.campus.zheng)
        fees.decide_deferral(session, by=aid, deferral=deferral, grants=True, reason="")
        fee_id = session.scalars(select(Fee.id).where(Fee.key == "uniform")).one()
        paid = {"fee_id": fee_id, "person_id": intake.lin, "fen": 12_800, "status": "paid"}
        session.execute(insert(FeeDue).values(public_id="wfe_x", created_at=clock.now(), **paid))
    later, now = (card(desk, reception, person_id) for person_id in (intake.zhou, intake.lin))
    assert later["unpaid"] == now["unpaid"] == []
    personal = {"id", "name", "masked", "tail"}
    assert {k: v for k, v in later.items() if k not in personal} == {
        k: v for k, v in now.items() if k not in personal
    }
