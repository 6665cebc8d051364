"""The autumn's intake, and who was admitted to it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class AdmissionStatus(StrEnum):
    """`admitted` until the desk sees the person; `excused` may come later; the last two will not come."""

    ADMITTED = "admitted"
    EXCUSED = "excused"
    REGISTERED = "registered"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"


STATUS_LABELS = {
    AdmissionStatus.ADMITTED: N_("未报到"),
    AdmissionStatus.EXCUSED: N_("已请假"),
    AdmissionStatus.REGISTERED: N_("已报到"),
    AdmissionStatus.DEFERRED: N_("保留入学资格"),
    AdmissionStatus.WITHDRAWN: N_("放弃入学"),
}


class Season(Base):
    """One intake. Days are Shanghai's; `…_on` are inclusive.

    `opens_on`: claims begin. `dorms_on`: dorm and roommates are shown from then. `arrives_on`…`arrival_ends_on`:
    the days of arrival. `closes_on`: the last day of all of it; what is kept only for it is deleted after.
    """

    __tablename__ = "welcome_seasons"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    opens_on: Mapped[date]
    dorms_on: Mapped[date]
    arrives_on: Mapped[date]
    arrival_ends_on: Mapped[date]
    closes_on: Mapped[date]

    __table_args__ = (
        CheckConstraint(
            "opens_on <= dorms_on AND dorms_on <= arrival_ends_on AND arrives_on <= arrival_ends_on"
            " AND arrival_ends_on <= closes_on",
            name="days",
        ),
    )


class Admission(Base):
    """A person admitted in a season.

    What proves the claim is here as keyed hashes only: `claim_index` of profile, name, number and the last six of
    the document together; `number_index`, `document_index` find duplicates; `letter_index` is the letter's number.
    Name, gender and phone stand in the directory. `region` is the six digits of GB/T 2260, `major` what the letter
    says. Class and college are the person's affiliation; they stand here too, since lists are by them.
    """

    __tablename__ = "welcome_admissions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    profile: Mapped[str]
    number_index: Mapped[str]
    number_tail: Mapped[str]
    document_index: Mapped[str]
    claim_index: Mapped[str] = mapped_column(index=True)
    letter_index: Mapped[str | None]
    college_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    major: Mapped[str]
    major_en: Mapped[str | None]
    level: Mapped[str]
    region: Mapped[str | None]
    nickname: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=AdmissionStatus.ADMITTED)
    status_reason: Mapped[str | None]
    claimed_at: Mapped[clock.datetime | None]
    registered_at: Mapped[clock.datetime | None]
    imported_at: Mapped[clock.datetime]
    updated_at: Mapped[clock.datetime]

    __table_args__ = (
        UniqueConstraint("season_id", "person_id"),
        UniqueConstraint("season_id", "number_index"),
        UniqueConstraint("season_id", "document_index"),
        CheckConstraint(
            "status IN ('admitted','excused','registered','deferred','withdrawn')",
            name="status",
        ),
        CheckConstraint("(status = 'registered') = (registered_at IS NOT NULL)", name="registered_at"),
        Index("ix_welcome_admissions_person", "person_id"),
        Index("ix_welcome_admissions_tail", "season_id", "number_tail"),
        Index("ix_welcome_admissions_absent", "season_id", "status", "id"),
        Index("ix_welcome_admissions_college", "season_id", "college_id", "status"),
        Index(
            "ix_welcome_admissions_wall",
            "season_id",
            "college_id",
            "class_id",
            "major",
            "region",
            "status",
            "registered_at",
        ),
        Index("ix_welcome_admissions_class", "class_id", postgresql_where="class_id IS NOT NULL"),
    )
