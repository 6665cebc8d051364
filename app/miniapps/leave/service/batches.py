"""Public leave for a list: granted in one transaction, taken back in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.miniapps.leave.errors import BatchChanged, BatchRevoked, BatchWrong, ReasonTooShort
from app.miniapps.leave.events import BatchMade, LeaveMoved
from app.miniapps.leave.models import ABSENT, Batch, LeaveKind, LeaveRequest, LeaveStatus
from app.miniapps.leave.queries.batches import Checked, Entry, batch_for, check_list, leaves_in
from app.miniapps.leave.service.log import note
from app.miniapps.leave.service.moving import revoke
from app.miniapps.leave.service.submitting import lock_student
from app.platform.audit import service as audit

MOST = 500  # students in a list
LONGEST = clock.timedelta(days=60)
PAST = clock.timedelta(days=7)
REVOCABLE = (LeaveStatus.APPROVED, *ABSENT)


@dataclass(frozen=True)
class Wanted:
    """One reason and span for all of these student numbers."""

    numbers: Sequence[str]
    title: str
    starts_at: datetime
    ends_at: datetime
    destination: str = ""
    misses_class: bool = False
    leaves_campus: bool = False
    leaves_dorm: bool = False


def check_batch(session: Session, *, by: Caller, wanted: Wanted) -> Checked:
    """What would become of it, for the preview. Raises BatchWrong."""
    _check(wanted)
    return check_list(session, by, wanted.numbers, starts_at=wanted.starts_at, ends_at=wanted.ends_at)


def make_batch(session: Session, *, by: Caller, wanted: Wanted, digest: str) -> Batch:
    """Leave for all of the list who had no problem, if they still are those whom the preview showed (`digest`).

    Raises BatchWrong, BatchChanged.
    """
    seen = check_batch(session, by=by, wanted=wanted)
    for person_id in sorted(one.student.person_id for one in seen.given if one.student):
        lock_student(session, person_id)
    checked = check_batch(session, by=by, wanted=wanted)
    if checked.digest != digest or not checked.given:
        raise BatchChanged()
    batch = Batch(
        public_id=ids.public_id("lvb"),
        title=wanted.title.strip(),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        made_by_id=by.person_id,
        made_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    for entry in checked.given:
        _grant(session, by, batch, wanted, entry)
    _record(session, by, "public_granted", batch, len(checked.given))
    outbox.emit(session, BatchMade(batch.id))
    return batch


def _grant(session: Session, by: Caller, batch: Batch, wanted: Wanted, entry: Entry) -> None:
    student, found = entry.student, entry.found
    assert student is not None
    assert found is not None
    request = LeaveRequest(
        public_id=ids.public_id("lv"),
        pass_id=ids.public_id("lvx"),
        person_id=student.person_id,
        class_id=student.class_id,
        college_id=student.college_id,
        building_id=student.building_id,
        kind=LeaveKind.PUBLIC,
        status=LeaveStatus.APPROVED,
        misses_class=wanted.misses_class,
        leaves_campus=wanted.leaves_campus,
        leaves_dorm=wanted.leaves_dorm,
        is_emergency=False,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        due_at=wanted.ends_at + clock.timedelta(hours=found.policy.grace_hours),
        days=found.days,
        measured_days=found.measured,
        reason=batch.title,
        destination=wanted.destination.strip(),
        policy_id=found.policy.id,
        batch_id=batch.id,
        submitted_at=clock.now(),
    )
    session.add(request)
    session.flush()
    note(session, request.id, "approved", by=by, batch=batch.public_id)
    outbox.emit(session, LeaveMoved(request.id, request.status))


def revoke_batch(session: Session, *, by: Caller, batch_id: str, reason: str) -> int:
    """Take it back: who has not gone stays, who has is called back, who is back is left alone. How many it touched.

    Raises BatchMissing, BatchRevoked, ReasonTooShort.
    """
    batch = batch_for(session, by, batch_id, lock=True)
    if batch.revoked_at is not None:
        raise BatchRevoked()
    if not 2 <= len(reason.strip()) <= 200:
        raise ReasonTooShort()
    live = [one.id for one in leaves_in(session, batch.id) if one.status in REVOCABLE]
    for request_id in sorted(live):
        revoke(session, by=by, request_id=request_id, reason=reason)
    batch.revoked_by_id, batch.revoked_at = by.person_id, clock.now()
    batch.revoke_reason = reason.strip()
    _record(session, by, "public_revoked", batch, len(live))
    return len(live)


def _check(wanted: Wanted) -> None:
    now = clock.now()
    wrong: dict[str, list[str]] = {}
    if not 2 <= len(wanted.title.strip()) <= 60:
        wrong["title"] = [N_("事由要填，2 到 60 字，例如：省大学生运动会。")]
    if not clock.timedelta(0) < wanted.ends_at - wanted.starts_at <= LONGEST:
        wrong["ends_at"] = [N_("结束要晚于开始，最长 60 天。")]
    elif wanted.ends_at <= now or wanted.starts_at < now - PAST:
        wrong["ends_at"] = [N_("时间不能都在过去，最多补登 7 天内开始的。")]
    if not (wanted.misses_class or wanted.leaves_campus or wanted.leaves_dorm):
        wrong["misses_class"] = [N_("请选择会不会缺课、离校或不回宿舍，至少一项。")]
    if not wanted.numbers:
        wrong["numbers"] = [N_("请粘贴学号，或上传有“学号”一列的表格。")]
    elif len(wanted.numbers) > MOST:
        wrong["numbers"] = [N_("一份名单最多 500 人，请分成几份。")]
    if len(wanted.destination) > 100:
        wrong["destination"] = [N_("去向最多 100 字。")]
    if wrong:
        raise BatchWrong(details=wrong)
    check_seen(title=wanted.title, destination=wanted.destination)


def _record(session: Session, by: Caller, action: str, batch: Batch, people: int) -> None:
    audit.record(
        session,
        by=by,
        action=f"leave.{action}",
        object_type="leave.batch",
        object_id=batch.public_id,
        fields=(people,),
    )
