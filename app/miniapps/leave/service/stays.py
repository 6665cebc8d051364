"""Staying over a vacation (假期留校): asked for by a case of approvals, which one's answer to the campaign follows."""

from contextlib import suppress

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.miniapps.leave.definitions import STAY
from app.miniapps.leave.events import StayDecided
from app.miniapps.leave.labels import STAY_REASONS
from app.miniapps.leave.models import Answer, Campaign, StayReason, StayState
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import CaseEndedAlready
from app.platform.approvals.queries.progress import status_of
from app.platform.approvals.service import Business
from app.platform.directory import queries as directory

ANSWER = "lva_"  # how the public id of an answer begins: the business of such a case
OVER, LEFT = "假期已结束，还没有审批完", "学生已离校，还没有审批完"
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
        how = "terminated" if status == "terminated" else "decided"
        outbox.emit(session, StayDecided(moved, str(state), how))


def stays_too_late(session: Session, *, after: int = 0) -> list[int]:
    """Answers whose vacation is over while nobody has decided, and those of who has left the school since yesterday:
    the next of them by id. A day: what an import did and the next one mends costs nobody his case.
    """
    today = clock.today()
    here = directory.students_since(today - clock.timedelta(days=1)).subquery()
    has_left = ~exists().where(here.c.person_id == Answer.person_id)
    stmt = (
        select(Answer.id)
        .join(Campaign, Campaign.id == Answer.campaign_id)
        .where(
            Answer.id > after,
            Answer.state == StayState.WAITING,
            or_(Campaign.ends_on < today, has_left),
        )
        .order_by(Answer.id)
        .limit(BATCH)
    )
    return list(session.scalars(stmt))


def lapse_stay(session: Session, *, answer_id: int) -> None:
    """There is nothing left to decide: the case ends, and the answer with it. Safe to call twice.

    A case that has ended otherwise is believed: what it said may never have been heard.
    """
    answer = session.get(Answer, answer_id)
    if answer is None or answer.state != StayState.WAITING:
        return
    is_over = session.get_one(Campaign, answer.campaign_id).ends_on < clock.today()
    if answer.case_id is not None:
        try:
            approvals.terminate(session, by=None, case_id=answer.case_id, reason=OVER if is_over else LEFT)
        except CaseEndedAlready:
            status = status_of(session, answer.case_id)
            note_stay_ended(session, answer_id=answer.public_id, case_id=answer.case_id, status=status)
    lapsed = (
        update(Answer)
        .where(
            Answer.id == answer_id,
            Answer.case_id.is_not_distinct_from(answer.case_id),
            Answer.state == StayState.WAITING,
        )
        .values(state=StayState.LAPSED, decided_at=clock.now())
    )
    if rows_changed(session, lapsed):
        outbox.emit(session, StayDecided(answer_id, str(StayState.LAPSED), "lapsed" if is_over else "left"))
