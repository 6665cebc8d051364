"""A parent's phone that may look on, by the freshman's consent."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class GuardianStatus(StrEnum):
    PENDING = "pending"
    GRANTED = "granted"
    ENDED = "ended"


GUARDIAN_LABELS = {
    GuardianStatus.PENDING: N_("等待本人同意"),
    GuardianStatus.GRANTED: N_("已同意查看"),
    GuardianStatus.ENDED: N_("已结束"),
}
RELATIONS = {"father": N_("父亲"), "mother": N_("母亲"), "other": N_("其他家长")}


class Guardian(Base):
    """`person_id` is whoever stands behind the parent's WeChat. Read-only, until `expires_on` (inclusive)."""

    __tablename__ = "welcome_guardians"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    relation: Mapped[str]
    status: Mapped[str]
    asked_at: Mapped[clock.datetime]
    decided_at: Mapped[clock.datetime | None]
    ended_at: Mapped[clock.datetime | None]
    expires_on: Mapped[date]

    __table_args__ = (
        CheckConstraint("status IN ('pending','granted','ended')", name="status"),
        CheckConstraint("relation IN ('father','mother','other')", name="relation"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_at"),
        Index(
            "uq_welcome_guardians_live",
            "admission_id",
            "person_id",
            unique=True,
            postgresql_where=text("status <> 'ended'"),
        ),
    )
