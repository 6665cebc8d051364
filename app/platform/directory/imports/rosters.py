"""Rosters: the flat lists of students and staff that an office exports, one row a person."""

from app.kit import cells
from app.kit.id_numbers import long_code, person_number
from app.kit.workbook import Column, Sheet
from app.platform.directory.models import AffiliationKind

GENDERS = {"男": "male", "女": "female", "1": "male", "2": "female", "M": "male", "F": "female"}
PERSON = (
    Column("name", ("姓名", "XM", "xm", "Name"), is_required=True),
    Column("name_en", ("英文姓名", "英文名", "姓名拼音", "NameEn")),
    Column("gender", ("性别", "XB", "xb", "Gender"), cells.choice(GENDERS)),
    Column(
        "id_number",
        ("证件号", "身份证号", "证件号码", "身份证件号", "SFZH", "sfzh", "护照号", "Document"),
        long_code,
    ),
    Column("phone", ("手机号", "联系电话", "手机", "电话", "LXDH", "Phone"), cells.phone),
)
STUDENTS = Sheet(
    "students",
    ("学生名册", "学生", "students"),
    (
        Column("number", ("学号", "学工号", "XH", "xh", "StudentNo"), person_number, True),
        *PERSON,
        Column(
            "unit",
            ("学院", "院系", "学院名称", "院系名称", "学院代码", "XSH", "YX", "College"),
            is_required=True,
        ),
        Column("class_name", ("班级", "班级名称", "班级代码", "班号", "BH", "bh", "Class")),
        Column("starts_on", ("入学日期", "入学年月日", "RXRQ", "rxrq"), cells.day),
    ),
    ("number",),
)
WORK = (
    Column("number", ("工号", "职工号", "教工号", "学工号", "GH", "gh", "StaffNo"), person_number, True),
    *PERSON,
    Column(
        "unit",
        ("部门", "所在部门", "单位", "部门名称", "部门代码", "单位代码", "BM", "DW", "Department"),
        is_required=True,
    ),
    Column("starts_on", ("入职日期", "来校日期", "开始日期", "RZRQ"), cells.day),
)
STAFF = Sheet("staff", ("教职工名册", "教职工", "staff"), WORK, ("number",))
CONTRACTORS = Sheet("contractors", ("外包人员名册", "外包人员", "contractors"), WORK, ("number",))
KINDS = {
    STUDENTS.key: AffiliationKind.STUDENT,
    STAFF.key: AffiliationKind.STAFF,
    CONTRACTORS.key: AffiliationKind.CONTRACTOR,
}
"""As what the people of a roster belong to their unit."""
EXAMPLE = {
    "number": "示例（请删去这一行）",
    "name": "示例同学",
    "name_en": "Shili Tongxue",
    "gender": "女",
    "id_number": "填 18 位身份证号，可以不填",
    "phone": "填 11 位手机号，可以不填",
    "unit": "信息学院",
    "class_name": "计算机2601",
    "starts_on": "2026-09-01",
}
STAFF_EXAMPLE = EXAMPLE | {"name": "示例老师", "name_en": "Shili Laoshi", "unit": "后勤处"}
