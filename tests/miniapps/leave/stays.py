"""A vacation that a class is asked about, and who wants to stay over it."""

from datetime import date

from sqlalchemy import select

from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.models import Answer, CampaignKind, StayReason, Whereto
from app.miniapps.leave.service import Given, Plan
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Task
from app.platform.notifications.models import Message
from tests.miniapps.leave.school import School, day, deliver

FIRST, LAST = date(2027, 1, 18), date(2027, 2, 20)
GOES = Given(Whereto.HOME, leaves_at=day("2027-01-18"), returns_at=day("2027-02-20"))


def open_campaign(school: School) -> str:
    """The vacation of the class, to be answered until 2027-01-10 18:00; its public id."""
    plan = Plan(
        CampaignKind.STAY, "寒假留校登记", FIRST, LAST, day("2027-01-10", 18), unit_ids=[school.class_id]
    )
    with unit_of_work() as session:
        return service.open_campaign(session, by=office(school), plan=plan).public_id


def office(school: School) -> Caller:
    return Caller(school.office, grants=(Grant("leave.campaign"),), surface="desk")


def stays(**more) -> Given:
    return Given(**{"whereto": Whereto.STAY, "stay_reason": StayReason.STUDY, **more})


def answer(person: int, campaign: str, given: Given) -> Answer:
    with unit_of_work() as session:
        return service.answer(session, by=Caller(person), campaign_id=campaign, given=given)


def answer_of(person: int) -> Answer:
    with unit_of_work() as session:
        return session.scalars(select(Answer).where(Answer.person_id == person)).one()


def cases() -> list[str]:
    """How the cases stand, the first first."""
    with unit_of_work() as session:
        return list(session.scalars(select(Case.status).order_by(Case.id)))


def say_no(person: int, reason: str = "宿舍检修") -> None:
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).where(Task.person_id == person, Task.status == "live")).one()
        approvals.reject(session, by=Caller(person), task_id=task, comment=reason)
    deliver()


def told(kind: str) -> list[int]:
    with unit_of_work() as session:
        return list(session.scalars(select(Message.person_id).where(Message.kind == kind)))


def said_to(person: int) -> list[tuple[str, dict]]:
    """(kind, params) of what he was told, the first first."""
    with unit_of_work() as session:
        rows = session.execute(
            select(Message.kind, Message.params).where(Message.person_id == person).order_by(Message.id)
        )
        return [tuple(row) for row in rows]
