"""Where the offices of the directory upload their lists."""

from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.kit.lists import Choice, ListDesk, ListKind
from app.kit.workbook import Sheet
from app.platform.directory import queries
from app.platform.directory.imports import whole
from app.platform.directory.imports.roster_checks import check_of
from app.platform.directory.imports.roster_writing import write_of
from app.platform.directory.imports.rostering import plan_of
from app.platform.directory.imports.rosters import CONTRACTORS, EXAMPLE, STAFF, STAFF_EXAMPLE, STUDENTS
from app.platform.directory.imports.sheets import SHEETS
from app.platform.directory.models import OrgKind

PERMISSION = "directory.import"


def choices(session: Session) -> list[Choice]:
    units = queries.org_units_of_kind(session, OrgKind.COLLEGE, OrgKind.DEPARTMENT, OrgKind.UNIT)
    return [
        Choice(
            "unit",
            N_("这份名单包含"),
            (("", N_("全校")), *((str(unit.id), unit.name) for unit in units)),
            hint=N_("“不在名单里”只在选中的学院或部门（连同下级）里算；目录工作簿只增加和更新，不看这一项"),
        )
    ]


def _roster(sheet: Sheet, title: str, example: dict[str, str]) -> ListKind:
    return ListKind(sheet.key, title, (sheet,), plan_of(sheet), write_of(sheet), check_of(sheet), example)


DESK = ListDesk(
    key="directory",
    url="/desk/directory/import",
    permission=PERMISSION,
    title=N_("导入人员名册"),
    note=N_(
        "上传后先检查，列出新增、有变化和不在名单里的人；您确认之前什么都不会写入。空格子不改动原来的内容，名册里的证件号只保存散列。"
    ),
    withdraws=N_("不在名单里的人从今天起结束这个身份"),
    withdrawn=N_("%(count)s 人会从今天起结束这个身份；没有其他身份的，岗位和床位同时结束。"),
    kinds=(
        _roster(STUDENTS, N_("学生名册"), EXAMPLE),
        _roster(STAFF, N_("教职工名册"), STAFF_EXAMPLE),
        _roster(CONTRACTORS, N_("外包人员名册"), STAFF_EXAMPLE),
        ListKind("workbook", N_("目录工作簿"), SHEETS, whole.plan, whole.write, example=whole.EXAMPLE),
    ),
    choices=choices,
)
