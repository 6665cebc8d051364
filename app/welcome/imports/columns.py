"""The sheets that a welcome office uploads, by the names that registries and schools give the columns."""

from app.kit import cells
from app.kit.id_numbers import long_code
from app.kit.workbook import Column, Sheet
from app.welcome.regions import PROVINCES

GENDERS = {"男": "male", "女": "female", "1": "male", "2": "female", "M": "male", "F": "female"}
ADMISSIONS = Sheet(
    "admissions",
    ("录取名单", "新生名单", "Sheet1", "admissions"),
    (
        Column(
            "number",
            ("考生号", "考生编号", "准考证号", "报名号", "KSH", "ksh", "Candidate"),
            long_code,
            True,
        ),
        Column("name", ("姓名", "考生姓名", "XM", "xm", "Name"), is_required=True),
        Column("name_en", ("英文姓名", "英文名", "姓名拼音", "NameEn")),
        Column("gender", ("性别", "XB", "xb", "Gender"), cells.choice(GENDERS), True),
        Column("birth_on", ("出生日期", "出生年月日", "CSRQ", "csrq"), cells.day),
        Column(
            "document",
            ("身份证号", "证件号", "证件号码", "身份证件号", "SFZH", "sfzh", "护照号", "Document"),
            long_code,
            True,
        ),
        Column("letter", ("录取通知书编号", "通知书编号", "通知书号", "TZSBH"), long_code),
        Column("phone", ("联系电话", "手机", "手机号", "电话", "LXDH", "Phone"), cells.phone),
        Column("profile", ("考生类别", "录取类别", "Profile")),
        Column("level", ("层次", "培养层次", "CC", "cc"), is_required=False),
        Column("major", ("专业名称", "专业", "录取专业", "ZYMC", "zymc", "Major"), is_required=True),
        Column("major_en", ("专业英文名", "MajorEn")),
        Column("college", ("学院", "院系", "学院名称", "院系名称", "XSH", "YX", "College"), is_required=True),
        Column("class_name", ("班级", "班级名称", "班号", "BH", "bh", "Class")),
        Column("region", ("生源地", "生源地代码", "生源省", "SYD", "Region"), cells.code),
    ),
    ("number",),
)
BEDS = Sheet(
    "beds",
    ("宿舍安排", "床位安排", "beds"),
    (
        Column("number", ADMISSIONS.columns[0].headers, long_code, True),
        Column("building", ("楼栋代码", "楼栋", "楼号", "宿舍楼", "Building"), cells.code, True),
        Column("room", ("房间号", "房号", "寝室", "室", "Room"), cells.code, True),
        Column("bed", ("床号", "床位", "床位号", "床", "Bed"), cells.code, True),
        Column("class_name", ADMISSIONS.columns[13].headers),
    ),
    ("number",),
)


def region_code(given: str | None) -> str | None:
    """Six digits of GB/T 2260, of a code, a prefix of it, or a province's name; None when it says nothing."""
    if not given:
        return None
    if given.isdigit() and 2 <= len(given) <= 6:
        return given.ljust(6, "0") if given[:2] in PROVINCES else None
    short = next((code for code, name in PROVINCES.items() if given.startswith(name[:2])), None)
    return f"{short}0000" if short else None
