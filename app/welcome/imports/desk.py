"""Where the welcome office uploads its lists."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.kit.lists import Choice, ListDesk, ListKind
from app.platform.directory import queries as directory
from app.welcome import queries
from app.welcome.imports.checks import check_people
from app.welcome.imports.columns import ADMISSIONS, BEDS
from app.welcome.queries import claims
from app.welcome.service import bedding, listing

EXAMPLE = {
    "number": "26440100000001",
    "name": "示例同学",
    "gender": "女",
    "birth_on": "2008-01-01",
    "document": "填 18 位身份证号",
    "letter": "TZ000001",
    "phone": "填 11 位手机号",
    "level": "本科",
    "major": "计算机科学与技术",
    "college": "信息学院",
    "class_name": "计算机2601",
    "region": "440100",
    "building": "E03",
    "room": "512",
    "bed": "1",
}


def within(session: Session) -> dict[str, Any]:
    """Lists are of the season at hand."""
    return {"season_id": queries.current_season(session).id}


def choices(session: Session) -> list[Choice]:
    profiles = tuple((profile.key, profile.title) for profile in claims.profiles(session))
    colleges = tuple((str(unit.id), unit.name) for unit in directory.org_units_of_kind(session, "college"))
    return [
        Choice(
            "profile",
            N_("考生类别"),
            profiles or (("undergraduate", N_("本科")),),
            "undergraduate",
            N_("表里没有“考生类别”列时用这个"),
        ),
        Choice(
            "college",
            N_("这份名单包含"),
            (("", N_("全校")), *colleges),
            hint=N_("“不在名单里”只在这个范围里算"),
        ),
    ]


DESK = ListDesk(
    key="welcome",
    url="/desk/welcome/import",
    permission="welcome.import",
    title=N_("导入录取名单"),
    note=N_(
        "上传后先检查，列出新增、有变化和不在名单里的人；您确认之前什么都不会写入。证件号和考生号只保存散列，不能再读出。"
    ),
    withdraws=N_("不在名单里的人转为“放弃入学”"),
    withdrawn=N_("%(count)s 人会转为“放弃入学”。"),
    kinds=(
        ListKind(
            "admissions",
            N_("录取名单"),
            (ADMISSIONS,),
            listing.plan,
            listing.write,
            check_people,
            EXAMPLE,
        ),
        ListKind("beds", N_("宿舍床位安排"), (BEDS,), bedding.plan, bedding.write, example=EXAMPLE),
    ),
    choices=choices,
    within=within,
)
