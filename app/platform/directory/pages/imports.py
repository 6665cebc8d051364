"""Console: lists from the upload to the yes, the same at each desk that a module declares."""

import functools
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.export import MIME
from app.kit.http import caller, permit
from app.kit.i18n import N_
from app.kit.list_reports import template as filled_template
from app.kit.lists import ListDesk
from app.platform.directory import queries as directory
from app.platform.directory.errors import FileMissing, ScopeUnknown
from app.platform.directory.flows import imports as flow
from app.platform.directory.models import IMPORT_LABELS, ImportStatus
from app.platform.directory.queries import imports
from app.platform.directory.service import imports as service

LARGEST = 20 << 20
SORTS = ("problem", "new", "changed", "missing")


def blueprint_of(module: str, desk: ListDesk) -> Blueprint:
    """The pages of one desk, under its address and permission."""
    blueprint = Blueprint(f"{module}_imports_desk", __name__, url_prefix=desk.url)
    blueprint.before_request(_cap)
    for rule, method, view in (
        ("", "GET", index),
        ("", "POST", upload),
        ("/template.xlsx", "GET", template),
        ("/<import_id>", "GET", show),
        ("/<import_id>/confirm", "POST", confirm),
        ("/<import_id>/cancel", "POST", cancel),
        ("/<import_id>/problems.xlsx", "GET", problems),
    ):
        guarded = permit(desk.permission)(functools.partial(view, desk))
        blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
    return blueprint


def _cap() -> None:
    request.max_content_length = LARGEST


def index(desk: ListDesk) -> Any:
    with unit_of_work() as session:
        within = desk.within(session)
        page = imports.latest_imports(session, desk.key, within, request.args.get("cursor"))
        return render_template(
            "directory/desk/imports.html",
            desk=desk,
            page=page,
            labels=IMPORT_LABELS,
            kinds={kind.key: kind.title for kind in desk.kinds},
            choices=desk.choices(session),
            people=directory.people(session, [row.uploaded_by_id for row in page.items]),
        )


def template(desk: ListDesk) -> Response:
    kind = desk.kind(request.args.get("kind", "")) or desk.kinds[0]
    return _file(filled_template(kind.sheets, kind.example), f"{kind.key}-template.xlsx")


def upload(desk: ListDesk) -> Any:
    """The file is kept now and looked at by a worker; the answer is what to watch."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise FileMissing(details={"file": [FileMissing.msgid]})
    kind = desk.kind(request.form.get("kind", desk.kinds[0].key))
    if kind is None:
        raise ScopeUnknown(label=N_("名单"))
    with unit_of_work() as session:
        scope = _scope(session, desk)
    key, digest, size = flow.keep(cast(BinaryIO, file.stream), clients=current_app.extensions["clients"])
    noted = service.Upload(
        desk=desk.key,
        kind=kind.key,
        scope=scope,
        withdraws_missing=bool(request.form.get("withdraws_missing")),
        file_key=key,
        file_name=file.filename[:200],
        sha256=digest,
        size=size,
    )
    with unit_of_work() as session:
        import_id = service.note_upload(session, by=caller(), upload=noted)
    return _to(import_id)


def _scope(session: Session, desk: ListDesk) -> dict[str, Any]:
    """What the form declares, each part out of its options."""
    scope = desk.within(session)
    for choice in desk.choices(session):
        value = request.form.get(choice.field, choice.value)
        if value not in {option for option, _title in choice.options}:
            raise ScopeUnknown(label=choice.label)
        scope[choice.field] = value
    return scope


def show(desk: ListDesk, import_id: str) -> str:
    """Asked for again each second by the page itself, while a worker is at it."""
    part = "_import" if request.headers.get("HX-Request") else "import"
    with unit_of_work() as session:
        found = service.import_of(session, desk.key, import_id)
        ids = [found.uploaded_by_id, *filter(None, [found.confirmed_by_id])]
        return render_template(
            f"directory/desk/{part}.html",
            desk=desk,
            one=found,
            labels=IMPORT_LABELS,
            declared=_declared(session, desk, found),
            lines={sort: imports.lines(session, found.id, sort) for sort in SORTS},
            people=directory.people(session, ids),
            mine=found.uploaded_by_id == caller().person_id,
            works=found.status in (ImportStatus.UPLOADED, ImportStatus.CONFIRMED),
        )


def _declared(session: Session, desk: ListDesk, found: Any) -> list[tuple[str, str]]:
    """What kind of list it is and what it claims to be complete for, in words."""
    kind = desk.kind(found.kind)
    said = [("", kind.title if kind else found.kind)]
    for choice in desk.choices(session):
        titles = dict(choice.options)
        said.append((choice.label, titles.get(str(found.scope.get(choice.field, "")), "—")))
    return said


def confirm(desk: ListDesk, import_id: str) -> Any:
    with unit_of_work() as session:
        service.confirm(session, by=caller(), desk=desk.key, public_id=import_id)
    return _to(import_id)


def cancel(desk: ListDesk, import_id: str) -> Any:
    with unit_of_work() as session:
        service.cancel(session, by=caller(), desk=desk.key, public_id=import_id)
    return _to(import_id)


def problems(desk: ListDesk, import_id: str) -> Response:
    """The uploader's own rows with what is wrong beside them."""
    with unit_of_work() as session:
        found = service.import_of(session, desk.key, import_id)
    return _file(flow.annotated(found, clients=current_app.extensions["clients"]), "problems.xlsx")


def _to(import_id: str) -> Any:
    return redirect(url_for(".show", import_id=import_id), 303)


def _file(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=MIME)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
