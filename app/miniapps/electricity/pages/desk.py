"""Console: cases, how the systems run, volumes, rooms without a match, requests."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, export
from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.kit.paging import MAX_LIMIT
from app.miniapps.electricity import service
from app.miniapps.electricity.models import CASE_KINDS, CASE_LABELS, TOP_UP_LABELS, CaseKind, CaseStatus
from app.miniapps.electricity.pages import steps
from app.miniapps.electricity.queries import desk as queries
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy

desk = Blueprint("electricity_desk", __name__, url_prefix="/desk/electricity")


@desk.get("/")
@permit("electricity.read")
def cases() -> Any:
    answered = request.args.get("view") == "answered"
    with unit_of_work() as session:
        page = queries.cases(session, answered=answered, cursor=request.args.get("cursor"))
        return render_template(
            "electricity/desk/cases.html",
            page=page,
            places=directory.places(session, [row.room_id for row in page.items]),
            people=_people(session, page.items),
            kinds=CASE_KINDS,
            labels=CASE_LABELS,
            answered=answered,
            count=queries.open_cases(session, caller()),
            chosen=request.args.get("case"),
        )


def _people(session: Session, rows: Any) -> Any:
    ids = [row.opened_by_id for row in rows] + [row.owner_id for row in rows if row.owner_id]
    return directory.people(session, ids)


@desk.get("/cases/<case_id>")
@permit("electricity.read")
def case(case_id: str) -> Any:
    part = "_case" if request.headers.get("HX-Request") else "case"
    with unit_of_work() as session:
        return _panel(session, case_id, part)


def _panel(session: Session, case_id: str, part: str) -> str:
    view = queries.case_view(session, case_id)
    return render_template(
        f"electricity/desk/{part}.html",
        view=view,
        case=view.case,
        t=view.top_up,
        kinds=CASE_KINDS,
        labels=CASE_LABELS,
        top_up_labels=TOP_UP_LABELS,
        may_settle=caller().may("electricity.settle"),
        history=steps.timeline_of(view.order) if view.order else [],
    )


@desk.post("/cases/<case_id>/<deed>")
@permit("electricity.settle")
def act(case_id: str, deed: str) -> Any:
    """take, or answer with words."""
    by = caller()
    with unit_of_work() as session:
        if deed == "take":
            service.take_case(session, by=by, case_id=case_id)
        else:
            service.answer_case(session, by=by, case_id=case_id, answer=request.form.get("answer", ""))
    if not request.headers.get("HX-Request"):
        return redirect(url_for("electricity_desk.case", case_id=case_id), 303)
    with unit_of_work() as session:
        response = make_response(_panel(session, case_id, "_case"))
    response.headers["HX-Trigger"] = "board:refresh"
    return response


@desk.get("/running")
@permit("electricity.read")
def running() -> Any:
    """How each system answers, what waits, and the volumes of a month."""
    with unit_of_work() as session:
        volumes = queries.volumes(session)
        return render_template(
            "electricity/desk/running.html",
            systems=queries.systems(session),
            volumes=volumes,
            most=max((volume.fen for volume in volumes), default=0),
            now=clock.now(),
        )


@desk.get("/rooms")
@permit("electricity.read")
def unmatched() -> Any:
    with unit_of_work() as session:
        return render_template(
            "electricity/desk/rooms.html",
            of_vendors=queries.unmatched_of_vendors(session),
            of_directory=queries.unmatched_of_directory(session),
        )


@desk.get("/requests")
@permit("electricity.consent")
def requests() -> Any:
    with unit_of_work() as session:
        return render_template("electricity/desk/requests.html", requests=queries.requests(session, caller()))


@desk.post("/requests/<binding_id>/<deed>")
@permit("electricity.consent")
def decide(binding_id: str, deed: str) -> Any:
    with unit_of_work() as session:
        service.decide_request(session, by=caller(), binding_id=binding_id, accepts=deed == "accept")
    return redirect(url_for("electricity_desk.requests"), 303)


@desk.get("/cases.xlsx")
@permit("electricity.read")
def export_cases() -> Response:
    """The list as it is filtered, to its end."""
    answered = request.args.get("view") == "answered"

    def rows() -> Iterator[Any]:
        cursor = None
        with unit_of_work() as session:
            while True:
                page = queries.cases(session, answered=answered, cursor=cursor, limit=MAX_LIMIT)
                places = directory.places(session, [row.room_id for row in page.items])
                people = _people(session, page.items)
                yield from ((row, places[row.room_id], people) for row in page.items)
                if page.next_cursor is None:
                    return
                cursor = page.next_cursor

    named: set[int] = set()
    response = export.xlsx_response(
        "电费问题", CASES, export.noting(rows(), named, lambda row: row[0].opened_by_id)
    )
    with unit_of_work() as session:
        privacy.note_list(session, by=caller(), reason="electricity.cases", person_ids=named)
    return response


@desk.get("/volumes.xlsx")
@permit("electricity.read")
def export_volumes() -> Response:
    with unit_of_work() as session:
        rows = queries.volumes(session, days=400)
    return export.xlsx_response("电费充值量", VOLUMES, rows)


CASES = (
    export.Column("问题", lambda row: CASE_KINDS[CaseKind(row[0].kind)]),
    export.Column("状态", lambda row: CASE_LABELS[CaseStatus(row[0].status)]),
    export.Column("房间", lambda row: row[1].text, 28),
    export.Column("金额（元）", lambda row: row[0].fen / 100),
    export.Column("提出人", lambda row: row[2][row[0].opened_by_id].name),
    export.Column("说明", lambda row: row[0].note, 48),
    export.Column("提出时间", lambda row: row[0].opened_at, 18),
    export.Column("答复", lambda row: row[0].answer, 48),
    export.Column("答复时间", lambda row: row[0].answered_at, 18),
)
VOLUMES = (
    export.Column("日期", lambda row: row.day),
    export.Column("笔数", lambda row: row.count),
    export.Column("金额（元）", lambda row: row.fen / 100),
)
