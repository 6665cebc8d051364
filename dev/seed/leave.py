"""Leave of the demo: the shipped chains, common policies, who follows whom, a few leaves on their way, and a class that
is asked where it goes at New Year.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.miniapps.leave import jobs, service
from app.miniapps.leave.cli import add_common_policies
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import CampaignKind, LeaveKind, Whereto
from app.miniapps.leave.service import Asked, Given, Plan
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Task
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from dev.seed.setup import Say, person_id

LI, COUNSELLOR, DORM_MANAGER, ADMINISTRATOR = "2023010101", "T0004", "T0003", "T0002"
DORM = "E03"
CLASSMATES = ("2023010102", "2023010103", "2023010104")
UNDECIDED = (LI, *CLASSMATES)


def prepare_leave(say: Say) -> None:
    """Once per campus. 李 has a leave that waits for 孙; one classmate is away, another is late."""
    with db.unit_of_work() as session:
        approvals.publish_shipped(session, DEFINITIONS)
        add_common_policies(session, starts_on=clock.today() - timedelta(days=90))
        _grant(session)
        office = Caller(
            person_id(session, ADMINISTRATOR), grants=(Grant("leave.office"), Grant("leave.campaign"))
        )
        gate = service.add_gate(session, by=office, name="东门")
        service.change_gate(session, by=office, gate_id=gate.public_id, code="G1", is_door=False)
    away = _someone_away()
    with db.unit_of_work() as session:
        _ask(session, person_id(session, LI), days=2, after=30, reason="周末回家看望家人")
    answered = _where_to(office)
    say(f"leave: 1 waits, {away} away, {answered} said where they go")


def _where_to(office: Caller) -> int:
    """A registration of the class of 李; every other classmate has answered."""
    now = clock.now()
    first = (now + timedelta(days=5)).replace(hour=4, minute=0, second=0, microsecond=0)
    with db.unit_of_work() as session:
        mine = directory.study_unit_of(session, person_id(session, LI))
        assert mine is not None
        plan = Plan(
            CampaignKind.TRIP,
            "小长假去向登记",
            clock.local(first).date(),
            clock.local(first).date() + timedelta(days=3),
            now + timedelta(days=3),
            unit_ids=(mine,),
            note="请如实填写，注意路上安全。",
        )
        campaign = service.open_campaign(session, by=office, plan=plan).public_id
        asked = [one.id for one in directory.students_of(session, mine) if one.number not in UNDECIDED][::2]
    given = (
        Given(Whereto.HOME, "省城", first, first + timedelta(days=3)),
        Given(Whereto.STAY),
        Given(Whereto.AWAY, "海边", first, first + timedelta(days=2)),
    )
    for at, person in enumerate(asked):
        with db.unit_of_work() as session:
            service.answer(session, by=Caller(person), campaign_id=campaign, given=given[at % len(given)])
    return len(asked)


def _grant(session: Session) -> None:
    counsellor = person_id(session, COUNSELLOR)
    college = directory.college_of(session, person_id(session, LI))
    building = directory.find_building(session, DORM)
    assert college is not None
    assert building is not None
    administrator = person_id(session, ADMINISTRATOR)
    for person, role, kind, place in (
        (counsellor, "leave.counsellor", "unit", college),
        (person_id(session, DORM_MANAGER), "leave.dorm_manager", "building", building.id),
        (administrator, "leave.college_leader", "unit", college),
        (administrator, "leave.office", "all", None),
        (administrator, "approvals.administrator", "all", None),
        (administrator, "leave.guard", "all", None),
    ):
        identity.grant_role(session, by=None, person_id=person, role=role, scope_kind=kind, scope_id=place)


def _someone_away() -> int:
    """Two classmates whose leave has begun; the first is to be back in an hour, the second was to be back last night.

    They asked yesterday: the clock goes back for that.
    """
    now, away = clock.now(), 0
    clock.travel(now - timedelta(hours=26))
    for number, hours in zip(CLASSMATES, (1, -12), strict=False):
        with db.unit_of_work() as session:
            person = directory.find_person_by_number(session, number)
            if person is None:
                continue
            asked = Asked(
                LeaveKind.CASUAL,
                clock.now(),
                now + timedelta(hours=hours - 2),
                "参加社会实践",
                "邻市",
                leaves_campus=True,
                leaves_dorm=True,
            )
            leave = service.submit(session, by=Caller(person.id), person_id=person.id, asked=asked)
            task = session.scalars(
                select(Task).where(Task.case_id == leave.case_id, Task.status == "live")
            ).first()
            if task is None or task.person_id is None:
                continue
            approvals.approve(session, by=Caller(task.person_id), task_id=task.id)
            service.decide(session, public_id=leave.public_id, status="approved")
        away += 1
    jobs.follow_the_clock(clients=None)
    clock.travel(None)
    jobs.follow_the_clock(clients=None)
    return away


def _ask(session: Session, person: int, *, days: int, after: int, reason: str) -> None:
    starts_at = clock.now() + timedelta(hours=after)
    asked = Asked(
        LeaveKind.CASUAL,
        starts_at,
        starts_at + timedelta(days=days),
        reason,
        "省城",
        leaves_campus=True,
        leaves_dorm=True,
    )
    service.submit(session, by=Caller(person), person_id=person, asked=asked)
