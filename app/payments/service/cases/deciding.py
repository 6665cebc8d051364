"""经办 and 复核: one proposes an end, another approves it, and the system does what was decided, once."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import ActionImpossible, DifferenceMovedOn, SamePerson
from app.payments.models import Action, Difference, DifferenceStatus
from app.payments.service.cases import acting, posting
from app.payments.service.cases.owning import TYPE, locked, write_note
from app.platform.audit import service as audit

S = DifferenceStatus
PROPOSABLE = (S.OPEN, S.WAITING, S.SUSPENDED)


def propose(session: Session, *, by: Caller, number: str, action: str, note: str) -> None:
    """经办. `note` says on what ground. Who proposes to suspend owns it, if nobody does.

    Raises DifferenceMovedOn, ActionImpossible, NoteMissing.
    """
    row = locked(session, number)
    if row.status not in PROPOSABLE:
        raise DifferenceMovedOn()
    if action not in acting.possible_actions(session, row):
        raise ActionImpossible()
    write_note(session, row.id, by=by, text=note)
    _move(
        session,
        row,
        status=S.PROPOSED,
        action=action,
        owner_id=row.owner_id or by.person_id,
        proposed_by_id=by.person_id,
        proposed_at=clock.now(),
        decided_by_id=None,
        decided_at=None,
    )
    audit.record(session, by=by, action=f"payments.propose_{action}", object_type=TYPE, object_id=row.id)


def approve(session: Session, *, by: Caller, number: str) -> None:
    """复核: carries the action out in this transaction. Raises SamePerson for who proposed it, DifferenceMovedOn."""
    row = _proposed(session, number)
    if row.proposed_by_id == by.person_id:
        raise SamePerson()
    acting.carry_out(session, row, by=by)
    now = clock.now()
    is_end = row.action != Action.SUSPEND
    _move(
        session,
        row,
        status=S.SETTLED if is_end else S.SUSPENDED,
        ended_at=now if is_end else None,
        decided_by_id=by.person_id,
        decided_at=now,
    )
    audit.record(session, by=by, action=f"payments.approve_{row.action}", object_type=TYPE, object_id=row.id)


def reject(session: Session, *, by: Caller, number: str, note: str) -> None:
    """复核不通过: as it was before. Raises DifferenceMovedOn, NoteMissing."""
    row = _proposed(session, number)
    write_note(session, row.id, by=by, text=note)
    _undo(session, row)
    audit.record(session, by=by, action="payments.reject_action", object_type=TYPE, object_id=row.id)


def withdraw(session: Session, *, by: Caller, number: str) -> None:
    """撤回: who proposed it takes it back. Raises DifferenceMovedOn, and for anybody else too."""
    row = _proposed(session, number)
    if row.proposed_by_id != by.person_id:
        raise DifferenceMovedOn()
    _undo(session, row)
    audit.record(session, by=by, action="payments.withdraw_action", object_type=TYPE, object_id=row.id)


def _undo(session: Session, row: AnyRow) -> None:
    _move(session, row, status=_before(session, row), action=None, proposed_by_id=None, proposed_at=None)


def _proposed(session: Session, number: str) -> AnyRow:
    row = locked(session, number)
    if row.status != S.PROPOSED:
        raise DifferenceMovedOn()
    return row


def _before(session: Session, row: AnyRow) -> S:
    if posting.live_entry(session, row) is not None:
        return S.SUSPENDED
    return S.WAITING if row.heal_by is not None and row.heal_by >= clock.today() else S.OPEN


def _move(session: Session, row: AnyRow, **values: Any) -> None:
    session.execute(
        update(Difference)
        .where(Difference.id == row.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
