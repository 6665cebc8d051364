"""Console: a class's calendar file turned into the sheet that the import of timetables reads."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app.kit import export
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import caller, permit, sentence
from app.kit.i18n import N_
from app.miniapps.leave.errors import CalendarWrong
from app.miniapps.leave.imports.columns import DAYS, weeks_text
from app.miniapps.leave.imports.desk import DESK, TIMETABLE, choices
from app.miniapps.leave.imports.ics import Held, lessons_of
from app.platform.audit import service as audit
from app.platform.directory import queries as directory

timetable = Blueprint("leave_timetable", __name__, url_prefix="/desk/leave/timetable-ics")
LARGEST = 1 << 20  # bytes
MOST_SHOWN = 20


@timetable.before_request
def _cap() -> None:
    request.max_content_length = LARGEST


@timetable.get("/")
@permit(TIMETABLE)
def index() -> Any:
    with unit_of_work() as session:
        return _form(session, None)


@timetable.post("/")
@permit(TIMETABLE)
def convert() -> Any:
    """The answer is the sheet; nothing is written but that somebody asked."""
    try:
        with unit_of_work() as session:
            klass, found = _read(session)
            audit.record(
                session,
                by=caller(),
                action="leave.calendar_converted",
                object_type="org_unit",
                object_id=klass.id,
                fields=(len(found),),
            )
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, error), error.status
    return export.xlsx_response(f"课表 {klass.name}", LESSONS, [(klass, one) for one in found])


def _read(session: Session) -> tuple[directory.OrgBrief, list[Held]]:
    """Raises CalendarWrong, with what is wrong beside its field."""
    wanted, file = request.form.get("class_id", type=int), request.files.get("file")
    classes = {one.id: one for one in directory.org_units_of_kind(session, "class")}
    terms = {str(one.id): one for one in directory.terms(session)}
    term = terms.get(request.form.get("term", ""))
    if wanted not in classes or term is None:
        raise CalendarWrong(details={"class_id": [N_("请选择班级和学期。")]})
    text = file.stream.read().decode("utf-8-sig", "replace") if file else ""
    if "BEGIN:VCALENDAR" not in text:
        raise CalendarWrong(
            details={"file": [N_("这不是日历文件（.ics），请从教务系统或日历软件导出后再试。")]}
        )
    found, problems = lessons_of(text, starts_on=term.starts_on, ends_on=term.ends_on)
    if problems and not request.form.get("skips"):
        raise CalendarWrong(details={"events": problems[:MOST_SHOWN]})
    if not found:
        raise CalendarWrong(details={"file": [N_("文件里没有这个学期的课，请核对学期。")]})
    return classes[wanted], found


def _form(session: Session, problem: DomainError | None) -> str:
    return render_template(
        "leave/desk/timetable_ics.html",
        desk=DESK,
        term=choices(session)[0],
        classes=[(one.id, one.name) for one in directory.org_units_of_kind(session, "class")],
        typed=request.form,
        told=sentence(problem) if problem else "",
        errors=told(problem),
    )


LESSONS = (
    export.Column("班级代码", lambda line: line[0].code),
    export.Column("课程", lambda line: line[1].course, 28),
    export.Column("星期", lambda line: f"周{DAYS[line[1].weekday - 1]}"),
    export.Column("开始时间", lambda line: f"{line[1].starts:%H:%M}"),
    export.Column("结束时间", lambda line: f"{line[1].ends:%H:%M}"),
    export.Column("周次", lambda line: weeks_text(line[1].weeks)),
)
