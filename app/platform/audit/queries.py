"""Reading the record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.kit.paging import Key, Page, page
from app.platform.audit.models import AuditEntry, AuditSeal

_WHAT = (AuditEntry.action, AuditEntry.object_type, AuditEntry.fields)


@dataclass(frozen=True)
class SealState:
    """How far the sealing is. `head` is the newest seal's hash, to be kept somewhere else."""

    head: str | None
    sealed_up_to: int
    unsealed: int
    oldest_unsealed_at: datetime | None


def entries_about(
    session: Session, object_type: str, object_id: int | str, limit: int = 200
) -> Sequence[Row]:
    """What was done to one object, newest first."""
    return session.execute(
        select(AuditEntry.__table__)
        .where(AuditEntry.object_type == object_type, AuditEntry.object_id == str(object_id))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()


def acts_upon(
    session: Session,
    *,
    objects: Collection[tuple[str, str]],
    actions: Collection[str],
    but_by: int,
    cursor: str | None,
    limit: int = 20,
) -> Page[Any]:
    """What others than `but_by` did of these kinds to these (type, id), newest first."""
    others = or_(AuditEntry.actor_person_id.is_(None), AuditEntry.actor_person_id != but_by)
    stmt = select(AuditEntry.id, AuditEntry.at, AuditEntry.actor_person_id, *_WHAT).where(
        tuple_(AuditEntry.object_type, AuditEntry.object_id).in_(objects),
        AuditEntry.action.in_(actions),
        others,
    )
    return page(session, stmt, keys=(Key("id", AuditEntry.id, descending=True),), cursor=cursor, limit=limit)


def count_by(session: Session, *, actor_person_id: int, action: str, since: datetime) -> int:
    """How often a person did something since a moment: for daily limits."""
    return (
        session.scalar(
            select(func.count()).where(
                AuditEntry.actor_person_id == actor_person_id,
                AuditEntry.action == action,
                AuditEntry.at >= since,
            )
        )
        or 0
    )


def seal_state(session: Session) -> SealState:
    """How far the sealing is."""
    last = session.execute(
        select(AuditSeal.hash, AuditSeal.to_id).order_by(AuditSeal.id.desc()).limit(1)
    ).first()
    sealed = last.to_id if last else 0
    waiting = session.execute(
        select(func.count(), func.min(AuditEntry.at)).where(AuditEntry.id > sealed)
    ).one()
    return SealState(last.hash if last else None, sealed, waiting[0], waiting[1])
