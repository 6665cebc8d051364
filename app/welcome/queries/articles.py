"""Guides as freshmen find them, and as the desk keeps them."""

import unicodedata
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock, paging
from app.kit.db import AnyRow
from app.kit.paging import Key, Page
from app.welcome.errors import ArticleNotFound
from app.welcome.models import Article, ArticleRead, ArticleVersion

MOST_WORDS = 5


def normal(text: str) -> str:
    """For comparing: full width, case, and runs of spaces don't matter."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _shown() -> ColumnElement[bool]:
    today = clock.today()
    return (Article.shows_on <= today) & or_(Article.ends_on.is_(None), Article.ends_on >= today)


def shown(session: Session, *, words: str = "", category: str = "", cursor: str | None = None) -> Page[Any]:
    """Published articles of today, by category; all the words must be somewhere in either language."""
    stmt = (
        select(
            Article.id,
            Article.key,
            Article.category,
            Article.position,
            ArticleVersion.title,
            ArticleVersion.title_en,
        )
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == Article.published),
        )
        .where(_shown())
    )
    if category:
        stmt = stmt.where(Article.category == category)
    for word in normal(words[:100]).split()[:MOST_WORDS]:
        stmt = stmt.where(ArticleVersion.search_text.contains(word, autoescape=True))
    keys = [
        Key("category", Article.category),
        Key("position", Article.position),
        Key("id", Article.id),
    ]
    return paging.page(session, stmt, keys=keys, cursor=cursor, limit=50)


def article_shown(session: Session, key: str) -> AnyRow:
    """(Article, ArticleVersion) as published today. Raises ArticleNotFound."""
    found = session.execute(
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == Article.published),
        )
        .where(Article.key == key, _shown())
    ).one_or_none()
    if found is None:
        raise ArticleNotFound()
    return found


# --- Desk


def article(session: Session, key: str) -> Article:
    """Raises ArticleNotFound."""
    found = session.scalar(select(Article).where(Article.key == key))
    if found is None:
        raise ArticleNotFound()
    return found


def kept(session: Session, cursor: str | None) -> Page[Any]:
    """All articles with the title of their newest version, and how often they were read in thirty days."""
    newest = (
        select(ArticleVersion.article_id, func.max(ArticleVersion.number).label("number"))
        .group_by(ArticleVersion.article_id)
        .subquery()
    )
    reads = (
        select(ArticleRead.article_id, func.sum(ArticleRead.reads).label("reads"))
        .where(ArticleRead.day > clock.today() - timedelta(days=30))
        .group_by(ArticleRead.article_id)
        .subquery()
    )
    stmt = (
        select(
            Article.id,
            Article.key,
            Article.category,
            Article.shows_on,
            Article.ends_on,
            Article.published,
            ArticleVersion.number,
            ArticleVersion.title,
            func.coalesce(reads.c.reads, 0).label("reads"),
        )
        .join(newest, newest.c.article_id == Article.id)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == newest.c.number),
        )
        .outerjoin(reads, reads.c.article_id == Article.id)
    )
    keys = [Key("category", Article.category), Key("id", Article.id)]
    return paging.page(session, stmt, keys=keys, cursor=cursor, limit=100)


def versions(session: Session, article_id: int) -> list[ArticleVersion]:
    """Newest first, a hundred at most."""
    stmt = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    return list(session.scalars(stmt.order_by(ArticleVersion.number.desc()).limit(100)))


def version(session: Session, article_id: int, number: int) -> ArticleVersion:
    """Raises ArticleNotFound."""
    found = session.scalar(
        select(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.number == number)
    )
    if found is None:
        raise ArticleNotFound()
    return found


def reads_by_day(session: Session, article_id: int, since: date) -> list[AnyRow]:
    return list(
        session.execute(
            select(ArticleRead.day, ArticleRead.reads)
            .where(ArticleRead.article_id == article_id, ArticleRead.day >= since)
            .order_by(ArticleRead.day)
        )
    )
