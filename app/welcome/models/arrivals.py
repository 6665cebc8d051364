"""How freshmen arrive: stations, slots with places, what was booked, and the shuttles."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base
from app.kit.i18n import N_


class StationKind(StrEnum):
    RAIL = "rail"
    AIR = "air"
    COACH = "coach"
    METRO = "metro"


STATION_KINDS = {
    StationKind.RAIL: N_("火车站"),
    StationKind.AIR: N_("机场"),
    StationKind.COACH: N_("汽车站"),
    StationKind.METRO: N_("地铁站"),
}


class ArrivalStatus(StrEnum):
    """`planned` and `boarded` are expected; `arrived` was seen at the desk."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    BOARDED = "boarded"
    ARRIVED = "arrived"


ARRIVAL_LABELS = {
    ArrivalStatus.PLANNED: N_("已登记"),
    ArrivalStatus.CANCELLED: N_("已取消"),
    ArrivalStatus.BOARDED: N_("已上车"),
    ArrivalStatus.ARRIVED: N_("已到校"),
}
SLOT_STATUSES = {"open": N_("可登记"), "closed": N_("已停开")}
SHUTTLE_STATUSES = {"boarding": N_("上客中"), "left": N_("已发车"), "cancelled": N_("已取消")}


class Station(Base):
    """Where the school meets people."""

    __tablename__ = "welcome_stations"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str | None]
    kind: Mapped[str]
    address: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (CheckConstraint("kind IN ('rail','air','coach','metro')", name="kind"),)


class Slot(Base):
    """Places on the buses of a station from–to. `taken` are heads, companions included.

    The CHECK is the promise that no more are booked than there are places.
    """

    __tablename__ = "welcome_slots"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("welcome_stations.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        UniqueConstraint("season_id", "station_id", "starts_at"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="places"),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("status IN ('open','closed')", name="status"),
    )


class Arrival(Base):
    """What one freshman said of the way. Without a slot they come on their own, unless `notice` is closed.

    `notice`: moved or closed, until the person has answered. `vehicle` is the number of a train or flight.
    """

    __tablename__ = "welcome_arrivals"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), unique=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("welcome_slots.id"), index=True)
    expected_at: Mapped[datetime]
    vehicle: Mapped[str | None]
    companions: Mapped[int]
    luggage: Mapped[int]
    status: Mapped[str] = mapped_column(default=ArrivalStatus.PLANNED)
    notice: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("status IN ('planned','cancelled','boarded','arrived')", name="status"),
        CheckConstraint("companions BETWEEN 0 AND 6 AND luggage BETWEEN 0 AND 20", name="counts"),
        CheckConstraint("notice IN ('moved','closed')", name="notice"),
        CheckConstraint("status <> 'cancelled' OR slot_id IS NULL", name="cancelled"),
        Index("ix_welcome_arrivals_expected", "expected_at", "status"),
    )


class Shuttle(Base):
    """One bus. `taken` are heads; the CHECK keeps them below its seats."""

    __tablename__ = "welcome_shuttles"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("welcome_stations.id"), index=True)
    leaves_at: Mapped[datetime]
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    plate: Mapped[str]
    driver: Mapped[str]
    status: Mapped[str] = mapped_column(default="boarding")

    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= seats", name="seats"),
        CheckConstraint("status IN ('boarding','left','cancelled')", name="status"),
        Index("ix_welcome_shuttles_leaves", "season_id", "leaves_at"),
    )


class Boarding(Base):
    """Who got on which bus, with how many heads. A person gets on once."""

    __tablename__ = "welcome_boardings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    shuttle_id: Mapped[int] = mapped_column(ForeignKey("welcome_shuttles.id"), index=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), unique=True)
    heads: Mapped[int]
    boarded_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))


class ArrivalCount(Base):
    """What is kept of a season's arrivals when the single ones are deleted: sums by station and hour."""

    __tablename__ = "welcome_arrival_counts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("welcome_stations.id"))
    hour: Mapped[datetime]
    people: Mapped[int]
    companions: Mapped[int]
    luggage: Mapped[int]

    __table_args__ = (
        UniqueConstraint("season_id", "station_id", "hour", postgresql_nulls_not_distinct=True),
    )
