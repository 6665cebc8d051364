"""What is heard late, twice or never about a stay: the answer, and what the student is told."""

import pytest
from sqlalchemy import delete, select, update

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.outbox import OutboxDelivery
from app.miniapps.leave import campaign_jobs, service
from app.miniapps.leave.errors import StaySettled
from app.miniapps.leave.models import Answer
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import OwnCase
from app.platform.approvals.models import Task
from app.platform.directory.models import Affiliation
from app.platform.notifications.models import Message
from tests import visit
from tests.miniapps.leave.school import deliver, say_yes
from tests.miniapps.leave.stays import (
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

AFTER = clock.start_of_day(LAST) + clock.timedelta(hours=25)


@pytest.fixture
def campaign(school):
    return open_campaign(school)


def decide_unheard(person, *, is_granted):
    """He decides, and what the case then says reaches nobody."""
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.person_id == person, Task.status == "live")).one()
        if is_granted:
            approvals.approve(session, by=Caller(person), task_id=task)
        else:
            approvals.reject(session, by=Caller(person), task_id=task, comment="请回家")
        session.execute(delete(OutboxDelivery).where(OutboxDelivery.status == "pending"))


# --- never heard


@pytest.mark.parametrize(("is_granted", "state"), [(True, "confirmed"), (False, "declined")])
def test_what_was_decided_and_never_heard_is_looked_up_when_all_is_over(school, campaign, is_granted, state):
    answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu)
    decide_unheard(school.office, is_granted=is_granted)
    assert answer_of(school.li).state == "waiting"
    clock.travel(AFTER)
    for _time in range(2):
        campaign_jobs.end_stays(clients=None)
        deliver()
    assert answer_of(school.li).state == state
    assert told(f"leave.stay_{state}") == [school.li]


def test_whose_case_was_withdrawn_elsewhere_lapses(school, campaign):
    mine = answer(school.li, campaign, stays())
    with unit_of_work() as session:
        approvals.withdraw(session, by=Caller(school.li), case_id=mine.case_id)
    deliver()
    clock.travel(AFTER)
    campaign_jobs.end_stays(clients=None)
    deliver()
    assert (cases(), answer_of(school.li).state) == (["withdrawn"], "lapsed")
    assert told("leave.stay_lapsed") == [school.li]


# --- heard late


def words_to(person):
    with unit_of_work() as session:
        mine = select(Message).where(Message.person_id == person).order_by(Message.id.desc())
        last = session.scalars(mine.limit(1)).one()
        return last.kind, last.text % last.params


def test_a_stay_taken_back_is_told_as_such_also_when_the_vacation_is_over(school, campaign):
    mine = answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu, school.office)
    clock.travel(AFTER - clock.timedelta(hours=2))
    with unit_of_work() as session:
        service.revoke_stay(
            session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, reason="停电检修"
        )
    clock.travel(AFTER)
    deliver()
    kind, words = words_to(school.li)
    assert kind == "leave.stay_revoked"
    assert "不用再填" in words
    assert "停电检修" in words
    assert "重新填写" not in words


def test_the_last_word_is_pushed_after_many_reminders(school, campaign):
    for _day in range(4):
        with unit_of_work() as session:
            service.remind(session, by=office(school), campaign_id=campaign)
        deliver()
        clock.advance(clock.timedelta(days=1))
    answer(school.li, campaign, stays())
    say_no(school.sun)
    with unit_of_work() as session:
        rows = session.execute(select(Message.kind, Message.push).where(Message.person_id == school.li))
        pushes = {row.kind: row.push for row in rows}
    assert pushes["leave.stay_declined"] == "started"


def test_who_is_dropped_by_the_roster_reads_so_and_is_not_pushed(school, campaign):
    answer(school.li, campaign, stays())
    with unit_of_work() as session:
        left = update(Affiliation).where(Affiliation.person_id == school.li)
        session.execute(left.values(ends_on=clock.today()))
    clock.advance(clock.timedelta(days=1))
    campaign_jobs.end_stays(clients=None)
    deliver()
    kind, words = words_to(school.li)
    assert (kind, answer_of(school.li).state) == ("leave.stay_left", "lapsed")
    assert "名册" in words
    assert told("leave.stay_lapsed") == []


# --- heard of another answer, or of one's own


def test_nobody_settles_his_own_stay(school, campaign):
    mine = answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu, school.office)
    himself = Caller(school.li, grants=(Grant("leave.campaign"), Grant("leave.office")))
    with unit_of_work() as session, pytest.raises(OwnCase):
        service.revoke_stay(
            session, by=himself, campaign_id=campaign, answer_id=mine.public_id, reason="停电检修"
        )
    assert answer_of(school.li).state == "confirmed"


def test_what_was_read_of_another_answer_is_not_settled(school, campaign):
    """Between reading and writing he has asked anew, and was granted that."""
    mine = answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu, school.office)
    with unit_of_work() as session, pytest.raises(StaySettled):
        read = session.get_one(Answer, mine.id)
        assert read.case_id is not None
        with unit_of_work() as another:
            another.execute(update(Answer).values(case_id=None))
        service.revoke_stay(
            session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, reason="停电检修"
        )
    assert answer_of(school.li).state == "confirmed"


# --- taken back


def test_who_had_said_yes_hears_that_it_was_taken_back(app, school, campaign):
    mine = answer(school.li, campaign, stays())
    say_yes(school.sun, school.wu, school.office)
    with unit_of_work() as session:
        service.revoke_stay(
            session, by=office(school), campaign_id=campaign, answer_id=mine.public_id, reason="停电检修"
        )
    deliver()
    assert sorted(told("leave.stay_taken_back")) == sorted([school.sun, school.wu])
    with unit_of_work() as session:
        said = session.scalars(select(Message).where(Message.person_id == school.wu)).all()[-1]
    assert (said.params["who"], said.params["reason"]) == ("李一鸣", "停电检修")
    assert visit.phone(app, school.wu).get(said.link).status_code == 200
