"""Campaigns: opened by an office or a counsellor, chased, closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.errors import Forbidden
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.miniapps.leave.errors import CampaignMissing, CampaignOver, CampaignWrong, RemindedToday
from app.miniapps.leave.events import CampaignOpened, CampaignReminded
from app.miniapps.leave.models import Campaign, CampaignKind, CampaignUnit, Reminder
from app.miniapps.leave.queries.answers import is_open
from app.miniapps.leave.queries.campaigns import (
    CAMPAIGN,
    campaign_for,
    missing_people,
)
from app.miniapps.leave.queries.units import units_of
from app.platform.audit import service as audit
from app.platform.directory import queries as directory

LONGEST = clock.timedelta(days=120)
MOST_UNITS = 500


@dataclass(frozen=True)
class Plan:
    """What is asked of whom. `ends_on` is the last day; `unit_ids` empty with `is_for_all`: the whole school."""

    kind: CampaignKind
    title: str
    starts_on: date
    ends_on: date
    deadline: datetime
    unit_ids: Collection[int] = ()
    is_for_all: bool = False
    note: str = ""


def open_campaign(session: Session, *, by: Caller, plan: Plan) -> Campaign:
    """Ask all students of the units. Raises CampaignWrong, Forbidden (a unit that is not the caller's)."""
    _check(plan)
    _check_units(session, by, plan)
    campaign = Campaign(
        public_id=ids.public_id("lvc"),
        kind=plan.kind,
        title=plan.title.strip(),
        note=plan.note.strip(),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        deadline=plan.deadline,
        is_for_all=plan.is_for_all,
        opened_by_id=by.person_id,
        opened_at=clock.now(),
    )
    session.add(campaign)
    session.flush()
    if not plan.is_for_all:
        session.add_all(CampaignUnit(campaign_id=campaign.id, unit_id=unit) for unit in set(plan.unit_ids))
    _record(session, by, "campaign_opened", campaign)
    outbox.emit(session, CampaignOpened(campaign.id))
    return campaign


def close_campaign(session: Session, *, by: Caller, campaign_id: str) -> None:
    """Nobody can answer any more; who has asked to stay is still decided upon, until the vacation is over.

    For who opened it, and for who may everywhere. Raises CampaignMissing, Forbidden.
    """
    campaign = campaign_for(session, by, campaign_id)
    if not may_close(by, campaign):
        raise Forbidden()
    closed = session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.closed_at.is_(None))
        .values(closed_at=clock.now())
        .returning(Campaign.id)
    ).first()
    if closed is not None:
        _record(session, by, "campaign_closed", campaign)


def may_close(by: Caller, campaign: Campaign) -> bool:
    return campaign.opened_by_id == by.person_id or by.scope(CAMPAIGN).everything


def remind(session: Session, *, by: Caller, campaign_id: str) -> Reminder:
    """Ask everybody again who has not answered, of the caller's units; once a day.

    Raises CampaignMissing, CampaignOver, RemindedToday.
    """
    campaign = campaign_for(session, by, campaign_id)
    if not is_open(campaign):
        raise CampaignOver()
    units = units_of(session, by, CAMPAIGN)
    reminder = session.scalars(
        insert(Reminder)
        .values(
            campaign_id=campaign.id,
            by_id=by.person_id,
            day=clock.today(),
            at=clock.now(),
            unit_ids=None if units is None else sorted(units),
            people=len(missing_people(session, campaign, units)),
        )
        .on_conflict_do_nothing()
        .returning(Reminder)
    ).one_or_none()
    if reminder is None:
        raise RemindedToday()
    _record(session, by, "campaign_reminded", campaign)
    outbox.emit(session, CampaignReminded(reminder.id))
    return reminder


def _check(plan: Plan) -> None:
    wrong: dict[str, list[str]] = {}
    if not 2 <= len(plan.title.strip()) <= 40:
        wrong["title"] = [N_("名称要填，2 到 40 字，例如：国庆节去向登记。")]
    if len(plan.note) > 300:
        wrong["note"] = [N_("说明最多 300 字。")]
    if not plan.starts_on <= plan.ends_on <= plan.starts_on + LONGEST:
        wrong["ends_on"] = [N_("最后一天不能早于第一天，最长 120 天。")]
    if not clock.now() < plan.deadline <= clock.start_of_day(plan.ends_on) + clock.timedelta(days=1):
        wrong["deadline"] = [N_("截止时间要在现在之后、最后一天之前。")]
    if not plan.is_for_all and not 1 <= len(plan.unit_ids) <= MOST_UNITS:
        wrong["unit_ids"] = [N_("请选择要填写的学院或班级。")]
    if wrong:
        raise CampaignWrong(details=wrong)
    check_seen(title=plan.title)


def _check_units(session: Session, by: Caller, plan: Plan) -> None:
    mine = units_of(session, by, CAMPAIGN)
    if mine is None:
        known = directory.org_units(session, plan.unit_ids)
        if set(plan.unit_ids) - known.keys():
            raise CampaignMissing()
    elif plan.is_for_all or set(plan.unit_ids) - mine:
        raise Forbidden()


def _record(session: Session, by: Caller, action: str, campaign: Campaign) -> None:
    audit.record(
        session,
        by=by,
        action=f"leave.{action}",
        object_type="leave.campaign",
        object_id=campaign.public_id,
    )
