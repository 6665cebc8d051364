"""Guides: articles with versions, and how often they were read, by nobody in particular."""

from datetime import date

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_

CATEGORIES = {
    "lodging": N_("住"),
    "food": N_("食"),
    "travel": N_("行"),
    "shopping": N_("购"),
    "safety": N_("安全"),
    "military": N_("军训"),
    "insurance": N_("保险"),
}


class Article(Base):
    """`published` is the number of the version that freshmen see; shown from `shows_on` until `ends_on`, inclusive."""

    __tablename__ = "welcome_articles"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str]
    shows_on: Mapped[date]
    ends_on: Mapped[date | None]
    published: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=100)
    photo_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    attachment_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    created_at: Mapped[clock.datetime]

    __table_args__ = (
        CheckConstraint(
            "category IN ('lodging','food','travel','shopping','safety','military','insurance')",
            name="category",
        ),
        CheckConstraint("ends_on IS NULL OR shows_on <= ends_on", name="days"),
        Index("ix_welcome_articles_category", "category", "position"),
    )


class ArticleVersion(Base):
    """What was saved; never changed after. `search_text` is both languages, normalised."""

    __tablename__ = "welcome_article_versions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("welcome_articles.id"))
    number: Mapped[int]
    title: Mapped[str]
    title_en: Mapped[str | None]
    body: Mapped[str]
    body_en: Mapped[str | None]
    search_text: Mapped[str]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    saved_at: Mapped[clock.datetime]

    __table_args__ = (UniqueConstraint("article_id", "number"),)


class ArticleRead(Base):
    """How often an article was opened on a day."""

    __tablename__ = "welcome_article_reads"

    article_id: Mapped[int] = mapped_column(ForeignKey("welcome_articles.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    reads: Mapped[int]
