"""Who may see a room and top it up, since when, and on what ground."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class BindingStatus(StrEnum):
    REQUESTED = "requested"
    LIVE = "live"
    ENDED = "ended"


class Proof(StrEnum):
    ROSTER = "roster"
    ROOMMATE = "roommate"
    MANAGER = "manager"
    UNIT = "unit"


PROOF_LABELS = {
    Proof.ROSTER: N_("住宿名单"),
    Proof.ROOMMATE: N_("室友同意"),
    Proof.MANAGER: N_("宿管同意"),
    Proof.UNIT: N_("学院确认"),
}


class Binding(Base):
    """A person and a room. Wishes stand here too: they end with the stay.

    `is_low`: a low balance was told and has not recovered yet. `readable_until`: a graduate may look back until
    this day. `unit_id`: the college that is asked, where the building's policy says so.
    """

    __tablename__ = "electricity_bindings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("electricity_rooms.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    status: Mapped[str]
    proof: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    requested_at: Mapped[clock.datetime]
    started_at: Mapped[clock.datetime | None]
    ended_at: Mapped[clock.datetime | None]
    ended_reason: Mapped[str | None]
    readable_until: Mapped[date | None]
    low_kwh: Mapped[Decimal]
    tells_low: Mapped[bool] = mapped_column(default=True)
    tells_top_ups: Mapped[bool] = mapped_column(default=True)
    is_low: Mapped[bool] = mapped_column(default=False)
    told_low_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('requested','live','ended')", name="status"),
        CheckConstraint("proof IN ('roster','roommate','manager','unit')", name="proof"),
        CheckConstraint("(status = 'live') <= (started_at IS NOT NULL)", name="started_at"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_at"),
        Index(
            "uq_electricity_bindings_current",
            "person_id",
            "room_id",
            unique=True,
            postgresql_where="status <> 'ended'",
        ),
        Index("ix_electricity_bindings_room", "room_id", postgresql_where="status <> 'ended'"),
    )
