"""Public leave (公假) that an office gives to a list of students at once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Batch(Base):
    """One list: its leaves point at it. `title` is what for, in words that the students and counsellors read."""

    __tablename__ = "leave_batches"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    made_at: Mapped[datetime]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]

    __table_args__ = (CheckConstraint("ends_at > starts_at", name="span"),)
