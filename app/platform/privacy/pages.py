"""Phone: who saw my data, what I allow, and a copy of my own data."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for

from app.clients.storage import KeyNotFound
from app.kit import http
from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, caller, permit
from app.kit.idempotency import Answer
from app.kit.module import Registry
from app.platform.privacy import queries, service
from app.platform.privacy.errors import ExportExpired

phone = Blueprint("privacy", __name__, url_prefix="/m/privacy")


def _registry() -> Registry:
    registry: Registry = current_app.extensions["registry"]
    return registry


@phone.get("/")
@permit(SIGNED_IN)
def index() -> str:
    """The three doors, and the copies that were asked for."""
    with unit_of_work() as session:
        exports = queries.exports_of(session, caller().person_id)
    return render_template("privacy/index.html", exports=exports, did=request.args.get("did", ""))


@phone.get("/looks")
@permit(SIGNED_IN)
def looks() -> str:
    with unit_of_work() as session:
        rows, cursor = queries.looks_at(
            session, _registry(), person_id=caller().person_id, cursor=request.args.get("cursor")
        )
    more = url_for("privacy.looks", cursor=cursor) if cursor else ""
    return render_template("privacy/looks.html", looks=rows, more=more)


@phone.get("/agreements")
@permit(SIGNED_IN)
def agreements() -> str:
    with unit_of_work() as session:
        found = queries.agreements_of(session, _registry(), person_id=caller().person_id)
    return render_template("privacy/agreements.html", modules=found, did=request.args.get("did", ""))


@phone.post("/agreements/withdraw")
@permit(SIGNED_IN)
def withdraw() -> Any:
    with unit_of_work() as session:
        service.withdraw_agreement(
            session,
            by=caller(),
            module_key=request.form.get("module", ""),
            key=request.form.get("key", ""),
            registry=_registry(),
        )
    return redirect(url_for("privacy.agreements", did="withdrawn"), 303)


@phone.post("/exports")
@permit(SIGNED_IN)
def ask_export() -> Any:
    def work() -> Answer:
        service.ask_export(session, by=caller())
        return Answer(303, "", {"Location": url_for("privacy.index", did="asked")})

    with unit_of_work() as session:
        return http.once(session, work)


@phone.get("/exports/<copy_id>/file")
@permit(SIGNED_IN)
def export_file(copy_id: str) -> Response:
    """One's own only, and only until it expires: the link alone opens nothing."""
    with unit_of_work() as session:
        key = queries.export_file(session, person_id=caller().person_id, public_id=copy_id)
    try:
        with current_app.extensions["clients"].storage.open(key) as file:
            response = Response(file.read(), mimetype="application/json")
    except KeyNotFound:
        raise ExportExpired() from None
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
