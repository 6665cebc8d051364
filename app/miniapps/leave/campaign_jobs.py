"""What a campaign tells whom: everybody once, those who have not answered again, and who wants to stay."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.events import CampaignOpened, CampaignReminded, StayDecided
from app.miniapps.leave.models import Answer, Campaign, Reminder, StayState
from app.miniapps.leave.queries.answers import is_open
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
    kind = "leave.stay_confirmed" if event.state == StayState.CONFIRMED else "leave.stay_declined"
    key = f"stay:{answer.id}:{event.state}:{answer.decided_at}"
    _tell(session, campaign, [answer.person_id], kind, key)


def end_stays(*, clients: Any) -> None:
    """Cases of a vacation that is over, each in a transaction of its own."""
    del clients
    with unit_of_work() as session:
        late = service.stays_too_late(session)
    for answer_id in late:
        with unit_of_work() as session:
            service.lapse_stay(session, answer_id=answer_id)


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


def _tell(session: Session, campaign: Campaign, people: Sequence[int], kind: str, key: str) -> None:
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
            },
            key=f"leave:{key}",
            matter=f"leave:campaign:{campaign.id}",
        )
