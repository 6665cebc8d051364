"""Phone: who acts for me while I am away."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from app.kit import clock, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.platform.approvals import service
from app.platform.approvals.errors import DeputyUnfit, PersonUnknown
from app.platform.approvals.queries.deputies import deputies_of
from app.platform.directory import queries as directory

deputies = Blueprint("approvals_deputies", __name__, url_prefix="/m/approvals/deputies")


@deputies.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    return _index(None)


def _index(problem: DomainError | None) -> str:
    with unit_of_work() as session:
        rows = deputies_of(session, caller().person_id)
        return render_template(
            "approvals/phone/deputies.html",
            rows=rows,
            names=directory.people(session, {one for row in rows for one in (row.person_id, row.deputy_id)}),
            me=caller().person_id,
            told=sentence(problem) if problem else "",
            errors=told(problem),
            typed=request.form,
        )


@deputies.post("/")
@permit(SIGNED_IN)
def add() -> Any:
    limits.hit(
        "approvals.deputy", str(caller().person_id), limit=20, seconds=86_400
    )  # a number names a person
    try:
        with unit_of_work() as session:
            person = directory.find_person_by_number(session, request.form.get("number", "").strip())
            if person is None:
                raise PersonUnknown(details={"number": [PersonUnknown.msgid]})
            service.set_deputy(
                session,
                by=caller(),
                deputy_id=person.id,
                starts_at=_moment("starts_at"),
                ends_at=_moment("ends_at"),
                reason=request.form.get("reason", ""),
            )
    except DomainError as error:
        return _index(error), error.status
    return redirect(url_for("approvals_deputies.index"), 303)


def _moment(name: str) -> datetime:
    try:
        found = datetime.fromisoformat(request.form.get(name, "")[:16])
        return found.replace(tzinfo=clock.SHANGHAI).astimezone(clock.UTC)
    except (ValueError, OverflowError):
        raise DeputyUnfit(details={name: [DeputyUnfit.msgid]}) from None


@deputies.post("/<int:deputy_id>/end")
@permit(SIGNED_IN)
def end(deputy_id: int) -> Any:
    with unit_of_work() as session:
        service.end_deputy(session, by=caller(), deputy_id=deputy_id)
    return redirect(url_for("approvals_deputies.index"), 303)
