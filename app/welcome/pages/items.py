"""The to-do list on the phone, and its progress on the console."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.platform.directory import queries as directory
from app.welcome import queries as welcome
from app.welcome.models import ITEM_LABELS
from app.welcome.queries import items as queries
from app.welcome.service import items as service
from app.welcome.service.items import ItemTerms

items_phone = Blueprint("welcome_items", __name__, url_prefix="/m/welcome/items")
items_desk = Blueprint("welcome_items_desk", __name__, url_prefix="/desk/welcome/items")
READ, EDIT = "welcome.read", "welcome.edit"
NO_DAY = date(1970, 1, 1)


@items_phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    with unit_of_work() as session:
        admission = welcome.admission_of(session, caller().person_id)
        return render_template(
            "welcome/phone/items.html",
            todo=queries.to_do(session, admission),
            labels=ITEM_LABELS,
            today=clock.today(),
        )


@items_phone.post("/<key>/<deed>")
@permit(SIGNED_IN)
def tick(key: str, deed: str) -> Any:
    """done, or undone."""
    if deed not in ("done", "undone"):
        raise NotFound()
    act = service.tick_item if deed == "done" else service.untick_item
    with unit_of_work() as session:
        act(session, by=caller(), key=key)
    return redirect(url_for("welcome_items.mine"), 303)


# --- Console


@items_desk.get("/")
@permit(READ)
def progress() -> Any:
    with unit_of_work() as session:
        season = welcome.current_season(session)
        return render_template(
            "welcome/desk/items.html",
            rows=queries.progress(session, caller(), season.id),
            labels=ITEM_LABELS,
            may_edit=caller().may(EDIT),
        )


@items_desk.get("/<key>")
@permit(READ)
def unfinished(key: str) -> Any:
    with unit_of_work() as session:
        season = welcome.current_season(session)
        found = queries.item(session, season.id, key)
        page = queries.unfinished(session, caller(), found, request.args.get("cursor"))
        return render_template(
            "welcome/desk/items_unfinished.html",
            item=found,
            page=page,
            people=directory.people(session, {row.person_id for row in page.items}),
            colleges=directory.org_units(session, {row.college_id for row in page.items}),
        )


@items_desk.get("/new")
@permit(EDIT)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, "", {})


@items_desk.get("/<key>/edit")
@permit(EDIT)
def edit(key: str) -> Any:
    with unit_of_work() as session:
        season = welcome.current_season(session)
        found = queries.item(session, season.id, key)
        given = {column.name: getattr(found, column.name) for column in found.__table__.columns}
        for name in ("profiles", "levels", "college_ids"):
            given[name] = " ".join(str(one) for one in given[name])
        return _form(session, key, given)


@items_desk.post("/")
@permit(EDIT)
def save() -> Any:
    """Adds the item or changes it: twice is once."""
    form = request.form
    try:
        with unit_of_work() as session:
            season = welcome.current_season(session)
            service.save_item(
                session, by=caller(), season_id=season.id, key=form.get("key", ""), terms=_terms(form)
            )
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, form.get("old_key", ""), form, error), error.status
    return redirect(url_for("welcome_items_desk.progress"), 303)


def _terms(form: Any) -> ItemTerms:
    return ItemTerms(
        title=form.get("title", "").strip(),
        title_en=form.get("title_en", "").strip() or None,
        text=form.get("text", "").strip(),
        text_en=form.get("text_en", "").strip() or None,
        kind=form.get("kind", ""),
        opens_on=_day(form.get("opens_on", ""), date.max),
        closes_on=_day(form.get("closes_on", ""), NO_DAY),
        evidence=form.get("evidence", "").strip(),
        url=form.get("url", "").strip(),
        prerequisite_id=_whole(form.get("prerequisite_id", "")),
        profiles=tuple(form.get("profiles", "").split()),
        levels=tuple(form.get("levels", "").split()),
        college_ids=tuple(int(one) for one in form.get("college_ids", "").split() if one.isdecimal()),
        position=_whole(form.get("position", "")) or 100,
        is_active=form.get("is_active") == "1",
    )


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _form(session: Session, key: str, given: Any, error: DomainError | None = None) -> str:
    season = welcome.current_season(session)
    return render_template(
        "welcome/desk/items_form.html",
        key=key,
        given=given,
        others=[one for one in queries.items(session, season.id) if one.key != key],
        labels=ITEM_LABELS,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )
