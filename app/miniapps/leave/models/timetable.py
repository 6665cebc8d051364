"""Lessons and exams, as the office of teaching gives them."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Lesson(Base):
    """A course that a class has on a weekday (1 Monday … 7) in some weeks of a term. Shanghai times."""

    __tablename__ = "leave_lessons"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("directory_terms.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"))
    course: Mapped[str]
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    weeks: Mapped[list[int]] = mapped_column(JSONB)

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("ends > starts", name="span"),
        Index("ix_leave_lessons_class_id", "class_id", "term_id"),
    )


class Exam(Base):
    __tablename__ = "leave_exams"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"))
    course: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="span"),
        Index("ix_leave_exams_class_id", "class_id", "starts_at"),
    )
