"""Console pages: the board with its panel, a caller's report, the archive, door labels."""

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, export, http
from app.kit.db import unit_of_work
from app.kit.errors import Conflict, DomainError
from app.kit.http import caller, permit
from app.kit.idempotency import Answer
from app.kit.paging import MAX_LIMIT
from app.platform.directory import queries as directory
from app.platform.files import queries as files
from app.platform.identity import queries as identity
from app.repairs import labels, queries, service
from app.repairs.api import report_from
from app.repairs.pages.phone import form_values, loaded
from app.repairs.schemas import ActIn, SubmitForCallerIn

desk = Blueprint("repairs_desk", __name__, url_prefix="/desk/repairs")


def _filters() -> dict[str, Any]:
    args = request.args
    return {
        "view": args.get("view", "open"),
        "team_id": args.get("team_id", type=int),
        "building_id": args.get("building_id", type=int),
        "overdue": args.get("overdue") == "1",
    }


@desk.get("/")
@permit("repairs.read_board")
def board() -> Any:
    """Open tickets, the next deadline first; `ticket` opens one beside the list."""
    by = caller()
    with unit_of_work() as session:
        page = queries.board(session, by, **_filters(), cursor=request.args.get("cursor"))
        return render_template(
            "repairs/desk/board.html",
            page=page,
            people=_workers_of(session, page.items),
            counts=queries.board_counts(session, by),
            views=queries.BOARD_VIEWS,
            teams=directory.teams(session),
            workers=queries.workers_in_reach(session, by) if by.may("repairs.dispatch") else [],
            filters=_filters(),
            labels=queries.LABELS,
            may_dispatch=by.may("repairs.dispatch"),
            chosen=request.args.get("ticket"),
            sent=request.args.get("sent", type=int),
            missed=request.args.get("missed", 0, type=int),
        )


def _workers_of(session: Session, rows: Any) -> Any:
    return directory.people(session, [row.worker_id for row in rows if row.worker_id])


@desk.get("/search")
@permit("repairs.read_board")
def search() -> Any:
    text = request.args.get("q", "")
    with unit_of_work() as session:
        rows = queries.search(session, caller(), text)
        people = _workers_of(session, rows)
        return render_template(
            "repairs/desk/search.html", rows=rows, people=people, q=text, labels=queries.LABELS
        )


@desk.get("/archive")
@permit("repairs.read_board")
def archive() -> Any:
    status = request.args.get("status") or None
    with unit_of_work() as session:
        page = queries.archive(session, caller(), status=status, cursor=request.args.get("cursor"))
        return render_template(
            "repairs/desk/archive.html",
            page=page,
            people=_workers_of(session, page.items),
            labels=queries.LABELS,
            status=status or "",
        )


@desk.get("/tickets/<ticket_id>")
@permit("repairs.read_board")
def ticket(ticket_id: str) -> Any:
    """The panel beside the list, or a page of its own."""
    part = "_panel" if request.headers.get("HX-Request") else "ticket"
    with unit_of_work() as session:
        return _panel(session, ticket_id, part)


def _panel(session: Session, ticket_id: str, part: str, phone: str = "") -> str:
    by = caller()
    view = queries.ticket_for(session, by, ticket_id)
    photo_ids = [id_ for ids in view.photos.values() for id_ in ids]
    needs_workers = {action.key for action in view.actions} & {"dispatch", "reassign"}
    return render_template(
        f"repairs/desk/{part}.html",
        view=view,
        t=view.ticket,
        photo_urls=files.photo_urls(session, photo_ids),
        workers=queries.workers_for(session, by, view.ticket) if needs_workers else [],
        reasons={kind: queries.reasons(session, kind) for kind in ("reject", "hold", "reassign")},
        follows=_follows(session, view.ticket.reporter_id),
        has_phone=queries.has_phone(session, view.ticket),
        phone=phone,
    )


def _follows(session: Session, person_id: int) -> bool:
    openid = identity.openid_of(session, person_id)
    return openid is not None and openid.is_following


@desk.post("/tickets/<ticket_id>/phone")
@permit("repairs.dispatch")
def reveal(ticket_id: str) -> Any:
    """The number to call, shown once and written down in the audit."""
    with unit_of_work() as session:
        phone = service.reveal_phone(session, by=caller(), ticket_id=ticket_id)
        return _panel(session, ticket_id, "_panel", phone=phone)


@desk.post("/tickets/<ticket_id>/<action>")
@permit("repairs.read_board")
def act(ticket_id: str, action: str) -> Any:
    """Any action of the table. htmx gets the panel anew and a hint to refresh the list."""
    data = loaded(ActIn(), request.form)
    with unit_of_work() as session:
        service.act_on(session, by=caller(), ticket_id=ticket_id, action=action, data=data)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("repairs_desk.ticket", ticket_id=ticket_id), 303)
    with unit_of_work() as session:
        response = make_response(_panel(session, ticket_id, "_panel"))
    response.headers["HX-Trigger"] = "board:refresh"
    return response


@desk.post("/dispatch-many")
@permit("repairs.dispatch")
def dispatch_many() -> Any:
    """One worker for all chosen tickets; those that somebody else moved meanwhile stay as they are."""
    data = {"worker_id": request.form.get("worker_id", type=int), "note": "", "version": None}
    sent = missed = 0
    for ticket_id in request.form.getlist("ids")[:50]:
        try:
            with unit_of_work() as session:
                service.act_on(session, by=caller(), ticket_id=ticket_id, action="dispatch", data=data)
            sent += 1
        except Conflict:
            missed += 1
    return redirect(url_for("repairs_desk.board", sent=sent, missed=missed), 303)


@desk.get("/rooms")
@permit("repairs.dispatch")
def rooms() -> Any:
    """The rooms of a building, as options (htmx)."""
    building_id = request.args.get("building_id", type=int)
    with unit_of_work() as session:
        found = directory.rooms(session, building_id) if building_id else []
    return render_template("repairs/desk/_rooms.html", rooms=found)


@desk.get("/new")
@permit("repairs.dispatch")
def new() -> Any:
    return _caller_form({}, None)


def _caller_form(values: dict[str, Any], problem: DomainError | None) -> Any:
    with unit_of_work() as session:
        building_id = str(values.get("building_id") or "")
        return render_template(
            "repairs/desk/new.html",
            trades=queries.categories(session),
            buildings=directory.buildings(session),
            rooms=directory.rooms(session, int(building_id)) if building_id.isdigit() else [],
            values=values,
            problem=problem,
            errors=(problem.details if problem else None) or {},
            key=values.get("_key") or secrets.token_urlsafe(16),
        )


@desk.post("/new")
@permit("repairs.dispatch")
def submit() -> Any:
    """代报, in 15 seconds: phone, place, fault."""
    by = caller()
    try:
        data = loaded(SubmitForCallerIn(), request.form)
        who = service.PhoneCaller(data["caller_phone"], data["caller_name"], data["caller_number"])

        def work() -> Answer:
            report = report_from(session, data | {"phone": who.phone}, "caller")
            ticket = service.submit_for_caller(session, by=by, report=report, caller=who)
            target = url_for("repairs_desk.board", ticket=ticket.public_id)
            return Answer(303, "", {"Location": target})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        return _caller_form(form_values(request.form), error), error.status


@desk.get("/export.xlsx")
@permit("repairs.read_board")
def export_board() -> Response:
    """The board as it is filtered, to its end."""

    def rows() -> Any:
        cursor = None
        with unit_of_work() as session:
            while True:
                page = queries.board(session, caller(), **_filters(), cursor=cursor, limit=MAX_LIMIT)
                people = directory.people(session, [row.worker_id for row in page.items if row.worker_id])
                yield from ((row, people.get(row.worker_id)) for row in page.items)
                if page.next_cursor is None:
                    return
                cursor = page.next_cursor

    return export.xlsx_response("报修单", EXPORT, rows())


EXPORT = (
    export.Column("单号", lambda pair: pair[0].number),
    export.Column("状态", lambda pair: queries.LABELS[pair[0].status]),
    export.Column("地点", lambda pair: pair[0].place_text, 28),
    export.Column("故障", lambda pair: pair[0].category_name),
    export.Column("描述", lambda pair: pair[0].detail, 48),
    export.Column("紧急", lambda pair: pair[0].priority == "urgent", 8),
    export.Column("师傅", lambda pair: pair[1].name if pair[1] else ""),
    export.Column("报修时间", lambda pair: pair[0].created_at, 18),
    export.Column("下一时限", lambda pair: pair[0].next_due_at, 18),
)


@desk.get("/doors")
@permit("repairs.manage_doors")
def doors() -> Any:
    """Buildings and their door codes."""
    with unit_of_work() as session:
        return render_template(
            "repairs/desk/doors.html",
            buildings=directory.buildings(session),
            counts=queries.door_counts(session),
        )


@desk.post("/doors/<int:building_id>/issue")
@permit("repairs.manage_doors")
def issue(building_id: int) -> Any:
    with unit_of_work() as session:
        service.issue_door_codes(session, by=caller(), building_id=building_id)
    return redirect(url_for("repairs_desk.doors"), 303)


@desk.get("/doors/<int:building_id>/labels.pdf")
@permit("repairs.manage_doors")
def door_labels(building_id: int) -> Response:
    """Sheets of labels for a building or one of its floors."""
    config = current_app.config
    with unit_of_work() as session:
        chosen = queries.door_labels(session, building_id, request.args.get("floor", type=int))
        printed_by = directory.person(session, caller().person_id).name or ""
    pdf = labels.door_label_sheet(
        chosen,
        base_url=config["BASE_URL"],
        school_name=config["SCHOOL_NAME"],
        hotline=config["HOTLINE"],
        printed_by=printed_by,
        printed_at=clock.now(),
    )
    return Response(pdf, mimetype="application/pdf")
