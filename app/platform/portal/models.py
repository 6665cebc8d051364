"""Tables of the portal: what an administrator decided about each micro-app, and how often it is opened."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class ModuleState(StrEnum):
    """The life of a micro-app on the shelf."""

    DRAFT = "draft"  # seen by those who manage the shelf
    TRIAL = "trial"  # open to the audiences named in the row, marked 试用
    OPEN = "open"
    SUSPENDED = "suspended"  # on the shelf with its note; its pages are closed


class PortalModule(Base):
    """A decision that differs from the manifest. No row: open to the manifest's audiences."""

    __tablename__ = "portal_modules"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=ModuleState.OPEN)
    position: Mapped[int | None]
    audiences: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    changed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"state IN {tuple(str(s) for s in ModuleState)}", name="state"),)


class PortalVisit(Base):
    """How often a micro-app was opened from the shelf on a day."""

    __tablename__ = "portal_visits"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    module_key: Mapped[str]
    visited_on: Mapped[date] = mapped_column(Date)
    visits: Mapped[int] = mapped_column(default=1)

    __table_args__ = (UniqueConstraint("module_key", "visited_on"),)
