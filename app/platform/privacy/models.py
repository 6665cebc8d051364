"""Tables of privacy: copies of their own data that people asked for, and who stands in lists that were taken out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class ExportStatus(StrEnum):
    """Where a copy stands."""

    ASKED = "asked"  # a worker makes it
    READY = "ready"  # its file lies in storage until `expires_at`
    GONE = "gone"  # nobody may have it any more; its file goes with the next sweep


class Export(Base):
    """One copy. `file_key` is set before the file is stored and emptied when it is deleted."""

    __tablename__ = "privacy_exports"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    status: Mapped[str]
    file_key: Mapped[str | None]
    size: Mapped[int | None]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('asked', 'ready', 'gone')", name="status"),
        CheckConstraint(
            "status <> 'ready' OR (expires_at IS NOT NULL AND file_key IS NOT NULL)", name="ready"
        ),
        Index("ix_privacy_exports_person", "person_id", "asked_at"),
        Index("ix_privacy_exports_files", "expires_at", postgresql_where="file_key IS NOT NULL"),
    )


class PersonList(Base):
    """The people of a list, by id; `digest` is of the ids, so that the same list is one row. `taken_at`: last."""

    __tablename__ = "privacy_lists"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(unique=True)
    person_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    taken_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_privacy_lists_people", "person_ids", postgresql_using="gin"),
        Index("ix_privacy_lists_taken_at", "taken_at"),
    )
