"""Where the office of teaching uploads timetables and exams."""

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.i18n import N_
from app.kit.lists import Choice, ListDesk, ListKind
from app.miniapps.leave.imports import exams, lessons
from app.miniapps.leave.imports.columns import EXAMPLE, EXAMS, LESSONS
from app.platform.directory import queries as directory

TIMETABLE = "leave.timetable"


def choices(session: Session) -> list[Choice]:
    """The terms that are not over yet, the present one first; and which part of the school."""
    terms = [one for one in directory.terms(session) if one.ends_on > clock.today()]
    colleges = directory.org_units_of_kind(session, "college")
    return [
        Choice(
            "term",
            N_("学期"),
            tuple((str(one.id), one.name) for one in terms),
            str(terms[0].id) if terms else "",
            N_("只有课表看学期；考试看日期"),
        ),
        Choice(
            "unit",
            N_("这份名单包含"),
            (("", N_("全校")), *((str(one.id), one.name) for one in colleges)),
            hint=N_("“不在名单里”只在选中的学院里算"),
        ),
    ]


DESK = ListDesk(
    key="leave",
    url="/desk/leave/timetable",
    permission=TIMETABLE,
    title=N_("导入课表和考试"),
    note=N_(
        "每行一个班的一节课（或一场考试）。上传后先检查，列出新增、有变化和不在名单里的；您确认之前什么都不会写入。请假时按它提示缺课和考试。"
    ),
    withdraws=N_("不在名单里的课（或今天以后的考试）删去"),
    withdrawn=N_("%(count)s 条会删去。"),
    kinds=(
        ListKind("lessons", N_("课表"), (LESSONS,), lessons.plan, lessons.write, example=EXAMPLE),
        ListKind("exams", N_("考试安排"), (EXAMS,), exams.plan, exams.write, example=EXAMPLE),
    ),
    choices=choices,
)
