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
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

BATCH = 200


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
    if event.state == StayState.LAPSED and clock.today() <= campaign.ends_on:
        return  # he has left the school
    key = f"stay:{answer.id}:{event.state}:{answer.decided_at}"
    more = {"until": answered_by(campaign), "reason": answer.decided_why}
    _tell(session, campaign, [answer.person_id], _kind(campaign, event), key, **more)


def _kind(campaign: Campaign, event: StayDecided) -> str:
    if event.state == StayState.CONFIRMED:
        return "leave.stay_confirmed"
    if clock.today() > campaign.ends_on:
        return "leave.stay_lapsed"
    return {"terminated": "leave.stay_terminated", "revoked": "leave.stay_revoked"}.get(
        event.how, "leave.stay_declined"
    )


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
            _tell(session, session.get_one(Campaign, campaign_id), some, kind, key)


def _batches(people: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(people), BATCH):
        yield people[start : start + BATCH]


def _tell(
    session: Session, campaign: Campaign, people: Sequence[int], kind: str, key: str, **more: str
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
            matter=f"leave:campaign:{campaign.id}",
        )
