"""A case starts, asks people one after the other, and ends."""

import pytest
from sqlalchemy import select

from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import AlreadyRunning, CaseEndedAlready, FormIncomplete, NotYourTask
from app.platform.approvals.models import Case, Task
from tests.platform.approvals.definitions import approve, people, publish, start


def live(session, person):
    return session.scalars(select(Task.id).where(Task.person_id == person, Task.status == "live")).one()


def test_it_works(campus):
    with unit_of_work() as session:
        who = people(session, 2)
        publish(session, approve("first", "P1"), approve("second", "P2"))
        case = start(session, campus.li)
        approvals.approve(session, by=Caller(who["P1"]), task_id=live(session, who["P1"]), comment="同意")
    with unit_of_work() as session:
        assert session.get(Case, case).status == "running"
        approvals.approve(session, by=Caller(who["P2"]), task_id=live(session, who["P2"]))
    with unit_of_work() as session:
        assert session.get(Case, case).status == "approved"


def test_one_matter_has_one_running_case(campus):
    with unit_of_work() as session:
        people(session, 1)
        publish(session, approve("first", "P1"))
        start(session, campus.li)
        with pytest.raises(AlreadyRunning):
            start(session, campus.li)


def test_a_stranger_may_not_approve(campus):
    with unit_of_work() as session:
        who = people(session, 2)
        publish(session, approve("first", "P1"))
        start(session, campus.li)
        with pytest.raises(NotYourTask):
            approvals.approve(session, by=Caller(who["P2"]), task_id=live(session, who["P1"]))


def test_a_no_ends_it(campus):
    with unit_of_work() as session:
        who = people(session, 2)
        publish(session, approve("first", "P1", "P2", method="all"))
        case = start(session, campus.li)
        task = live(session, who["P2"])
        approvals.reject(session, by=Caller(who["P1"]), task_id=live(session, who["P1"]), comment="材料不全")
        assert session.get(Case, case, populate_existing=True).status == "rejected"
        with pytest.raises(CaseEndedAlready):
            approvals.approve(session, by=Caller(who["P2"]), task_id=task)


def test_a_form_is_checked(campus):
    field = {"name": "days", "title": "天数", "type": "number", "required": True}
    with unit_of_work() as session:
        people(session, 1)
        publish(session, approve("first", "P1"), fields=[field])
        with pytest.raises(FormIncomplete):
            start(session, campus.li, form={"days": "三"})
