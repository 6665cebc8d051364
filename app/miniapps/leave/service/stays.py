"""Staying over a vacation (假期留校): asked for by a case of approvals, which one's answer to the campaign follows."""

from contextlib import suppress

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.miniapps.leave.definitions import STAY
from app.miniapps.leave.errors import CampaignMissing
from app.miniapps.leave.events import StayDecided
from app.miniapps.leave.labels import STAY_REASONS
from app.miniapps.leave.models import Answer, Campaign, StayReason, StayState
from app.miniapps.leave.queries.campaigns import CAMPAIGN, campaign_for, roster
from app.miniapps.leave.queries.units import units_of
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import CaseEndedAlready, NotYourTask
from app.platform.approvals.queries.progress import own_tasks
from app.platform.approvals.service import Business
from app.platform.directory import queries as directory

ANSWER = "lva_"  # how the public id of an answer begins: the business of such a case
OVER = "假期已结束，还没有审批完"
BATCH = 200


def ask_to_stay(session: Session, *, by: Caller, campaign: Campaign, answer: Answer) -> None:
    """Open the case of an answer. Raises DefinitionMissing."""
    assert answer.stay_from is not None
    assert answer.stay_until is not None
    assert answer.stay_reason is not None
    home = directory.room_of(session, answer.person_id)
    span = f"{answer.stay_from:%m-%d} 至 {answer.stay_until:%m-%d}"
    case = approvals.start(
        session,
        by=by,
        code=STAY,
        starter_id=answer.person_id,
        business=Business("leave", answer.public_id),
        title=f"假期留校 {span}",
        title_en=f"Vacation stay {answer.stay_from:%m-%d} – {answer.stay_until:%m-%d}",
        form={
            "campaign": campaign.title,
            "stay_from": answer.stay_from.isoformat(),
            "stay_until": answer.stay_until.isoformat(),
            "days": (answer.stay_until - answer.stay_from).days + 1,
            "why": STAY_REASONS[StayReason(answer.stay_reason)],
            "note": answer.stay_note,
            "room": home.text if home else "",
        },
    )
    answer.case_id = case.id
    session.flush()


def withdraw_stay(session: Session, *, by: Caller, answer: Answer) -> None:
    """He has changed his mind: nobody need decide any more. A case that has just ended is let be."""
    if answer.case_id is not None and answer.state == StayState.WAITING:
        with suppress(CaseEndedAlready):
            approvals.withdraw(session, by=by, case_id=answer.case_id)


def note_stay_ended(session: Session, *, answer_id: str, case_id: int, status: str) -> None:
    """The case of an answer has ended. Safe to call twice; the case of an earlier answer changes nothing."""
    if status == "withdrawn":
        return
    state = StayState.CONFIRMED if status == "approved" else StayState.DECLINED
    moved = session.scalar(
        update(Answer)
        .where(Answer.public_id == answer_id, Answer.case_id == case_id, Answer.state == StayState.WAITING)
        .values(state=state, decided_at=clock.now())
        .returning(Answer.id)
    )
    if moved is not None:
        outbox.emit(session, StayDecided(moved, str(state)))


def decide_stay(
    session: Session, *, by: Caller, campaign_id: str, answer_id: str, is_granted: bool, reason: str = ""
) -> None:
    """Say yes or no where it is the caller's turn, of his units. A no has a reason.

    Raises CampaignMissing, NotYourTask, and what approving and rejecting raise.
    """
    campaign = campaign_for(session, by, campaign_id)
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
    if answer.case_id is None:
        _decide_without_case(session, by, answer, is_granted=is_granted)
        return
    task_id = own_tasks(session, by.person_id, [answer.case_id]).get(answer.case_id)
    if task_id is None:
        raise NotYourTask()
    if is_granted:
        approvals.approve(session, by=by, task_id=task_id, comment=reason)
    else:
        approvals.reject(session, by=by, task_id=task_id, comment=reason)


def _decide_without_case(session: Session, by: Caller, answer: Answer, *, is_granted: bool) -> None:
    """An answer from before there were cases."""
    state = StayState.CONFIRMED if is_granted else StayState.DECLINED
    decided = update(Answer).where(Answer.id == answer.id, Answer.state.not_in((StayState.GIVEN, state)))
    if rows_changed(session, decided.values(state=state, decided_by_id=by.person_id, decided_at=clock.now())):
        outbox.emit(session, StayDecided(answer.id, str(state)))


def stays_too_late(session: Session) -> list[int]:
    """Answers whose vacation is over while nobody has decided."""
    stmt = (
        select(Answer.id)
        .join(Campaign, Campaign.id == Answer.campaign_id)
        .where(Answer.state == StayState.WAITING, Campaign.ends_on < clock.today())
        .order_by(Answer.id)
        .limit(BATCH)
    )
    return list(session.scalars(stmt))


def lapse_stay(session: Session, *, answer_id: int) -> None:
    """There is nothing left to decide: the case ends with the vacation. Safe to call twice."""
    case_id = session.execute(
        update(Answer)
        .where(Answer.id == answer_id, Answer.state == StayState.WAITING)
        .values(state=StayState.LAPSED, decided_at=clock.now())
        .returning(Answer.case_id)
    ).scalar_one_or_none()
    if case_id is not None:
        with suppress(CaseEndedAlready):
            approvals.terminate(session, by=None, case_id=case_id, reason=OVER)
