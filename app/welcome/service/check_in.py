"""The desk's steps: marking them, undoing them, and 报到 itself."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.welcome.errors import (
    AlreadyMarked,
    AlreadyUndone,
    CannotRegister,
    ReasonNeeded,
    StepInvalid,
    StepNotFound,
    StepsMissing,
    UndoFinalFirst,
)
from app.welcome.events import AdmissionRegistered
from app.welcome.models import STATUS_LABELS, Admission, AdmissionStatus, Step, StepKind, StepMark
from app.welcome.queries.codes import admission_by_code
from app.welcome.service.arrivals import note_arrived, note_not_arrived

CHECK_IN = "welcome.check_in"
KEY = re.compile(r"[a-z][a-z0-9_]{1,30}")
REASON_MIN, REASON_MAX = 4, 100
OLDEST = timedelta(hours=24)  # a queue is sent within a day, or its times are not believed


@dataclass(frozen=True)
class Doing:
    """What a person at the desk did. `at` is their browser's clock; `device_id` a registered browser's."""

    code: str
    step: str
    at: datetime | None = None
    is_proxy: bool = False
    reason: str = ""
    device_id: int | None = None


def set_step(
    session: Session,
    *,
    by: Caller | None,
    key: str,
    title: str,
    kind: str = StepKind.ONCE,
    position: int = 10,
    is_required: bool = True,
    is_final: bool = False,
    audience: str | None = None,
    is_active: bool = True,
) -> None:
    """A step that the desk does from now on; of a known key, its new form. Raises StepInvalid for a second final."""
    if not KEY.fullmatch(key) or not 0 < len(title.strip()) <= 30 or kind not in set(StepKind):
        raise StepInvalid(details={"key": [StepInvalid.msgid]})
    check_seen(title=title)
    values = {
        "title": title.strip(),
        "kind": kind,
        "position": position,
        "is_required": is_required,
        "is_final": is_final,
        "audience": audience,
        "is_active": is_active,
    }
    try:
        with session.begin_nested():
            session.execute(
                insert(Step)
                .values(key=key, **values)
                .on_conflict_do_update(index_elements=["key"], set_=values)
            )
    except IntegrityError:
        raise StepInvalid(details={"kind": [StepInvalid.msgid]}) from None
    audit.record(session, by=by, action="welcome.step_set", object_type="step", object_id=key)


def mark_step(session: Session, *, by: Caller, doing: Doing) -> str:
    """A step is done; returns the admission's public id.

    The admission's row is locked first: two desks come one after the other, and the second is told by
    AlreadyMarked who was first and when. The final step registers the admission.
    """
    if doing.is_proxy:
        _check_reason(doing.reason)
    admission = _admission(session, by, doing.code)
    step = _step(session, doing.step, admission)
    moment = believed(doing.at)
    public_id = ids.public_id("mrk")
    occasion = _occasion(step, moment, public_id)
    standing = _standing(session, admission.id, step.id, occasion)
    if standing is not None:
        raise AlreadyMarked(step=step.title, who=_name(session, standing.by_id), time=_time(standing.done_at))
    was = _register(session, admission, moment) if step.is_final else None
    mark_id = session.execute(
        insert(StepMark)
        .values(
            public_id=public_id,
            admission_id=admission.id,
            step_id=step.id,
            occasion=occasion,
            day=clock.local(moment).date(),
            done_at=moment,
            received_at=clock.now(),
            by_id=by.person_id,
            device_id=doing.device_id,
            is_proxy=doing.is_proxy,
            proxy_reason=doing.reason.strip() if doing.is_proxy else None,
            was=was,
        )
        .returning(StepMark.id)
    ).scalar_one()
    if step.is_final:
        note_arrived(session, admission.id)
        outbox.emit(session, AdmissionRegistered(admission.id, mark_id))
    _note(session, by, "welcome.step_marked", admission, step.key, *(("proxy",) if doing.is_proxy else ()))
    return admission.public_id


def undo_step(session: Session, *, by: Caller, doing: Doing) -> str:
    """Take the last standing mark of a step back, with a reason. Of the final one, the status goes back too."""
    _check_reason(doing.reason)
    admission = _admission(session, by, doing.code)
    step = _step(session, doing.step, admission)
    if admission.status == AdmissionStatus.REGISTERED and step.is_required and not step.is_final:
        raise UndoFinalFirst()
    mark = session.scalars(
        select(StepMark)
        .where(StepMark.admission_id == admission.id, StepMark.step_id == step.id)
        .order_by(StepMark.undone_at.is_(None).desc(), StepMark.id.desc())
        .limit(1)
    ).first()
    if mark is None:
        raise StepNotFound()
    changed = db.rows_changed(
        session,
        update(StepMark)
        .where(StepMark.id == mark.id, StepMark.undone_at.is_(None))
        .values(undone_at=clock.now(), undone_by_id=by.person_id, undo_reason=doing.reason.strip())
        .execution_options(synchronize_session=False),
    )
    if not changed:
        who = _name(session, mark.undone_by_id)
        raise AlreadyUndone(who=who, time=_time(mark.undone_at or clock.now()))
    if step.is_final:
        _unregister(session, admission, mark.was)
    _note(session, by, "welcome.step_undone", admission, step.key)
    return admission.public_id


def believed(at: datetime | None) -> datetime:
    """A browser's time, if it can be: neither in the future nor older than a day; else ours."""
    now = clock.now()
    return at if at is not None and now - OLDEST <= at <= now else now


def _admission(session: Session, by: Caller, code: str) -> Admission:
    found = admission_by_code(session, by=by, permission=CHECK_IN, code=code)
    return session.scalars(
        select(Admission)
        .where(Admission.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _step(session: Session, key: str, admission: Admission) -> Step:
    step = session.scalar(select(Step).where(Step.key == key, Step.is_active))
    if step is None or step.audience not in (None, admission.profile):
        raise StepNotFound()
    return step


def _occasion(step: Step, moment: datetime, public_id: str) -> str:
    if step.kind == StepKind.ONCE:
        return ""
    return clock.local(moment).date().isoformat() if step.kind == StepKind.DAILY else public_id


def _standing(session: Session, admission_id: int, step_id: int, occasion: str) -> Any:
    return session.execute(
        select(StepMark.by_id, StepMark.done_at).where(
            StepMark.admission_id == admission_id,
            StepMark.step_id == step_id,
            StepMark.occasion == occasion,
            StepMark.undone_at.is_(None),
        )
    ).first()


def _register(session: Session, admission: Admission, moment: datetime) -> str:
    missing = session.scalars(
        select(Step.title)
        .where(
            Step.is_active,
            Step.is_required,
            Step.is_final.is_(False),
            (Step.audience.is_(None)) | (Step.audience == admission.profile),
            Step.id.not_in(
                select(StepMark.step_id).where(
                    StepMark.admission_id == admission.id, StepMark.undone_at.is_(None)
                )
            ),
        )
        .order_by(Step.position, Step.id)
    ).all()
    if missing:
        raise StepsMissing(steps="、".join(missing))
    was = admission.status
    if not db.rows_changed(
        session,
        update(Admission)
        .where(Admission.id == admission.id, Admission.status.in_(("admitted", "excused")))
        .values(status=AdmissionStatus.REGISTERED, registered_at=moment, updated_at=clock.now())
        .execution_options(synchronize_session=False),
    ):
        raise CannotRegister(status=STATUS_LABELS[AdmissionStatus(was)])
    return was


def _unregister(session: Session, admission: Admission, was: str | None) -> None:
    session.execute(
        update(Admission)
        .where(Admission.id == admission.id, Admission.status == AdmissionStatus.REGISTERED)
        .values(status=was or AdmissionStatus.ADMITTED, registered_at=None, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    note_not_arrived(session, admission.id)


def _check_reason(reason: str) -> None:
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        raise ReasonNeeded(details={"reason": [ReasonNeeded.msgid]})


def _name(session: Session, person_id: int | None) -> str:
    return directory.person(session, person_id).name if person_id else ""


def _time(moment: datetime) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}"


def _note(session: Session, by: Caller, action: str, admission: Admission, *fields: str) -> None:
    audit.record(
        session,
        by=by,
        action=action,
        object_type="admission",
        object_id=admission.public_id,
        fields=fields,
    )
