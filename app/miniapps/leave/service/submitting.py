"""Asking for leave: the checks, the policy, and the case that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.miniapps.leave.errors import (
    Blackout,
    ConsentMissing,
    EvidenceMissing,
    ExamsHit,
    ExtendedOften,
    FlagMissing,
    LeadTimeMissed,
    LeaveMissing,
    MovedOn,
    NoPolicy,
    NotAStudent,
    Overlaps,
    ReasonTooShort,
    SpanWrong,
    TooLateToAsk,
)
from app.miniapps.leave.events import LeaveMoved
from app.miniapps.leave.labels import KIND_LABELS, STATUS_LABELS
from app.miniapps.leave.models import ABSENT, LeaveKind, LeaveRequest, LeaveStatus, Policy
from app.miniapps.leave.queries.checks import Checks, check_span
from app.miniapps.leave.queries.policies import Measured, find_policy
from app.miniapps.leave.queries.students import Student, find_student
from app.miniapps.leave.service.log import note
from app.platform.approvals import service as approvals
from app.platform.approvals.service import Business
from app.platform.files import service as files

MOST_DAYS = 190
LATEST = clock.timedelta(days=7)  # after which even an emergency is the counsellor's to enter
AHEAD = clock.timedelta(days=400)
PAPER_WITHIN = clock.timedelta(days=3)


@dataclass(frozen=True)
class Asked:
    """What a student fills in. `evidence` are public ids of uploaded files; `has_consent`: his parents know."""

    kind: LeaveKind
    starts_at: datetime
    ends_at: datetime
    reason: str
    destination: str = ""
    misses_class: bool = False
    leaves_campus: bool = False
    leaves_dorm: bool = False
    is_emergency: bool = False
    has_consent: bool = False
    evidence: Sequence[str] = ()


def submit(session: Session, *, by: Caller, person_id: int, asked: Asked) -> LeaveRequest:
    """Ask for leave; the case that decides it is started with it.

    `by` is the student himself, or a counsellor who enters it for him (先走后补). Raises NotAStudent, SpanWrong,
    FlagMissing, ReasonTooShort, TooLateToAsk, LeadTimeMissed, Overlaps, NoPolicy, Blackout, ExamsHit,
    EvidenceMissing, ConsentMissing.
    """
    student = _student(session, person_id)
    _check_words(asked)
    _check_span(asked, is_own=by.person_id == person_id)
    return _ask(session, by, student, asked, parent=None)


def extend(session: Session, *, by: Caller, request_id: int, until: datetime, reason: str) -> LeaveRequest:
    """Ask to stay away longer: a request of its own that begins where this one ends.

    Raises LeaveMissing, MovedOn, ExtendedOften, SpanWrong.
    """
    parent = session.get(LeaveRequest, request_id, with_for_update=True, populate_existing=True)
    if parent is None or parent.person_id != by.person_id:
        raise LeaveMissing()
    if parent.status not in (LeaveStatus.APPROVED, *ABSENT):
        raise MovedOn(status=STATUS_LABELS[LeaveStatus(parent.status)])
    policy = session.get_one(Policy, parent.policy_id)
    if _extensions(session, parent) >= policy.most_extensions:
        raise ExtendedOften(most=policy.most_extensions)
    asked = Asked(
        kind=LeaveKind(parent.kind),
        starts_at=parent.ends_at,
        ends_at=until,
        reason=reason,
        destination=parent.destination,
        misses_class=parent.misses_class,
        leaves_campus=parent.leaves_campus,
        leaves_dorm=parent.leaves_dorm,
        is_emergency=True,
        has_consent=True,
    )
    _check_words(asked)
    if not max(parent.ends_at, clock.now()) < until <= clock.now() + AHEAD:
        raise SpanWrong(days=MOST_DAYS)
    return _ask(session, by, _student(session, parent.person_id), asked, parent=parent)


def _student(session: Session, person_id: int) -> Student:
    student = find_student(session, person_id)
    if student is None:
        raise NotAStudent()
    return student


def _check_words(asked: Asked) -> None:
    if not (asked.misses_class or asked.leaves_campus or asked.leaves_dorm):
        raise FlagMissing()
    if not 2 <= len(asked.reason.strip()) <= 500 or len(asked.destination) > 100:
        raise ReasonTooShort()


def _check_span(asked: Asked, *, is_own: bool) -> None:
    now = clock.now()
    length = asked.ends_at - asked.starts_at
    if not clock.timedelta(0) < length <= clock.timedelta(days=MOST_DAYS) or asked.starts_at > now + AHEAD:
        raise SpanWrong(days=MOST_DAYS)
    if asked.starts_at < now - clock.timedelta(minutes=30):
        earliest = now - (LATEST if asked.is_emergency else clock.timedelta(minutes=30))
        if asked.starts_at < earliest and is_own:
            raise TooLateToAsk()


def _ask(
    session: Session, by: Caller, student: Student, asked: Asked, *, parent: LeaveRequest | None
) -> LeaveRequest:
    lock_student(session, student.person_id)
    parent_id = parent.id if parent else None
    checks = check_span(session, student, starts_at=asked.starts_at, ends_at=asked.ends_at, without=parent_id)
    if checks.overlaps:
        raise Overlaps(span=span_text(checks.overlaps[0]))
    found = find_policy(session, student, kind=asked.kind, starts_at=asked.starts_at, ends_at=asked.ends_at)
    if found is None:
        raise NoPolicy()
    _check_policy(found, asked, checks)
    request = _insert(session, student, asked, found, parent_id)
    files.claim_photos(
        session,
        by=by,
        public_ids=tuple(asked.evidence),
        object_type="leave.request",
        object_id=request.public_id,
    )
    case = approvals.start(
        session,
        by=by,
        code=found.policy.definition,
        starter_id=student.person_id,
        business=Business("leave", request.public_id),
        title=f"请假 {span_text(request)}",  # no kind: copies are read at doors, too
        title_en=f"Leave {span_text(request, '–')}",
        form=form_of(asked, found, checks),
    )
    request.case_id = case.id
    note(session, request.id, "submitted", by=by, parent=parent_id)
    session.flush()
    outbox.emit(session, LeaveMoved(request.id, request.status))
    return request


def lock_student(session: Session, person_id: int) -> None:
    """Two requests of one student at once go one after the other: the second sees the first."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('leave', :person))"), {"person": person_id}
    )


def _check_policy(found: Measured, asked: Asked, checks: Checks) -> None:
    policy = found.policy
    lead = asked.starts_at - clock.now()
    if policy.lead_hours and not asked.is_emergency and lead < clock.timedelta(hours=policy.lead_hours):
        raise LeadTimeMissed(hours=policy.lead_hours)
    first, last = clock.local(asked.starts_at).date(), clock.local(asked.ends_at).date()
    for span in policy.blackout:
        if span["from"] <= last.isoformat() and first.isoformat() <= span["to"] and not asked.is_emergency:
            raise Blackout(title=span["title"], span=f"{span['from']}–{span['to']}")
    if checks.exams and policy.exams == "block":
        raise ExamsHit(courses="、".join(exam.course for exam in checks.exams))
    if policy.evidence == "now" and not asked.evidence and not asked.is_emergency:
        raise EvidenceMissing()
    limit = policy.parental_over_days
    if limit is not None and found.measured > limit and not asked.has_consent:
        raise ConsentMissing(days=f"{limit:g}")


def _insert(
    session: Session, student: Student, asked: Asked, found: Measured, parent_id: int | None
) -> LeaveRequest:
    policy = found.policy
    needs_paper = policy.evidence != "none" and not asked.evidence
    request = LeaveRequest(
        public_id=ids.public_id("lv"),
        pass_id=ids.public_id("lvx"),
        person_id=student.person_id,
        class_id=student.class_id,
        college_id=student.college_id,
        building_id=student.building_id,
        kind=asked.kind,
        status=LeaveStatus.APPROVING,
        misses_class=asked.misses_class,
        leaves_campus=asked.leaves_campus,
        leaves_dorm=asked.leaves_dorm,
        is_emergency=asked.is_emergency,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        due_at=asked.ends_at + clock.timedelta(hours=policy.grace_hours),
        days=found.days,
        measured_days=found.measured,
        reason=asked.reason.strip(),
        destination=asked.destination.strip(),
        policy_id=policy.id,
        parent_id=parent_id,
        paper_due_on=clock.local(asked.ends_at + PAPER_WITHIN).date() if needs_paper else None,
        submitted_at=clock.now(),
    )
    session.add(request)
    session.flush()
    return request


def form_of(asked: Asked, found: Measured, checks: Checks) -> dict[str, Any]:
    """What the approvers see; what each of them may see, the definition says."""
    share = checks.share_missed
    return {
        "days": float(found.measured),
        "kind": KIND_LABELS[asked.kind],
        "starts_at": asked.starts_at.isoformat(),
        "ends_at": asked.ends_at.isoformat(),
        "misses_class": asked.misses_class,
        "leaves_campus": asked.leaves_campus,
        "leaves_dorm": asked.leaves_dorm,
        "is_emergency": asked.is_emergency,
        "lessons": len(checks.lessons),
        "exams": "、".join(exam.course for exam in checks.exams),
        "share_missed": float(share * 100) if share is not None else None,
        "destination": asked.destination.strip(),
        "reason": asked.reason.strip(),
        "evidence": list(asked.evidence),
    }


def _extensions(session: Session, request: LeaveRequest) -> int:
    """How often this leave was extended already: the length of the chain of its parents."""
    count, parent_id = 0, request.parent_id
    while parent_id is not None:
        count += 1
        parent_id = session.scalars(select(LeaveRequest.parent_id).where(LeaveRequest.id == parent_id)).one()
    return count


def span_text(request: LeaveRequest, to: str = "到") -> str:
    """11-20 08:00 到 11-22 18:00, on Shanghai's clock."""
    start, end = clock.local(request.starts_at), clock.local(request.ends_at)
    return f"{start:%m-%d %H:%M} {to} {end:%m-%d %H:%M}"
