"""What teachers were told of lessons that a student misses."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class LessonNotice(Base):
    """One teacher told of one leave. `lessons` are those that still hold: [{"at", "course"}], by time."""

    __tablename__ = "leave_lesson_notices"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    lessons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    told_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("request_id", "teacher_id"),)
