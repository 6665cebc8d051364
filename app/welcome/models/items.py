"""The freshman's to-do list: what is to be done from when to when, and what was done by hand."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class ItemKind(StrEnum):
    MUST = "must"
    LOOK_UP = "look_up"
    OPTIONAL = "optional"


ITEM_LABELS = {ItemKind.MUST: N_("必办"), ItemKind.LOOK_UP: N_("查询"), ItemKind.OPTIONAL: N_("选办")}


class Item(Base):
    """One line of the list of a season. Both days are inclusive, Shanghai's.

    `profiles`, `levels`, `college_ids`: for whom it is; an empty array is everybody. `evidence`: the fact that
    closes it (queries.evidence), or `manual`. An item waits for its `prerequisite_id`.
    """

    __tablename__ = "welcome_items"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    key: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str | None]
    text: Mapped[str] = mapped_column(default="")
    text_en: Mapped[str | None]
    kind: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    prerequisite_id: Mapped[int | None] = mapped_column(ForeignKey("welcome_items.id"))
    profiles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    levels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    college_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    evidence: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=100)
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("season_id", "key"),
        CheckConstraint("kind IN ('must','look_up','optional')", name="kind"),
        CheckConstraint("opens_on <= closes_on", name="days"),
        CheckConstraint("prerequisite_id <> id", name="prerequisite"),
    )


class ItemMark(Base):
    """Somebody has done an item: ticked it, or read the article that closes it."""

    __tablename__ = "welcome_item_marks"

    item_id: Mapped[int] = mapped_column(ForeignKey("welcome_items.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), primary_key=True)
    marked_at: Mapped[clock.datetime]

    __table_args__ = (Index("ix_welcome_item_marks_person", "person_id"),)
