"""Use-cases of guides: saving versions, publishing, scheduling, counting reads."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.platform.files import queries as file_queries
from app.platform.files import service as files
from app.welcome.errors import ArticleInvalid, ArticleMoved, ArticleTaken
from app.welcome.models import CATEGORIES, Article, ArticleRead, ArticleVersion
from app.welcome.queries import articles as queries

KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
LONGEST = 50_000
MOST_PHOTOS, MOST_ATTACHED = 9, 5
RESERVED = ("new", "preview")  # addresses of the desk


@dataclass(frozen=True)
class Sent:
    """What was sent beforehand and becomes part of the article: public ids of pictures and of PDFs."""

    photos: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    title: str
    body: str
    title_en: str | None = None
    body_en: str | None = None


def add_article(
    session: Session,
    *,
    by: Caller,
    key: str,
    category: str,
    draft: Draft,
    shows_on: date,
    ends_on: date | None,
    sent: Sent = Sent(),
) -> None:
    """A new article with its first version, not published yet. Raises ArticleInvalid, ArticleTaken."""
    wrong = _faults(draft)
    if not KEY.fullmatch(key) or key in RESERVED:
        wrong["key"] = [N_("编码用小写字母、数字和短横线，2–60 位。")]
    if category not in CATEGORIES:
        wrong["category"] = [N_("请从列出的类别里选。")]
    if ends_on is not None and ends_on < shows_on:
        wrong["ends_on"] = [N_("下架日期不能早于上架日期。")]
    if wrong:
        raise ArticleInvalid(details=wrong)
    article_id = session.execute(
        insert(Article)
        .values(
            key=key,
            category=category,
            shows_on=shows_on,
            ends_on=ends_on,
            position=100,
            photo_ids=[],
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Article.id)
    ).scalar()
    if article_id is None:
        raise ArticleTaken(details={"key": [ArticleTaken.msgid]})
    _save(session, by, article_id, 1, draft)
    _add_sent(session, by, article_id, sent)
    _note(session, by, "welcome.article_added", article_id)


def save_version(
    session: Session, *, by: Caller, article: Article, seen: int, draft: Draft, sent: Sent = Sent()
) -> int:
    """A new version after the one that the editor saw; returns its number.

    Raises ArticleMoved when somebody saved meanwhile. What is published stays.
    """
    wrong = _faults(draft)
    if wrong:
        raise ArticleInvalid(details=wrong)
    session.execute(select(Article.id).where(Article.id == article.id).with_for_update())
    newest = session.scalars(
        select(func.max(ArticleVersion.number)).where(ArticleVersion.article_id == article.id)
    ).one()
    if newest != seen:
        raise ArticleMoved()
    _save(session, by, article.id, seen + 1, draft)
    _add_sent(session, by, article.id, sent)
    _note(session, by, "welcome.article_saved", article.id)
    return seen + 1


def schedule_article(
    session: Session,
    *,
    by: Caller,
    article: Article,
    published: int | None,
    shows_on: date,
    ends_on: date | None,
) -> None:
    """Which version is shown (None: none), from when until when."""
    if ends_on is not None and ends_on < shows_on:
        raise ArticleInvalid(details={"ends_on": [N_("下架日期不能早于上架日期。")]})
    if published is not None:
        queries.version(session, article.id, published)
    session.execute(
        update(Article)
        .where(Article.id == article.id)
        .values(published=published, shows_on=shows_on, ends_on=ends_on)
    )
    _note(session, by, "welcome.article_scheduled", article.id)


def count_read(session: Session, article_id: int) -> None:
    """One more today; by whom is not kept."""
    session.execute(
        insert(ArticleRead)
        .values(article_id=article_id, day=clock.today(), reads=1)
        .on_conflict_do_update(index_elements=["article_id", "day"], set_={"reads": ArticleRead.reads + 1})
    )


def drop_photo(session: Session, *, by: Caller, article: Article, photo_id: int) -> None:
    """Take a picture off the article; its file goes."""
    changed = db.rows_changed(
        session,
        update(Article)
        .where(Article.id == article.id, literal(photo_id) == any_(Article.photo_ids))
        .values(photo_ids=func.array_remove(Article.photo_ids, photo_id))
        .execution_options(synchronize_session=False),
    )
    if changed:
        files.discard_photos(session, photo_ids=[photo_id])
        _note(session, by, "welcome.article_photo_dropped", article.id)


def drop_attachment(session: Session, *, by: Caller, article: Article, public_id: str) -> None:
    """Take a file off the article; it goes. Again: nothing changes."""
    known = {one.public_id: one.id for one in file_queries.attachment_links(session, article.attachment_ids)}
    if public_id not in known:
        return
    session.execute(
        update(Article)
        .where(Article.id == article.id)
        .values(attachment_ids=func.array_remove(Article.attachment_ids, known[public_id]))
        .execution_options(synchronize_session=False)
    )
    files.discard_attachments(session, attachment_ids=[known[public_id]])
    _note(session, by, "welcome.article_attachment_dropped", article.id)


def _save(session: Session, by: Caller, article_id: int, number: int, draft: Draft) -> None:
    texts = (draft.title, draft.title_en or "", draft.body, draft.body_en or "")
    session.execute(
        insert(ArticleVersion).values(
            article_id=article_id,
            number=number,
            title=draft.title,
            title_en=draft.title_en,
            body=draft.body,
            body_en=draft.body_en,
            search_text=queries.normal(" ".join(texts)),
            saved_by_id=by.person_id,
            saved_at=clock.now(),
        )
    )


def _add_sent(session: Session, by: Caller, article_id: int, sent: Sent) -> None:
    have = session.execute(
        select(
            func.cardinality(Article.photo_ids).label("photos"),
            func.cardinality(Article.attachment_ids).label("attachments"),
        ).where(Article.id == article_id)
    ).one()
    if have.photos + len(sent.photos) > MOST_PHOTOS:
        raise ArticleInvalid(details={"photos": [N_("一篇最多 9 张配图，请先去掉几张。")]})
    if have.attachments + len(sent.attachments) > MOST_ATTACHED:
        raise ArticleInvalid(details={"attachments": [N_("一篇最多 5 个附件，请先去掉几个。")]})
    part_of = {"object_type": "welcome_article", "object_id": str(article_id)}
    photos = files.claim_photos(session, by=by, public_ids=sent.photos, **part_of)
    attached = files.claim_attachments(session, by=by, public_ids=sent.attachments, **part_of)
    if photos or attached:
        session.execute(
            update(Article)
            .where(Article.id == article_id)
            .values(
                photo_ids=func.array_cat(Article.photo_ids, photos),
                attachment_ids=func.array_cat(Article.attachment_ids, attached),
            )
            .execution_options(synchronize_session=False)
        )


def _faults(draft: Draft) -> dict[str, list[str]]:
    check_seen(title=draft.title, title_en=draft.title_en or "")
    wrong: dict[str, list[str]] = {}
    for name in ("title", "body"):
        if not getattr(draft, name).strip():
            wrong[name] = [N_("请填写这一项。")]
    for name in ("body", "body_en"):
        if len(getattr(draft, name) or "") > LONGEST:
            wrong[name] = [N_("文字太长，最多 50000 字。")]
    return wrong


def _note(session: Session, by: Caller, action: str, article_id: int) -> None:
    audit.record(session, by=by, action=action, object_type="welcome_article", object_id=article_id)
