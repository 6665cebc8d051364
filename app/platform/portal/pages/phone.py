"""The phone's portal: the shelf, what waits, oneself, and the switches for large type and language."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.kit.db import unit_of_work
from app.kit.http import PUBLIC, SIGNED_IN, caller, permit
from app.platform.directory import queries as directory
from app.platform.identity import queries as identity
from app.platform.portal import queries, service
from app.platform.portal.errors import NoSuchModule
from app.platform.portal.pages.frame import registry

phone = Blueprint("portal", __name__, url_prefix="/m")
landing = Blueprint("landing", __name__)

YEAR = 365 * 24 * 3600
PHONES = re.compile(r"MicroMessenger|iPhone|Android.+Mobile|Mobile.+Harmony", re.IGNORECASE)
SHOWN_AT_HOME = 3


@landing.get("/")
@permit(PUBLIC)
def root() -> Any:
    """Phones go to the shelf; a desktop chooses between phone and console."""
    if PHONES.search(request.user_agent.string):
        return redirect("/m/")
    return render_template("portal/landing.html")


@phone.get("/")
@permit(SIGNED_IN)
def home() -> str:
    who = caller()
    with unit_of_work() as session:
        person = directory.people(session, [who.person_id]).get(who.person_id)
        things = queries.things_of(session, registry(), who)
        shelf = queries.shelf(session, registry(), who)
    return render_template(
        "portal/home.html", person=person, shelf=shelf, things=things[:SHOWN_AT_HOME], more=len(things)
    )


@phone.get("/todo")
@permit(SIGNED_IN)
def todo() -> str:
    with unit_of_work() as session:
        things = queries.things_of(session, registry(), caller())
        shelf = queries.shelf(session, registry(), caller())
    return render_template("portal/todo.html", things=things, shelf=shelf)


@phone.get("/me")
@permit(SIGNED_IN)
def me() -> str:
    who = caller()
    with unit_of_work() as session:
        person = directory.people(session, [who.person_id]).get(who.person_id)
        link = identity.link_of_person(session, who.person_id)
    is_bound = bool(link is not None and link.bound_at)
    return render_template("portal/me.html", person=person, is_bound=is_bound, is_in_wechat=link is not None)


@phone.get("/open/<key>")
@permit(SIGNED_IN)
def open_app(key: str) -> AnyResponse:
    """From the shelf into a micro-app, counted."""
    with unit_of_work() as session:
        found = [one for one in queries.shelf(session, registry(), caller()) if one.key == key]
        if not found:
            raise NoSuchModule()
        service.note_visit(session, key)
    return redirect(found[0].card.url)


@phone.post("/care")
@permit(PUBLIC)
def care() -> AnyResponse:
    """关怀模式 on or off, on this phone."""
    return _remember("wl_care", "1" if request.form.get("care") == "1" else "0")


@phone.post("/language")
@permit(PUBLIC)
def language() -> AnyResponse:
    return _remember("wl_lang", "en" if request.form.get("language") == "en" else "zh")


def _remember(name: str, value: str) -> Response:
    back = request.form.get("back", "")
    safe = back if re.fullmatch(r"/m/[\w/?=&%-]*", back) else "/m/me"
    response = Response(status=303, headers={"Location": safe})
    config = current_app.config
    response.set_cookie(
        f"{name}_{config['COOKIE_SUFFIX']}",
        value,
        max_age=YEAR,
        secure=config["IS_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
