"""Campaigns as a student sees them: what he is asked, and what he said."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.errors import CampaignMissing
from app.miniapps.leave.models import NOT_GRANTED, Answer, Campaign, CampaignUnit, StayState
from app.platform.directory import queries as directory

SHOWN_AFTER = clock.timedelta(days=14)  # the deadline


def open_campaigns(session: Session, person_id: int) -> list[tuple[Campaign, Answer | None]]:
    """What is asked of a student now, or was lately, with what he answered; the most urgent first.

    Most of the year there is no campaign at all: then his class is not looked up.
    """
    running = Campaign.closed_at.is_(None) & (Campaign.deadline > clock.now() - SHOWN_AFTER)
    stmt = (
        select(Campaign)
        .where(or_(running, _is_to_answer_again(person_id)))
        .order_by(Campaign.deadline, Campaign.id)
        .limit(20)
    )
    if not (found := session.scalars(stmt).all()):
        return []
    ids = [one.id for one in found]
    asked = session.scalars(
        select(Campaign.id).where(Campaign.id.in_(ids), _asks(_unit_ids(session, person_id)))
    )
    mine = set(asked)
    given = session.scalars(select(Answer).where(Answer.person_id == person_id, Answer.campaign_id.in_(mine)))
    answers = {one.campaign_id: one for one in given}
    return [(one, answers.get(one.id)) for one in found if one.id in mine]


def _is_to_answer_again(person_id: int) -> ColumnElement[bool]:
    """The same as `may_answer` says of who may not stay, and of who has asked again since."""
    is_late = Answer.changed_at > func.least(
        Campaign.deadline, Campaign.closed_at
    )  # an open one has no closed_at
    his = exists().where(
        Answer.campaign_id == Campaign.id,
        Answer.person_id == person_id,
        or_(Answer.state.in_(NOT_GRANTED), and_(Answer.state == StayState.WAITING, is_late)),
    )
    return and_(Campaign.ends_on >= clock.today(), his)


def campaign_of(session: Session, person_id: int, public_id: str) -> Campaign:
    """One that asks this person, or that he answered before he changed his class. Raises CampaignMissing."""
    answered = exists().where(Answer.campaign_id == Campaign.id, Answer.person_id == person_id)
    found = session.scalars(
        select(Campaign).where(
            Campaign.public_id == public_id, or_(answered, _asks(_unit_ids(session, person_id)))
        )
    ).one_or_none()
    if found is None:
        raise CampaignMissing()
    return found


def answer_of(session: Session, campaign_id: int, person_id: int) -> Answer | None:
    return session.scalars(
        select(Answer).where(Answer.campaign_id == campaign_id, Answer.person_id == person_id)
    ).one_or_none()


def last_city(session: Session, person_id: int) -> str:
    """Where he said that he went the last time: so that he need not write it again."""
    stmt = select(Answer.city).where(Answer.person_id == person_id, Answer.city != "")
    return session.scalars(stmt.order_by(Answer.changed_at.desc()).limit(1)).first() or ""


def is_open(campaign: Campaign) -> bool:
    return campaign.closed_at is None and clock.now() < campaign.deadline


def may_answer(campaign: Campaign, known: Answer | None) -> bool:
    """Until the deadline; who may not stay says where he goes instead as long as the vacation lasts, and may still
    change his mind when he has asked to stay again.
    """
    if known is not None and (known.state in NOT_GRANTED or _has_asked_late(campaign, known)):
        return clock.today() <= campaign.ends_on
    return is_open(campaign)


def _has_asked_late(campaign: Campaign, known: Answer) -> bool:
    end = min(campaign.deadline, campaign.closed_at or campaign.deadline)
    return known.state == StayState.WAITING and known.changed_at > end


def first_day(campaign: Campaign, known: Answer | None) -> date:
    """From when on he may ask to stay: not for days that are gone, unless that is what he asks for already."""
    today = clock.today()
    asked = known.stay_from if known is not None and known.state not in NOT_GRANTED else None
    return max(campaign.starts_on, min(today, asked or today))


def answered_by(campaign: Campaign) -> str:
    """Until when an answer is asked for: by the deadline; after it who may not stay answers while the vacation lasts."""
    if is_open(campaign):
        return f"{clock.local(campaign.deadline):%m-%d %H:%M}"
    return f"{campaign.ends_on:%m-%d} 23:59"


def _unit_ids(session: Session, person_id: int) -> list[int]:
    unit_id = directory.study_unit_of(session, person_id)
    return [unit.id for unit in directory.org_path(session, unit_id)] if unit_id else []


def _asks(unit_ids: list[int]) -> ColumnElement[bool]:
    """A student of these units is asked; who studies nowhere is not."""
    named = exists().where(CampaignUnit.campaign_id == Campaign.id, CampaignUnit.unit_id.in_(unit_ids))
    return or_(Campaign.is_for_all, named) if unit_ids else named
