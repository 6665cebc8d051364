"""Console: admission lists, from the upload to the yes."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.export import MIME
from app.kit.http import caller, permit
from app.platform.directory import queries as directory
from app.welcome import queries
from app.welcome.errors import FileMissing
from app.welcome.flows import imports as flow
from app.welcome.imports import report
from app.welcome.imports.columns import ADMISSIONS, BEDS
from app.welcome.models import IMPORT_LABELS, ImportStatus
from app.welcome.queries import claims, imports
from app.welcome.service import imports as service

desk = Blueprint("welcome_imports_desk", __name__, url_prefix="/desk/welcome/import")
IMPORT = "welcome.import"
LARGEST = 20 << 20
SORTS = ("problem", "new", "changed", "missing")


@desk.before_request
def _cap() -> None:
    request.max_content_length = LARGEST


@desk.get("")
@permit(IMPORT)
def index() -> Any:
    with unit_of_work() as session:
        season = queries.current_season(session)
        page = imports.latest_imports(session, season.id, request.args.get("cursor"))
        return render_template(
            "welcome/desk/imports.html",
            season=season,
            page=page,
            labels=IMPORT_LABELS,
            colleges=directory.org_units_of_kind(session, "college"),
            profiles=claims.profiles(session),
            people=directory.people(session, [row.uploaded_by_id for row in page.items]),
        )


@desk.get("/template.xlsx")
@permit(IMPORT)
def template() -> Response:
    if request.args.get("kind") == "beds":
        return _file(report.template(BEDS), "beds-template.xlsx")
    return _file(report.template(ADMISSIONS), "admissions-template.xlsx")


@desk.post("")
@permit(IMPORT)
def upload() -> Any:
    """The file is kept now and looked at by a worker; the answer is what to watch."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise FileMissing(details={"file": [FileMissing.msgid]})
    with unit_of_work() as session:
        season_id = queries.current_season(session).id
        colleges = {unit.id for unit in directory.org_units_of_kind(session, "college")}
        known = {profile.key for profile in claims.profiles(session)}
    college_id = request.form.get("college", 0, type=int)
    profile = request.form.get("profile", "")
    noted = flow.new_upload(
        cast(BinaryIO, file.stream),
        kind="beds" if request.form.get("kind") == "beds" else "admissions",
        name=file.filename,
        season_id=season_id,
        college_id=college_id if college_id in colleges else None,
        profile=profile if profile in known else "undergraduate",
        withdraws_missing=bool(request.form.get("withdraws_missing")),
        clients=current_app.extensions["clients"],
    )
    with unit_of_work() as session:
        import_id = service.note_upload(session, by=caller(), upload=noted)
    return _to(import_id)


@desk.get("/<import_id>")
@permit(IMPORT)
def show(import_id: str) -> str:
    """Asked for again each second by the page itself, while a worker is at it."""
    with unit_of_work() as session:
        return _page(session, import_id)


def _page(session: Session, import_id: str) -> str:
    found = service.import_of(session, import_id)
    part = "_import" if request.headers.get("HX-Request") else "import"
    ids = [found.uploaded_by_id, *filter(None, [found.confirmed_by_id])]
    return render_template(
        f"welcome/desk/{part}.html",
        one=found,
        labels=IMPORT_LABELS,
        lines={sort: imports.lines(session, found.id, sort) for sort in SORTS},
        people=directory.people(session, ids),
        mine=found.uploaded_by_id == caller().person_id,
        works=found.status in (ImportStatus.UPLOADED, ImportStatus.CONFIRMED),
    )


@desk.post("/<import_id>/confirm")
@permit(IMPORT)
def confirm(import_id: str) -> Any:
    with unit_of_work() as session:
        service.confirm(session, by=caller(), public_id=import_id)
    return _to(import_id)


@desk.post("/<import_id>/cancel")
@permit(IMPORT)
def cancel(import_id: str) -> Any:
    with unit_of_work() as session:
        service.cancel(session, by=caller(), public_id=import_id)
    return _to(import_id)


@desk.get("/<import_id>/problems.xlsx")
@permit(IMPORT)
def problems(import_id: str) -> Response:
    """The uploader's own rows with what is wrong beside them."""
    with unit_of_work() as session:
        found = service.import_of(session, import_id)
    given = flow.annotated(found, clients=current_app.extensions["clients"])
    return _file(given, "problems.xlsx")


def _to(import_id: str) -> Any:
    return redirect(url_for("welcome_imports_desk.show", import_id=import_id), 303)


def _file(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=MIME)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
