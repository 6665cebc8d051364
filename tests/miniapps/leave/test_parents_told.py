"""Parents told by text message where the policy says so: when, in which words, once, and what is done instead."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.kit import clock, outbox
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.kit.errors import Invalid
from app.miniapps.leave import parents_jobs, service
from app.miniapps.leave.errors import NotAStudent
from app.miniapps.leave.events import LeaveMoved, StepClimbed
from app.miniapps.leave.models import (
    Contact,
    Gate,
    GateLog,
    Guardian,
    LeaveKind,
    LeaveRequest,
    Policy,
)
from app.miniapps.leave.service import Wanted, telling_parents
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.notifications import flows
from app.platform.notifications import service as notifications
from app.platform.notifications.models import Message, TextMessage
from app.platform.notifications.service import texts
from tests import visit
from tests.miniapps.leave.school import School, asked, day, submit
from tests.vendors import QUICK, Vendors, _vendor_server, vendors  # noqa: F401 - fixtures

FATHER, MOTHER = "10000000091", "10000000092"


@dataclass
class Home:
    """李 and what lies in the phones of his parents."""

    app: Any
    school: School
    vendors: Vendors

    def deliver(self) -> None:
        outbox.drain(clients=self.app.extensions["clients"], seconds=20)

    def give(self, relation: str = "father", phone: str = FATHER) -> None:
        with unit_of_work() as session:
            service.give_guardian(session, by=self.school.student(), relation=relation, phone=phone)

    def policy(self, **values: str) -> None:
        with unit_of_work() as session:
            session.execute(update(Policy).values(**values))

    def grant(self, **more: Any) -> int:
        leave = submit(self.school, asked(kind=LeaveKind.SICK, reason="做手术", destination="昆明", **more))
        with unit_of_work() as session:
            service.decide(session, public_id=leave.public_id, status="approved")
        self.deliver()
        return leave.id

    def inbox(self, phone: str = FATHER) -> list[str]:
        return [row["text"] for row in self.vendors.get("/_sim/sms/messages", phone=phone)]

    def log(self) -> list[tuple[str, str, str]]:
        with unit_of_work() as session:
            rows = session.scalars(select(Contact).order_by(Contact.id))
            return [(one.way, one.outcome, one.note) for one in rows]

    def to_call(self) -> int:
        with unit_of_work() as session:
            kinds = session.scalars(
                select(Message.kind).where(
                    Message.kind == "leave.parents_not_told", Message.person_id == self.school.sun
                )
            )
            return len(kinds.all())

    def run_late(self, leave: int, hours: float = 3.1) -> None:
        """He went, and is not back so many hours after he is due."""
        with unit_of_work() as session:
            made = session.get_one(LeaveRequest, leave)
            service.mark_out(session, by=None, request_id=leave, source="gate", at=made.starts_at)
            left = made.due_at - clock.now()
        clock.advance(left + timedelta(hours=hours))
        with unit_of_work() as session:
            service.climb(session, request_id=leave)
        self.deliver()


@pytest.fixture
def home(app, school: School, vendors: Vendors) -> Iterator[Home]:  # noqa: F811
    before = app.extensions["clients"]
    app.extensions["clients"] = dataclasses.replace(before, sms=vendors.sms(line=QUICK))
    vendors.set("sms", per_half_minute=100, per_hour=100, per_day=100)
    made = Home(app, school, vendors)
    made.policy(parents_told="sms", parents_when="both")
    yield made
    app.extensions["clients"] = before


def test_it_works(home: Home):
    home.give()
    home.give("mother", MOTHER)
    leave = home.grant()
    (text,) = home.inbox()
    assert "李**的请假已批准：11-17 09:00 到 11-18 11:00" in text
    for hidden in ("李一鸣", "病假", "手术", "昆明", "2023010101"):
        assert hidden not in text
    token = re.search(r"/m/leave/parents/(\S+)", text)
    assert token is not None
    page = home.app.test_client().get(f"/m/leave/parents/{token[1]}")
    assert page.status_code == 200 and "李**" in page.text
    assert len(home.inbox(MOTHER)) == 1
    assert home.log() == [
        ("sms", "told", "父亲：请假已批准"),
        ("sms", "told", "母亲：请假已批准"),
    ]
    with unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=home.school.sun,
            role="leave.counsellor",
            scope_kind="unit",
            scope_id=home.school.class_id,
        )
    theirs = visit.phone(home.app, home.school.sun).get(f"/m/leave/class/{_public_id(leave)}")
    assert "已告诉家长" in theirs.text
    assert FATHER not in theirs.text


def _public_id(leave: int) -> str:
    with unit_of_work() as session:
        return session.get_one(LeaveRequest, leave).public_id


@pytest.mark.parametrize(
    ("told", "when", "on_approval", "when_late"),
    [
        ("none", "both", 0, 0),
        ("link", "both", 0, 0),
        ("sms", "approved", 1, 1),
        ("sms", "overdue", 0, 1),
        ("sms", "both", 1, 2),
    ],
)
def test_the_policy_names_the_moments(home: Home, told: str, when: str, on_approval: int, when_late: int):
    home.policy(parents_told=told, parents_when=when)
    home.give()
    leave = home.grant()
    assert len(home.inbox()) == on_approval
    home.run_late(leave)
    assert len(home.inbox()) == when_late
    if when_late > on_approval:
        assert "还没有登记返校" in home.inbox()[0]
    if when_late == 0:
        assert home.log() == []


def test_nobody_is_texted_at_night(home: Home):
    home.give()
    clock.advance(timedelta(hours=13, minutes=30))  # 22:30
    leave = home.grant()
    assert home.inbox() == []
    clock.advance(timedelta(hours=8))
    home.deliver()
    assert home.inbox() == []
    clock.advance(timedelta(minutes=31))
    home.deliver()
    assert len(home.inbox()) == 1
    home.run_late(leave)  # due at 00:30, three hours later it is still night
    assert len(home.inbox()) == 1
    with unit_of_work() as session:
        service.mark_returned(session, by=None, request_id=leave, source="gate")
    clock.advance(timedelta(hours=5))
    home.deliver()
    assert len(home.inbox()) == 1, "he came back before the morning"


def test_who_says_that_he_is_safe_is_not_reported(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    leave = home.grant()
    home.run_late(leave, hours=1.5)
    with unit_of_work() as session:
        service.say_safe(
            session, by=home.school.student(), request_id=leave, until=clock.now() + timedelta(hours=12)
        )
    clock.advance(timedelta(hours=2))
    with unit_of_work() as session:
        service.climb(session, request_id=leave)
    home.deliver()
    assert home.inbox() == []


def test_without_a_phone_the_counsellor_calls(home: Home):
    home.grant()
    assert home.log() == [("sms", "not_told", "请假已批准：没有家长电话")]
    assert home.to_call() == 1


@pytest.mark.parametrize(
    ("fault", "why"), [("sms_blacklist", "短信没有发出"), ("http500_after", "短信是否送达不明")]
)
def test_what_did_not_go_out_is_the_counsellors(home: Home, fault: str, why: str):
    home.give()
    home.vendors.fault("sms", fault, op="send")
    home.grant()
    for _ in range(3):
        clock.advance(timedelta(minutes=5))
        home.deliver()
    assert home.log() == [("sms", "not_told", f"父亲 100****0091：请假已批准：{why}")]
    assert home.to_call() == 1
    assert len(home.vendors.get("/_sim/sms/sent")) <= 1, "what may have gone out is never sent again"
    with unit_of_work() as session:
        assert session.scalars(select(TextMessage.phone)).one() is None


def test_what_the_carrier_takes_back_is_too(home: Home):
    home.give()
    home.vendors.fault("sms", "sms_undelivered", op="send")
    home.grant()
    clock.advance(timedelta(minutes=1))
    flows.ask_for_text_reports(clients=home.app.extensions["clients"])
    home.deliver()
    assert [outcome for _way, outcome, _note in home.log()] == ["told", "not_told"]
    assert home.to_call() == 1


def test_without_a_gateway_the_counsellor_calls(home: Home):
    home.app.extensions["clients"] = dataclasses.replace(home.app.extensions["clients"], sms=None)
    home.give()
    home.grant()
    assert home.log() == [("sms", "not_told", "父亲 100****0091：请假已批准：学校没有开通短信")]


def test_texts_to_parents_are_few_a_day_and_do_not_use_up_the_students_own(home: Home):
    with unit_of_work() as session:
        for nth in range(texts.OTHERS_PER_DAY + 1):
            notifications.text_other(
                session,
                kind="leave.parents_approved",
                person_id=home.school.li,
                phone=FATHER,
                params={"who": "李**", "start": "1", "due": "2", "token": "3"},
                subject=f"testing:{nth}",
            )
    home.deliver()
    assert len(home.inbox()) == texts.OTHERS_PER_DAY
    with unit_of_work() as session:
        errors = session.scalars(select(TextMessage.error).where(TextMessage.status == "skipped")).all()
        assert errors == ["sms_quota"]
        own = texts.hindrance(session, person_id=home.school.li, kind="any", knows=lambda _key: True)
        assert own == ""


def test_the_student_gives_and_takes_back_the_phone(home: Home):
    li = visit.phone(home.app, home.school.li)
    url, headers = "/m/leave/family/", visit.csrf(li)
    assert li.post(url, data={"relation": "aunt", "phone": "12"}, headers=headers).status_code == 422
    given = li.post(url, data={"relation": "mother", "phone": f"+86 {MOTHER}"}, headers=headers)
    assert given.status_code == 303
    page = li.get(url).text
    assert "母亲" in page and MOTHER not in page
    assert "让学校短信告诉家长请假情况" in li.get("/m/privacy/agreements").text
    assert li.post(f"{url}mother/withdraw", headers=headers).status_code == 303
    assert li.post(f"{url}mother/withdraw", headers=headers).status_code == 404
    with unit_of_work() as session:
        one = session.scalars(select(Guardian)).one()
        assert one.phone is None and one.withdrawn_at is not None
    home.grant()
    assert home.inbox(MOTHER) == []
    assert home.to_call() == 1


def test_only_students_give_one(home: Home):
    with unit_of_work() as session, pytest.raises(NotAStudent):
        service.give_guardian(session, by=Caller(home.school.sun), relation="father", phone=FATHER)
    with unit_of_work() as session, pytest.raises(Invalid):
        service.give_guardian(session, by=home.school.student(), relation="father", phone="123")


def test_the_student_sees_that_his_parents_were_told(home: Home):
    home.give()
    leave = home.grant()
    li = visit.phone(home.app, home.school.li)
    looks = li.get("/m/privacy/looks").text
    assert "按请假办法短信告诉家长" in looks
    assert "短信告诉家长" in li.get(f"/m/leave/{_public_id(leave)}").text


def test_without_the_policy_there_is_no_link(home: Home):
    home.policy(parents_told="none")
    leave = home.grant()
    li = visit.phone(home.app, home.school.li)
    assert "/m/leave/parents/" not in li.get(f"/m/leave/{_public_id(leave)}").text
    home.policy(parents_told="link")
    assert "/m/leave/parents/" in li.get(f"/m/leave/{_public_id(leave)}").text


def test_a_persons_data_comes_out_and_goes(home: Home):
    home.give()
    with unit_of_work() as session:
        assert service.export_person(session, person_id=home.school.li)["parents"][0]["phone"] == FATHER
        service.erase_person(session, by=None, person_id=home.school.li)
    with unit_of_work() as session:
        assert session.scalars(select(Guardian)).all() == []


def test_phones_of_who_has_left_long_ago_go(home: Home):
    home.give()
    clock.advance(timedelta(days=729))
    with unit_of_work() as session:
        service.retain(session)
        assert session.scalars(select(Guardian)).all() != []
    clock.advance(timedelta(days=2))
    with unit_of_work() as session:
        service.retain(session)
        assert session.scalars(select(Guardian)).all() == []


def _texts() -> list[TextMessage]:
    with unit_of_work() as session:
        return list(session.scalars(select(TextMessage).order_by(TextMessage.id)))


def _phone_rows() -> list[tuple[str, str | None]]:
    return [(one.status, one.phone) for one in _texts()]


def test_a_text_waits_an_hour_and_never_into_the_night(home: Home):
    home.give()
    leave = submit(home.school, asked(kind=LeaveKind.SICK))
    with unit_of_work() as session:
        request = session.get_one(LeaveRequest, leave.id)
        telling_parents.tell_parents(session, request, "approved")
    clock.advance(timedelta(hours=1))
    home.deliver()
    assert home.inbox() == []
    assert home.log() == [("sms", "not_told", "父亲 100****0091：请假已批准：短信没有及时发出")]
    clock.advance(timedelta(hours=11, minutes=30))  # 21:30
    with unit_of_work() as session:
        request = session.get_one(LeaveRequest, leave.id)
        telling_parents.tell_parents(session, request, "overdue")
    clock.advance(timedelta(minutes=31))
    home.deliver()
    assert home.inbox() == []


@pytest.mark.parametrize("replaced", [True, False])
def test_a_phone_taken_back_is_not_texted_any_more(home: Home, replaced: bool):
    home.give()
    home.give("mother", MOTHER)
    with unit_of_work() as session:
        for subject in ("leave.parents:1:approved:father", "leave.parents:1:approved:mother"):
            _text_other(session, home.school.li, FATHER if "father" in subject else MOTHER, subject)
        if replaced:
            service.give_guardian(session, by=home.school.student(), relation="father", phone="10000000093")
        else:
            service.withdraw_guardian(session, by=home.school.student(), key="father")
    assert _phone_rows() == [("skipped", None), ("queued", MOTHER)]


def _text_other(session: Any, person_id: int, phone: str, subject: str) -> None:
    notifications.text_other(
        session,
        kind="leave.parents_approved",
        person_id=person_id,
        phone=phone,
        params={"who": "李**", "start": "1", "due": "2", "token": "3"},
        subject=subject,
    )


def test_who_is_back_is_not_reported_by_a_text_that_waits(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    leave = home.grant()
    home.run_late(leave, hours=1.5)
    with unit_of_work() as session:
        request = session.get_one(LeaveRequest, leave)
        telling_parents.tell_parents(session, request, "overdue")
        service.mark_returned(session, by=None, request_id=leave, source="gate")
        session.flush()
    with unit_of_work() as session:
        parents_jobs.on_over_for_parents(session, LeaveMoved(leave, "closed"))
    home.deliver()
    assert home.inbox() == []
    assert home.log() == []
    assert _phone_rows() == [("skipped", None)]


def test_a_withdrawn_phone_goes_from_what_was_sent(home: Home):
    home.give()
    home.grant()
    assert _phone_rows() == [("accepted", FATHER)]
    with unit_of_work() as session:
        service.withdraw_guardian(session, by=home.school.student(), key="father")
    assert _phone_rows() == [("accepted", None)]


def test_a_phone_does_not_outlast_its_report(home: Home):
    home.give()
    home.grant()
    clock.advance(texts.REPORTS_WITHIN - timedelta(minutes=1))
    with unit_of_work() as session:
        notifications.forget_old(session)
    assert _phone_rows() == [("accepted", FATHER)]
    clock.advance(timedelta(minutes=2))
    with unit_of_work() as session:
        notifications.forget_old(session)
    assert _phone_rows() == [("accepted", None)]
    assert [one.phone_index for one in _texts()] == [None]


def test_one_phone_gets_few_texts_a_day_whomever_they_are_about(home: Home):
    with unit_of_work() as session:
        for nth in range(texts.OTHERS_PER_DAY):
            _text_other(session, home.school.li, FATHER, f"testing:{nth}")
        _text_other(session, home.school.sun, FATHER, "testing:other")
        _text_other(session, home.school.sun, MOTHER, "testing:mother")
    home.deliver()
    assert len(home.inbox()) == texts.OTHERS_PER_DAY
    assert len(home.inbox(MOTHER)) == 1


def test_neither_ones_own_phone_nor_the_same_twice(home: Home):
    with unit_of_work() as session:
        directory.update_person(session, by=None, person_id=home.school.li, phone="10000000099")
    with pytest.raises(Invalid):
        home.give("father", "10000000099")
    home.give("father")
    with pytest.raises(Invalid):
        home.give("mother", FATHER)
    home.give("father")


@pytest.mark.parametrize("phone", ["1000000009²", "１０００００００００９１"])
def test_a_phone_is_of_plain_digits(home: Home, phone: str):
    with pytest.raises(Invalid):
        home.give("father", phone)


def test_parents_of_who_has_left_the_school_are_not_told(home: Home):
    home.give()
    leave = submit(home.school, asked(kind=LeaveKind.SICK))
    with unit_of_work() as session:
        service.decide(session, public_id=leave.public_id, status="approved")
        directory.leave(session, by=None, person_id=home.school.li)
    home.deliver()
    assert (home.inbox(), home.to_call()) == ([], 0)


def test_who_is_still_away_when_he_said_to_be_safe_until_is_reported(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    leave = home.grant()
    home.run_late(leave, hours=1.5)
    with unit_of_work() as session:
        service.climb(session, request_id=leave)
    with unit_of_work() as session:
        due = session.get_one(LeaveRequest, leave).due_at
        outbox.emit(session, StepClimbed(leave, "dorm", due.isoformat()))
        until = clock.now() + timedelta(hours=3)
        service.say_safe(session, by=home.school.student(), request_id=leave, until=until)
    home.deliver()
    assert home.inbox() == []
    clock.advance(timedelta(hours=3, minutes=1))
    home.deliver()
    assert len(home.inbox()) == 1


def test_the_student_reads_that_they_were_told_only_when_they_were(home: Home):
    home.give()
    home.vendors.fault("sms", "sms_blacklist", op="send")
    leave = home.grant()
    li = visit.phone(home.app, home.school.li)
    assert "按请假办法短信告诉家长" not in li.get("/m/privacy/looks").text
    assert "短信告诉家长" not in li.get(f"/m/leave/{_public_id(leave)}").text


def test_a_list_of_public_leave_is_one_message_to_the_counsellor(home: Home):
    by = Caller(home.school.office, grants=(Grant("leave.public"), Grant("leave.follow")))
    wanted = Wanted(
        ("2023010101", "2023010102"),
        "运动会",
        day("2026-11-17", 9),
        day("2026-11-17", 18),
        misses_class=True,
    )
    with unit_of_work() as session:
        digest = service.check_batch(session, by=by, wanted=wanted).digest
        service.make_batch(session, by=by, wanted=wanted, digest=digest)
    home.deliver()
    assert home.log() == [("sms", "not_told", "请假已批准：没有家长电话")] * 2
    assert home.to_call() == 1


def _log(home: Home, reached_at: datetime | None) -> None:
    """The school's own gates are joined, and their log was read up to then."""
    by = Caller(home.school.office, grants=(Grant("leave.office"),))
    with unit_of_work() as session:
        if session.get(GateLog, 1) is None:
            gate = service.add_gate(session, by=by, name="东门")
            service.change_gate(session, by=by, gate_id=gate.public_id, code="G1", is_door=False)
            service.begin_log(session, series="one", after=0)
        session.execute(update(GateLog).values(reached_at=reached_at))


def _waiting(home: Home) -> list[Message]:
    with unit_of_work() as session:
        mine = (Message.kind == "leave.gates_log_late", Message.person_id == home.school.sun)
        return list(session.scalars(select(Message).where(*mine)))


def test_nobody_is_reported_while_the_gates_log_is_late(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    _log(home, clock.now())
    leave = home.grant()
    home.run_late(leave)
    assert (home.inbox(), home.log()) == ([], [])
    _log(home, clock.now())
    clock.advance(timedelta(minutes=6))
    home.deliver()
    assert len(home.inbox()) == 1, "the log was read, and he is not in it"
    assert _waiting(home) == []


def test_who_came_in_by_a_log_that_was_late_is_not_reported(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    _log(home, clock.now())
    leave = home.grant()
    home.run_late(leave)
    with unit_of_work() as session:
        service.mark_returned(session, by=None, request_id=leave, source="gate")
    _log(home, clock.now())
    clock.advance(timedelta(hours=1))
    home.deliver()
    assert (home.inbox(), home.log()) == ([], [])


def test_when_the_log_stays_away_the_counsellor_asks_and_the_parents_hear_nothing(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    _log(home, clock.now())
    leave = home.grant()
    home.run_late(leave)
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        home.deliver()
    assert home.inbox() == []
    assert home.log() == [("sms", "not_told", "逾期未返校：闸机的通行记录没有读到")]
    assert (len(_waiting(home)), home.to_call()) == (1, 0)


def test_without_a_gate_that_has_a_code_no_log_is_waited_for(home: Home):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    _log(home, None)
    with unit_of_work() as session:
        session.execute(update(Gate).values(code=None))
    home.run_late(home.grant())
    assert len(home.inbox()) == 1


def _counsellor(home: Home) -> Any:
    with unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=home.school.sun,
            role="leave.counsellor",
            scope_kind="unit",
            scope_id=home.school.class_id,
        )
    return visit.phone(home.app, home.school.sun)


def test_who_is_to_call_sees_the_number_of_the_parent_who_was_not_reached(home: Home):
    home.give()
    home.give("mother", MOTHER)
    home.vendors.fault("sms", "sms_blacklist", op="send")
    leave = _public_id(home.grant())
    assert home.log()[0][2].startswith("父亲 100****0091：")
    with unit_of_work() as session:
        told = session.scalars(select(Message).where(Message.kind == "leave.parents_not_told")).first()
        assert told is not None and told.params["why"] == "短信没有发出（父亲）"
    sun, url = _counsellor(home), f"/m/leave/class/{leave}"
    assert "100****0091" in sun.get(url).text and FATHER not in sun.get(url).text
    looks = visit.phone(home.app, home.school.li)
    assert "看家长电话" not in looks.get("/m/privacy/looks").text
    page = sun.post(f"{url}/parents", data={"relation": "father"}, headers=visit.csrf(sun))
    assert page.status_code == 200 and f"tel:{FATHER}" in page.text and MOTHER not in page.text
    assert "看家长电话" in looks.get("/m/privacy/looks").text
    assert sun.post(f"{url}/parents", data={"relation": "other"}, headers=visit.csrf(sun)).status_code == 404
    assert sun.get(f"{url}/parents").status_code == 302
    for stranger in (home.school.chen, home.school.wu, home.school.li):
        other = visit.phone(home.app, stranger)
        tried = other.post(f"{url}/parents", data={"relation": "father"}, headers=visit.csrf(other))
        assert tried.status_code in (403, 404) and FATHER not in tried.text


def test_nobody_sees_the_number_of_a_parent_who_was_told(home: Home):
    home.give()
    leave = _public_id(home.grant())
    sun, url = _counsellor(home), f"/m/leave/class/{leave}"
    assert "0091" not in sun.get(url).text
    tried = sun.post(f"{url}/parents", data={"relation": "father"}, headers=visit.csrf(sun))
    assert (tried.status_code, FATHER in tried.text) == (404, False)


def test_the_other_parent_who_was_told_is_nobodys_to_call(home: Home):
    home.give()
    home.give("mother", MOTHER)
    home.vendors.fault("sms", "sms_blacklist", op="send", times=1)
    leave = _public_id(home.grant())
    missed, told = (FATHER, MOTHER) if not home.inbox() else (MOTHER, FATHER)
    assert (len(home.inbox(missed)), len(home.inbox(told))) == (0, 1)
    names = {FATHER: "father", MOTHER: "mother"}
    sun, url = _counsellor(home), f"/m/leave/class/{leave}"
    page = sun.get(url).text
    assert f"100****{missed[-4:]}</span>" in page and f"100****{told[-4:]}</span>" not in page
    tried = sun.post(f"{url}/parents", data={"relation": names[told]}, headers=visit.csrf(sun))
    assert (tried.status_code, told in tried.text) == (404, False)


def test_a_week_after_the_leave_nobody_is_to_call_any_more(home: Home):
    home.give()
    home.vendors.fault("sms", "sms_blacklist", op="send")
    leave = home.grant()
    with unit_of_work() as session:
        service.mark_out(session, by=None, request_id=leave, source="gate")
        service.mark_returned(session, by=None, request_id=leave, source="gate")
    url = f"/m/leave/class/{_public_id(leave)}"
    for days, is_shown in ((6, True), (2, False)):
        clock.advance(timedelta(days=days))
        sun = _counsellor(home) if is_shown else visit.phone(home.app, home.school.sun)
        assert ("看电话" in sun.get(url).text) == is_shown
        shown = sun.post(f"{url}/parents", data={"relation": "father"}, headers=visit.csrf(sun))
        assert (FATHER in shown.text, shown.status_code == 200) == (is_shown, is_shown)


@pytest.mark.parametrize(
    "left_out", [{"unknown_codes": ["G9"]}, {"again_cursor": 0, "again_until": 5}], ids=str
)
def test_nobody_is_reported_while_lines_are_left_out_of_the_log(home: Home, left_out: dict[str, Any]):
    home.policy(parents_told="sms", parents_when="overdue")
    home.give()
    _log(home, clock.now())
    leave = home.grant()
    with unit_of_work() as session:
        session.execute(update(GateLog).values(**left_out, reached_at=clock.now() + timedelta(days=9)))
    home.run_late(leave)
    assert (home.inbox(), home.log()) == ([], [])
    with unit_of_work() as session:
        session.execute(update(GateLog).values(unknown_codes=[], again_cursor=None, again_until=None))
    clock.advance(timedelta(minutes=6))
    home.deliver()
    assert len(home.inbox()) == 1
