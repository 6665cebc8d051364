"""After a yes, a no or none: who may not stay answers again, a yes is taken back, and what is over ends."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.errors import Forbidden
from app.miniapps.leave import campaign_jobs, service
from app.miniapps.leave.errors import CampaignMissing, CampaignOver, ReasonTooShort, StaySettled
from app.miniapps.leave.models import Answer
from app.miniapps.leave.queries.todo import open_things
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Comment, LogLine, Task
from app.platform.audit.models import AuditEntry
from app.platform.directory.models import Affiliation
from app.platform.identity import service as identity
from tests import visit
from tests.miniapps.leave.school import asked, day, deliver, say_yes, submit
from tests.miniapps.leave.stays import (
    GOES,
    LAST,
    answer,
    answer_of,
    cases,
    office,
    open_campaign,
    said_to,
    say_no,
    stays,
    told,
)
from tests.miniapps.leave.test_phone_pages import post

ALL = ("sun", "wu", "office")
OVER = "假期已结束，不用再填；如有疑问，请联系辅导员。"
AFTER = clock.start_of_day(LAST) + clock.timedelta(hours=25)


@pytest.fixture
def campaign(school):
    return open_campaign(school)


def say_yes_by_all(school):
    say_yes(*(getattr(school, name) for name in ALL))


def terminate(school, case_id):
    by = Caller(school.office, grants=(Grant("approvals.administer"),))
    with unit_of_work() as session:
        approvals.terminate(session, by=by, case_id=case_id, reason="误操作")
    deliver()


# --- answering again


def test_who_is_refused_after_the_deadline_says_where_he_goes_instead(app, school, campaign):
    answer(school.li, campaign, stays())
    clock.travel(day("2027-01-11"))
    say_no(school.sun)
    kind, params = said_to(school.li)[-1]
    assert (kind, params["until"]) == ("leave.stay_declined", "02-20 23:59")
    with unit_of_work() as session:
        (thing,) = open_things(session, Caller(school.li))
    assert (thing.title, thing.state, thing.line) == ("寒假留校登记", "留校未准", "02-20 23:59 前填写")
    li, url = visit.phone(app, school.li), f"/m/leave/campaigns/{campaign}"
    assert "留校未准" in li.get("/m/leave/").text
    page = li.get(url).text
    assert "请在 02-20 23:59 前改填去向" in page
    sent = post(li, url, whereto="home", leaves_at="2027-01-18T09:00", returns_at="2027-02-20T18:00")
    assert sent.status_code == 303
    page = li.get(sent.location).text
    assert "已经截止" in page
    assert "截止前可以再改" not in page
    assert answer_of(school.li).state == "given"
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, stays())


def test_who_is_refused_in_time_is_asked_to_answer_by_the_deadline(school, campaign):
    answer(school.li, campaign, stays())
    say_no(school.sun)
    assert said_to(school.li)[-1][1]["until"] == "01-10 18:00"


def test_who_was_refused_answers_again_while_the_vacation_lasts_and_nobody_else_does(school, campaign):
    answer(school.li, campaign, stays())
    answer(school.chen, campaign, GOES)
    say_no(school.sun)
    with unit_of_work() as session:
        service.close_campaign(session, by=office(school), campaign_id=campaign)
    with pytest.raises(CampaignOver):
        answer(school.chen, campaign, stays())
    assert (asked_at_home(school.li), asked_at_home(school.chen)) == (1, 0)
    clock.travel(AFTER)
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, GOES)
    assert asked_at_home(school.li) == 0
    clock.travel(AFTER - clock.timedelta(hours=2))
    assert asked_at_home(school.li) == 1
    assert answer(school.li, campaign, GOES).state == "given"
    assert asked_at_home(school.li) == 0


def asked_at_home(person):
    with unit_of_work() as session:
        return len(open_things(session, Caller(person)))


def test_who_was_refused_asks_again_with_the_same_words(school, campaign):
    answer(school.li, campaign, stays())
    say_no(school.sun)
    assert answer(school.li, campaign, stays()).state == "waiting"
    deliver()
    assert (cases(), answer_of(school.li).state) == (["rejected", "running"], "waiting")


def test_whose_case_was_terminated_is_told_so_and_asks_again(school, campaign):
    first = answer(school.li, campaign, stays())
    terminate(school, first.case_id)
    assert told("leave.stay_declined") == []
    assert told("leave.stay_terminated") == [school.li]
    answer(school.li, campaign, stays())
    say_yes_by_all(school)
    assert (cases(), answer_of(school.li).state) == (["terminated", "approved"], "confirmed")


def test_another_room_makes_no_other_answer(school, campaign):
    answer(school.li, campaign, stays())
    say_yes_by_all(school)
    with unit_of_work() as session:
        session.execute(update(Answer).values(room_id=None))  # as if he had moved since
    assert answer(school.li, campaign, stays()).state == "confirmed"
    assert cases() == ["approved"]


# --- who sees why


def test_who_holds_a_copy_does_not_see_why(app, school, campaign):
    mine = answer(school.li, campaign, stays(stay_note="家中变故"))
    with unit_of_work() as session:
        approvals.copy_to(session, by=Caller(school.sun), case_id=mine.case_id, people=[school.chen])
        case = session.get_one(Case, mine.case_id).public_id
    for person, sees in ((school.chen, False), (school.sun, True), (school.li, True)):
        page = visit.phone(app, person).get(f"/m/approvals/{case}")
        assert page.status_code == 200
        assert [words in page.text for words in ("学习备考", "家中变故")] == [sees, sees]


# --- the end


def test_one_that_can_not_be_ended_keeps_no_other_back(school, campaign, monkeypatch):
    monkeypatch.setattr("app.miniapps.leave.service.stays.BATCH", 1)
    first, second = answer(school.li, campaign, stays()), answer(school.chen, campaign, stays())
    assert first.id < second.id
    with unit_of_work() as session:  # what it writes collides with what it wrote
        lines = session.get_one(Case, first.case_id).lines
        session.execute(update(Case).where(Case.id == first.case_id).values(lines=0))
    clock.travel(AFTER)
    campaign_jobs.end_stays(clients=None)
    assert (answer_of(school.li).state, answer_of(school.chen).state) == ("waiting", "lapsed")
    with unit_of_work() as session:
        session.execute(update(Case).where(Case.id == first.case_id).values(lines=lines))
    campaign_jobs.end_stays(clients=None)
    deliver()
    assert (answer_of(school.li).state, cases()) == ("lapsed", ["terminated", "terminated"])
    assert sorted(told("leave.stay_lapsed")) == sorted([school.li, school.chen])


def test_a_yes_of_the_last_minute_is_not_lost(school, campaign):
    answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu)
    clock.travel(AFTER - clock.timedelta(hours=1, minutes=1))
    with unit_of_work() as session:  # not delivered yet
        task = session.scalars(
            select(Task.id).where(Task.person_id == school.office, Task.status == "live")
        ).one()
        approvals.approve(session, by=Caller(school.office), task_id=task)
    clock.travel(AFTER)
    campaign_jobs.end_stays(clients=None)
    deliver()
    assert (cases(), answer_of(school.li).state) == (["approved"], "confirmed")
    assert (told("leave.stay_confirmed"), told("leave.stay_lapsed")) == ([school.li], [])


def test_a_no_that_comes_when_all_is_over_asks_nobody_to_answer_again(school, campaign):
    answer(school.li, campaign, stays())
    clock.travel(AFTER)
    say_no(school.sun)
    assert told("leave.stay_lapsed") == []
    kind, params = said_to(school.li)[-1]
    assert (kind, params["then"]) == ("leave.stay_declined", OVER)


def test_the_case_of_who_has_left_ends_after_a_day(school, campaign):
    answer(school.li, campaign, stays())
    answer(school.chen, campaign, stays())
    with unit_of_work() as session:
        left = update(Affiliation).where(Affiliation.person_id == school.li)
        session.execute(left.values(ends_on=clock.today()))
    campaign_jobs.end_stays(clients=None)
    assert cases() == ["running", "running"]
    clock.advance(clock.timedelta(days=1))
    campaign_jobs.end_stays(clients=None)
    deliver()
    assert (cases(), answer_of(school.li).state) == (["terminated", "running"], "lapsed")
    assert [kind for kind, _params in said_to(school.li) if kind.startswith("leave.stay")] == [
        "leave.stay_left"
    ]


# --- taking back


def revoke(by, campaign, answer_id, reason="宿舍楼停电检修"):
    with unit_of_work() as session:
        service.revoke_stay(session, by=by, campaign_id=campaign, answer_id=answer_id, reason=reason)
    deliver()


def deeds():
    with unit_of_work() as session:
        actions = select(AuditEntry.action).where(AuditEntry.object_type == "leave.answer")
        return session.scalars(actions.order_by(AuditEntry.id)).all()


def test_a_granted_stay_is_taken_back_and_the_student_told_why(app, school, campaign):
    mine = answer(school.li, campaign, stays())
    say_yes_by_all(school)
    clock.travel(day("2027-01-20"))
    revoke(office(school), campaign, mine.public_id)
    settled = answer_of(school.li)
    assert (settled.state, settled.decided_by_id) == ("declined", school.office)
    assert deeds() == ["leave.stay_revoked"]
    kind, params = said_to(school.li)[-1]
    assert (kind, params["reason"], params["until"]) == (
        "leave.stay_revoked",
        "宿舍楼停电检修",
        "02-20 23:59",
    )
    page = visit.phone(app, school.li).get(f"/m/leave/campaigns/{campaign}").text
    assert "宿舍楼停电检修" in page
    assert answer(school.li, campaign, GOES).decided_why == ""


def test_only_what_was_granted_is_taken_back_with_a_reason_and_in_time(school, campaign):
    mine = answer(school.li, campaign, stays())
    with pytest.raises(StaySettled):
        revoke(office(school), campaign, mine.public_id)
    say_yes_by_all(school)
    with pytest.raises(ReasonTooShort):
        revoke(office(school), campaign, mine.public_id, reason=" ")
    clock.travel(AFTER)
    with pytest.raises(StaySettled):
        revoke(office(school), campaign, mine.public_id)
    assert answer_of(school.li).state == "confirmed"


def test_the_office_and_who_opened_it_take_back_and_nobody_else(school, campaign):
    mine, theirs = answer(school.li, campaign, stays()), answer(school.chen, campaign, stays())
    with unit_of_work() as session:
        session.execute(update(Answer).values(state="confirmed"))
    counsellor = Caller(school.sun, grants=(Grant("leave.campaign", "unit", school.class_id),))
    with pytest.raises(Forbidden):
        revoke(counsellor, campaign, mine.public_id)
    elsewhere = Grant("leave.campaign", "unit", school.class_id + 1000)
    with pytest.raises(CampaignMissing):
        revoke(Caller(school.meng, grants=(elsewhere, Grant("leave.office"))), campaign, mine.public_id)
    another = Caller(school.meng, grants=(Grant("leave.campaign"), Grant("leave.office")))
    revoke(another, campaign, mine.public_id)
    revoke(office(school), campaign, theirs.public_id)
    assert (answer_of(school.li).state, answer_of(school.chen).state) == ("declined", "declined")


def test_the_list_of_who_may_stay_takes_back_who_is_ticked(app, school, campaign):
    mine = answer(school.li, campaign, stays())
    answer(school.chen, campaign, stays())
    say_yes_to_all(school)
    url = f"/desk/leave/campaigns/{campaign}/answers"
    with unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=school.sun,
            role="leave.counsellor",
            scope_kind="unit",
            scope_id=school.class_id,
        )
    assert "data-pick " not in visit.desk(app, school.sun).get(f"{url}?state=confirmed").text
    desk = visit.desk(app, school.office)
    assert desk.get(f"{url}?state=confirmed").text.count("data-pick ") == 2
    form = {"ids": [mine.public_id], "reason": "停电检修"}
    sent = desk.post(f"{url}/revoke", data=form, headers=visit.csrf(desk, "desk"))
    assert sent.status_code == 303
    assert "已收回 1 件" in desk.get(sent.location).text
    again = desk.post(f"{url}/revoke", data=form, headers=visit.csrf(desk, "desk"))
    assert again.status_code == 409
    assert f"1 件没有办成：{StaySettled.msgid}" in again.text
    assert (answer_of(school.li).state, answer_of(school.chen).state) == ("declined", "confirmed")


def say_yes_to_all(school):
    for name in ALL:
        with unit_of_work() as session:
            his = (Task.person_id == getattr(school, name), Task.status == "live")
            tasks = session.scalars(select(Task.id).where(*his)).all()
            for task in tasks:
                approvals.approve(session, by=Caller(getattr(school, name)), task_id=task)
        deliver()


def test_all_that_went_wrong_is_said(app, school, campaign):
    mine, theirs = answer(school.li, campaign, stays()), answer(school.chen, campaign, stays())
    with unit_of_work() as session:
        session.get_one(Answer, mine.id).case_id = None  # from before there were cases
        session.get_one(Answer, mine.id).state = "confirmed"
    desk = visit.desk(app, school.office)
    url = f"/desk/leave/campaigns/{campaign}/answers?state=waiting"
    form = {"ids": [mine.public_id, theirs.public_id], "say": "yes"}
    page = desk.post(url, data=form, headers=visit.csrf(desk, "desk")).text
    assert StaySettled.msgid in page
    assert "这一步不是由您办理的" in page


def test_an_answer_from_before_there_were_cases_is_decided_once_with_a_reason_for_a_no(school, campaign):
    mine = answer(school.li, campaign, stays())
    with unit_of_work() as session:
        session.get_one(Answer, mine.id).case_id = None

    def decide(**more):
        with unit_of_work() as session:
            service.decide_stay(
                session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, **more
            )
        deliver()

    with pytest.raises(ReasonTooShort):
        decide(is_granted=False)
    decide(is_granted=False, reason="请回家")
    with pytest.raises(StaySettled):
        decide(is_granted=True)
    settled = answer_of(school.li)
    assert (settled.state, settled.decided_why) == ("declined", "请回家")
    assert deeds() == ["leave.stay_declined"]


# --- keeping


def words_of_cases():
    """(title, form) and comments of all cases."""
    with unit_of_work() as session:
        cases_ = session.execute(select(Case.title, Case.form).order_by(Case.id)).all()
        return [tuple(row) for row in cases_], session.scalars(select(Comment.text)).all()


def retain_after(days):
    clock.travel(clock.start_of_day(LAST) + clock.timedelta(days=days))
    with unit_of_work() as session:
        service.retain(session)


def test_words_of_cases_go_with_the_answers_those_of_withdrawn_ones_as_well(school, campaign):
    answer(school.li, campaign, stays(stay_note="家中变故"))
    second = answer(school.li, campaign, stays(stay_until=date(2027, 1, 25), stay_note="家中变故"))
    with unit_of_work() as session:
        approvals.comment(session, by=Caller(school.li), case_id=second.case_id, text="家里出了事")
    say_yes_by_all(school)
    with unit_of_work() as session:
        lines = session.scalar(select(func.count()).select_from(LogLine))
    retain_after(170)
    assert "家中变故" in str(words_of_cases())
    retain_after(190)
    gone = "（已删除）"
    assert words_of_cases() == ([(gone, {}), (gone, {})], [gone])
    with unit_of_work() as session:
        assert session.scalars(select(Answer)).all() == []
        assert session.scalar(select(func.count()).select_from(LogLine)) == lines
        kept = session.execute(select(Case.code, Case.ended_at.is_not(None)).order_by(Case.id)).all()
        assert [tuple(row) for row in kept] == [("leave.stay", True)] * 2


def test_words_of_the_case_of_a_leave_go_with_its_reason(school):
    request = submit(school, asked(reason="母亲住院", destination="医院"))
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(), request_id=request.id)
    assert "母亲住院" in str(words_of_cases())
    clock.advance(clock.timedelta(days=725))
    with unit_of_work() as session:
        service.retain(session)
    assert "母亲住院" in str(words_of_cases())
    clock.advance(clock.timedelta(days=10))
    with unit_of_work() as session:
        service.retain(session)
    assert words_of_cases() == ([("（已删除）", {})], [])
