"""Definitions and their versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class DefinitionStatus(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"  # waits for a second person
    PUBLISHED = "published"  # the one that new cases follow
    RETIRED = "retired"


class Definition(Base):
    """One version. Its body never changes once it was published (trigger): cases point at it as their snapshot."""

    __tablename__ = "approvals_definitions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    status: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("directory_people.id")
    )  # None: came with the product
    made_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    published_at: Mapped[datetime | None]
    lint: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # what a trial in every college found

    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("status IN ('draft','proposed','published','retired')", name="status"),
        CheckConstraint("made_by_id IS NULL OR published_by_id <> made_by_id", name="second"),
        CheckConstraint(
            "status NOT IN ('published','retired') OR published_at IS NOT NULL", name="published"
        ),
        Index(
            "uq_approvals_definitions_published", "code", unique=True, postgresql_where="status = 'published'"
        ),
    )


class NodeTime(Base):
    """How long a node takes, in minutes of work time: the median of the last 90 days. Reckoned each night."""

    __tablename__ = "approvals_node_times"

    code: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str] = mapped_column(primary_key=True)
    median_minutes: Mapped[int]
    cases: Mapped[int]
    reckoned_at: Mapped[datetime]
