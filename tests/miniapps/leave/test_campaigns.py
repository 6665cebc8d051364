"""Campaigns: whole classes say where they go; who has not is chased, and who stays is confirmed."""

import io
import re
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, text

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.errors import Forbidden
from app.miniapps.leave import service
from app.miniapps.leave.errors import (
    AnswerWrong,
    CampaignMissing,
    CampaignOver,
    CampaignWrong,
    RemindedToday,
)
from app.miniapps.leave.models import Answer, Campaign, CampaignKind, StayReason, Whereto
from app.miniapps.leave.queries import campaigns as queries
from app.miniapps.leave.queries.todo import open_things
from app.miniapps.leave.service import Given, Plan
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from tests import visit
from tests.make import add_member
from tests.miniapps.leave.school import day, deliver
from tests.miniapps.leave.test_phone_pages import post


@pytest.fixture
def other_class(school):
    """计算机2302 with 周宁, of the same college, and a college elsewhere with 武岳."""
    with unit_of_work() as session:
        klass = directory.add_org_unit(
            session, by=None, code="CS2302", name="计算机2302", kind="class", parent_id=school.college_id
        )
        zhou = add_member(session, "周宁", "2023010201", "student", klass)
        art = directory.add_org_unit(session, by=None, code="ART", name="美术学院", kind="college")
        wu = add_member(session, "武岳", "2023020101", "student", art)
    return {"class": klass, "zhou": zhou, "art": art, "wu": wu}


def office(school) -> Caller:
    return Caller(school.office, grants=(Grant("leave.campaign"),), surface="desk")


def counsellor(school, unit=None) -> Caller:
    return Caller(
        school.sun, grants=(Grant("leave.campaign", "unit", unit or school.class_id),), surface="desk"
    )


def plan(*units, kind=CampaignKind.TRIP, **more) -> Plan:
    return Plan(
        **{
            "kind": kind,
            "title": "元旦去向登记",
            "starts_on": date(2026, 12, 31),
            "ends_on": date(2027, 1, 3),
            "deadline": day("2026-12-30", 18),
            "unit_ids": units,
            **more,
        }
    )


def opened(by, wanted) -> str:
    with unit_of_work() as session:
        return service.open_campaign(session, by=by, plan=wanted).public_id


def away(city="广州", **more) -> Given:
    return Given(
        **{
            "whereto": Whereto.AWAY,
            "city": city,
            "leaves_at": day("2026-12-31", 9),
            "returns_at": day("2027-01-03", 18),
            **more,
        }
    )


STAYS = Given(Whereto.STAY, stay_reason=StayReason.STUDY)


def answer(person, campaign, given):
    with unit_of_work() as session:
        return service.answer(session, by=Caller(person), campaign_id=campaign, given=given)


def counted(school_or_caller, campaign):
    with unit_of_work() as session:
        found = queries.campaign_for(session, school_or_caller, campaign)
        units = queries.units_of(session, school_or_caller, queries.CAMPAIGN)
        return {one.unit.name: one for one in queries.counts(session, found, units)}


def messages(kind):
    with unit_of_work() as session:
        return sorted(session.scalars(select(Message.person_id).where(Message.kind == kind)))


def test_it_works(school, other_class):
    campaign = opened(office(school), plan(school.college_id))
    answer(school.li, campaign, away())
    answer(school.chen, campaign, Given(Whereto.STAY))
    found = counted(office(school), campaign)
    assert set(found) == {"计算机2301", "计算机2302"}
    mine = found["计算机2301"]
    assert (mine.asked, mine.answered, mine.away, mine.stay, mine.missing) == (2, 2, 1, 1, 0)
    assert (found["计算机2302"].asked, found["计算机2302"].missing) == (1, 1)
    assert mine.college.name == "信息学院"


def test_everybody_who_is_asked_is_told_once_and_sees_it_at_home(school, other_class):
    campaign = opened(office(school), plan(school.college_id))
    deliver()
    assert messages("leave.campaign") == sorted([school.li, school.chen, other_class["zhou"]])
    with unit_of_work() as session:
        (thing,) = open_things(session, Caller(school.li))
        assert thing.url == f"/m/leave/campaigns/{campaign}"
        assert open_things(session, Caller(other_class["wu"])) == []
    answer(school.li, campaign, away())
    with unit_of_work() as session:
        assert open_things(session, Caller(school.li)) == []


def test_the_whole_school(school, other_class):
    campaign = opened(office(school), plan(is_for_all=True))
    answer(other_class["wu"], campaign, away())
    assert counted(office(school), campaign)["美术学院"].away == 1


def test_an_answer_is_changed_until_the_deadline(school):
    campaign = opened(office(school), plan(school.class_id))
    first = answer(school.li, campaign, away())
    clock.travel(day("2026-12-20"))
    changed = answer(school.li, campaign, Given(Whereto.STAY))
    assert changed.id == first.id
    assert (changed.whereto, changed.city, changed.leaves_at) == ("stay", "", None)
    assert changed.answered_at < changed.changed_at
    clock.travel(day("2026-12-30", 18))
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, away())


def test_nothing_can_be_answered_after_it_was_closed(school):
    campaign = opened(office(school), plan(school.class_id))
    with unit_of_work() as session:
        service.close_campaign(session, by=office(school), campaign_id=campaign)
    with pytest.raises(CampaignOver):
        answer(school.li, campaign, away())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (away(city=" "), "city"),
        (away(leaves_at=None), "leaves_at"),
        (away(returns_at=day("2026-12-31", 8)), "returns_at"),
        (away(returns_at=day("2027-06-01", 8)), "returns_at"),
        (away(leaves_at=day("2026-11-01", 8)), "returns_at"),
    ],
)
def test_an_answer_must_make_sense(school, given, field):
    campaign = opened(office(school), plan(school.class_id))
    with pytest.raises(AnswerWrong) as told:
        answer(school.li, campaign, given)
    assert list(told.value.details) == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"deadline": day("2026-11-01")}, "deadline"),
        ({"deadline": day("2027-01-05")}, "deadline"),
        ({"ends_on": date(2026, 12, 1)}, "ends_on"),
        ({"unit_ids": ()}, "unit_ids"),
    ],
)
def test_a_campaign_must_make_sense(school, change, field):
    with pytest.raises(CampaignWrong) as told:
        opened(office(school), plan(**{"unit_ids": [school.class_id], **change}))
    assert field in told.value.details


def test_a_counsellor_asks_only_his_own(school, other_class):
    for wanted in (plan(other_class["class"]), plan(is_for_all=True), plan(school.college_id)):
        with pytest.raises(Forbidden):
            opened(counsellor(school), wanted)
    campaign = opened(counsellor(school), plan(school.class_id))
    elsewhere = counsellor(school, other_class["class"])
    with unit_of_work() as session, pytest.raises(CampaignMissing):
        queries.campaign_for(session, elsewhere, campaign)
    with pytest.raises(CampaignMissing):
        answer(other_class["zhou"], campaign, away())


def test_a_counsellor_sees_his_part_of_what_the_office_asked(school, other_class):
    campaign = opened(office(school), plan(school.college_id))
    assert set(counted(counsellor(school), campaign)) == {"计算机2301"}
    with unit_of_work() as session, pytest.raises(Forbidden):
        service.close_campaign(session, by=counsellor(school), campaign_id=campaign)


def test_who_has_not_answered_is_reminded_once_a_day(school, other_class):
    campaign = opened(office(school), plan(school.college_id))
    answer(school.chen, campaign, Given(Whereto.STAY))

    def remind(by):
        with unit_of_work() as session:
            told = service.remind(session, by=by, campaign_id=campaign).people
        deliver()
        return told

    assert remind(counsellor(school)) == 1
    assert messages("leave.campaign_reminder") == [school.li]
    with pytest.raises(RemindedToday):
        remind(counsellor(school))
    assert remind(office(school)) == 2  # of whom one was reminded today
    assert messages("leave.campaign_reminder") == sorted([school.li, other_class["zhou"]])
    clock.advance(clock.timedelta(days=1))
    assert remind(counsellor(school)) == 1
    assert messages("leave.campaign_reminder").count(school.li) == 2


def test_answers_go_after_half_a_year_and_with_the_person(school):
    campaign = opened(office(school), plan(school.class_id))
    for person in (school.li, school.chen):
        answer(person, campaign, away())
    with unit_of_work() as session:
        (mine,) = service.export_person(session, person_id=school.li)["campaigns"]
        assert (mine["title"], mine["city"]) == ("元旦去向登记", "广州")
        service.erase_person(session, by=None, person_id=school.li)
    with unit_of_work() as session:
        assert session.scalars(select(Answer.person_id)).all() == [school.chen]
        clock.travel(day("2027-07-02"))
        service.retain(session)
        assert session.scalar(select(func.count()).select_from(Answer)) == 1
        clock.travel(day("2027-07-03"))
        service.retain(session)
        assert session.scalar(select(func.count()).select_from(Answer)) == 0


# --- pages


@pytest.fixture
def desk(app, school):
    """孙's console; he is counsellor of the class."""
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
    fields = {"_key": "a-key-of-the-tests-01", **form}
    return client.post(url, data=fields, headers=visit.csrf(client, "desk"))


FORM = {
    "kind": "trip",
    "title": "元旦去向登记",
    "starts_on": "2026-12-31",
    "ends_on": "2027-01-03",
    "deadline": "2026-12-30T18:00",
}


def test_the_counsellor_opens_one_and_chases(school, desk, app):
    refused = send(desk, "/desk/leave/campaigns/new", **FORM)
    assert refused.status_code == 422
    assert "请选择要填写的学院或班级" in refused.text
    made = send(
        desk, "/desk/leave/campaigns/new", **FORM, unit_ids=[school.class_id], _key="another-key-000001"
    )
    assert made.status_code == 303
    deliver()
    li = visit.phone(app, school.li)
    url = f"/m/leave/campaigns/{made.location.rsplit('/', 1)[1]}"
    assert "元旦去向登记" in li.get("/m/").text
    assert "待填写" in li.get("/m/leave/").text
    page = li.get(url).text
    assert 'value="2026-12-31T09:00"' in page
    assert post(li, url, whereto="away", city="", leaves_at="2026-12-31T09:00").status_code == 422
    saved = post(
        li, url, whereto="home", city="", leaves_at="2026-12-31T09:00", returns_at="2027-01-03T18:00"
    )
    assert saved.status_code == 303
    assert "已填写" in li.get(saved.location).text
    board = desk.get(made.location).text
    assert re.search(r"50%", board)
    chase = desk.get(f"{made.location}/chase").text
    assert "陈晓雨" in chase
    assert "李一鸣" not in chase
    assert send(desk, f"{made.location}/remind").status_code == 303
    assert "今天 " in desk.get(f"{made.location}/chase").text
    assert "陈晓雨" not in desk.get(f"{made.location}/answers").text


def test_the_file_has_no_more_than_the_counsellors_own(school, other_class, desk):
    campaign = opened(office(school), plan(school.college_id, title="=1+1 去向"))
    answer(school.li, campaign, away(city="=HYPERLINK(1)"))
    answer(other_class["zhou"], campaign, away())
    answered = desk.get(f"/desk/leave/campaigns/{campaign}/answers.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answered.data)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["李一鸣"]
    assert rows[1][5] == "=HYPERLINK(1)"
    with unit_of_work() as session:
        seen = session.execute(text("SELECT person_ids FROM privacy_lists")).scalars().all()
    assert seen == [[school.li]]


def test_closing_is_for_who_opened_it(school, desk):
    theirs = opened(office(school), plan(school.class_id))
    assert send(desk, f"/desk/leave/campaigns/{theirs}/close").status_code == 403
    mine = opened(counsellor(school), plan(school.class_id))
    assert send(desk, f"/desk/leave/campaigns/{mine}/close").status_code == 303
    with unit_of_work() as session:
        closed = dict(session.execute(select(Campaign.public_id, Campaign.closed_at)).all())
    assert closed[theirs] is None
    assert closed[mine] is not None


def test_english_on_the_phone(school, app):
    campaign = opened(office(school), plan(school.class_id, kind=CampaignKind.STAY))
    li = visit.phone(app, school.li)
    li.set_cookie(f"wl_lang_{app.config['COOKIE_SUFFIX']}", "en")
    page = li.get(f"/m/leave/campaigns/{campaign}").text
    for said in ("Going home", "Staying on campus", "Studying for exams", "512, Building 3, East Campus"):
        assert said in page
    assert "Staying over the vacation" in li.get("/m/").text
