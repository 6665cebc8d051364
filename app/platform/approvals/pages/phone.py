"""Phone: what waits for me, what I did, what I started, what was copied to me; and one case."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit
from app.kit.idempotency import Answer
from app.platform.approvals.pages.deeds import do
from app.platform.approvals.pages.showing import STATES, shown_case
from app.platform.approvals.queries import todo
from app.platform.approvals.queries.cases import case_for
from app.platform.approvals.queries.deputies import approves
from app.platform.directory import queries as directory

phone = Blueprint("approvals", __name__, url_prefix="/m/approvals")

LISTS: dict[str, Callable[..., Any]] = {
    "todo": todo.todo,
    "done": todo.done,
    "started": todo.started,
    "copied": todo.copied,
}


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    tab = request.args.get("tab", "todo")
    tab = tab if tab in LISTS else "todo"
    me, search = caller().person_id, request.args.get("q", "")
    with unit_of_work() as session:
        page = LISTS[tab](session, me, cursor=request.args.get("cursor"), search=search)
        return render_template(
            "approvals/phone/index.html",
            chosen=tab,
            page=page,
            search=search,
            names=directory.people(session, {row.starter_id for row in page.items}),
            counts={"todo": todo.todo_count(session, me), "copied": todo.unread(session, me)},
            states=STATES,
            has_deputies=tab == "todo" and approves(session, caller()),
            me=me,
        )


@phone.get("/<case_id>")
@permit(SIGNED_IN)
def case(case_id: str) -> Any:
    with unit_of_work() as session:
        return _case(session, case_id)


def _case(session: Session, case_id: str, problem: DomainError | None = None, deed: str = "") -> str:
    view = case_for(session, caller(), case_id)
    return render_template("approvals/phone/case.html", failed=deed, **shown_case(session, view, problem))


@phone.post("/<case_id>/<deed>")
@permit(SIGNED_IN)
def act(case_id: str, deed: str) -> Any:
    """One act; pressed twice it is one. A refusal shows the case as it is now, with what was typed."""
    try:

        def work() -> Answer:
            do(session, case_for(session, caller(), case_id), deed)
            return Answer(303, "", {"Location": url_for("approvals.case", case_id=case_id, did=deed)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _case(session, case_id, error, deed), error.status


@phone.get("/<case_id>/<deed>")
@permit(SIGNED_IN)
def acted(case_id: str, deed: str) -> Any:
    """A page that answered a form, loaded again."""
    del deed
    return redirect(url_for("approvals.case", case_id=case_id))
