"""A ticket, what happened to it, its photos and ratings."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, Sequence, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.crypto import EncryptedText
from app.kit.db import Base
from app.kit.i18n import N_


class Status(StrEnum):
    """Where a ticket stands (repairs reference §2.1). Rating and rework are no states."""

    SUBMITTED = "submitted"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    TAKEN = "taken"
    WORKING = "working"
    ON_HOLD = "on_hold"
    FINISHED = "finished"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    MERGED = "merged"
    TRANSFERRED = "transferred"


OPEN = (
    Status.SUBMITTED,
    Status.TRIAGED,
    Status.DISPATCHED,
    Status.TAKEN,
    Status.WORKING,
    Status.ON_HOLD,
)

LABELS = {
    Status.SUBMITTED: N_("待受理"),
    Status.TRIAGED: N_("待派单"),
    Status.DISPATCHED: N_("待接单"),
    Status.TAKEN: N_("待上门"),
    Status.WORKING: N_("维修中"),
    Status.ON_HOLD: N_("挂起"),
    Status.FINISHED: N_("待确认"),
    Status.CLOSED: N_("已办结"),
    Status.CANCELLED: N_("已撤销"),
    Status.REJECTED: N_("不予受理"),
    Status.MERGED: N_("已合并"),
    Status.TRANSFERRED: N_("已转办"),
}

STUDENT_LABELS = {
    **LABELS,
    Status.TRIAGED: N_("处理中"),
    Status.DISPATCHED: N_("处理中"),
    Status.TAKEN: N_("处理中"),
    Status.WORKING: N_("处理中"),
    Status.ON_HOLD: N_("处理中·等待"),
    Status.REJECTED: N_("未受理"),
}

# Spoken numbers come from here; gaps are allowed, order is not promised.
NUMBERS = Sequence("repairs_number_seq", metadata=Base.metadata)

_OPEN_SQL = "status IN ('submitted','triaged','dispatched','taken','working','on_hold')"


class Ticket(Base):
    """One thing that is broken. Changes only by the actions of service.actions."""

    __tablename__ = "repairs_tickets"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    channel: Mapped[str]  # qr, phone_page, caller, api

    reporter_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    contact_phone_index: Mapped[str | None] = mapped_column(index=True)

    campus_id: Mapped[int] = mapped_column(ForeignKey("directory_campuses.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("directory_rooms.id"))
    place_text: Mapped[str]
    place_text_en: Mapped[str]
    place_note: Mapped[str | None]
    category_id: Mapped[int] = mapped_column(ForeignKey("repairs_categories.id"), index=True)
    category_name: Mapped[str]
    detail: Mapped[str]
    is_hazard: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[str] = mapped_column(default="normal")  # normal, urgent
    access: Mapped[str] = mapped_column(default="present")  # anytime, present, escort
    visit_from: Mapped[clock.datetime | None]
    visit_until: Mapped[clock.datetime | None]

    status: Mapped[str] = mapped_column(default=Status.SUBMITTED)
    status_since: Mapped[clock.datetime]
    hold_reason: Mapped[str | None]
    hold_until: Mapped[clock.datetime | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    cycle: Mapped[int] = mapped_column(default=1)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("repairs_tickets.id"))

    sla: Mapped[dict[str, Any]] = mapped_column(JSONB)
    response_due_at: Mapped[clock.datetime]
    accept_due_at: Mapped[clock.datetime | None]
    resolve_due_at: Mapped[clock.datetime]
    next_due_at: Mapped[clock.datetime]
    paused_at: Mapped[clock.datetime | None]
    paused_seconds: Mapped[int] = mapped_column(default=0)
    is_response_late: Mapped[bool] = mapped_column(default=False)
    is_accept_late: Mapped[bool] = mapped_column(default=False)
    is_resolve_late: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[clock.datetime]
    responded_at: Mapped[clock.datetime | None]
    dispatched_at: Mapped[clock.datetime | None]
    taken_at: Mapped[clock.datetime | None]
    arrived_at: Mapped[clock.datetime | None]
    finished_at: Mapped[clock.datetime | None]
    closed_at: Mapped[clock.datetime | None]
    closed_via: Mapped[str | None]  # reporter, system, administrator
    urge_count: Mapped[int] = mapped_column(default=0)
    urged_at: Mapped[clock.datetime | None]
    rating: Mapped[int | None]

    __table_args__ = (
        Index("ix_repairs_tickets_board", "next_due_at", "id", postgresql_where=_OPEN_SQL),
        Index("ix_repairs_tickets_unit_board", "unit_id", "next_due_at", "id", postgresql_where=_OPEN_SQL),
        Index("ix_repairs_tickets_team_board", "team_id", "next_due_at", "id", postgresql_where=_OPEN_SQL),
        Index("ix_repairs_tickets_worker", "worker_id", "next_due_at", "id", postgresql_where=_OPEN_SQL),
        Index("ix_repairs_tickets_reporter", "reporter_id", "id"),
        Index("ix_repairs_tickets_place", "building_id", "room_id", "category_id"),
        Index("ix_repairs_tickets_archive", "created_at", "id"),
        Index("ix_repairs_tickets_finished", "finished_at", postgresql_where="status = 'finished'"),
        CheckConstraint("priority IN ('normal', 'urgent')", name="priority"),
        CheckConstraint("access IN ('anytime', 'present', 'escort')", name="access"),
        CheckConstraint(f"status IN ({', '.join(repr(str(s)) for s in Status)})", name="status"),
    )


class TicketEvent(Base):
    """One line of the timeline. Append-only; the source of truth for every clock."""

    __tablename__ = "repairs_ticket_events"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("repairs_tickets.id"))
    seq: Mapped[int]
    cycle: Mapped[int]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    actor_role: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[clock.datetime]

    __table_args__ = (Index("uq_repairs_ticket_events_ticket_seq", "ticket_id", "seq", unique=True),)


class TicketPhoto(Base):
    """A photo of a ticket: before the work, after it, or of a closed door."""

    __tablename__ = "repairs_ticket_photos"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("repairs_tickets.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("files_photos.id"), unique=True)
    kind: Mapped[str]  # before, after
    added_at: Mapped[clock.datetime]


class Rating(Base):
    """What the reporter thought of one cycle of work; each score 1 to 5."""

    __tablename__ = "repairs_ratings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("repairs_tickets.id"))
    cycle: Mapped[int]
    is_follow_up: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    speed: Mapped[int]
    quality: Mapped[int]
    attitude: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    comment: Mapped[str | None]
    created_at: Mapped[clock.datetime]

    __table_args__ = (
        Index("uq_repairs_ratings_cycle", "ticket_id", "cycle", "is_follow_up", unique=True),
        CheckConstraint(
            "speed BETWEEN 1 AND 5 AND quality BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5", name="scores"
        ),
    )
