"""Console: definitions are uploaded, looked at as a picture, tried, compared, and published by a second person."""

import json
import re
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import caller, permit, sentence
from app.platform.approvals import service
from app.platform.approvals.definition import Definition as Tree
from app.platform.approvals.definition import parse
from app.platform.approvals.definition.samples import sample_forms
from app.platform.approvals.errors import BodyUnreadable, CodeWrong, DefinitionFaulty, PersonUnknown
from app.platform.approvals.models import Definition
from app.platform.approvals.pages.deeds import given
from app.platform.approvals.queries import definitions as queries
from app.platform.approvals.queries.access import READ
from app.platform.approvals.queries.people import resolver_titles
from app.platform.approvals.service.definitions import DESIGN, MOST_BYTES, PUBLISH
from app.platform.approvals.service.forms import check_form
from app.platform.directory import queries as directory

definitions = Blueprint("approvals_definitions", __name__, url_prefix="/desk/approvals/definitions")
NOT_TYPED = ("files", "person", "people", "unit")
CODE = re.compile(r"[a-z][a-z0-9_.]{0,59}")


@definitions.get("/")
@permit(READ)
def index() -> Any:
    return _index(None)


def _index(problem: DomainError | None) -> str:
    with unit_of_work() as session:
        return render_template(
            "approvals/desk/definitions.html",
            known=queries.latest(session),
            may_design=caller().may(DESIGN),
            told=sentence(problem) if problem else "",
            errors=told(problem),
            faults=(problem.details or {}) if isinstance(problem, DefinitionFaulty) else {},
            typed=request.form,
        )


@definitions.post("/")
@permit(DESIGN)
def upload() -> Any:
    """A file or the text itself; every fault is told by place, and nothing typed is lost."""
    try:
        code, body = request.form.get("code", "").strip(), _body()
        if not CODE.fullmatch(code):
            raise CodeWrong(details={"code": [CodeWrong.msgid]})
        with unit_of_work() as session:
            made = service.upload(session, by=caller(), code=code, body=body)
            return redirect(url_for("approvals_definitions.version", definition_id=made.id), 303)
    except DomainError as error:
        return _index(error), error.status


def _body() -> Any:
    file = request.files.get("file")
    raw = (
        file.stream.read(MOST_BYTES + 1) if file and file.filename else request.form.get("body", "").encode()
    )
    if len(raw) > MOST_BYTES:
        raise BodyUnreadable(why=f"超过 {MOST_BYTES // 1000} KB")
    try:
        found = json.loads(raw)
        if "\\u0000" in json.dumps(found, ensure_ascii=False, allow_nan=False).encode().decode():
            raise ValueError("NUL")
        return found
    except (ValueError, RecursionError) as error:
        where = (
            f"第 {error.lineno} 行第 {error.colno} 列"
            if isinstance(error, json.JSONDecodeError)
            else "读不出来"
        )
        raise BodyUnreadable(why=where) from None


@definitions.get("/<int:definition_id>")
@permit(READ)
def version(definition_id: int) -> Any:
    with unit_of_work() as session:
        return _version(session, definition_id, None)


def _version(session: Session, definition_id: int, problem: DomainError | None) -> str:
    found = queries.version_for(session, definition_id)
    published = queries.published_of(session, found.code)
    people = {one for one in (found.made_by_id, found.published_by_id) if one is not None}
    tree = parse(found.body)
    is_compared = published is not None and published.id != found.id
    return render_template(
        "approvals/desk/definition.html",
        d=found,
        tree=tree,
        resolvers=resolver_titles(),
        versions=queries.versions_of(session, found.code),
        findings=[(one, _filled(tree, one["form"])) for one in (found.lint or {}).get("findings", [])],
        changes=queries.changes(published.body, found.body) if published and is_compared else [],
        is_compared=is_compared,
        names=directory.people(session, people),
        may_design=caller().may(DESIGN),
        may_publish=caller().may(PUBLISH),
        told=sentence(problem) if problem else "",
        errors=told(problem),
        typed=request.values,
        path=_path(session, found) if request.args.get("number") and problem is None else None,
    )


def _filled(tree: Tree, form: dict[str, Any]) -> str:
    """What of a sample form is not the plainest, in words."""
    plain = sample_forms(tree)[0]
    told = [
        f"{one.title} {form[one.name]}" for one in tree.fields if form.get(one.name) != plain.get(one.name)
    ]
    return "；".join(told)


def _path(session: Session, found: Definition) -> Any:
    """Who would see it: for a person named by number and the form that was filled in."""
    tree = parse(found.body)
    person = directory.find_person_by_number(session, request.args.get("number", "").strip())
    if person is None:
        raise PersonUnknown(details={"number": [PersonUnknown.msgid]})
    form = {one.name: given(one, request.args) for one in tree.fields}
    form = {name: value for name, value in form.items() if value is not None}
    return service.simulate_body(session, tree, code=found.code, starter_id=person.id, form=form)


@definitions.get("/<int:definition_id>/try")
@permit(READ)
def attempt(definition_id: int) -> Any:
    """The same page with the path that this person's case would take. Writes nothing."""
    try:
        with unit_of_work() as session:
            tree = _typed_part(parse(queries.version_for(session, definition_id).body))
            filled = {one.name: given(one, request.args) for one in tree.fields}
            check_form(tree, {name: value for name, value in filled.items() if value is not None})
            return _version(session, definition_id, None)
    except DomainError as error:
        with unit_of_work() as session:
            return _version(session, definition_id, error), error.status


def _typed_part(tree: Tree) -> Tree:
    """With the fields that this page can ask for: nobody uploads a file to try a chain."""
    return replace(tree, fields=tuple(one for one in tree.fields if one.type not in NOT_TYPED))


@definitions.get("/<int:definition_id>/body.json")
@permit(READ)
def body(definition_id: int) -> Response:
    """The body as a file, to be changed and uploaded as the next version."""
    with unit_of_work() as session:
        found = queries.version_for(session, definition_id)
        text = json.dumps(found.body, ensure_ascii=False, indent=1)
        name = f"{found.code}-v{found.version}.json"
    return Response(
        text, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@definitions.post("/<int:definition_id>/propose")
@permit(DESIGN)
def propose(definition_id: int) -> Any:
    return _do(definition_id, service.propose)


@definitions.post("/<int:definition_id>/withdraw")
@permit(DESIGN)
def withdraw(definition_id: int) -> Any:
    return _do(definition_id, service.withdraw_proposal)


@definitions.post("/<int:definition_id>/publish")
@permit(PUBLISH)
def publish(definition_id: int) -> Any:
    knows = bool(request.form.get("knows_findings"))
    return _do(definition_id, lambda session, **more: service.publish(session, knows_findings=knows, **more))


def _do(definition_id: int, use_case: Any) -> Any:
    try:
        with unit_of_work() as session:
            use_case(session, by=caller(), definition_id=definition_id)
    except DomainError as error:
        with unit_of_work() as session:
            return _version(session, definition_id, error), error.status
    return redirect(url_for("approvals_definitions.version", definition_id=definition_id), 303)
