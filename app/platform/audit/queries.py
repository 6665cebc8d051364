"""Reading the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.platform.audit.models import AuditEntry, AuditSeal


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
