"""What approvals know of a person can be given out, erased and moved."""

import io
import secrets

from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Comment, Deputy, LogLine, Task
from app.platform.approvals.service.personal import erase_person, export_person, merge_person, retain
from app.platform.files.models import Attachment, Photo
from tests.platform.approvals import invariants
from tests.platform.approvals.attached import attach
from tests.platform.approvals.definitions import approve, people, publish, start
from tests.platform.files.pictures import encoded, scene
from tests.visit import csrf, phone

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


def with_files(client, case):
    """A photo and a PDF that this browser's owner puts on a comment; their public ids."""
    photo = client.post(
        "/files/photos", data={"photo": (io.BytesIO(encoded(scene())), "note.jpg")}, headers=csrf(client)
    ).json["id"]
    file = attach(client).json["id"]
    with unit_of_work() as session:
        public_id = session.get_one(Case, case).public_id
    sent = client.post(
        f"/m/approvals/{public_id}/comment",
        data={"_key": secrets.token_urlsafe(12), "comment": "请看附件", "photos": photo, "files": file},
        headers=csrf(client),
    )
    assert sent.status_code == 303, sent.text
    return photo, file


def standing(photo, file):
    with unit_of_work() as session:
        return (
            session.scalars(select(Photo.status).where(Photo.public_id == photo)).one(),
            session.scalars(select(Attachment.status).where(Attachment.public_id == file)).one(),
        )


def test_who_is_erased_takes_along_what_was_put_on_comments_of_his_case_by_anybody(app, campus):
    case, asked = begun(campus)
    mine = with_files(phone(app, campus.li), case)
    theirs = with_files(phone(app, asked), case)
    with unit_of_work() as session:
        erase_person(session, by=None, person_id=campus.li)
    assert standing(*mine) == standing(*theirs) == ("deleted", "deleted")
    with unit_of_work() as session:
        assert set(session.scalars(select(Comment.text))) == {"（已删除）"}


def test_a_package_lets_go_of_the_words_of_its_cases_that_are_over(app, campus):
    case, asked = begun(campus)
    put = with_files(phone(app, campus.li), case)
    with unit_of_work() as session:
        row = session.get_one(Case, case)
        module, business = row.module, row.business_id
        other = start(session, campus.chen, form={"reason": "也想家"}, business="other")
        approvals.terminate(session, by=None, case_id=other, reason="不办了")

    def forget(**more):
        with unit_of_work() as session:
            return approvals.forget_cases(session, **{"module": module, "business_ids": [business], **more})

    assert forget() == 0  # it runs
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.case_id == case)).one()
        approvals.approve(session, by=Caller(asked), task_id=task, comment="好好休息")
        steps = session.execute(select(LogLine.seq, LogLine.kind).where(LogLine.case_id == case)).all()
    assert forget(module="another") == forget(business_ids=[]) == 0
    assert [forget(), forget()] == [1, 0]
    with unit_of_work() as session:
        gone, kept = session.get_one(Case, case), session.get_one(Case, other)
        assert (gone.title, gone.form, gone.status) == ("（已删除）", {}, "approved")
        assert gone.ended_at is not None
        assert kept.form == {"reason": "也想家"}
        assert set(session.scalars(select(Comment.text))) == {"（已删除）"}
        now = session.execute(select(LogLine.seq, LogLine.kind).where(LogLine.case_id == case)).all()
        assert now == steps
    assert standing(*put) == ("deleted", "deleted")


def test_an_approver_who_is_erased_takes_along_his_own(app, campus):
    case, asked = begun(campus)
    mine = with_files(phone(app, campus.li), case)
    theirs = with_files(phone(app, asked), case)
    with unit_of_work() as session:
        erase_person(session, by=None, person_id=asked)
    assert standing(*theirs) == ("deleted", "deleted")
    assert standing(*mine) == ("received", "stored")
    with unit_of_work() as session:
        assert session.get_one(Case, case).title == "请批一下"


def test_files_of_comments_go_half_a_year_after_the_case(app, campus):
    case, asked = begun(campus)
    put = with_files(phone(app, campus.li), case)
    clock.advance(clock.timedelta(days=400))  # a case that runs keeps them
    with unit_of_work() as session:
        assert retain(session) == 0
        task = session.scalars(select(Task.id).where(Task.case_id == case)).one()
        approvals.approve(session, by=Caller(asked), task_id=task)
    clock.advance(clock.timedelta(days=179))
    with unit_of_work() as session:
        assert retain(session) == 0
    assert standing(*put) == ("received", "stored")
    clock.advance(clock.timedelta(days=2))
    with unit_of_work() as session:
        assert retain(session) == 2
    assert standing(*put) == ("deleted", "deleted")
    with unit_of_work() as session:
        assert "请看附件" in session.scalars(select(Comment.text)).all()


def test_why_somebody_stood_in_is_erased_and_nobody_stands_in_any_more(campus):
    _case, asked = begun(campus)
    until = clock.now() + clock.timedelta(days=9)
    with unit_of_work() as session:
        for principal, deputy in ((campus.li, asked), (asked, campus.li)):
            approvals.set_deputy(
                session,
                by=Caller(principal),
                deputy_id=deputy,
                starts_at=clock.now(),
                ends_at=until,
                reason="住院手术",
            )
    with unit_of_work() as session:
        assert export_person(session, person_id=campus.li)["deputies"][0]["reason"] == "住院手术"
        erase_person(session, by=None, person_id=campus.li)
    with unit_of_work() as session:
        rows = session.execute(select(Deputy.person_id, Deputy.reason, Deputy.ended_at)).all()
    assert {row.person_id: row.reason for row in rows} == {campus.li: "（已删除）", asked: "住院手术"}
    assert all(row.ended_at is not None for row in rows)
