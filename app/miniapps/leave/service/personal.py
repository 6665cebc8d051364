"""A person's data in leave: keeping, giving out, erasing."""

from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.miniapps.leave.models import (
    LIVE,
    Answer,
    Batch,
    Campaign,
    Contact,
    Gate,
    GateEntry,
    Guardian,
    LeaveRequest,
    LessonNotice,
    LogLine,
    Reminder,
    Roll,
    RollMark,
    Scan,
    Screen,
    ScreenKey,
    StayState,
)
from app.miniapps.leave.service.gate_lists import forget_lists, note_pass_changed
from app.miniapps.leave.service.guardians import export_guardians, merge_guardians, retain_guardians
from app.platform.approvals import service as approvals
from app.platform.files import service as files
from app.platform.files.queries import objects_with_photos

KEEP_REASONS = clock.timedelta(days=730)
KEEP_ROLLS = KEEP_SCANS = clock.timedelta(days=90)
KEEP_PROOFS = KEEP_ANSWERS = clock.timedelta(
    days=180
)  # after the leave, after the last day that was asked about
KEEP_NOTICES = clock.timedelta(days=400)  # longer than a leave lasts
MODULE = "leave"  # whose cases they are
PROOF = "leave.request"  # what photos of proofs belong to
BATCH = 1000
A_NIGHT = 200_000  # rows of what comes in by thousands a day
ERASED = "（已删除）"


def retain(session: Session) -> int:
    """Reasons and destinations go after two years, answers of campaigns after half a year, roll calls and checks at gates
    after 90 days; how many went.
    """
    wiped = _wipe_reasons(session) + _forget_answers(session)
    marks = (
        select(RollMark.id)
        .join(Roll, Roll.id == RollMark.roll_id)
        .where(Roll.day < clock.today() - KEEP_ROLLS)
        .limit(A_NIGHT)
    )
    wiped += _discard_proofs(session)
    scans = select(Scan.id).where(Scan.received_at < clock.now() - KEEP_SCANS).limit(A_NIGHT)
    wiped += retain_guardians(session)
    told = select(LessonNotice.id).where(LessonNotice.told_at < clock.now() - KEEP_NOTICES).limit(A_NIGHT)
    wiped += rows_changed(session, delete(LessonNotice).where(LessonNotice.id.in_(told)))
    forget_lists(session, before=clock.now() - KEEP_SCANS)
    over = select(ScreenKey.id).where(ScreenKey.ends_at < clock.now()).limit(BATCH)
    wiped += rows_changed(session, delete(ScreenKey).where(ScreenKey.id.in_(over)))
    wiped += rows_changed(session, delete(Scan).where(Scan.id.in_(scans)))
    return wiped + rows_changed(session, delete(RollMark).where(RollMark.id.in_(marks)))


def _wipe_reasons(session: Session) -> int:
    """Of the leaves, of their cases, of what was noted about them, and why lists were taken back."""
    old = (
        select(LeaveRequest.id)
        .where(
            LeaveRequest.status.not_in(LIVE),
            LeaveRequest.ends_at < clock.now() - KEEP_REASONS,
            LeaveRequest.reason != ERASED,
        )
        .limit(BATCH)
    )
    wipe = update(LeaveRequest).where(LeaveRequest.id.in_(old)).values(reason=ERASED, destination="")
    wiped = session.scalars(wipe.returning(LeaveRequest.public_id)).all()
    approvals.forget_cases(session, module=MODULE, business_ids=wiped)
    _wipe_notes(session, select(LeaveRequest.id).where(LeaveRequest.public_id.in_(wiped)))
    lists = update(Batch).where(
        Batch.ends_at < clock.now() - KEEP_REASONS,
        Batch.revoke_reason.is_not(None),
        Batch.revoke_reason != ERASED,
    )
    return len(wiped) + rows_changed(session, lists.values(revoke_reason=ERASED))


def _wipe_notes(session: Session, requests: Select[int]) -> None:
    """That somebody called, and that a leave was taken back, stays without the words."""
    session.execute(update(Contact).where(Contact.request_id.in_(requests)).values(note=""))
    _wipe_log(session, requests)


def _wipe_log(session: Session, requests: Select[int]) -> None:
    lines = update(LogLine).where(
        LogLine.request_id.in_(requests), LogLine.kind.in_(("revoked", "called_back"))
    )
    session.execute(lines.values(data={}))


def _forget_answers(session: Session) -> int:
    """And the words of their cases, those of what was answered before among them.

    Whose case still runs waits for its end (lapse_stay): else its words would stay, and its tasks.
    """
    old = (
        select(Answer.id)
        .join(Campaign, Campaign.id == Answer.campaign_id)
        .where(Campaign.ends_on < clock.today() - KEEP_ANSWERS, Answer.state != StayState.WAITING)
        .limit(BATCH)
    )
    gone = session.scalars(delete(Answer).where(Answer.id.in_(old)).returning(Answer.public_id)).all()
    approvals.forget_cases(session, module=MODULE, business_ids=gone)
    return len(gone)


def _discard_proofs(session: Session) -> int:
    """Photos of proofs, medical ones among them, of leaves that ended half a year ago."""
    old = session.scalars(
        select(LeaveRequest.public_id).where(
            LeaveRequest.public_id.in_(objects_with_photos(session, PROOF)),
            LeaveRequest.status.not_in(LIVE),
            LeaveRequest.ends_at < clock.now() - KEEP_PROOFS,
        )
    )
    return files.discard_photos_of(session, object_type=PROOF, object_ids=list(old))


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What leave knows of a person."""
    stmt = select(LeaveRequest).where(LeaveRequest.person_id == person_id).order_by(LeaveRequest.id)
    passed = select(Scan.direction, Scan.at).where(Scan.person_id == person_id).order_by(Scan.id)
    return {
        "leaves": [
            {
                "kind": one.kind,
                "status": one.status,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "days": str(one.days),
                "reason": one.reason,
                "destination": one.destination,
                "out_at": one.out_at.isoformat() if one.out_at else None,
                "returned_at": one.returned_at.isoformat() if one.returned_at else None,
            }
            for one in session.scalars(stmt)
        ],
        "campaigns": _answers(session, person_id),
        "parents": export_guardians(session, person_id),
        "gates": [{"direction": row.direction, "at": row.at.isoformat()} for row in session.execute(passed)],
    }


def _answers(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Campaign.title, Answer)
        .join(Campaign, Campaign.id == Answer.campaign_id)
        .where(Answer.person_id == person_id)
        .order_by(Answer.id)
    )
    return [
        {
            "title": title,
            "whereto": one.whereto,
            "city": one.city,
            "leaves_at": one.leaves_at.isoformat() if one.leaves_at else None,
            "returns_at": one.returns_at.isoformat() if one.returns_at else None,
            "stay_reason": one.stay_reason,
            "stay_from": one.stay_from.isoformat() if one.stay_from else None,
            "stay_until": one.stay_until.isoformat() if one.stay_until else None,
            "stay_note": one.stay_note,
            "state": one.state,
            "decided_why": one.decided_why,
        }
        for title, one in rows
    ]


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Words go; that there was a leave stays, without them, for the counts."""
    del by
    note_pass_changed(session)
    mine = select(LeaveRequest.id).where(LeaveRequest.person_id == person_id)
    session.execute(update(GateEntry).where(GateEntry.request_id.in_(mine)).values(number=""))
    session.execute(delete(Contact).where(Contact.request_id.in_(mine)))
    session.execute(delete(LessonNotice).where(LessonNotice.request_id.in_(mine)))
    session.execute(delete(RollMark).where(RollMark.person_id == person_id))
    session.execute(delete(Scan).where(Scan.person_id == person_id))
    session.execute(delete(Answer).where(Answer.person_id == person_id))
    session.execute(delete(Guardian).where(Guardian.person_id == person_id))
    _wipe_log(session, mine)
    session.execute(
        update(LeaveRequest)
        .where(LeaveRequest.person_id == person_id)
        .values(reason=ERASED, destination="", next_step_at=None)
    )


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody: what was done as the visitor is his."""
    merge_guardians(session, from_id, into_id)
    for table, columns in (
        (LeaveRequest, ("person_id",)),
        (LogLine, ("actor_id",)),
        (Contact, ("by_id",)),
        (Roll, ("opened_by_id",)),
        (RollMark, ("marked_by_id",)),
        (Gate, ("made_by_id",)),
        (Batch, ("made_by_id", "revoked_by_id")),
        (Campaign, ("opened_by_id",)),
        (Answer, ("decided_by_id",)),
        (Reminder, ("by_id",)),
        (Screen, ("set_by_id",)),
        (Scan, ("by_id", "person_id")),
    ):
        for name in columns:
            column = getattr(table, name)
            session.execute(update(table).where(column == from_id).values({name: into_id}))
