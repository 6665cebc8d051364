"""What counsellors and dorm managers do about those who are away: calls, and the evening's roll call."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Contact(Base):
    """Somebody tried to reach a student who is away, or his parents: how, and what came of it.

    `by_id` None: the house, by text message.
    """

    __tablename__ = "leave_contacts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    at: Mapped[datetime]
    way: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str]

    __table_args__ = (
        CheckConstraint("way IN ('phone','message','visit','family','sms')", name="way"),
        CheckConstraint("outcome IN ('safe','no_answer','worrying','told','not_told')", name="outcome"),
    )


class Roll(Base):
    """One evening's roll call of a building or a class."""

    __tablename__ = "leave_rolls"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("directory_buildings.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    day: Mapped[date]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(building_id IS NULL) <> (class_id IS NULL)", name="place"),
        Index("uq_leave_rolls_building", "building_id", "day", unique=True),
        Index("uq_leave_rolls_class", "class_id", "day", unique=True),
    )


class RollMark(Base):
    """What was found of one person. Those on approved leave are not marked at all."""

    __tablename__ = "leave_roll_marks"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    roll_id: Mapped[int] = mapped_column(ForeignKey("leave_rolls.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    mark: Mapped[str]
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    marked_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("roll_id", "person_id"),
        CheckConstraint("mark IN ('present','absent','explained')", name="mark"),
    )
