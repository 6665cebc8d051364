"""Console: the to-do centre beside its cases, approving a batch, what administrators do, and where cases wait."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Forbidden
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.approvals import service
from app.platform.approvals.errors import CaseMissing, PersonUnknown, TaskDoneAlready
from app.platform.approvals.pages.deeds import do
from app.platform.approvals.pages.showing import STATES, shown_case
from app.platform.approvals.queries import todo
from app.platform.approvals.queries.access import READ
from app.platform.approvals.queries.batch import MOST, batch, codes_waiting
from app.platform.approvals.queries.cases import CaseView, case_for
from app.platform.approvals.queries.definitions import latest
from app.platform.approvals.queries.people import ADMINISTER
from app.platform.approvals.queries.times import waits_of
from app.platform.directory import queries as directory

desk = Blueprint("approvals_desk", __name__, url_prefix="/desk/approvals")
OWN_DEEDS = ("approve", "reject", "claim", "unclaim", "return", "transfer", "delegate", "add")
RUNNING_DEEDS = ("comment", "copy", "jump", "terminate")
VIEWS: dict[str, Callable[..., Any]] = {
    "todo": todo.todo,
    "done": todo.done,
    "started": todo.started,
    "copied": todo.copied,
}


@desk.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    """The four lists of everybody; for administrators what is nobody's, for who may read all, all."""
    view, search = request.args.get("view", "todo"), request.args.get("q", "")[: todo.LONGEST_SEARCH]
    me = caller().person_id
    with unit_of_work() as session:
        page = _list(session, view, search)
        return render_template(
            "approvals/desk/index.html",
            page=page,
            view=view,
            search=search,
            code=request.args.get("code", ""),
            status=request.args.get("status", ""),
            names=directory.people(session, {row.starter_id for row in page.items}),
            counts={"todo": todo.todo_count(session, me), "copied": todo.unread(session, me)},
            batches=[one for one in codes_waiting(session, me) if one[2] > 1] if view == "todo" else [],
            definitions=latest(session) if view == "all" else [],
            states=STATES,
            me=me,
            may_read=caller().may(READ),
            may_administer=caller().may(ADMINISTER),
            chosen=request.args.get("case"),
            handed=request.args.get("handed", type=int),
        )


def _list(session: Session, view: str, search: str) -> Any:
    cursor, by = request.args.get("cursor"), caller()
    if view == "nobodys":
        if not by.may(ADMINISTER):
            raise Forbidden()
        return todo.nobodys(session, cursor=cursor)
    if view == "all":
        if not by.may(READ):
            raise Forbidden()
        code, status = request.args.get("code", ""), request.args.get("status", "")
        return todo.every(session, code=code, status=status, search=search, cursor=cursor)
    return VIEWS.get(view, todo.todo)(session, by.person_id, cursor=cursor, search=search, limit=50)


@desk.get("/cases/<case_id>")
@permit(SIGNED_IN)
def case(case_id: str) -> Any:
    """The panel beside the list, or a page of its own."""
    with unit_of_work() as session:
        return _case(session, case_id)


def _case(session: Session, case_id: str, problem: DomainError | None = None, deed: str = "") -> str:
    part = "_case" if request.headers.get("HX-Request") else "case"
    view = case_for(session, caller(), case_id)
    return render_template(
        f"approvals/desk/{part}.html",
        may_administer=caller().may(ADMINISTER),
        failed=_failed_form(view, deed),
        nodes=[
            (key, node.title) for key, node in view.definition.by_key.items() if hasattr(node, "approvers")
        ],
        **shown_case(session, view, problem),
    )


def _failed_form(view: CaseView, deed: str) -> str:
    """Which of the panel's forms was sent, if it is still on it: what went wrong is said there, else on top."""
    if view.task is not None and view.task.kind == "approve" and deed in OWN_DEEDS:
        return deed
    if deed == "assign":
        return next(
            (f"assign{one.seq}" for one in view.waiting if str(one.seq) == request.form.get("seq")), ""
        )
    return deed if view.is_running and deed in RUNNING_DEEDS else ""


@desk.post("/cases/<case_id>/<deed>")
@permit(SIGNED_IN)
def act(case_id: str, deed: str) -> Any:
    """One act; pressed twice it is one. htmx gets the panel anew and a hint to refresh the list.

    A refusal shows the case as it is now, with what was typed.
    """
    try:

        def work() -> Answer:
            do(session, case_for(session, caller(), case_id), deed)
            return Answer(303, "", {"Location": url_for("approvals_desk.index", case=case_id)})

        with unit_of_work() as session:
            done = http.once(session, work)
        return _panel_again(case_id) if request.headers.get("HX-Request") else done
    except DomainError as error:
        with unit_of_work() as session:
            return _case(session, case_id, error, deed), error.status


def _panel_again(case_id: str) -> Response:
    """Who has handed his task on may have nothing more to do with the case: then he is back at his list."""
    try:
        with unit_of_work() as session:
            response = make_response(_case(session, case_id))
    except CaseMissing:
        return Response(status=204, headers={"HX-Redirect": url_for("approvals_desk.index")})
    response.headers["HX-Trigger"] = "board:refresh"
    return response


@desk.get("/batch")
@permit(SIGNED_IN)
def show_batch() -> Any:
    """What waits for me of one definition: the exceptions on top and not chosen, the rest chosen."""
    return _batch(request.args.get("code", ""), [], 0)


def _batch(code: str, missed: list[tuple[str, str]], approved: int) -> str:
    me = caller().person_id
    with unit_of_work() as session:
        lines = batch(session, me, code)
        return render_template(
            "approvals/desk/batch.html",
            exceptions=[line for line in lines if line.why],
            rest=[line for line in lines if not line.why],
            names=directory.people(session, {line.starter_id for line in lines}),
            code=code,
            most=MOST,
            missed=missed,
            approved=approved,
        )


@desk.post("/batch")
@permit(SIGNED_IN)
def approve_batch() -> Any:
    """Each in a transaction of its own: one that can't be approved keeps no other back."""
    code, comment, by = request.form.get("code", ""), request.form.get("comment", ""), caller()
    with unit_of_work() as session:
        titles = {line.task_id: line.title for line in batch(session, by.person_id, code)}
    approved, missed = 0, []
    for task_id in [
        int(one) for one in request.form.getlist("ids")[:MOST] if one.isdecimal() and len(one) < 19
    ]:
        if task_id not in titles:
            missed.append(("", sentence(TaskDoneAlready())))
            continue
        try:
            with unit_of_work() as session:
                service.approve(session, by=by, task_id=task_id, comment=comment)
            approved += 1
        except DomainError as error:
            missed.append((titles.get(task_id, ""), sentence(error)))
    return _batch(code, missed, approved)


@desk.post("/hand-over")
@permit(ADMINISTER)
def hand_over() -> Any:
    """All that waits for one person to another: he leaves, or has other work."""
    with unit_of_work() as session:
        ids = [_numbered(session, name) for name in ("from", "to")]
        handed = service.hand_over(session, by=caller(), from_id=ids[0], to_id=ids[1])
    return redirect(url_for("approvals_desk.index", view="nobodys", handed=handed), 303)


def _numbered(session: Session, name: str) -> int:
    found = directory.find_person_by_number(session, request.form.get(name, "").strip())
    if found is None:
        raise PersonUnknown()
    return found.id


@desk.get("/times")
@permit(READ)
def times() -> Any:
    """How long each node takes, and what waits there now."""
    with unit_of_work() as session:
        known = latest(session)
        code = request.args.get("code") or (known[0].code if known else "")
        return render_template(
            "approvals/desk/times.html", known=known, code=code, waits=waits_of(session, code)
        )
