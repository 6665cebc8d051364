"""Console: public leave for a list, looked at before it is given."""

import re
from typing import Any, BinaryIO, cast

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import checked, told
from app.kit.http import caller, permit, sentence
from app.kit.id_numbers import person_number
from app.kit.idempotency import Answer as Reply
from app.kit.list_files import read_lists
from app.kit.workbook import Column, Sheet
from app.miniapps.leave import service
from app.miniapps.leave.errors import BatchWrong
from app.miniapps.leave.labels import STATUS_COLOURS, STATUS_LABELS
from app.miniapps.leave.queries import batches as queries
from app.miniapps.leave.queries.batches import Checked
from app.miniapps.leave.queries.units import with_parents
from app.miniapps.leave.schemas import WantedIn
from app.miniapps.leave.service import Wanted
from app.platform.directory import queries as directory

batches = Blueprint("leave_batches", __name__, url_prefix="/desk/leave/public")
PUBLIC = queries.PUBLIC
LARGEST = 2 << 20  # bytes of a file with numbers
NUMBERS = Sheet(
    "numbers", ("名单", "numbers"), (Column("number", ("学号", "XH"), person_number, True),), ("number",)
)
BREAKS = re.compile(r"[\s,，、;；]+")


@batches.before_request
def _cap() -> None:
    request.max_content_length = LARGEST


@batches.get("/")
@permit(PUBLIC)
def index() -> Any:
    with unit_of_work() as session:
        page = queries.batches_for(session, caller(), cursor=request.args.get("cursor"))
        return render_template(
            "leave/desk/batches.html",
            page=page,
            people=directory.people(session, {row.made_by_id for row in page.items}),
        )


@batches.get("/new")
@permit(PUBLIC)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, None, None)


@batches.post("/check")
@permit(PUBLIC)
def check() -> Any:
    """The list with what would become of each; nothing is written."""
    try:
        wanted = _wanted()
        with unit_of_work() as session:
            found = service.check_batch(session, by=caller(), wanted=wanted)
            return _form(session, None, found, wanted.numbers)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, error, None), error.status


@batches.post("/new")
@permit(PUBLIC)
def add() -> Any:
    """What was shown. If it has changed meanwhile it is shown again."""
    try:
        wanted = _wanted()

        def work() -> Reply:
            digest = request.form.get("digest", "")
            made = service.make_batch(session, by=caller(), wanted=wanted, digest=digest)
            return Reply(303, "", {"Location": url_for("leave_batches.show", batch_id=made.public_id)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _again(session, error), error.status


def _again(session: Session, problem: DomainError) -> str:
    try:
        wanted = _wanted()
        found = service.check_batch(session, by=caller(), wanted=wanted)
    except DomainError:
        return _form(session, problem, None)
    return _form(session, problem, found, wanted.numbers)


def _wanted() -> Wanted:
    return Wanted(numbers=_numbers(), **checked(WantedIn(), request.form))


def _numbers() -> list[str]:
    """Of the pasted text and the file, in their order. Raises what read_lists raises, and BatchWrong."""
    found = [part[:40] for part in BREAKS.split(request.form.get("numbers", "")[:40_000]) if part]
    file = request.files.get("file")
    if file is not None and file.filename:
        book = read_lists(cast(BinaryIO, file.stream), (NUMBERS,))
        if book.problems:
            raise BatchWrong(details={"file": [one.sentence() for one in book.problems[:5]]})
        found += [row.values["number"] for row in book.of(NUMBERS) if "number" in row.values]
    return found


def _form(session: Session, problem: DomainError | None, found: Checked | None, numbers: Any = ()) -> str:
    units = {one.student.unit_ids[0] for one in found.entries if one.student} if found else set()
    return render_template(
        "leave/desk/batch_new.html",
        typed=request.form,
        numbers="\n".join(numbers) or request.form.get("numbers", ""),
        found=found,
        units=with_parents(session, units),
        told=sentence(problem) if problem else "",
        errors=told(problem),
    )


@batches.get("/<batch_id>")
@permit(PUBLIC)
def show(batch_id: str) -> Any:
    with unit_of_work() as session:
        return _show(session, batch_id, None)


def _show(session: Session, batch_id: str, problem: DomainError | None) -> str:
    batch = queries.batch_for(session, caller(), batch_id)
    leaves = queries.leaves_in(session, batch.id)
    return render_template(
        "leave/desk/batch.html",
        batch=batch,
        leaves=leaves,
        people=directory.people(session, {one.person_id for one in leaves} | {batch.made_by_id}),
        units=directory.org_units(session, {one.class_id for one in leaves if one.class_id}),
        states=STATUS_LABELS,
        colours=STATUS_COLOURS,
        told=sentence(problem) if problem else "",
        errors=told(problem),
    )


@batches.post("/<batch_id>/revoke")
@permit(PUBLIC)
def revoke(batch_id: str) -> Any:
    try:
        with unit_of_work() as session:
            service.revoke_batch(
                session, by=caller(), batch_id=batch_id, reason=request.form.get("reason", "")
            )
    except DomainError as error:
        with unit_of_work() as session:
            return _show(session, batch_id, error), error.status
    return redirect(url_for("leave_batches.show", batch_id=batch_id), 303)


@batches.get("/<batch_id>/revoke")
@permit(PUBLIC)
def revoked(batch_id: str) -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("leave_batches.show", batch_id=batch_id))
