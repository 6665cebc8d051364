"""What approvals know of a person can be given out, erased and moved."""

from sqlalchemy import select

from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Comment, Task
from app.platform.approvals.service.personal import erase_person, export_person, merge_person
from tests.platform.approvals import invariants
from tests.platform.approvals.definitions import approve, people, publish, start

FIELDS = [{"name": "reason", "title": "原因", "type": "text"}]


def begun(campus):
    with unit_of_work() as session:
        who = people(session, 1)
        publish(session, approve("first", "P1"), fields=FIELDS)
        case = start(session, campus.li, form={"reason": "想家了"})
        approvals.comment(session, by=Caller(campus.li), case_id=case, text="麻烦老师了")
        return case, who["P1"]


def test_it_works(campus):
    begun(campus)
    with unit_of_work() as session:
        given = export_person(session, person_id=campus.li)
    assert given["cases"][0]["form"] == {"reason": "想家了"}
    assert given["comments"][0]["text"] == "麻烦老师了"


def test_who_is_erased_leaves_no_words_and_no_running_case(campus):
    case, _ = begun(campus)
    for _time in range(2):
        with unit_of_work() as session:
            erase_person(session, by=None, person_id=campus.li)
    with unit_of_work() as session:
        assert invariants.check(session, case) == "terminated"
        row = session.get_one(Case, case)
        assert (row.form, "请批" in row.title) == ({}, False)
        assert session.scalars(select(Comment.text)).all() == ["（已删除）"]


def test_what_was_a_visitors_follows(campus):
    case, asked = begun(campus)
    with unit_of_work() as session:
        merge_person(session, from_id=campus.li, into_id=campus.chen)
        merge_person(session, from_id=asked, into_id=campus.zheng)
    with unit_of_work() as session:
        assert session.get_one(Case, case).starter_id == campus.chen
        assert session.scalars(select(Task.person_id)).all() == [campus.zheng]
