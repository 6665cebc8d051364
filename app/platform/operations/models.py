"""Days that differ from the week, the years that were announced, and when schedules ran last."""

from datetime import date

from sqlalchemy import CheckConstraint, Date
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class CalendarDay(Base):
    """A holiday, or a work Saturday or Sunday that makes up for one (调休)."""

    __tablename__ = "operations_calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str]


class CalendarYear(Base):
    """A year whose holidays the State Council has announced and somebody has imported."""

    __tablename__ = "operations_calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    imported_at: Mapped[clock.datetime]

    __table_args__ = (CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),)


class ScheduleRun(Base):
    """One schedule's next time. Whoever moves the time on by a conditional UPDATE runs it."""

    __tablename__ = "operations_schedule_runs"

    key: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[clock.datetime]
    last_started_at: Mapped[clock.datetime | None]
    last_finished_at: Mapped[clock.datetime | None]
    last_error: Mapped[str | None]
