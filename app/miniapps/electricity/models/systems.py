"""Electricity systems, the buildings they serve, their rooms and meters."""

from datetime import time
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class System(Base):
    """One electricity system; `key` is its name in VENDORS_FILE.

    `price_fen` is fen per kWh. `wrong_room_hours`: how long a top-up of a wrong room may be reported. The last four
    say how its machine has answered: `failures` in a row since `last_ok_at`.
    """

    __tablename__ = "electricity_systems"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_en: Mapped[str | None]
    presets_fen: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    min_fen: Mapped[int]
    max_fen: Mapped[int]
    step_fen: Mapped[int]
    day_max_fen: Mapped[int]
    low_kwh: Mapped[Decimal]
    price_fen: Mapped[Decimal | None]
    price_text: Mapped[str]
    price_text_en: Mapped[str | None]
    cut_from: Mapped[time | None]
    cut_until: Mapped[time | None]
    wrong_room_hours: Mapped[int] = mapped_column(default=24)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_ok_at: Mapped[clock.datetime | None]
    last_failed_at: Mapped[clock.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_problem: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("0 < min_fen AND min_fen <= max_fen AND step_fen > 0", name="limits"),
        CheckConstraint("(cut_from IS NULL) = (cut_until IS NULL)", name="cut"),
    )


class Building(Base):
    """A building that a system serves. `policy`: roster (who lives there by the roster), roommate (or with a
    roommate's consent), manager (or with the dorm manager's) or unit (or when one's college confirms it)."""

    __tablename__ = "electricity_buildings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"), unique=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("electricity_systems.id"), index=True)
    policy: Mapped[str]

    __table_args__ = (CheckConstraint("policy IN ('roster','roommate','manager','unit')", name="policy"),)


class Room(Base):
    """A room as the vendor knows it: `path` and `vendor_key` are the vendor's and opaque.

    `room_id` is None for a room that the directory does not have. `reading_since` is held by whoever is asking
    the vendor; `problem` is how the last question failed: away or unreadable.
    """

    __tablename__ = "electricity_rooms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("directory_rooms.id"), unique=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("electricity_systems.id"))
    path: Mapped[list[str]] = mapped_column(ARRAY(Text))
    vendor_key: Mapped[str]
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reading_since: Mapped[clock.datetime | None]
    read_at: Mapped[clock.datetime | None]
    failed_at: Mapped[clock.datetime | None]
    problem: Mapped[str | None]
    uses_read_at: Mapped[clock.datetime | None]

    __table_args__ = (
        UniqueConstraint("system_id", "vendor_key"),
        CheckConstraint("problem IN ('away','unreadable')", name="problem"),
        Index("ix_electricity_rooms_oldest", "read_at"),
    )


class Meter(Base):
    """One meter of a room; `code` is what a top-up names."""

    __tablename__ = "electricity_meters"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("electricity_rooms.id"))
    code: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    is_gone: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("room_id", "code"),)
