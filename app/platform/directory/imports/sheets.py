"""The workbook: which sheets, which columns, by which names schools call them."""

from app.kit import cells
from app.kit.workbook import Column, Sheet
from app.platform.directory.models import HEAD, AffiliationKind, BuildingKind, OrgKind

GENDERS = {"男": "male", "女": "female"}
ORG_KINDS = {
    "学校": OrgKind.SCHOOL,
    "学院": OrgKind.COLLEGE,
    "部门": OrgKind.DEPARTMENT,
    "处室": OrgKind.DEPARTMENT,
    "中心": OrgKind.UNIT,
    "班组": OrgKind.TEAM,
    "班级": OrgKind.CLASS,
}
BUILDING_KINDS = {
    "宿舍": BuildingKind.DORM,
    "公寓": BuildingKind.DORM,
    "教学楼": BuildingKind.TEACHING,
    "图书馆": BuildingKind.LIBRARY,
    "食堂": BuildingKind.CANTEEN,
    "实验楼": BuildingKind.LAB,
    "办公楼": BuildingKind.OFFICE,
    "体育场馆": BuildingKind.SPORTS,
    "其他": BuildingKind.OTHER,
}
AFFILIATION_KINDS = {
    "学生": AffiliationKind.STUDENT,
    "新生": AffiliationKind.FRESHMAN,
    "教职工": AffiliationKind.STAFF,
    "教工": AffiliationKind.STAFF,
    "外包": AffiliationKind.CONTRACTOR,
    "外协": AffiliationKind.CONTRACTOR,
}
POSTS = {
    "负责人": HEAD,
    "班长": HEAD,
    "调度员": "dispatcher",
    "辅导员": "counsellor",
    "宿管": "dorm_manager",
    "财务": "finance",
    "管理员": "administrator",
    "班主任": "class_teacher",
}


NAME_EN = Column("name_en", ("英文名称", "英文名", "English"))
STARTS = Column("starts_on", ("开始日期", "起始日期", "入职日期"), cells.day)
ENDS = Column("ends_on", ("结束日期", "截止日期", "离校日期", "离职日期"), cells.last_day)
NUMBER = Column("number", ("学工号", "学号", "工号", "学号/工号", "XH"), cells.code, True)
UNIT = Column("unit_code", ("部门代码", "单位代码", "组织代码"), cells.code)
BUILDING = Column("building_code", ("楼栋代码", "楼代码", "楼栋"), cells.code, True)
ROOM = Column("room_number", ("房间号", "房号", "室"), cells.code, True)

TERMS = Sheet(
    "terms",
    ("学期", "terms"),
    (
        Column("code", ("学期代码", "代码"), cells.code, True),
        Column("name", ("学期名称", "名称"), is_required=True),
        NAME_EN,
        Column("starts_on", ("开始日期", "起始日期"), cells.day, True),
        Column("ends_on", ("结束日期", "截止日期"), cells.last_day, True),
    ),
    ("code",),
)
CAMPUSES = Sheet(
    "campuses",
    ("校区", "campuses"),
    (
        Column("code", ("校区代码", "代码"), cells.code, True),
        Column("name", ("校区名称", "校区", "名称"), is_required=True),
        NAME_EN,
    ),
    ("code",),
)
BUILDINGS = Sheet(
    "buildings",
    ("楼栋", "楼宇", "buildings"),
    (
        Column("campus_code", ("校区代码", "校区"), cells.code, True),
        Column("code", ("楼栋代码", "楼代码", "代码"), cells.code, True),
        Column("name", ("楼栋名称", "楼名", "名称"), is_required=True),
        NAME_EN,
        Column("kind", ("类别", "类型", "用途"), cells.choice(BUILDING_KINDS), True),
    ),
    ("code",),
)
ROOMS = Sheet(
    "rooms",
    ("房间", "rooms"),
    (
        BUILDING,
        Column("floor", ("楼层", "层"), cells.whole, True),
        Column("number", ("房间号", "房号", "室"), cells.code, True),
        Column("name", ("房间名称", "名称")),
        NAME_EN,
        Column("is_private", ("私密", "住人"), cells.yes_no),
        Column("beds", ("床位数", "床位"), cells.whole),
    ),
    ("building_code", "number"),
)
ORG_UNITS = Sheet(
    "org_units",
    ("部门", "组织机构", "org_units"),
    (
        Column("code", ("部门代码", "单位代码", "代码"), cells.code, True),
        Column("parent_code", ("上级代码", "上级部门代码", "上级"), cells.code),
        Column("name", ("部门名称", "名称"), is_required=True),
        NAME_EN,
        Column("kind", ("类别", "类型"), cells.choice(ORG_KINDS), True),
    ),
    ("code",),
)
PEOPLE = Sheet(
    "people",
    ("人员", "people"),
    (
        NUMBER,
        Column("name", ("姓名", "XM")),
        NAME_EN,
        Column("gender", ("性别", "XB"), cells.choice(GENDERS)),
        Column("phone", ("手机号", "联系电话", "电话", "手机"), cells.phone),
        Column("id_number", ("证件号", "身份证号", "SFZH"), cells.id_number),
    ),
    ("number",),
)
AFFILIATIONS = Sheet(
    "affiliations",
    ("归属", "身份", "affiliations"),
    (
        NUMBER,
        Column("kind", ("身份", "类别", "人员类别"), cells.choice(AFFILIATION_KINDS), True),
        UNIT,
        STARTS,
        ENDS,
    ),
    ("number", "kind", "unit_code", "starts_on"),
)
POSTS_SHEET = Sheet(
    "posts",
    ("岗位", "posts"),
    (
        NUMBER,
        Column("unit_code", UNIT.headers, cells.code, True),
        Column("post", ("岗位", "岗位类别"), cells.choice(POSTS), True),
        Column("title", ("职务", "职务名称", "称呼")),
        STARTS,
        ENDS,
    ),
    ("number", "post", "unit_code", "starts_on"),
)
BEDS = Sheet(
    "beds",
    ("住宿", "床位", "beds"),
    (
        NUMBER,
        BUILDING,
        ROOM,
        Column("bed_code", ("床号", "床位号", "床"), cells.code, True),
        Column("starts_on", ("入住日期", "开始日期"), cells.day),
        Column("ends_on", ("结束日期", "退宿日期"), cells.last_day),
    ),
    ("number", "building_code", "room_number", "bed_code", "starts_on"),
)

SHEETS = (TERMS, CAMPUSES, BUILDINGS, ROOMS, ORG_UNITS, PEOPLE, AFFILIATIONS, POSTS_SHEET, BEDS)
