"""After the yes: going, coming back, staying longer, being called back, and nothing of all that."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.miniapps.leave import jobs, service
from app.miniapps.leave.errors import (
    ExtendedOften,
    LeaveMissing,
    MovedOn,
    NotSelf,
    ReasonTooShort,
    SpanWrong,
)
from app.miniapps.leave.models import LeaveKind, LeaveRequest, LogLine, Step
from app.miniapps.leave.service import Rules
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Task
from app.platform.notifications.models import Message
from tests.make import SINCE
from tests.miniapps.leave.school import asked, day, deliver, granted, say_yes, status, submit


def pass_time(**span) -> None:
    """Time passes; every minute's work of this time is done once, at its end."""
    clock.advance(clock.timedelta(**span))
    for _ in range(8):
        jobs.follow_the_clock(clients=None)
    deliver()


def evidence_policy():
    with unit_of_work() as session:
        service.add_policy(
            session,
            by=None,
            rules=Rules(
                "凭离校记录",
                Decimal(0),
                Decimal(30),
                kind=LeaveKind.CASUAL,
                out_by="evidence",
                may_return_self=False,
            ),
            starts_on=SINCE,
        )


def told(person: int) -> list[str]:
    with unit_of_work() as session:
        stmt = select(Message.kind).where(Message.person_id == person, Message.kind.like("leave.%"))
        return list(session.scalars(stmt.order_by(Message.id)))


def test_it_works(school):
    leave = granted(school, asked())
    pass_time(hours=25)
    assert status(leave) == "out"
    with unit_of_work() as session:
        service.mark_returned(session, by=school.student(), request_id=leave, source="self")
    assert status(leave) == "closed"
    pass_time(days=3)
    assert told(school.sun) == []


def test_what_only_misses_classes_ends_by_itself(school):
    leave = granted(school, asked(leaves_campus=False, leaves_dorm=False))
    pass_time(hours=25)
    assert status(leave) == "closed"


def test_what_was_granted_and_never_used_expires(school):
    evidence_policy()
    leave = granted(school, asked())
    pass_time(hours=25)
    assert status(leave) == "approved"
    pass_time(hours=25)
    assert status(leave) == "expired"


def test_where_somebody_must_see_it_one_can_not_say_it_oneself(school):
    evidence_policy()
    leave = granted(school, asked())
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate")
    with unit_of_work() as session, pytest.raises(NotSelf):
        service.mark_returned(session, by=school.student(), request_id=leave, source="self")
    with unit_of_work() as session:
        service.mark_returned(session, by=school.counsellor(), request_id=leave, source="counsellor")
    assert status(leave) == "closed"


def test_who_does_not_come_back_is_looked_for_rung_by_rung(school):
    """Back by 11:00 on Wednesday (09:00 and two hours): reminded at nine, again at eleven, then the ladder."""
    leave = granted(school, asked())
    pass_time(hours=24)
    pass_time(hours=24)  # Wednesday 09:00: two hours before
    assert (status(leave), told(school.li)[-1]) == ("out", "leave.soon")
    pass_time(hours=2)
    assert (status(leave), told(school.li)[-1]) == ("overdue", "leave.due")
    assert told(school.sun) == []
    pass_time(hours=1)
    assert told(school.sun) == ["leave.overdue"]
    assert told(school.wu) == []
    pass_time(hours=2)
    assert told(school.wu) == ["leave.overdue"]
    assert told(school.office) == []
    pass_time(hours=21)
    assert told(school.office) == ["leave.overdue"]
    pass_time(days=5)
    with unit_of_work() as session:
        steps = session.scalars(select(Step.step).where(Step.request_id == leave).order_by(Step.id)).all()
    assert steps == ["soon", "due", "counsellor", "dorm", "office"]
    with unit_of_work() as session:
        service.mark_returned(session, by=school.counsellor(), request_id=leave, source="counsellor")
    assert status(leave) == "closed"


def test_at_night_the_office_waits_for_the_morning_and_the_dorm_does_not(school):
    """Due at 22:30: the counsellor's rung at 23:30 is climbed at 07:00, after the dorm's at 01:30."""
    start = day("2026-11-17", 9)
    leave = granted(school, asked(starts_at=start, ends_at=start + clock.timedelta(hours=11, minutes=30)))
    clock.travel(day("2026-11-17", 22) + clock.timedelta(minutes=31))
    jobs.follow_the_clock(clients=None)
    pass_time(minutes=1)
    assert status(leave) == "overdue"
    pass_time(hours=1)
    assert told(school.sun) == []
    clock.travel(day("2026-11-18", 7))
    pass_time(minutes=1)
    assert told(school.sun)[0] == "leave.overdue"


def test_safe_in_one_tap_holds_the_ladder(school):
    leave = granted(school, asked())
    pass_time(hours=24)
    pass_time(hours=26)
    assert status(leave) == "overdue"
    with unit_of_work() as session:
        service.say_safe(
            session, by=school.student(), request_id=leave, until=clock.now() + clock.timedelta(hours=5)
        )
    deliver()
    assert told(school.sun) == ["leave.safe"]
    pass_time(hours=4)
    assert told(school.sun) == ["leave.safe"]
    pass_time(hours=2)
    assert "leave.overdue" in told(school.sun)


def test_an_extension_takes_over(school):
    leave = granted(school, asked())
    pass_time(hours=25)
    with unit_of_work() as session:
        longer = service.extend(
            session,
            by=school.student(),
            request_id=leave,
            until=clock.now() + clock.timedelta(days=2),
            reason="车票改签",
        )
    say_yes(school.sun)
    assert (status(leave), status(longer.id)) == ("extended", "out")
    with unit_of_work() as session, pytest.raises(ExtendedOften):
        service.extend(
            session,
            by=school.student(),
            request_id=longer.id,
            until=clock.now() + clock.timedelta(days=4),
            reason="再晚一点",
        )
    pass_time(hours=30)
    assert told(school.sun) == []  # the old due time troubles nobody


def test_an_extension_that_is_refused_changes_nothing(school):
    leave = granted(school, asked())
    pass_time(hours=25)
    with unit_of_work() as session:
        service.extend(
            session,
            by=school.student(),
            request_id=leave,
            until=clock.now() + clock.timedelta(days=2),
            reason="还想玩",
        )
        task = session.scalars(select(Task.id).where(Task.status == "live")).one()
        approvals.reject(session, by=Caller(school.sun), task_id=task, comment="请按时返校")
    deliver()
    assert status(leave) == "out"


def test_called_back_before_going_and_after(school):
    first = granted(school, asked())
    with unit_of_work() as session:
        service.revoke(session, by=school.counsellor(), request_id=first, reason="有重要考试")
    assert status(first) == "revoked"
    second = granted(school, asked(after=48))
    pass_time(hours=49)
    with unit_of_work() as session:
        service.revoke(session, by=school.counsellor(), request_id=second, reason="台风")
    assert status(second) == "out"
    pass_time(hours=2)
    assert status(second) == "overdue"


@pytest.mark.parametrize("reason", ["", " 急 ", "x" * 501])
def test_calling_back_needs_a_reason(school, reason):
    leave = granted(school, asked())
    with unit_of_work() as session, pytest.raises(ReasonTooShort):
        service.revoke(session, by=school.counsellor(), request_id=leave, reason=reason)
    assert status(leave) == "approved"


def test_an_extension_granted_after_he_came_back_is_over(school):
    leave = granted(school, asked())
    pass_time(hours=25)
    with unit_of_work() as session:
        longer = service.extend(
            session,
            by=school.student(),
            request_id=leave,
            until=clock.now() + clock.timedelta(days=2),
            reason="车票改签",
        )
        service.mark_returned(session, by=school.student(), request_id=leave, source="self")
    say_yes(school.sun)
    assert (status(leave), status(longer.id)) == ("closed", "cancelled")
    pass_time(days=4)
    assert told(school.sun) == []


def test_one_extends_ones_own_into_the_future(school):
    leave = granted(school, asked())
    later = clock.now() + clock.timedelta(days=4)
    with unit_of_work() as session, pytest.raises(LeaveMissing):
        service.extend(
            session, by=school.student(school.chen), request_id=leave, until=later, reason="别人的"
        )
    pass_time(hours=24)
    pass_time(hours=26)
    ended = clock.now() - clock.timedelta(hours=1)  # after the end, before now
    with unit_of_work() as session, pytest.raises(SpanWrong):
        service.extend(session, by=school.student(), request_id=leave, until=ended, reason="昨天忘了")


def test_a_yes_that_comes_when_all_is_over_leaves_two_hours_to_come_back(school):
    request = submit(school, asked(after=0, is_emergency=True))
    pass_time(hours=30)
    say_yes(school.sun)
    pass_time(minutes=1)
    assert status(request.id) == "out"
    with unit_of_work() as session:
        due_at = session.get_one(LeaveRequest, request.id).due_at
    assert due_at - clock.now() > clock.timedelta(minutes=110)
    pass_time(hours=2)
    assert status(request.id) == "overdue"


def test_a_student_takes_back_and_gives_up(school):
    asked_for = submit(school, asked())
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(), request_id=asked_for.id)
    assert status(asked_for.id) == "withdrawn"
    leave = granted(school, asked())
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(), request_id=leave)
    assert status(leave) == "cancelled"
    with unit_of_work() as session, pytest.raises(MovedOn):
        service.withdraw(session, by=school.student(), request_id=leave)


def test_nobody_elses(school):
    leave = submit(school, asked())
    with unit_of_work() as session, pytest.raises(LeaveMissing):
        service.withdraw(session, by=school.student(school.chen), request_id=leave.id)


@pytest.mark.parametrize("turn", range(10))
def test_approve_and_withdraw_at_the_same_instant(school, turn):
    """One of them wins, and the leave says which."""
    leave = submit(school, asked())
    with unit_of_work() as session:
        task = session.scalars(
            select(Task.id).where(Task.person_id == school.sun, Task.status == "live")
        ).one()
    gate, results = threading.Barrier(2), {}

    def run(name, act):
        gate.wait(timeout=10)
        try:
            with unit_of_work() as session:
                act(session)
            results[name] = "done"
        except DomainError as error:
            results[name] = error.code

    acts = {
        "approve": lambda session: approvals.approve(session, by=Caller(school.sun), task_id=task),
        "withdraw": lambda session: service.withdraw(session, by=school.student(), request_id=leave.id),
    }
    threads = [threading.Thread(target=run, args=item) for item in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    deliver()
    assert list(results.values()).count("done") == 1, results
    assert status(leave.id) == ("approved" if results["approve"] == "done" else "withdrawn")


def test_every_change_is_in_the_log(school):
    leave = granted(school, asked())
    pass_time(hours=25)
    with unit_of_work() as session:
        service.mark_returned(session, by=school.student(), request_id=leave, source="self")
        kinds = session.scalars(
            select(LogLine.kind).where(LogLine.request_id == leave).order_by(LogLine.id)
        ).all()
        assert session.get_one(LeaveRequest, leave).return_source == "self"
    assert kinds == ["submitted", "approved", "out", "closed"]
