"""Guides: lists and pages on the phone, the editor on the console."""

import difflib
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.directory import queries as directory
from app.platform.files import queries as files
from app.welcome.markdown import render
from app.welcome.models import CATEGORIES
from app.welcome.queries import articles as queries
from app.welcome.service import articles as service
from app.welcome.service import items
from app.welcome.service.articles import Draft, Sent

guides_phone = Blueprint("welcome_guides", __name__, url_prefix="/m/welcome/guides")
guides_desk = Blueprint("welcome_guides_desk", __name__, url_prefix="/desk/welcome/guides")
EDIT = "welcome.edit"


@guides_phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    words, category = request.args.get("q", "")[:100], request.args.get("category", "")
    with unit_of_work() as session:
        return render_template(
            "welcome/phone/guides.html",
            page=queries.shown(session, words=words, category=category, cursor=request.args.get("cursor")),
            words=words,
            category=category,
            categories=CATEGORIES,
        )


@guides_phone.get("/<key>")
@permit(SIGNED_IN)
def article(key: str) -> Any:
    """Counts the read; an item of one's list that asks for this article is done."""
    with unit_of_work() as session:
        found, version = queries.article_shown(session, key)
        service.count_read(session, found.id)
        items.note_read(session, person_id=caller().person_id, article=key)
        return render_template(
            "welcome/phone/guide.html",
            article=found,
            version=version,
            render=render,
            categories=CATEGORIES,
            photos=files.photo_urls(session, found.photo_ids).values(),
            attachments=files.attachment_links(session, found.attachment_ids),
        )


# --- Console


@guides_desk.get("/")
@permit(EDIT)
def kept() -> Any:
    with unit_of_work() as session:
        page = queries.kept(session, request.args.get("cursor"))
        return render_template(
            "welcome/desk/guides.html", page=page, categories=CATEGORIES, today=clock.today()
        )


@guides_desk.get("/new")
@permit(EDIT)
def new() -> Any:
    return _new({"shows_on": clock.today()})


def _new(given: Any, error: DomainError | None = None) -> str:
    with unit_of_work() as session:
        uploads = _uploads(session)
    return render_template(
        "welcome/desk/guide_new.html",
        given=given,
        **uploads,
        categories=CATEGORIES,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )


def _sent(form: Any) -> Sent:
    return Sent(tuple(form.getlist("photo_ids")), tuple(form.getlist("attachment_ids")))


def _uploads(session: Session) -> dict[str, Any]:
    """What was sent with a form that is shown again."""
    sent, me = _sent(request.form), caller().person_id
    return {
        "uploads": files.own_photos(session, person_id=me, public_ids=sent.photos[: service.MOST_PHOTOS]),
        "sent_files": files.own_attachments(
            session, person_id=me, public_ids=sent.attachments[: service.MOST_ATTACHED]
        ),
    }


@guides_desk.post("/")
@permit(EDIT)
def add() -> Any:
    by, form = caller(), request.form

    def work() -> Answer:
        service.add_article(
            session,
            by=by,
            key=form.get("key", ""),
            category=form.get("category", ""),
            draft=_draft(form),
            shows_on=_day(form.get("shows_on", "")) or clock.today(),
            ends_on=_day(form.get("ends_on", "")),
            sent=_sent(form),
        )
        return Answer(303, "", {"Location": url_for("welcome_guides_desk.edit", key=form["key"])})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        return _new(form, error), error.status


@guides_desk.get("/<key>")
@permit(EDIT)
def edit(key: str) -> Any:
    with unit_of_work() as session:
        return _edit(session, key)


def _edit(session: Session, key: str, given: Any = None, error: DomainError | None = None) -> str:
    found = queries.article(session, key)
    known = queries.versions(session, found.id)
    return render_template(
        "welcome/desk/guide.html",
        article=found,
        versions=known,
        given=given or known[0],
        **_uploads(session),
        attachments=files.attachment_links(session, found.attachment_ids),
        people=directory.people(session, {one.saved_by_id for one in known if one.saved_by_id}),
        photos=files.photo_urls(session, found.photo_ids),
        reads=sum(row.reads for row in queries.reads_by_day(session, found.id, _month_ago())),
        render=render,
        categories=CATEGORIES,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )


@guides_desk.post("/<key>")
@permit(EDIT)
def save(key: str) -> Any:
    """Saves the next version after the one seen; pressing twice finds the first one saved."""
    by, form = caller(), request.form

    def work() -> Answer:
        service.save_version(
            session,
            by=by,
            article=queries.article(session, key),
            seen=_whole(form.get("seen", "")) or 0,
            draft=_draft(form),
            sent=_sent(form),
        )
        return Answer(303, "", {"Location": url_for("welcome_guides_desk.edit", key=key)})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _edit(session, key, form, error), error.status


@guides_desk.post("/preview")
@permit(EDIT)
def preview() -> Any:
    """What the typed text will look like; nothing is kept."""
    return render_template("welcome/desk/guide_preview.html", draft=_draft(request.form), render=render)


@guides_desk.post("/<key>/schedule")
@permit(EDIT)
def schedule(key: str) -> Any:
    form = request.form
    try:
        with unit_of_work() as session:
            service.schedule_article(
                session,
                by=caller(),
                article=queries.article(session, key),
                published=_whole(form.get("published", "")),
                shows_on=_day(form.get("shows_on", "")) or clock.today(),
                ends_on=_day(form.get("ends_on", "")),
            )
    except DomainError as error:
        with unit_of_work() as session:
            return _edit(session, key, None, error), error.status
    return redirect(url_for("welcome_guides_desk.edit", key=key), 303)


@guides_desk.post("/<key>/attachments/<attachment_id>/drop")
@permit(EDIT)
def drop_attachment(key: str, attachment_id: str) -> Any:
    with unit_of_work() as session:
        service.drop_attachment(
            session, by=caller(), article=queries.article(session, key), public_id=attachment_id
        )
    return redirect(url_for("welcome_guides_desk.edit", key=key), 303)


@guides_desk.post("/<key>/photos/<int:photo_id>/drop")
@permit(EDIT)
def drop_photo(key: str, photo_id: int) -> Any:
    with unit_of_work() as session:
        service.drop_photo(session, by=caller(), article=queries.article(session, key), photo_id=photo_id)
    return redirect(url_for("welcome_guides_desk.edit", key=key), 303)


@guides_desk.get("/<key>/compare")
@permit(EDIT)
def compare(key: str) -> Any:
    """Two versions, line by line."""
    with unit_of_work() as session:
        found = queries.article(session, key)
        known = queries.versions(session, found.id)
        newer = queries.version(session, found.id, _whole(request.args.get("b", "")) or known[0].number)
        older = queries.version(
            session, found.id, _whole(request.args.get("a", "")) or max(1, newer.number - 1)
        )
        return render_template(
            "welcome/desk/guide_compare.html",
            article=found,
            older=older,
            newer=newer,
            lines=[line for line in difflib.ndiff(_lines(older), _lines(newer)) if not line.startswith("?")],
        )


def _lines(version: Any) -> list[str]:
    return [
        version.title,
        *version.body.splitlines(),
        version.title_en or "",
        *(version.body_en or "").splitlines(),
    ]


def _draft(form: Any) -> Draft:
    return Draft(
        form.get("title", "").strip(),
        form.get("body", "").replace("\r\n", "\n"),
        form.get("title_en", "").strip() or None,
        form.get("body_en", "").replace("\r\n", "\n").strip() or None,
    )


def _month_ago() -> date:
    return clock.today() - timedelta(days=30)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
