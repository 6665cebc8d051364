"""Console: leave as a list with one beside it, and in numbers."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from app.kit import clock, export
from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.kit.paging import LARGEST, MAX_LIMIT
from app.miniapps.leave.labels import KIND_LABELS, STATUS_COLOURS, STATUS_LABELS
from app.miniapps.leave.models import LeaveKind, LeaveStatus
from app.miniapps.leave.queries import desk as queries
from app.miniapps.leave.queries.desk import READ, Filter
from app.miniapps.leave.queries.statistics import MOST_DAYS, numbers
from app.miniapps.leave.queries.units import college_of, units_of, with_parents
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy

desk = Blueprint("leave_desk", __name__, url_prefix="/desk/leave")
SPAN = 30  # days that are counted when nothing is chosen


@desk.get("/")
@permit(READ)
def index() -> Any:
    with unit_of_work() as session:
        shown = _filter(session)
        page = queries.leaves(session, caller(), shown, cursor=request.args.get("cursor"))
        return render_template(
            "leave/desk/leaves.html",
            page=page,
            shown=shown,
            asked=_asked(),
            **_around(session, page.items),
            **_choices(session),
        )


@desk.get("/leaves/<leave_id>")
@permit(READ)
def leave(leave_id: str) -> Any:
    part = "_leave" if request.headers.get("HX-Request") else "leave"
    with unit_of_work() as session:
        view = queries.leave_at_desk(session, caller(), leave_id)
        r = view.request
        people = {r.person_id, *(one.by_id for one in view.contacts if one.by_id)}
        people |= {one.actor_id for one in view.lines if one.actor_id is not None}
        return render_template(
            f"leave/desk/{part}.html",
            view=view,
            r=r,
            people=directory.people(session, people),
            units=directory.org_units(session, {one for one in (r.class_id, r.college_id) if one}),
            room=directory.room_of(session, r.person_id),
            **_words(),
        )


@desk.get("/leaves.xlsx")
@permit(READ)
def export_leaves() -> Response:
    """The list as it is filtered, to its end; whoever stands in it learns of it."""
    named: set[int] = set()
    with unit_of_work() as session:
        rows = export.noting(_rows(session), named, lambda line: line[0].person_id)
        response = export.xlsx_response("请假", LEAVES, rows)
        privacy.note_list(session, by=caller(), reason="leave.leaves", person_ids=named)
    return response


def _rows(session: Session) -> Iterator[Any]:
    shown, cursor = _filter(session), None
    while True:
        page = queries.leaves(session, caller(), shown, cursor=cursor, limit=MAX_LIMIT)
        around = _around(session, page.items)
        yield from ((row, around) for row in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


@desk.get("/statistics")
@permit(READ)
def statistics() -> Any:
    last = _day("last") or clock.today()
    first = _day("first") or last - clock.timedelta(days=SPAN - 1)
    first = max(min(first, last), last - clock.timedelta(days=MOST_DAYS - 1))
    with unit_of_work() as session:
        unit_id = _id("unit")
        return render_template(
            "leave/desk/statistics.html",
            first=first,
            last=last,
            unit_id=unit_id,
            found=numbers(session, caller(), first=first, last=last, unit_id=unit_id),
            **_choices(session),
        )


def _filter(session: Session) -> Filter:
    """What is not one of the choices is as if it weren't chosen."""
    state, kind, number = (request.args.get(name, "").strip() for name in ("state", "kind", "number"))
    person = directory.find_person_by_number(session, number[:40]) if number else None
    return Filter(
        state=state if state in {*LeaveStatus, queries.LIVE_ONES} else "",
        kind=kind if kind in set(LeaveKind) else "",
        unit_id=_id("unit"),
        building_id=_id("building"),
        day=_day("day"),
        person_id=(person.id if person else 0) if number else None,
    )


def _asked() -> dict[str, str]:
    """The filter as it stands in the address."""
    names = ("state", "kind", "unit", "building", "day", "number")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _id(name: str) -> int | None:
    value = request.args.get(name, type=int)
    return value if value is not None and 0 < value <= LARGEST else None


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _choices(session: Session) -> dict[str, Any]:
    mine = units_of(session, caller(), READ)
    units = directory.org_units_of_kind(session, "college", "class")
    return {
        "units_": [one for one in units if mine is None or one.id in mine],
        "buildings": [one for one in directory.buildings(session) if one.is_dorm],
        **_words(),
    }


def _around(session: Session, rows: list[Any]) -> dict[str, Any]:
    return {
        "people": directory.people(session, {row.person_id for row in rows}),
        "units": with_parents(session, {row.class_id for row in rows if row.class_id is not None}),
        "dorms": {one.id: one.name for one in directory.buildings(session)},
    }


def _words() -> dict[str, Any]:
    return {"kinds": KIND_LABELS, "states": STATUS_LABELS, "colours": STATUS_COLOURS}


def _person(line: Any, name: str) -> str:
    found = line[1]["people"].get(line[0].person_id)
    return (getattr(found, name) or "") if found else ""


def _unit(line: Any) -> str:
    return line[1]["units"][line[0].class_id].name if line[0].class_id in line[1]["units"] else ""


def _college(line: Any) -> str:
    found = college_of(line[0].class_id, line[1]["units"]) if line[0].class_id else None
    return found.name if found else ""


LEAVES = (
    export.Column("学号", lambda line: _person(line, "number")),
    export.Column("姓名", lambda line: _person(line, "name")),
    export.Column("学院", _college, 20),
    export.Column("班级", _unit, 20),
    export.Column("宿舍楼", lambda line: line[1]["dorms"].get(line[0].building_id, "")),
    export.Column("类型", lambda line: KIND_LABELS[LeaveKind(line[0].kind)]),
    export.Column("状态", lambda line: STATUS_LABELS[LeaveStatus(line[0].status)]),
    export.Column("开始", lambda line: line[0].starts_at, 18),
    export.Column("结束", lambda line: line[0].ends_at, 18),
    export.Column("天数", lambda line: float(line[0].days)),
    export.Column("缺课", lambda line: line[0].misses_class),
    export.Column("离校", lambda line: line[0].leaves_campus),
    export.Column("不回宿舍", lambda line: line[0].leaves_dorm),
    export.Column("应返", lambda line: line[0].due_at, 18),
    export.Column("返校", lambda line: line[0].returned_at, 18),
    export.Column("提交", lambda line: line[0].submitted_at, 18),
)
