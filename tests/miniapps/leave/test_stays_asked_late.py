"""Asking to stay after the deadline, when a first wish was refused, and while the vacation runs."""

from datetime import date

import pytest
from sqlalchemy import update

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.errors import AnswerWrong, CampaignOver, StaySettled
from app.miniapps.leave.models import Answer
from app.miniapps.leave.queries.answers import open_campaigns
from app.platform.approvals import service as approvals
from app.platform.approvals.queries.progress import own_tasks
from tests import visit
from tests.miniapps.leave.school import day, deliver, say_yes
from tests.miniapps.leave.stays import (
    GOES,
    answer,
    answer_of,
    cases,
    office,
    open_campaign,
    say_no,
    stays,
)


@pytest.fixture
def campaign(school):
    return open_campaign(school)


def shown_to(person):
    with unit_of_work() as session:
        return [one.public_id for one, _answer in open_campaigns(session, person)]


def test_who_asks_again_after_the_deadline_may_still_say_that_he_goes(app, school, campaign):
    answer(school.li, campaign, stays())
    answer(school.chen, campaign, stays())
    clock.travel(day("2027-01-11"))
    with unit_of_work() as session:
        others = update(Answer).where(Answer.person_id == school.chen)
        session.execute(others.values(state="confirmed"))
    say_no_to(school.li, school.sun)
    answer(school.li, campaign, stays(stay_until=date(2027, 1, 25)))
    clock.travel(day("2027-02-01"))  # the deadline is three weeks ago
    assert (shown_to(school.li), shown_to(school.chen)) == ([campaign], [])
    page = visit.phone(app, school.li).get(f"/m/leave/campaigns/{campaign}").text
    assert "02-20 23:59 前可以改" in page
    assert "已经截止" not in page
    assert answer(school.li, campaign, GOES).state == "given"
    assert cases() == ["rejected", "running", "withdrawn"]
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, stays())


def test_who_asked_in_time_and_waits_is_bound_by_the_deadline(school, campaign):
    answer(school.li, campaign, stays())
    clock.travel(day("2027-01-11"))
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, GOES)


def test_who_asks_again_after_it_was_closed_may_still_say_that_he_goes(school, campaign):
    answer(school.li, campaign, stays())
    say_no(school.sun)
    with unit_of_work() as session:
        service.close_campaign(session, by=office(school), campaign_id=campaign)
    clock.advance(clock.timedelta(hours=1))
    answer(school.li, campaign, stays())
    assert shown_to(school.li) == [campaign]
    assert answer(school.li, campaign, GOES).state == "given"


def say_no_to(student, person):
    with unit_of_work() as session:
        case_id = answer_of(student).case_id
        task = own_tasks(session, person, [case_id])[case_id]
        approvals.reject(session, by=Caller(person), task_id=task, comment="请回家")
    deliver()


# --- days that are gone


def test_nobody_asks_for_days_that_are_gone(app, school, campaign):
    answer(school.li, campaign, stays())
    say_no(school.sun)
    clock.travel(day("2027-01-20"))
    assert 'value="2027-01-20"' in visit.phone(app, school.li).get(f"/m/leave/campaigns/{campaign}").text
    with pytest.raises(AnswerWrong) as raised:
        answer(school.li, campaign, stays(stay_from=date(2027, 1, 19)))
    assert list(raised.value.details) == ["stay_from"]
    assert answer(school.li, campaign, stays()).stay_from == date(2027, 1, 20)
    clock.travel(day("2027-01-22"))
    later = answer(school.li, campaign, stays(stay_from=date(2027, 1, 20), stay_until=date(2027, 1, 25)))
    assert later.stay_until == date(2027, 1, 25)  # what he asks for already may have begun


def test_a_stay_that_is_over_is_not_taken_back(app, school, campaign):
    mine = answer(school.li, campaign, stays(stay_until=date(2027, 1, 25)))
    say_yes(school.sun, school.wu, school.office)
    url = f"/desk/leave/campaigns/{campaign}/answers?state=confirmed"
    clock.travel(day("2027-01-25", 23))
    assert "data-pick " in visit.desk(app, school.office).get(url).text
    clock.travel(day("2027-01-26"))
    assert "data-pick " not in visit.desk(app, school.office).get(url).text
    with unit_of_work() as session, pytest.raises(StaySettled):
        service.revoke_stay(
            session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, reason="停电检修"
        )
