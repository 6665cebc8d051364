"""Tables of the directory: people, where they belong, and the places of the campus.

From–to dates are half open: a row holds from `starts_on` up to, not including, `ends_on`; None is open.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.crypto import EncryptedText
from app.kit.db import Base
from app.platform.directory.models.imports import IMPORT_LABELS, Import, ImportLine, ImportStatus

__all__ = [
    "Affiliation",
    "AffiliationKind",
    "Bed",
    "BedOccupancy",
    "Building",
    "BuildingKind",
    "Campus",
    "Floor",
    "HEAD",
    "IMPORT_LABELS",
    "Import",
    "ImportLine",
    "ImportStatus",
    "OPEN",
    "OrgKind",
    "OrgUnit",
    "Person",
    "Post",
    "Room",
    "Term",
]


class OrgKind(StrEnum):
    SCHOOL = "school"
    COLLEGE = "college"
    DEPARTMENT = "department"
    UNIT = "unit"  # takes in and hands out work: 维修中心
    TEAM = "team"  # does it: 东区维修班
    CLASS = "class"


class AffiliationKind(StrEnum):
    STUDENT = "student"
    FRESHMAN = "freshman"
    STAFF = "staff"
    CONTRACTOR = "contractor"
    VISITOR = "visitor"


class BuildingKind(StrEnum):
    DORM = "dorm"
    TEACHING = "teaching"
    LIBRARY = "library"
    CANTEEN = "canteen"
    LAB = "lab"
    OFFICE = "office"
    SPORTS = "sports"
    OTHER = "other"


OPEN = "ends_on IS NULL"
HEAD = "head"  # the post of whoever leads a unit or team


class Person(Base):
    """Someone known to the school, or a visitor: an unnamed person behind a WeChat account."""

    __tablename__ = "directory_people"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    number: Mapped[str | None] = mapped_column(unique=True)
    gender: Mapped[str | None]  # male, female
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[str | None] = mapped_column(index=True)
    id_number: Mapped[str | None] = mapped_column(EncryptedText)
    id_number_index: Mapped[str | None] = mapped_column(index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"), index=True)
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_directory_people_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index(
            "ix_directory_people_name_en",
            text("lower(name_en) text_pattern_ops"),
            postgresql_where=text("name_en IS NOT NULL"),
        ),
        Index("ix_directory_people_number_prefix", "number", postgresql_ops={"number": "text_pattern_ops"}),
    )


class OrgUnit(Base):
    """A node of the organisation: school, college, department, unit, team or class."""

    __tablename__ = "directory_org_units"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    kind: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class Affiliation(Base):
    """A person belongs to an org unit, as something, for a while."""

    __tablename__ = "directory_affiliations"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    kind: Mapped[str]
    org_unit_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"), index=True)
    number: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    __table_args__ = (
        Index(
            "uq_directory_affiliations_open",
            "person_id",
            "kind",
            "org_unit_id",
            unique=True,
            postgresql_where=OPEN,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_directory_affiliations_person_id", "person_id"),
    )


class Post(Base):
    """A duty in an org unit: head, counsellor, dorm_manager…"""

    __tablename__ = "directory_posts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"), index=True)
    post: Mapped[str]
    title: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    __table_args__ = (
        Index(
            "uq_directory_posts_open",
            "person_id",
            "org_unit_id",
            "post",
            unique=True,
            postgresql_where=OPEN,
        ),
    )


class Term(Base):
    """A term of the academic year, `2026-2027-1`."""

    __tablename__ = "directory_terms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Campus(Base):
    __tablename__ = "directory_campuses"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]


class Building(Base):
    """`is_dorm`: people live here. `is_active` False: closed, chosen by nobody any more."""

    __tablename__ = "directory_buildings"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("directory_campuses.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    kind: Mapped[str]
    is_dorm: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(default=True)


class Floor(Base):
    """`number` is what people say: 1 is the ground floor, -1 the basement."""

    __tablename__ = "directory_floors"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"))
    number: Mapped[int]
    name: Mapped[str | None]

    __table_args__ = (UniqueConstraint("building_id", "number"),)


class Room(Base):
    """`is_private`: somebody's home; only those who live there report from it and see it named."""

    __tablename__ = "directory_rooms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    building_id: Mapped[int]
    floor: Mapped[int]
    number: Mapped[str]
    name: Mapped[str | None]
    name_en: Mapped[str | None]
    is_private: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("building_id", "number"),
        ForeignKeyConstraint(
            ["building_id", "floor"], ["directory_floors.building_id", "directory_floors.number"]
        ),
    )


class Bed(Base):
    __tablename__ = "directory_beds"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("directory_rooms.id"))
    code: Mapped[str]

    __table_args__ = (UniqueConstraint("room_id", "code"),)


class BedOccupancy(Base):
    """Who sleeps where, from–to. Overlaps are refused by service.assign_bed under a lock on the bed."""

    __tablename__ = "directory_bed_occupancies"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bed_id: Mapped[int] = mapped_column(ForeignKey("directory_beds.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    __table_args__ = (
        Index("uq_directory_bed_occupancies_open_bed", "bed_id", unique=True, postgresql_where=OPEN),
        Index("uq_directory_bed_occupancies_open_person", "person_id", unique=True, postgresql_where=OPEN),
    )
