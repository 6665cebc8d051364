"""Cases, and all that happens in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Case(Base):
    """One running of a definition. Its row is the lock under which everything in it happens.

    `lines` and `tasks` are the last numbers given; `fresh_from` and `resume_to` see engine.state.
    """

    __tablename__ = "approvals_cases"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("approvals_definitions.id"), index=True)
    sha256: Mapped[str]  # of the definition's body: what this case follows whatever is published later
    code: Mapped[str]
    module: Mapped[str]
    business_id: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str | None]
    starter_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    status: Mapped[str]
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    picks: Mapped[dict[str, Any]] = mapped_column(JSONB)
    resume_to: Mapped[str | None]
    fresh_from: Mapped[int]
    lines: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "status IN ('running','approved','rejected','withdrawn','terminated')", name="status"
        ),
        CheckConstraint("(status = 'running') = (ended_at IS NULL)", name="ended"),
        Index("ix_approvals_cases_starter_id", "starter_id", "id"),
        Index("ix_approvals_cases_business", "module", "business_id"),
        Index(
            "uq_approvals_cases_running",
            "module",
            "business_id",
            unique=True,
            postgresql_where="status = 'running'",
        ),
        Index("ix_approvals_cases_ended", "code", "ended_at", postgresql_where="status <> 'running'"),
    )


class Visit(Base):
    """One entry of a case into a node. The unique index: never two live rounds of one node."""

    __tablename__ = "approvals_visits"

    case_id: Mapped[int] = mapped_column(ForeignKey("approvals_cases.id"), primary_key=True)
    node: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    order: Mapped[int]
    status: Mapped[str]
    outcome: Mapped[str | None]
    joined: Mapped[list[int]] = mapped_column(JSONB)
    claimed_task: Mapped[int | None]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('live','done','cancelled')", name="status"),
        Index("uq_approvals_visits_live", "case_id", "node", unique=True, postgresql_where="status = 'live'"),
    )


class Task(Base):
    """What one person is asked, or given a copy of. Who did it may be a deputy: `done_by_id`."""

    __tablename__ = "approvals_tasks"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("approvals_cases.id"))
    seq: Mapped[int]
    node: Mapped[str]
    round: Mapped[int]
    kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    status: Mapped[str]
    weight: Mapped[int]
    parent: Mapped[int | None]
    relation: Mapped[str | None]
    outcome: Mapped[str | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint("kind IN ('approve','revise','cc')", name="kind"),
        CheckConstraint(
            "CASE kind WHEN 'cc' THEN status IN ('given','read')"
            " ELSE status IN ('live','waiting','done','cancelled') END",
            name="status",
        ),
        ForeignKeyConstraint(
            ["case_id", "node", "round"],
            ["approvals_visits.case_id", "approvals_visits.node", "approvals_visits.round"],
        ),
        Index("ix_approvals_tasks_todo", "person_id", "id", postgresql_where="status = 'live'"),
        Index("ix_approvals_tasks_nobody", "id", postgresql_where="status = 'live' AND person_id IS NULL"),
        Index("ix_approvals_tasks_copies", "person_id", "id", postgresql_where="kind = 'cc'"),
        Index("ix_approvals_tasks_unread", "person_id", postgresql_where="kind = 'cc' AND status = 'given'"),
        Index("ix_approvals_tasks_done", "done_by_id", "ended_at", "id", postgresql_where="status = 'done'"),
        Index("ix_approvals_tasks_ended", "ended_at", postgresql_where="status = 'done'"),
    )


class LogLine(Base):
    """What happened, in order, for ever: a trigger refuses changes. Replayed it gives visits and tasks."""

    __tablename__ = "approvals_log"

    case_id: Mapped[int] = mapped_column(ForeignKey("approvals_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    node: Mapped[str | None]
    round: Mapped[int | None]
    task: Mapped[int | None]
    person_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    behalf_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Timer(Base):
    """Something a case does by itself at a time. Once: `done_at` is set under the lock of the case."""

    __tablename__ = "approvals_timers"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("approvals_cases.id"))
    node: Mapped[str]
    round: Mapped[int]
    action: Mapped[str]  # pass (a timer node), limit (of an approval)
    times: Mapped[int]  # how often it rang
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("case_id", "node", "round", "action"),
        Index("ix_approvals_timers_due", "due_at", postgresql_where="done_at IS NULL"),
    )


class Comment(Base):
    """What somebody wrote, with a decision or by itself. `line` is the log line it belongs to."""

    __tablename__ = "approvals_comments"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("approvals_cases.id"), index=True)
    line: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime]
