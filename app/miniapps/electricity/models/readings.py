"""What was left on meters, what was used and what was bought, by day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Reading(Base):
    """The last reading of a day; the newest is the balance. What the vendor did not tell is NULL, never 0."""

    __tablename__ = "electricity_readings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("electricity_meters.id"))
    day: Mapped[date]
    kwh: Mapped[Decimal | None]
    fen: Mapped[int | None]
    subsidy_kwh: Mapped[Decimal | None]
    is_powered: Mapped[bool | None]
    as_of: Mapped[clock.datetime | None]
    fetched_at: Mapped[clock.datetime]

    __table_args__ = (UniqueConstraint("meter_id", "day"),)


class DailyUse(Base):
    """Used in a day: told by the vendor, or worked out from readings, where a rise is a top-up and not use."""

    __tablename__ = "electricity_daily_uses"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("electricity_meters.id"))
    day: Mapped[date]
    kwh: Mapped[Decimal]
    is_told: Mapped[bool]

    __table_args__ = (UniqueConstraint("meter_id", "day"),)


class Purchase(Base):
    """Money put on a meter, as the vendor lists it: by us, at a counter or a machine; the day is all it tells."""

    __tablename__ = "electricity_purchases"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("electricity_meters.id"))
    day: Mapped[date]
    fen: Mapped[int]
    kind: Mapped[str]

    __table_args__ = (Index("ix_electricity_purchases_day", "meter_id", "day"),)
