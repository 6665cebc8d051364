"""Standing deputies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Deputy(Base):
    """`deputy` may act on the tasks of `person`, for a while; of one definition when `code` is given."""

    __tablename__ = "approvals_deputies"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    code: Mapped[str | None]
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        CheckConstraint("deputy_id <> person_id", name="another"),
        CheckConstraint("ends_at > starts_at", name="span"),
        Index("ix_approvals_deputies_deputy_id", "deputy_id", "ends_at", postgresql_where="ended_at IS NULL"),
    )
