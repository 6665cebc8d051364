"""Who may stay over a vacation: said yes or no to where it is one's turn, and taken back."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.kit.errors import Forbidden
from app.kit.hidden import check_seen
from app.miniapps.leave.errors import CampaignMissing, ReasonTooShort, StaySettled
from app.miniapps.leave.events import StayDecided
from app.miniapps.leave.models import Answer, Campaign, StayState
from app.miniapps.leave.queries.campaigns import CAMPAIGN, campaign_for, roster
from app.miniapps.leave.queries.units import units_of
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import NotYourTask, OwnCase
from app.platform.approvals.queries.progress import own_tasks
from app.platform.audit import service as audit

OFFICE = "leave.office"
SHORTEST_REASON, LONGEST_REASON = 2, 500


def decide_stay(
    session: Session, *, by: Caller, campaign_id: str, answer_id: str, is_granted: bool, reason: str = ""
) -> None:
    """Say yes or no where it is the caller's turn, of his units. A no has a reason.

    Raises CampaignMissing, NotYourTask, and what approving and rejecting raise; of an answer from before there were
    cases StaySettled, OwnCase, ReasonTooShort.
    """
    answer = _answer_for(session, by, campaign_for(session, by, campaign_id), answer_id)
    if answer.case_id is None:
        _decide_without_case(session, by, answer, is_granted=is_granted, reason=reason)
        return
    task_id = own_tasks(session, by.person_id, [answer.case_id]).get(answer.case_id)
    if task_id is None:
        raise NotYourTask()
    if is_granted:
        approvals.approve(session, by=by, task_id=task_id, comment=reason)
    else:
        approvals.reject(session, by=by, task_id=task_id, comment=reason)


def revoke_stay(session: Session, *, by: Caller, campaign_id: str, answer_id: str, reason: str) -> None:
    """Take a granted stay back while it lasts: the student is told why, and says anew where he goes.

    For who opened the campaign and for the office, of his units. `reason`: 2 to 500 characters.
    Raises CampaignMissing, Forbidden, OwnCase, ReasonTooShort, StaySettled.
    """
    campaign = campaign_for(session, by, campaign_id)
    if not may_revoke(by, campaign):
        raise Forbidden()
    answer = _answer_for(session, by, campaign, answer_id)
    if clock.today() > (answer.stay_until or campaign.ends_on):
        raise StaySettled()
    _settle(
        session, by, answer, StayState.CONFIRMED, StayState.DECLINED, how="revoked", reason=_checked(reason)
    )


def may_revoke(by: Caller, campaign: Campaign) -> bool:
    return campaign.opened_by_id == by.person_id or by.may(OFFICE)


def _answer_for(session: Session, by: Caller, campaign: Campaign, answer_id: str) -> Answer:
    """One of the caller's units. Raises CampaignMissing."""
    asked = roster(session, campaign, units_of(session, by, CAMPAIGN)).subquery()
    answer = session.scalars(
        select(Answer).where(
            Answer.campaign_id == campaign.id,
            Answer.public_id == answer_id,
            Answer.person_id.in_(select(asked.c.person_id)),
        )
    ).one_or_none()
    if answer is None:
        raise CampaignMissing()
    return answer


def _decide_without_case(
    session: Session, by: Caller, answer: Answer, *, is_granted: bool, reason: str
) -> None:
    """An answer from before there were cases."""
    state = StayState.CONFIRMED if is_granted else StayState.DECLINED
    why = "" if is_granted else _checked(reason)
    _settle(session, by, answer, StayState.WAITING, state, how="decided", reason=why)


def _settle(
    session: Session,
    by: Caller,
    answer: Answer,
    before: StayState,
    state: StayState,
    *,
    how: str,
    reason: str,
) -> None:
    """Raises OwnCase, and StaySettled where it does not stand any more as it is said to, or is another answer by now."""
    if by.person_id == answer.person_id:
        raise OwnCase()
    settled = update(Answer).where(
        Answer.id == answer.id,
        Answer.case_id.is_not_distinct_from(answer.case_id),
        Answer.state == before,
    )
    values = {
        "state": state,
        "decided_by_id": by.person_id,
        "decided_at": clock.now(),
        "decided_why": reason,
    }
    if not rows_changed(session, settled.values(values)):
        raise StaySettled()
    action = "stay_revoked" if how == "revoked" else f"stay_{state}"
    audit.record(
        session, by=by, action=f"leave.{action}", object_type="leave.answer", object_id=answer.public_id
    )
    outbox.emit(session, StayDecided(answer.id, str(state), how))


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise ReasonTooShort()
    check_seen(reason=reason)
    return reason
