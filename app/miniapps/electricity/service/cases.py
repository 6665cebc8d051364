"""Cases: 未到账 and 充错房间, from the page of the top-up to the desk and back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.miniapps.electricity.errors import (
    CaseImpossible,
    CaseMovedOn,
    CaseNotFound,
    CaseOpenAlready,
    CaseTooEarly,
    CaseTooLate,
    NoteMissing,
    TopUpNotFound,
)
from app.miniapps.electricity.events import CaseAnswered, CaseOpened
from app.miniapps.electricity.models import Case, CaseKind, CaseStatus, Room, System, TopUp, TopUpStatus
from app.payments.queries import timeline as orders
from app.platform.audit import service as audit

LEAST_NOTE, MOST_NOTE = 4, 500
NOT_PAID = (TopUpStatus.UNPAID, TopUpStatus.CLOSED)


def open_case(session: Session, *, by: Caller, top_up_id: str, kind: str, note: str) -> str:
    """Say that one's own top-up went wrong; returns the case's public id."""
    top_up = session.execute(
        select(TopUp.__table__, System.wrong_room_hours)
        .join(Room, Room.id == TopUp.room_id)
        .join(System, System.id == Room.system_id)
        .where(TopUp.public_id == top_up_id, TopUp.person_id == by.person_id)
    ).first()
    if top_up is None or kind not in set(CaseKind):
        raise TopUpNotFound()
    _check_time(top_up, CaseKind(kind))
    made = session.execute(
        insert(Case)
        .values(
            public_id=ids.public_id("eca"),
            kind=kind,
            top_up_id=top_up.id,
            opened_by_id=by.person_id,
            note=_note(note, least=0 if kind == CaseKind.NOT_ARRIVED else LEAST_NOTE),
            evidence=_evidence(session, top_up),
            status=CaseStatus.OPEN,
            opened_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Case.id, Case.public_id)
    ).first()
    if made is None:
        raise CaseOpenAlready()
    outbox.emit(session, CaseOpened(made.id))
    return str(made.public_id)


def due_at(top_up: Any) -> datetime | None:
    """When a paid top-up should be on the meter; None before it is paid."""
    if top_up.paid_at is None:
        return None
    since: datetime = top_up.accepted_at or top_up.paid_at
    return since + timedelta(seconds=top_up.settle_seconds)


def wrong_room_until(top_up: Any) -> datetime:
    since: datetime = top_up.paid_at or top_up.created_at
    return since + timedelta(hours=top_up.wrong_room_hours)


def _check_time(top_up: AnyRow, kind: CaseKind) -> None:
    due = due_at(top_up)
    if top_up.status in NOT_PAID or due is None:
        raise CaseImpossible()
    if kind == CaseKind.WRONG_ROOM and clock.now() > wrong_room_until(top_up):
        raise CaseTooLate(hours=top_up.wrong_room_hours)
    if kind == CaseKind.NOT_ARRIVED:
        if top_up.status == TopUpStatus.ABANDONED:
            raise CaseImpossible()
        if clock.now() < due:
            raise CaseTooEarly(time=f"{clock.local(due):%H:%M}")


def _evidence(session: Session, top_up: AnyRow) -> dict[str, Any]:
    """Numbers and times, as they stood when the case was opened."""
    seen = orders.timeline(session, top_up.order_id)
    return {
        "order": seen.number,
        "paid_at": _text(seen.paid_at),
        "transactions": [line.transaction_id for line in seen.payments],
        "delivery": seen.delivery,
        "delivery_number": seen.delivery_number,
        "vendor_ref": seen.vendor_ref,
        "accepted_at": _text(seen.accepted_at),
        "applied_at": _text(seen.applied_at),
        "calls": [
            f"{_text(call.started_at)} {call.action} {call.outcome or '…'}" for call in seen.calls[-20:]
        ],
        "kwh_before": str(top_up.kwh_before) if top_up.kwh_before is not None else None,
        "fen_before": top_up.fen_before,
    }


def _text(moment: datetime | None) -> str | None:
    return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}" if moment else None


def _note(text: str, *, least: int = LEAST_NOTE) -> str:
    plain = text.strip()
    if len(plain) < least:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    return plain[:MOST_NOTE]


def take_case(session: Session, *, by: Caller, case_id: str) -> None:
    """Make a case one's own."""
    _move(session, by, case_id, (CaseStatus.OPEN,), "take", status=CaseStatus.TAKEN, owner_id=by.person_id)


def answer_case(session: Session, *, by: Caller, case_id: str, answer: str) -> None:
    """Close a case with words for the person who opened it."""
    row = _move(
        session,
        by,
        case_id,
        (CaseStatus.OPEN, CaseStatus.TAKEN),
        "answer",
        status=CaseStatus.ANSWERED,
        owner_id=by.person_id,
        answer=_note(answer),
        answered_at=clock.now(),
    )
    outbox.emit(session, CaseAnswered(row))


def _move(
    session: Session, by: Caller, case_id: str, since: tuple[CaseStatus, ...], deed: str, **values: Any
) -> int:
    found = session.scalar(select(Case.id).where(Case.public_id == case_id))
    if found is None:
        raise CaseNotFound()
    changed = db.rows_changed(
        session,
        update(Case)
        .where(Case.id == found, Case.status.in_(since))
        .values(values)
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise CaseMovedOn()
    audit.record(
        session,
        by=by,
        action=f"electricity.{deed}_case",
        object_type="electricity_case",
        object_id=found,
    )
    return found
