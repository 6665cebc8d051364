"""What leave lets go of after its time, and what it keeps until then."""

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import campaign_jobs, service
from app.miniapps.leave.models import Answer, Batch, Contact, LogLine
from app.miniapps.leave.service import Wanted
from app.platform.approvals.models import Case, Task
from tests.miniapps.leave.school import asked, deliver, granted
from tests.miniapps.leave.stays import LAST, answer, cases, open_campaign, stays

GONE = "（已删除）"


def retain():
    with unit_of_work() as session:
        service.retain(session)


def everything(*columns):
    with unit_of_work() as session:
        return list(session.scalars(select(*columns)))


def test_an_answer_whose_case_still_runs_waits_for_its_end(school):
    answer(school.li, open_campaign(school), stays(stay_note="家中变故"))
    clock.travel(clock.start_of_day(LAST) + clock.timedelta(days=190))
    retain()
    assert (len(everything(Answer.id)), cases()) == (1, ["running"])
    campaign_jobs.end_stays(clients=None)
    deliver()
    retain()
    assert (everything(Answer.id), cases(), everything(Case.title)) == ([], ["terminated"], [GONE])
    assert "live" not in everything(Task.status)


@pytest.fixture
def noted(school):
    """A leave that was taken back with a reason, somebody having phoned."""
    leave = granted(school, asked())
    with unit_of_work() as session:
        session.add(
            Contact(
                request_id=leave,
                by_id=school.sun,
                at=clock.now(),
                way="phone",
                outcome="safe",
                note="母亲住院，他在医院",
            )
        )
        service.revoke(session, by=school.counsellor(), request_id=leave, reason="有重要考试")
    return leave


def taken_back():
    with unit_of_work() as session:
        return list(session.scalars(select(LogLine.data).where(LogLine.kind == "revoked")))


def test_what_was_noted_about_a_leave_goes_with_its_reason(noted):
    clock.advance(clock.timedelta(days=725))
    retain()
    assert everything(Contact.note) == ["母亲住院，他在医院"]
    assert taken_back()[0]["reason"] == "有重要考试"
    clock.advance(clock.timedelta(days=10))
    retain()
    assert (everything(Contact.note), everything(Contact.outcome)) == ([""], ["safe"])
    assert taken_back() == [{}]


def test_why_a_list_was_taken_back_goes_after_the_same_time(school):
    by = Caller(school.office, grants=(Grant("leave.public"),), surface="desk")
    starts_at = clock.now() + clock.timedelta(hours=24)
    wanted = Wanted(
        numbers=("2023010101",),
        title="省大学生运动会",
        starts_at=starts_at,
        ends_at=starts_at + clock.timedelta(days=2),
        leaves_campus=True,
        leaves_dorm=True,
    )
    with unit_of_work() as session:
        digest = service.check_batch(session, by=by, wanted=wanted).digest
        batch = service.make_batch(session, by=by, wanted=wanted, digest=digest)
        service.revoke_batch(session, by=by, batch_id=batch.public_id, reason="李一鸣生病")
    clock.advance(clock.timedelta(days=725))
    retain()
    assert everything(Batch.revoke_reason) == ["李一鸣生病"]
    clock.advance(clock.timedelta(days=10))
    retain()
    assert everything(Batch.revoke_reason) == [GONE]
    assert everything(LogLine.data)[-1] == {}
