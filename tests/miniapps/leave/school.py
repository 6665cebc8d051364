"""A class with a counsellor, its college and its dorm; policies as most schools have them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from app.kit import clock, outbox
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import CountMode, LeaveKind, LeaveRequest
from app.miniapps.leave.service import Asked, Rules
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Task
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests.make import SINCE, CampusOfTests, add_member, make_campus

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=clock.UTC)  # 09:00, the clock of the tests


@dataclass(frozen=True)
class School:
    """孙 is counsellor of the class, 孟 leads the college, 钱 the office, 吴 the dorm."""

    campus: CampusOfTests
    class_id: int
    college_id: int
    li: int
    chen: int
    sun: int
    meng: int
    office: int
    wu: int

    def student(self, person_id: int | None = None) -> Caller:
        return Caller(person_id or self.li, surface="phone", affiliation_kinds=frozenset({"student"}))

    def counsellor(self) -> Caller:
        grants = tuple(Grant(key, "unit", self.college_id) for key in ("leave.read", "leave.follow"))
        return Caller(
            self.sun, grants=(*grants, *(Grant("leave.follow", "unit", self.class_id),)), surface="phone"
        )


def make_school() -> School:
    campus = make_campus()
    with unit_of_work() as session:
        college = directory.add_org_unit(session, by=None, code="CS", name="信息学院", kind="college")
        klass = directory.add_org_unit(
            session, by=None, code="CS2301", name="计算机2301", kind="class", parent_id=college
        )
        for person in (campus.li, campus.chen):
            directory.add_affiliation(
                session, by=None, person_id=person, kind="student", org_unit_id=klass, starts_on=SINCE
            )
        sun = add_member(session, "孙立", "T1001", "staff", college)
        meng = add_member(session, "孟宪平", "T1002", "staff", college)
        office = add_member(session, "秦学工", "T1003", "staff", None)
        wu = add_member(session, "吴秀兰", "T1004", "staff", None)
        directory.appoint(
            session, by=None, person_id=sun, org_unit_id=klass, post="counsellor", starts_on=SINCE
        )
        for person, role, kind, place in (
            (meng, "leave.college_leader", "unit", college),
            (office, "leave.office", "all", None),
            (wu, "leave.dorm_manager", "building", campus.building_3),
        ):
            identity.grant_role(
                session, by=None, person_id=person, role=role, scope_kind=kind, scope_id=place
            )
        approvals.publish_shipped(session, DEFINITIONS)
        school = School(campus, klass, college, campus.li, campus.chen, sun, meng, office, wu)
        for rules in (
            Rules("一般请假", Decimal(0), Decimal(30), count_mode=CountMode.SINGLE),
            Rules("病假", Decimal(0), Decimal(60), kind=LeaveKind.SICK, evidence="later"),
        ):
            service.add_policy(session, by=None, rules=rules, starts_on=SINCE)
    return school


def asked(days: float = 1, *, after: float = 24, kind: LeaveKind = LeaveKind.CASUAL, **more) -> Asked:
    """A leave that begins so many hours from now and lasts so many days."""
    starts_at = clock.now() + clock.timedelta(hours=after)
    return Asked(
        **{
            "kind": kind,
            "starts_at": starts_at,
            "ends_at": starts_at + clock.timedelta(days=days),
            "reason": "回家有事",
            "leaves_campus": True,
            "leaves_dorm": True,
            "misses_class": True,
            **more,
        }
    )


def submit(school: School, wanted: Asked, *, person: int | None = None) -> LeaveRequest:
    with unit_of_work() as session:
        return service.submit(session, by=school.student(person), person_id=person or school.li, asked=wanted)


def say_yes(*people: int) -> None:
    """Each of them in turn approves the one thing that waits for him; what follows from it is delivered."""
    for person in people:
        with unit_of_work() as session:
            task = session.scalars(
                select(Task.id).where(Task.person_id == person, Task.status == "live")
            ).one()
            approvals.approve(session, by=Caller(person, surface="phone"), task_id=task)
        deliver()


def say_yes_to(request: LeaveRequest, person: int) -> None:
    """One person approves his task in one leave."""
    with unit_of_work() as session:
        mine = (Task.case_id == request.case_id, Task.person_id == person, Task.status == "live")
        task = session.scalars(select(Task.id).where(*mine)).one()
        approvals.approve(session, by=Caller(person, surface="phone"), task_id=task)
    deliver()


def deliver() -> None:
    outbox.drain(clients=None, seconds=10)


def granted(school: School, wanted: Asked) -> int:
    """A leave that was approved by whoever had to; its id."""
    request = submit(school, wanted)
    chain = (
        [school.sun]
        + [school.meng] * (request.measured_days > 3)
        + [school.office] * (request.measured_days > 7)
    )
    say_yes(*chain)
    return request.id


def status(request_id: int) -> str:
    with unit_of_work() as session:
        return session.get_one(LeaveRequest, request_id).status


def day(text: str, hour: int = 9) -> datetime:
    """An hour of a Shanghai day."""
    return clock.start_of_day(date.fromisoformat(text)) + clock.timedelta(hours=hour)
