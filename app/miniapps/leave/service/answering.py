"""A student says where he goes, and may change it until the deadline."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.miniapps.leave.errors import AnswerWrong, CampaignOver
from app.miniapps.leave.models import (
    NOT_GRANTED,
    Answer,
    Campaign,
    CampaignKind,
    StayReason,
    StayState,
    Whereto,
)
from app.miniapps.leave.queries.answers import answer_of, campaign_of, first_day, may_answer
from app.miniapps.leave.service import stays
from app.miniapps.leave.service.submitting import lock_student
from app.platform.directory import queries as directory

LONGEST_NOTE = 200
EARLIER, LATER = clock.timedelta(days=14), clock.timedelta(days=30)  # than the campaign's days


@dataclass(frozen=True)
class Given:
    """Who goes says when; to somewhere else than home, also where.

    Who stays for a vacation says why, and from when until when: what is left of it, when he says nothing.
    """

    whereto: Whereto
    city: str = ""
    leaves_at: datetime | None = None
    returns_at: datetime | None = None
    stay_reason: StayReason | None = None
    stay_from: date | None = None
    stay_until: date | None = None
    stay_note: str = ""


def answer(session: Session, *, by: Caller, campaign_id: str, given: Given) -> Answer:
    """The caller's answer, the first or a new one. The same again changes nothing, so that a yes stays a yes; after a
    no it is asked for anew.

    To stay over a vacation is asked for by a case; another answer withdraws the case of the one before.
    Raises CampaignMissing, CampaignOver, AnswerWrong, DefinitionMissing.
    """
    lock_student(session, by.person_id)
    campaign = campaign_of(session, by.person_id, campaign_id)
    known = answer_of(session, campaign.id, by.person_id)
    if not may_answer(campaign, known):
        raise CampaignOver()
    first = first_day(campaign, known)
    _check(campaign, given, first)
    values = _values(campaign, given, first)
    if known is not None and _is_same(known, values):
        return known
    if known is not None:
        stays.withdraw_stay(session, by=by, answer=known)
    values |= {
        "room_id": _room_of(session, by.person_id, given),
        "state": _state(campaign, given),
        "case_id": None,
        "decided_by_id": None,
        "decided_at": None,
        "decided_why": "",
        "changed_at": clock.now(),
    }
    stmt = insert(Answer).values(
        public_id=ids.public_id("lva"),
        campaign_id=campaign.id,
        person_id=by.person_id,
        answered_at=clock.now(),
        **values,
    )
    stmt = stmt.on_conflict_do_update(index_elements=["campaign_id", "person_id"], set_=values)
    saved = session.scalars(stmt.returning(Answer), execution_options={"populate_existing": True}).one()
    if saved.state == StayState.WAITING:
        stays.ask_to_stay(session, by=by, campaign=campaign, answer=saved)
    return saved


def _is_same(known: Answer, values: dict[str, object]) -> bool:
    """What he said is said already. Where he lives is not of what he says."""
    return known.state not in NOT_GRANTED and all(
        getattr(known, name) == value for name, value in values.items()
    )


def _room_of(session: Session, person_id: int, given: Given) -> int | None:
    home = directory.room_of(session, person_id) if given.whereto == Whereto.STAY else None
    return home.room_id if home else None


def _values(campaign: Campaign, given: Given, first: date) -> dict[str, object]:
    """Nothing is kept that the choice does not ask for."""
    is_staying = given.whereto == Whereto.STAY
    asks = is_staying and campaign.kind == CampaignKind.STAY
    return {
        "whereto": str(given.whereto),
        "city": "" if is_staying else given.city.strip(),
        "leaves_at": None if is_staying else given.leaves_at,
        "returns_at": None if is_staying else given.returns_at,
        "stay_reason": str(given.stay_reason) if asks and given.stay_reason else None,
        "stay_from": (given.stay_from or first) if asks else None,
        "stay_until": (given.stay_until or campaign.ends_on) if asks else None,
        "stay_note": given.stay_note.strip() if asks else "",
    }


def _state(campaign: Campaign, given: Given) -> StayState:
    if campaign.kind == CampaignKind.STAY and given.whereto == Whereto.STAY:
        return StayState.WAITING
    return StayState.GIVEN


def _check(campaign: Campaign, given: Given, first: date) -> None:
    wrong: dict[str, list[str]] = {}
    if given.whereto == Whereto.STAY:
        if campaign.kind == CampaignKind.STAY:
            wrong |= _wrong_stay(campaign, given, first)
    else:
        wrong |= _wrong_times(campaign, given)
        if given.whereto == Whereto.AWAY and not given.city.strip():
            wrong["city"] = [N_("请填写去哪个城市。")]
        if len(given.city) > 30:
            wrong["city"] = [N_("城市最多 30 字。")]
    if wrong:
        raise AnswerWrong(details=wrong)
    check_seen(city=given.city, stay_note=given.stay_note)


def _wrong_stay(campaign: Campaign, given: Given, earliest: date) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if given.stay_reason is None:
        wrong["stay_reason"] = [N_("请选择留校的原因。")]
    if len(given.stay_note) > LONGEST_NOTE:
        wrong["stay_note"] = [N_("说明最多 200 字。")]
    first, last = given.stay_from or earliest, given.stay_until or campaign.ends_on
    if not campaign.starts_on <= first <= campaign.ends_on:
        wrong["stay_from"] = [N_("留校的日期要在这次假期之内。")]
    elif first < earliest:
        wrong["stay_from"] = [N_("留校的第一天不能早于今天。")]
    if not first <= last <= campaign.ends_on:
        wrong["stay_until"] = [N_("最后一天不能早于第一天，也不能晚于假期最后一天。")]
    return wrong


def _wrong_times(campaign: Campaign, given: Given) -> dict[str, list[str]]:
    if given.leaves_at is None or given.returns_at is None:
        missing = [name for name in ("leaves_at", "returns_at") if getattr(given, name) is None]
        return {name: [N_("请选择日期和时间。")] for name in missing}
    if given.returns_at <= given.leaves_at:
        return {"returns_at": [N_("返校时间要晚于离校时间。")]}
    first = clock.start_of_day(campaign.starts_on) - EARLIER
    last = clock.start_of_day(campaign.ends_on) + LATER
    if given.leaves_at < first or given.returns_at > last:
        return {"returns_at": [N_("离校、返校时间离这次假期太远，请核对日期。")]}
    return {}
