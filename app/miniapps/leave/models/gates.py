"""Gates of the campus, and everybody who was checked there."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Gate(Base):
    """A way out of the campus where passes are asked for. While there is none, passes don't exist.

    `code` is what the school's own gates call it in their log; `is_door`: the door of a dormitory.
    """

    __tablename__ = "leave_gates"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_open: Mapped[bool]
    code: Mapped[str | None] = mapped_column(unique=True)
    is_door: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    made_at: Mapped[datetime]


class Scan(Base):
    """One check, once: `client` and `sequence` are the browser's queue, or a file of the school's own gates.

    `at` is when he passed: the guard's clock set right, never later than `received_at`. `answer` is what the guard
    was told, with a masked name. `person_id` None: nobody was found.
    """

    __tablename__ = "leave_scans"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("leave_gates.id"))
    client: Mapped[str]
    sequence: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("leave_requests.id"), index=True)
    direction: Mapped[str]
    found_by: Mapped[str]
    is_allowed: Mapped[bool]
    is_offline: Mapped[bool]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("identity_devices.id"), index=True)

    __table_args__ = (
        UniqueConstraint("client", "sequence"),
        CheckConstraint("direction IN ('out','in')", name="direction"),
        CheckConstraint("found_by IN ('code','number','log')", name="found_by"),
        Index("ix_leave_scans_gate_id", "gate_id", "id"),
    )
