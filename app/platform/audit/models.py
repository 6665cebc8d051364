"""Tables of audit: what was done, and the chain of seals over it. Both only ever grow."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base

# Transaction locks: writers share the first while their rows are not yet committed; one sealer at a time
# holds the second.
WRITERS_LOCK = 7_305_001
SEALER_LOCK = 7_305_002


class AuditEntry(Base):
    """One thing somebody did or saw. `fields` holds names of fields and ids, never personal values."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_person_id: Mapped[int | None]
    surface: Mapped[str | None]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    fields: Mapped[list[Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]

    __table_args__ = (
        Index("ix_audit_entries_object", "object_type", "object_id", "id"),
        Index("ix_audit_entries_actor", "actor_person_id", "action", "at"),
    )


class AuditSeal(Base):
    """A keyed hash over the entries from_id…to_id and the seal before it."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    from_id: Mapped[int] = mapped_column(unique=True)
    to_id: Mapped[int] = mapped_column(unique=True)
    entries: Mapped[int]
    previous: Mapped[str] = mapped_column(unique=True)  # a chain that cannot fork
    hash: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
