"""Console: who has not come and is not excused, and what was done about it."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, export, http
from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.kit.idempotency import Answer
from app.kit.paging import MAX_LIMIT
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy
from app.welcome.errors import ReasonNeeded
from app.welcome.models import CONTACT_OUTCOMES, STATUS_LABELS, AdmissionStatus
from app.welcome.queries import absent as queries
from app.welcome.queries.admissions import admission_for, current_season
from app.welcome.service import absent as service

desk = Blueprint("welcome_absent_desk", __name__, url_prefix="/desk/welcome/absent")
FOLLOW_UP = "welcome.follow_up"


@desk.get("")
@permit(FOLLOW_UP)
def index() -> Any:
    with unit_of_work() as session:
        given = _filters()
        page = queries.absent(session, caller(), cursor=request.args.get("cursor"), **given)
        colleges, classes = queries.units_of(session, caller())
        return render_template(
            "welcome/desk/absent.html",
            page=page,
            people=directory.people(session, [row.person_id for row in page.items]),
            units=dict(colleges) | {key: name for key, name, _ in classes},
            colleges=colleges,
            classes=[one for one in classes if given["college_id"] in (None, one[2])],
            given=given,
            counts=queries.absent_counts(session, caller()),
            views=queries.VIEWS,
            labels=STATUS_LABELS,
            season=current_season(session),
        )


def _filters() -> dict[str, Any]:
    status = request.values.get("status", "admitted")
    return {
        "status": status if status in queries.VIEWS else "admitted",
        "college_id": request.values.get("college_id", type=int),
        "class_id": request.values.get("class_id", type=int),
    }


@desk.get("/<admission_id>")
@permit(FOLLOW_UP)
def person(admission_id: str) -> Any:
    with unit_of_work() as session:
        return _panel(session, admission_id)


def _panel(session: Session, admission_id: str) -> str:
    admission = admission_for(session, caller(), FOLLOW_UP, admission_id)
    contacts = queries.contacts_of(session, admission.id)
    return render_template(
        "welcome/desk/_absent.html" if request.headers.get("HX-Request") else "welcome/desk/absent_one.html",
        admission=admission,
        person=directory.person(session, admission.person_id),
        college=directory.unit(session, admission.college_id),
        contacts=contacts,
        who=directory.people(session, {row.by_id for row in contacts}),
        outcomes=CONTACT_OUTCOMES,
        labels=STATUS_LABELS,
        decisions=[key for key in queries.VIEWS if key != admission.status],
    )


@desk.post("/<admission_id>/contacts")
@permit(FOLLOW_UP)
def note_contact(admission_id: str) -> Any:
    def work() -> Answer:
        form = request.form
        service.note_contact(
            session,
            by=caller(),
            admission_id=admission_id,
            outcome=form.get("outcome", ""),
            note=form.get("note", ""),
        )
        return Answer(204, "")

    with unit_of_work() as session:
        http.once(session, work)
    return _answer(admission_id)


@desk.post("/<admission_id>/decide")
@permit(FOLLOW_UP)
def decide(admission_id: str) -> Any:
    form = request.form
    with unit_of_work() as session:
        service.decide_absence(
            session,
            by=caller(),
            admission_id=admission_id,
            seen=form.get("seen", ""),
            decision=form.get("decision", ""),
            reason=form.get("reason", ""),
        )
    return _answer(admission_id)


def _answer(admission_id: str) -> Any:
    if not request.headers.get("HX-Request"):
        return redirect(url_for("welcome_absent_desk.person", admission_id=admission_id), 303)
    with unit_of_work() as session:
        response = make_response(_panel(session, admission_id))
    response.headers["HX-Trigger"] = "board:refresh"
    return response


@desk.post("/export.xlsx")
@permit(FOLLOW_UP)
def export_absent() -> Response:
    """The list as it is filtered, to its end; every line says who took it, when and what for."""
    reason, by, given = request.form.get("reason", "").strip(), caller(), _filters()
    if not 4 <= len(reason) <= 100:
        raise ReasonNeeded(details={"reason": [ReasonNeeded.msgid]})
    with unit_of_work() as session:
        who = directory.person(session, by.person_id).name
        audit.record(
            session,
            by=by,
            action="welcome.absent_exported",
            object_type="season",
            object_id=current_season(session).id,
            fields=(given["status"],),
        )
    mark = f"{who} {clock.local(clock.now()):%Y-%m-%d %H:%M} {reason}"

    def rows() -> Iterator[Any]:
        cursor = None
        with unit_of_work() as session:
            while True:
                page = queries.absent(session, by, cursor=cursor, limit=MAX_LIMIT, **given)
                people = directory.people(session, [row.person_id for row in page.items])
                wanted = {row.college_id for row in page.items} | {row.class_id for row in page.items}
                units = directory.org_units(session, wanted - {None})
                yield from ((row, people[row.person_id].name, units, mark) for row in page.items)
                if page.next_cursor is None:
                    return
                cursor = page.next_cursor

    named: set[int] = set()
    response = export.xlsx_response(
        "未报到名单", ABSENT, export.noting(rows(), named, lambda line: line[0].person_id)
    )
    with unit_of_work() as session:
        privacy.note_list(session, by=by, reason="welcome.absent", person_ids=named)
    return response


ABSENT = (
    export.Column("姓名", lambda line: line[1], 12),
    export.Column("学院", lambda line: line[2][line[0].college_id].name, 20),
    export.Column("班级", lambda line: line[2][line[0].class_id].name if line[0].class_id else "", 16),
    export.Column("专业", lambda line: line[0].major, 20),
    export.Column("状态", lambda line: STATUS_LABELS[AdmissionStatus(line[0].status)], 14),
    export.Column("原因", lambda line: line[0].status_reason, 28),
    export.Column("联系次数", lambda line: line[0].calls, 10),
    export.Column("最近联系", lambda line: line[0].called_at, 18),
    export.Column("导出人、时间和用途", lambda line: line[3], 44),
)
