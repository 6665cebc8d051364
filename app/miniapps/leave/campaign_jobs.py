"""What a campaign tells whom: everybody once, those who have not answered again, and who wants to stay."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.log import log
from app.miniapps.leave import service
from app.miniapps.leave.events import CampaignOpened, CampaignReminded, StayDecided
from app.miniapps.leave.models import Answer, Campaign, Reminder, StayState
from app.miniapps.leave.queries.answers import answered_by, is_open
from app.miniapps.leave.queries.campaigns import missing_people
from app.platform.approvals.queries.progress import approvers_of, progress_of
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

BATCH = 200
SAID_APART = ("terminated", "revoked", "lapsed", "left")  # how a stay can end otherwise than by a no


def on_campaign_opened(event: CampaignOpened, *, clients: Any) -> None:
    """Safe to be called again: the same key is one message."""
    del clients
    _ask(event.campaign_id, "leave.campaign", None, f"campaign:{event.campaign_id}")


def on_campaign_reminded(event: CampaignReminded, *, clients: Any) -> None:
    """Whoever is reminded by several people on one day reads it once."""
    del clients
    with unit_of_work() as session:
        reminder = session.get_one(Reminder, event.reminder_id)
        campaign_id, day = reminder.campaign_id, reminder.day
        units = None if reminder.unit_ids is None else frozenset(reminder.unit_ids)
    _ask(campaign_id, "leave.campaign_reminder", units, f"campaign:{campaign_id}:{day}")


def on_stay_decided(session: Session, event: StayDecided) -> None:
    """Who has changed his mind meanwhile is not told."""
    answer = session.get(Answer, event.answer_id)
    if answer is None or answer.state != event.state:
        return
    campaign = session.get_one(Campaign, answer.campaign_id)
    key = f"stay:{answer.id}:{event.state}:{answer.decided_at}"
    matter = f"leave:stay:{answer.id}:{answer.case_id}"
    more = {"until": answered_by(campaign), "reason": answer.decided_why, **_then(campaign)}
    _tell(session, campaign, [answer.person_id], _kind(event), key, matter, **more)
    if event.how == "revoked" and answer.case_id is not None:
        _tell_approvers(session, campaign, answer, answer.case_id, f"{key}:approvers")


def _tell_approvers(session: Session, campaign: Campaign, answer: Answer, case_id: int, key: str) -> None:
    """Their case says that it was approved, and goes on saying so."""
    others = [one for one in approvers_of(session, case_id) if one != answer.decided_by_id]
    more = {
        "who": directory.person(session, answer.person_id).name,
        "at": f"{clock.local(answer.decided_at or clock.now()):%m-%d %H:%M}",
        "reason": answer.decided_why,
        "case_id": progress_of(session, case_id).public_id,
    }
    _tell(
        session, campaign, others, "leave.stay_taken_back", key, f"leave:stay:{answer.id}:{case_id}", **more
    )


def _kind(event: StayDecided) -> str:
    """By what was decided, however late that is told."""
    if event.state == StayState.CONFIRMED:
        return "leave.stay_confirmed"
    return f"leave.stay_{event.how}" if event.how in SAID_APART else "leave.stay_declined"


def _then(campaign: Campaign) -> dict[str, str]:
    """What is left to do for who may not stay."""
    if clock.today() > campaign.ends_on:
        return {
            "then": "假期已结束，不用再填；如有疑问，请联系辅导员。",
            "then_en": "The vacation is over: there is nothing to fill in.",
        }
    until = answered_by(campaign)
    return {
        "then": f"请在 {until} 前重新填写，或联系辅导员。",
        "then_en": f"Please answer again by {until}, or ask your counsellor.",
    }


def end_stays(*, clients: Any) -> None:
    """Cases of a vacation that is over and of who has left, each in a transaction of its own. One failing stops no other;
    the next hour tries it again.
    """
    del clients
    last = 0
    while late := _late_after(last):
        for answer_id in late:
            try:
                with unit_of_work() as session:
                    service.lapse_stay(session, answer_id=answer_id)
            except Exception as error:
                log.error("stay_not_ended", answer=answer_id, exc_info=error)
        last = late[-1]


def _late_after(last: int) -> list[int]:
    with unit_of_work() as session:
        return service.stays_too_late(session, after=last)


def _ask(campaign_id: int, kind: str, units: frozenset[int] | None, key: str) -> None:
    """In batches, each a transaction: a school has forty thousand students."""
    with unit_of_work() as session:
        campaign = session.get_one(Campaign, campaign_id)
        if not is_open(campaign):
            return
        asked = [person_id for person_id, _unit in missing_people(session, campaign, units)]
    for some in _batches(sorted(asked)):
        with unit_of_work() as session:
            campaign = session.get_one(Campaign, campaign_id)
            _tell(session, campaign, some, kind, key, f"leave:campaign:{campaign_id}")


def _batches(people: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(people), BATCH):
        yield people[start : start + BATCH]


def _tell(
    session: Session,
    campaign: Campaign,
    people: Sequence[int],
    kind: str,
    key: str,
    matter: str,
    **more: str,
) -> None:
    known = directory.people(session, people)
    for person_id in people:
        if person_id not in known:
            continue
        notifications.tell(
            session,
            kind=kind,
            person_id=person_id,
            params={
                "who": known[person_id].name,
                "title": campaign.title,
                "deadline": f"{clock.local(campaign.deadline):%m-%d %H:%M}",
                "campaign_id": campaign.public_id,
                **more,
            },
            key=f"leave:{key}",
            matter=matter,
        )
