"""What can break, why things wait or are refused, which team serves which place, and door codes."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Category(Base):
    """Two levels: a trade and its faults. The code is for ever, the name may change."""

    __tablename__ = "repairs_categories"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("repairs_categories.id"), index=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    icon: Mapped[str] = mapped_column(default="tool")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    needs_after_photo: Mapped[bool] = mapped_column(default=False)
    self_help: Mapped[str | None]
    self_help_en: Mapped[str | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("repairs_categories.id"))


class Reason(Base):
    """A reason code of one kind: reject, decline, hold or reassign."""

    __tablename__ = "repairs_reasons"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    guidance: Mapped[str | None]
    pauses_clock: Mapped[bool] = mapped_column(default=False)
    longest_days: Mapped[int] = mapped_column(default=7)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index("uq_repairs_reasons_kind_code", "kind", "code", unique=True),
        CheckConstraint("kind IN ('reject', 'decline', 'hold', 'reassign')", name="kind"),
    )


class Route(Base):
    """Who serves a place and a trade. The row that names most wins; an empty one catches all."""

    __tablename__ = "repairs_routes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("directory_campuses.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("directory_buildings.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("repairs_categories.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))


class DoorCode(Base):
    """The code on a door's label. A replaced code leads to its room still."""

    __tablename__ = "repairs_door_codes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("directory_rooms.id"))
    status: Mapped[str] = mapped_column(default="active")  # active, replaced, retired
    printed_at: Mapped[clock.datetime | None]
    created_at: Mapped[clock.datetime]

    __table_args__ = (
        Index(
            "uq_repairs_door_codes_active_room",
            "room_id",
            unique=True,
            postgresql_where="status = 'active'",
        ),
        CheckConstraint("status IN ('active', 'replaced', 'retired')", name="status"),
    )
