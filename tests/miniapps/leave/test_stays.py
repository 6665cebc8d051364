"""Staying over a vacation: asked for in a campaign, decided by a case, and shown wherever the campaign is."""

import threading
from datetime import date

import pytest
from sqlalchemy import select

from app.kit import clock, outbox
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import campaign_jobs, service
from app.miniapps.leave.errors import AnswerWrong, CampaignMissing
from app.miniapps.leave.models import Answer, CampaignKind, StayState, Whereto
from app.miniapps.leave.queries import campaigns as queries
from app.miniapps.leave.service import Given, Plan
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import CaseMissing, NotYourTask, ReasonMissing
from app.platform.approvals.models import Case, Task
from app.platform.approvals.service import personal as approvals_personal
from app.platform.identity import service as identity
from tests import visit
from tests.miniapps.leave.school import day, deliver, say_yes
from tests.miniapps.leave.stays import (
    FIRST,
    GOES,
    LAST,
    answer,
    answer_of,
    cases,
    office,
    open_campaign,
    say_no,
    stays,
    told,
)
from tests.miniapps.leave.test_phone_pages import post

CHAIN = ("sun", "wu", "office")


@pytest.fixture
def campaign(school):
    return open_campaign(school)


def counted(school, campaign):
    with unit_of_work() as session:
        (one,) = queries.counts(session, queries.campaign_for(session, office(school), campaign), None)
        return (one.stay, one.waiting, one.confirmed, one.declined)


def test_who_asks_to_stay_is_granted_it_by_all_three(school, campaign):
    mine = answer(school.li, campaign, stays(stay_from=date(2027, 1, 20), stay_until=date(2027, 1, 30)))
    assert (mine.state, mine.room_id) == ("waiting", school.campus.room_512)
    assert counted(school, campaign) == (1, 1, 0, 0)
    with unit_of_work() as session:
        case = session.get_one(Case, mine.case_id)
        assert (case.starter_id, case.form["days"], case.form["why"]) == (school.li, 11, "学习备考")
        assert "李一鸣" not in case.title
    for name in CHAIN:
        assert answer_of(school.li).state == "waiting"
        say_yes(getattr(school, name))
    assert answer_of(school.li).state == "confirmed"
    assert counted(school, campaign) == (1, 0, 1, 0)
    assert told("leave.stay_confirmed") == [school.li]


def test_one_no_is_a_no(school, campaign):
    answer(school.li, campaign, stays())
    say_yes(school.sun)
    say_no(school.wu)
    assert answer_of(school.li).state == "declined"
    assert counted(school, campaign) == (1, 0, 0, 1)
    assert told("leave.stay_declined") == [school.li]
    assert cases() == ["rejected"]


def test_the_same_answer_again_is_one_case_and_stays_granted(school, campaign):
    answer(school.li, campaign, stays())
    answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu, school.office)
    answer(school.li, campaign, stays())
    assert cases() == ["approved"]
    assert answer_of(school.li).state == "confirmed"


def test_who_changes_his_mind_takes_his_case_back(school, campaign):
    answer(school.li, campaign, stays())
    say_yes(school.sun)
    changed = answer(school.li, campaign, GOES)
    deliver()
    assert cases() == ["withdrawn"]
    assert (changed.state, changed.case_id, changed.stay_from, changed.stay_note) == ("given", None, None, "")
    assert counted(school, campaign) == (0, 0, 0, 0)
    assert told("leave.stay_declined") == []


def test_other_dates_are_asked_for_anew(school, campaign):
    first = answer(school.li, campaign, stays())
    second = answer(school.li, campaign, stays(stay_until=date(2027, 1, 25)))
    deliver()  # that the first case has ended comes after the second was opened
    assert cases() == ["withdrawn", "running"]
    assert second.case_id != first.case_id
    assert answer_of(school.li).state == "waiting"
    say_yes(school.sun, school.wu, school.office)
    third = answer(school.li, campaign, stays(stay_until=date(2027, 1, 26)))
    assert (third.state, cases()) == ("waiting", ["withdrawn", "approved", "running"])


def test_a_yes_that_comes_after_he_changed_his_mind_changes_nothing(school, campaign):
    """The last yes and the new answer at one time: what the case says later is not about this answer."""
    answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu)
    with unit_of_work() as session:  # not delivered yet
        task = session.scalars(
            select(Task.id).where(Task.person_id == school.office, Task.status == "live")
        ).one()
        approvals.approve(session, by=Caller(school.office), task_id=task)
    answer(school.li, campaign, GOES)
    deliver()
    assert (cases(), answer_of(school.li).state) == (["approved"], "given")


def test_a_yes_to_other_dates_that_comes_late_changes_nothing(school, campaign):
    answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu)
    with unit_of_work() as session:  # not delivered yet
        task = session.scalars(
            select(Task.id).where(Task.person_id == school.office, Task.status == "live")
        ).one()
        approvals.approve(session, by=Caller(school.office), task_id=task)
    answer(school.li, campaign, stays(stay_until=date(2027, 1, 25)))
    deliver()
    assert (cases(), answer_of(school.li).state) == (["approved", "running"], "waiting")


def test_two_answers_at_one_instant_leave_one_running_case(school, campaign):
    start, failed = threading.Barrier(2), []

    def run(until):
        start.wait(timeout=10)
        try:
            answer(school.li, campaign, stays(stay_until=until))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=[date(2027, 2, at)]) for at in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert failed == []
    assert sorted(cases()) == ["running", "withdrawn"]
    with unit_of_work() as session:
        running = session.scalars(select(Case.id).where(Case.status == "running")).one()
    assert answer_of(school.li).case_id == running


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (stays(stay_reason=None), "stay_reason"),
        (stays(stay_from=date(2027, 1, 17)), "stay_from"),
        (stays(stay_until=date(2027, 2, 21)), "stay_until"),
        (stays(stay_from=date(2027, 2, 3), stay_until=date(2027, 2, 2)), "stay_until"),
        (stays(stay_note="长" * 201), "stay_note"),
    ],
)
def test_what_is_asked_must_make_sense(school, campaign, given, field):
    with pytest.raises(AnswerWrong) as raised:
        answer(school.li, campaign, given)
    assert list(raised.value.details) == [field]
    assert cases() == []


def test_who_goes_or_says_where_he_goes_on_a_holiday_asks_nobody(school, campaign):
    answer(school.li, campaign, GOES)
    trip = Plan(
        CampaignKind.TRIP, "元旦去向登记", FIRST, LAST, day("2027-01-10", 18), unit_ids=[school.class_id]
    )
    with unit_of_work() as session:
        public_id = service.open_campaign(session, by=office(school), plan=trip).public_id
    assert answer(school.chen, public_id, Given(Whereto.STAY)).case_id is None
    assert cases() == []


# --- the end


def close(school, campaign):
    with unit_of_work() as session:
        service.close_campaign(session, by=office(school), campaign_id=campaign)


def test_who_asked_in_time_is_decided_upon_after_the_campaign_was_closed(school, campaign):
    answer(school.li, campaign, stays())
    close(school, campaign)
    campaign_jobs.end_stays(clients=None)
    say_yes(school.sun, school.wu, school.office)
    assert answer_of(school.li).state == "confirmed"


def test_what_nobody_decided_ends_with_the_vacation(school, campaign):
    answer(school.li, campaign, stays())
    answer(school.chen, campaign, stays())
    with unit_of_work() as session:
        theirs = session.get_one(Case, answer_of(school.chen).case_id).id
        tasks = session.scalars(select(Task.id).where(Task.case_id == theirs, Task.status == "live")).all()
        approvals.reject(session, by=Caller(school.sun), task_id=tasks[0], comment="请回家")
    deliver()
    clock.travel(clock.start_of_day(LAST) + clock.timedelta(hours=23))
    campaign_jobs.end_stays(clients=None)
    assert cases() == ["running", "rejected"]
    clock.advance(clock.timedelta(hours=2))
    for _time in range(2):
        campaign_jobs.end_stays(clients=None)
        deliver()
    assert cases() == ["terminated", "rejected"]
    assert answer_of(school.li).state == StayState.LAPSED
    assert answer_of(school.chen).state == StayState.DECLINED
    assert counted(school, campaign) == (2, 0, 0, 2)
    assert told("leave.stay_declined") == [school.chen]


def test_who_is_erased_leaves_no_case_open(school, campaign):
    answer(school.li, campaign, stays(stay_note="在实验室"))
    with unit_of_work() as session:
        assert service.export_person(session, person_id=school.li)["campaigns"][0]["stay_note"] == "在实验室"
        service.erase_person(session, by=None, person_id=school.li)
        approvals_personal.erase_person(session, by=None, person_id=school.li)
    deliver()
    with unit_of_work() as session:
        (case,) = session.scalars(select(Case))
        assert (case.status, case.form, session.scalars(select(Answer)).all()) == ("terminated", {}, [])


# --- pages


@pytest.fixture
def desk(app, school):
    """孙's console: the counsellor."""
    with unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=school.sun,
            role="leave.counsellor",
            scope_kind="unit",
            scope_id=school.class_id,
        )
    return visit.desk(app, school.sun)


def send(client, url, **form):
    return client.post(url, data=form, headers=visit.csrf(client, "desk"))


def test_the_student_asks_on_the_phone_and_sees_where_it_stands(app, school, campaign):
    li, url = visit.phone(app, school.li), f"/m/leave/campaigns/{campaign}"
    page = li.get(url).text
    assert 'value="2027-01-18"' in page
    refused = post(
        li, url, whereto="stay", stay_reason="study", stay_from="2027-03-01", stay_until="2027-02-01"
    )
    assert refused.status_code == 422
    assert "留校的日期要在这次假期之内" in refused.text
    assert 'value="2027-03-01"' in refused.text
    asked = {"whereto": "stay", "stay_reason": "study", "stay_from": "2027-01-18", "stay_until": "2027-02-20"}
    assert post(li, url, **asked, stay_note="在实验室").status_code == 303
    page = li.get(url).text
    for said in ("留校申请中", "辅导员", "孙立", "在实验室"):
        assert said in page
    case = page.split("/m/approvals/", 1)[1].split('"', 1)[0]
    assert "假期留校" in li.get(f"/m/approvals/{case}").text
    say_yes(school.sun)
    assert "宿管" in li.get(url).text
    say_no(school.wu, reason="楼要检修")
    page = li.get(url).text
    assert "留校未准" in page
    assert "楼要检修" in li.get(f"/m/approvals/{case}").text
    assert visit.phone(app, school.chen).get(f"/m/approvals/{case}").status_code == 404


def test_the_counsellor_decides_what_is_his_turn_from_the_list(app, school, campaign, desk):
    mine, theirs = answer(school.li, campaign, stays()), answer(school.chen, campaign, stays())
    url = f"/desk/leave/campaigns/{campaign}/answers"
    assert desk.get(f"{url}?state=waiting").text.count("data-pick ") == 2
    done = send(desk, url, ids=[mine.public_id, theirs.public_id], say="yes")
    assert done.status_code == 303
    deliver()
    page = desk.get(done.location).text
    assert "已办 2 件" in page
    assert "还没轮到您" in page
    assert "data-pick " not in page  # it is 宿管's turn
    again = send(desk, url, ids=[mine.public_id], say="yes")
    assert again.status_code == 403
    assert "1 件没有办成：这一步不是由您办理的" in again.text
    assert answer_of(school.li).state == "waiting"
    say_yes_to_all(school.wu)
    say_yes_to_all(school.office)
    assert (answer_of(school.li).state, answer_of(school.chen).state) == ("confirmed", "confirmed")


def say_yes_to_all(person):
    with unit_of_work() as session:
        tasks = session.scalars(select(Task.id).where(Task.person_id == person, Task.status == "live")).all()
    for task in tasks:
        with unit_of_work() as session:
            approvals.approve(session, by=Caller(person), task_id=task)
    deliver()


def test_a_no_from_the_list_has_a_reason(school, campaign, desk):
    mine = answer(school.li, campaign, stays())
    url = f"/desk/leave/campaigns/{campaign}/answers?state=waiting"
    refused = send(desk, url, ids=[mine.public_id], say="no", reason=" ")
    assert refused.status_code == 422
    assert ReasonMissing.msgid in refused.text
    assert answer_of(school.li).state == "waiting"
    assert send(desk, url, ids=[mine.public_id], say="no", reason="请回家").status_code == 303
    deliver()
    assert answer_of(school.li).state == "declined"


def test_a_list_is_shown_with_what_was_asked(school, campaign, desk):
    answer(school.li, campaign, stays(stay_until=date(2027, 1, 25), stay_note="在实验室"))
    page = desk.get(f"/desk/leave/campaigns/{campaign}/answers").text
    for said in ("学习备考", "01-18 – 01-25", "在实验室", "留校申请中"):
        assert said in page


def test_the_chase_list_and_the_figures_say_how_it_stands(school, campaign, desk):
    answer(school.li, campaign, stays())
    url = f"/desk/leave/campaigns/{campaign}"
    chase = desk.get(f"{url}/chase").text
    waiting = chase.split("留校申请中，等审批", 1)[1]
    assert "李一鸣" in waiting
    assert "学习备考" not in chase
    assert "陈晓雨" in chase.split("留校申请中，等审批", 1)[0]
    say_no(school.sun, reason="实验室不开")
    chase = desk.get(f"{url}/chase").text
    assert "李一鸣" in chase.split("留校未准，要改填去向", 1)[1]
    assert "实验室不开" not in chase
    board = desk.get(url).text
    for said in ("申请中", "已准", "未准"):
        assert said in board


def test_nobody_decides_about_another_class_or_without_a_turn(school, campaign):
    mine = answer(school.li, campaign, stays())
    elsewhere = Caller(school.meng, grants=(Grant("leave.campaign", "unit", school.class_id + 1000),))
    for by, refusal in ((elsewhere, CampaignMissing), (office(school), NotYourTask)):
        with unit_of_work() as session, pytest.raises(refusal):
            service.decide_stay(
                session, by=by, campaign_id=campaign, answer_id=mine.public_id, is_granted=True
            )
    with unit_of_work() as session, pytest.raises(CaseMissing):
        approvals.comment(session, by=Caller(school.chen), case_id=mine.case_id, text="在吗")


def test_an_answer_from_before_there_were_cases_is_decided_at_once(school, campaign):
    mine = answer(school.li, campaign, stays())
    with unit_of_work() as session:
        session.get_one(Answer, mine.id).case_id = None
    with unit_of_work() as session:
        service.decide_stay(
            session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, is_granted=True
        )
    outbox.drain(clients=None, seconds=10)
    assert answer_of(school.li).state == "confirmed"
    assert told("leave.stay_confirmed") == [school.li]
