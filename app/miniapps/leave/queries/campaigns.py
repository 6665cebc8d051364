"""Campaigns as those see them who opened them: who is asked, how many have answered, who has not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.paging import Key, Page, page
from app.miniapps.leave.errors import CampaignMissing
from app.miniapps.leave.models import (
    NOT_GRANTED,
    Answer,
    Campaign,
    CampaignUnit,
    Reminder,
    StayState,
    Whereto,
)
from app.miniapps.leave.queries.units import college_of, units_of, with_parents
from app.platform.directory import queries as directory
from app.platform.directory.queries import OrgBrief

CAMPAIGN = "leave.campaign"


@dataclass(frozen=True)
class Count:
    """Of one class, or of several together."""

    unit: OrgBrief | None
    college: OrgBrief | None
    asked: int
    home: int
    away: int
    stay: int
    waiting: int
    confirmed: int
    declined: int  # or nobody decided in time

    @property
    def answered(self) -> int:
        return self.home + self.away + self.stay

    @property
    def missing(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class Missing:
    """Some of one class, by number: who has not answered, who waits, who may not stay."""

    unit: OrgBrief
    names: list[str]


def campaigns_for(session: Session, caller: Caller, *, cursor: str | None, limit: int = 30) -> Page[Any]:
    """Those that ask anybody in the caller's units, the latest first."""
    stmt = select(
        Campaign.id,
        Campaign.public_id,
        Campaign.kind,
        Campaign.title,
        Campaign.starts_on,
        Campaign.ends_on,
        Campaign.deadline,
        Campaign.closed_at,
    ).where(_touches(session, units_of(session, caller, CAMPAIGN)))
    return page(session, stmt, keys=[Key("id", Campaign.id, descending=True)], cursor=cursor, limit=limit)


def campaign_for(session: Session, caller: Caller, public_id: str) -> Campaign:
    """One of them. Raises CampaignMissing."""
    stmt = select(Campaign).where(
        Campaign.public_id == public_id, _touches(session, units_of(session, caller, CAMPAIGN))
    )
    found = session.scalars(stmt).one_or_none()
    if found is None:
        raise CampaignMissing()
    return found


def _touches(session: Session, mine: frozenset[int] | None) -> ColumnElement[bool]:
    """It asks somebody below these units, or below what they lie in."""
    if mine is None:
        return true()
    near = mine | with_parents(session, mine).keys()
    asks = exists().where(CampaignUnit.campaign_id == Campaign.id, CampaignUnit.unit_id.in_(near))
    return or_(Campaign.is_for_all, asks) if mine else asks


def audience_of(session: Session, campaign: Campaign) -> list[int] | None:
    """The units that are asked; None: all."""
    if campaign.is_for_all:
        return None
    return list(session.scalars(select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign.id)))


def roster(session: Session, campaign: Campaign, units: frozenset[int] | None) -> Select[Any]:
    """(person_id, unit_id) of who is asked, of these units alone (None: all)."""
    asked = directory.students_within(audience_of(session, campaign)).subquery()
    stmt = select(asked.c.person_id, asked.c.unit_id)
    return stmt if units is None else stmt.where(asked.c.unit_id.in_(units))


def counts(session: Session, campaign: Campaign, units: frozenset[int] | None) -> list[Count]:
    """By class, by college and name; in one statement for any number of students."""
    asked = roster(session, campaign, units).subquery()

    def of(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(Answer.id).filter(*conditions)

    rows = session.execute(
        select(
            asked.c.unit_id,
            func.count(),
            of(Answer.whereto == Whereto.HOME),
            of(Answer.whereto == Whereto.AWAY),
            of(Answer.whereto == Whereto.STAY),
            of(Answer.state == StayState.WAITING),
            of(Answer.state == StayState.CONFIRMED),
            of(Answer.state.in_(NOT_GRANTED)),
        )
        .outerjoin(Answer, and_(Answer.campaign_id == campaign.id, Answer.person_id == asked.c.person_id))
        .group_by(asked.c.unit_id)
    ).all()
    known = with_parents(session, {row[0] for row in rows})
    found = [Count(known.get(row[0]), college_of(row[0], known), *row[1:]) for row in rows]
    return sorted(found, key=_order)


def _order(count: Count) -> tuple[str, str]:
    return (count.college.name if count.college else "", count.unit.name if count.unit else "")


def total(found: Sequence[Count], *, college: OrgBrief | None = None) -> Count:
    """Several as one."""

    def of(name: str) -> int:
        return sum(getattr(one, name) for one in found)

    sums = (of(name) for name in ("asked", "home", "away", "stay", "waiting", "confirmed", "declined"))
    return Count(None, college, *sums)


def by_college(found: Sequence[Count]) -> list[Count]:
    """The same by college, the one with most missing answers first."""
    colleges: dict[int | None, list[Count]] = {}
    for one in found:
        colleges.setdefault(one.college.id if one.college else None, []).append(one)
    sums = [total(several, college=several[0].college) for several in colleges.values()]
    return sorted(sums, key=lambda one: -one.missing)


def missing_people(
    session: Session, campaign: Campaign, units: frozenset[int] | None
) -> list[tuple[int, int]]:
    """(person_id, unit_id) of who has not answered."""
    asked = roster(session, campaign, units).subquery()
    answered = exists().where(Answer.campaign_id == campaign.id, Answer.person_id == asked.c.person_id)
    rows = session.execute(select(asked.c.person_id, asked.c.unit_id).where(~answered))
    return [(row.person_id, row.unit_id) for row in rows]


def chase_list(
    session: Session, campaign: Campaign, units: frozenset[int] | None, *, most: int = 60
) -> list[Missing]:
    """Names by class, the class with most of them first; `most` classes."""
    return _by_class(session, missing_people(session, campaign, units), most)


def stays_in(
    session: Session,
    campaign: Campaign,
    units: frozenset[int] | None,
    states: Collection[StayState],
    *,
    most: int = 60,
) -> list[Missing]:
    """The same of who wants to stay, by how his case stands."""
    asked = roster(session, campaign, units).subquery()
    rows = session.execute(
        select(asked.c.person_id, asked.c.unit_id)
        .join(Answer, Answer.person_id == asked.c.person_id)
        .where(Answer.campaign_id == campaign.id, Answer.state.in_(states))
    )
    return _by_class(session, [(row.person_id, row.unit_id) for row in rows], most)


def _by_class(session: Session, rows: Collection[tuple[int, int]], most: int) -> list[Missing]:
    by_unit: dict[int, list[int]] = {}
    for person_id, unit_id in rows:
        by_unit.setdefault(unit_id, []).append(person_id)
    largest = sorted(by_unit.items(), key=lambda item: (-len(item[1]), item[0]))[:most]
    people = directory.people(session, [person for _unit, several in largest for person in several])
    known = directory.org_units(session, [unit for unit, _several in largest])
    return [
        Missing(known[unit], [one.name for one in sorted(_of(people, several), key=_by_number)])
        for unit, several in largest
        if unit in known
    ]


def _of(people: dict[int, directory.PersonBrief], ids: list[int]) -> list[directory.PersonBrief]:
    return [people[person_id] for person_id in ids if person_id in people]


def _by_number(person: directory.PersonBrief) -> tuple[str, int]:
    return person.number or "", person.id


def answers(
    session: Session,
    campaign: Campaign,
    units: frozenset[int] | None,
    *,
    whereto: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Any]:
    """What was answered, as it was last changed, of these units alone."""
    asked = roster(session, campaign, units).subquery()
    stmt = (
        select(
            Answer.id,
            Answer.public_id,
            Answer.person_id,
            asked.c.unit_id,
            Answer.whereto,
            Answer.city,
            Answer.leaves_at,
            Answer.returns_at,
            Answer.stay_reason,
            Answer.stay_from,
            Answer.stay_until,
            Answer.stay_note,
            Answer.room_id,
            Answer.state,
            Answer.case_id,
            Answer.changed_at,
        )
        .join(asked, asked.c.person_id == Answer.person_id)
        .where(Answer.campaign_id == campaign.id)
    )
    if whereto:
        stmt = stmt.where(Answer.whereto == whereto)
    if state:
        stmt = stmt.where(Answer.state == state)
    return page(session, stmt, keys=[Key("id", Answer.id)], cursor=cursor, limit=limit)


def reminded_today(session: Session, campaign: Campaign, person_id: int) -> Reminder | None:
    return session.scalars(
        select(Reminder).where(
            Reminder.campaign_id == campaign.id,
            Reminder.by_id == person_id,
            Reminder.day == clock.today(),
        )
    ).one_or_none()
