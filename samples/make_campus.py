"""Writes samples/campus.xlsx: an invented university. Same seed, same campus.

Run: python samples/make_campus.py
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

TARGET = Path(__file__).parent / "campus.xlsx"
Row = tuple[Any, ...]

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "慕容", "皇甫", "令狐", "夏侯")
BOYS = "伟强磊洋勇军杰涛超明刚平辉鹏飞宇浩然博文子轩俊熙梓豪昊天一航志远国栋建华立新家乐思源景行"
GIRLS = "芳娜敏静丽艳娟霞秀英玉兰慧婷雪琳晓雨若曦诗涵欣怡梦瑶雅楠嘉禾佳宁思思语桐可馨心悦清如"
MINORITY = (
    "阿依古丽·吐尔逊",
    "迪丽努尔·艾力",
    "艾合买提·卡德尔",
    "尼玛·次仁",
    "扎西·多吉",
    "其其格·巴图",
    "叶尔波力·哈不都拉",
    "古丽加玛丽·阿卜杜热合曼·吐尔逊江",
    "旦增·洛桑·贡布仁青·白玛央金",
)
RARE = ("王龘", "李𠮷祥", "张䶮", "刘昇曌", "陈堃彧", "赵翀", "马赟", "吴犇")
FOREIGN = (
    ("Amina Yusuf", "female"),
    ("Carlos Mendes", "male"),
    ("Nguyen Thi Hoa", "female"),
    ("Omar Al-Farsi", "male"),
    ("Sophie Laurent", "female"),
    ("Kwame Mensah", "male"),
    ("Maria Fernanda de los Ángeles Rodríguez Gutiérrez", "female"),
    ("Aleksandr Konstantinovich Voznesensky-Preobrazhensky", "male"),
    ("Ji-woo Park", "female"),
    ("Tanaka Haruto", "male"),
)

CAMPUSES = (
    ("EAST", "东校区", "East Campus"),
    ("WEST", "西校区", "West Campus"),
    ("SOUTH", "南校区", "South Campus"),
)
# code, name, English name, kind, floors, rooms a floor, who lives there
BUILDINGS: dict[str, tuple[Row, ...]] = {
    "EAST": (
        ("E01", "1号楼", "Building 1", "宿舍", 6, 12, "female"),
        ("E02", "2号楼", "Building 2", "宿舍", 6, 12, "female"),
        ("E03", "3号楼", "Building 3", "宿舍", 6, 12, "male"),
        ("E04", "4号楼", "Building 4", "宿舍", 6, 12, "male"),
        ("E-T1", "1号教学楼", "Teaching Building 1", "教学楼", 5, 18, ""),
        ("E-T2", "2号教学楼", "Teaching Building 2", "教学楼", 5, 18, ""),
        ("E-L1", "理科实验楼", "Science Laboratories", "实验楼", 5, 20, ""),
        ("E-LIB", "东区图书馆", "East Library", "图书馆", 5, 6, ""),
        ("E-C1", "第一食堂", "Canteen 1", "食堂", 2, 4, ""),
        ("E-G1", "东区体育馆", "East Gymnasium", "体育场馆", 2, 4, ""),
        ("E-A1", "行政楼", "Administration Building", "办公楼", 6, 12, ""),
    ),
    "WEST": (
        ("W01", "西1号楼", "West Building 1", "宿舍", 6, 12, "female"),
        ("W02", "西2号楼", "West Building 2", "宿舍", 6, 12, "male"),
        ("W03", "西3号楼", "West Building 3", "宿舍", 6, 12, "female"),
        ("W-T1", "西区教学楼", "West Teaching Building", "教学楼", 5, 18, ""),
        ("W-L1", "工程实验楼", "Engineering Laboratories", "实验楼", 4, 15, ""),
        ("W-LIB", "西区图书馆", "West Library", "图书馆", 4, 6, ""),
        ("W-C1", "第二食堂", "Canteen 2", "食堂", 2, 4, ""),
    ),
    "SOUTH": (
        ("S01", "南1号楼", "South Building 1", "宿舍", 6, 12, "male"),
        ("S02", "南2号楼", "South Building 2", "宿舍", 6, 12, "female"),
        ("S03", "国际学生公寓", "International House", "宿舍", 6, 8, "male"),
        ("S-T1", "南区教学楼", "South Teaching Building", "教学楼", 5, 18, ""),
        ("S-L1", "艺术工坊", "Art Workshops", "实验楼", 4, 10, ""),
        ("S-C1", "第三食堂", "Canteen 3", "食堂", 2, 4, ""),
        ("S-G1", "南区体育馆", "South Gymnasium", "体育场馆", 2, 4, ""),
    ),
}
# number, code, name, English name, class prefix, campus
COLLEGES = (
    ("01", "CS", "计算机学院", "School of Computing", "计科", "EAST"),
    ("02", "EM", "经济管理学院", "School of Economics and Management", "经管", "EAST"),
    ("03", "ME", "机械工程学院", "School of Mechanical Engineering", "机械", "WEST"),
    ("04", "CH", "化学学院", "School of Chemistry", "化学", "WEST"),
    ("05", "FL", "外国语学院", "School of Foreign Languages", "外语", "SOUTH"),
    ("06", "AR", "艺术学院", "School of Arts", "艺术", "SOUTH"),
)
YEARS = (2023, 2024, 2025, 2026)
CLASS_SIZE = 38
DEPARTMENTS = (
    ("HQC", "后勤处", "Logistics Department"),
    ("XXZX", "信息中心", "Information Centre"),
    ("XSC", "学生处", "Student Affairs"),
    ("CWC", "财务处", "Finance Department"),
    ("BWC", "保卫处", "Campus Security"),
    ("JWC", "教务处", "Academic Affairs"),
)
UNITS = (
    ("WXZX", "维修中心", "Maintenance Centre"),
    ("WYZX", "物业中心", "Property Centre"),
    ("SDZX", "水电中心", "Water and Power Centre"),
)
TEAMS = (
    ("T-EAST", "WXZX", "东区维修班", "East Repair Team"),
    ("T-WEST", "WXZX", "西区维修班", "West Repair Team"),
    ("T-SOUTH", "WXZX", "南区维修班", "South Repair Team"),
    ("T-URGENT", "WXZX", "急修班", "Emergency Repair Team"),
    ("T-ANJU", "WXZX", "安居工程", "Anju Engineering"),
    ("T-ESTATE", "WYZX", "物业班", "Property Team"),
    ("T-POWER", "SDZX", "水电班", "Water and Power Team"),
)
TERMS = (
    ("2025-2026-1", "2025–2026学年秋季学期", "Autumn 2025", date(2025, 9, 1), date(2026, 1, 18)),
    ("2025-2026-2", "2025–2026学年春季学期", "Spring 2026", date(2026, 3, 2), date(2026, 7, 12)),
    ("2026-2027-1", "2026–2027学年秋季学期", "Autumn 2026", date(2026, 9, 7), date(2027, 1, 17)),
    ("2026-2027-2", "2026–2027学年春季学期", "Spring 2027", date(2027, 3, 1), date(2027, 7, 11)),
)
# number, name, English name, gender, department, post, words of the post
CAST_STAFF = (
    ("T0001", "赵敏华", "Zhao Minhua", "女", "WXZX", "调度员", "调度员"),
    ("T0002", "郑国栋", "Zheng Guodong", "男", "XXZX", "管理员", "系统管理员"),
    ("T0003", "吴秀兰", "Wu Xiulan", "女", "WYZX", "宿管", "宿管员"),
    ("T0004", "孙立", "Sun Li", "男", "CS", "辅导员", "辅导员"),
    ("T0005", "钱慧", "Qian Hui", "女", "CWC", "财务", "会计"),
    ("T0006", "何志远", "He Zhiyuan", "男", "T-EAST", "负责人", "班长"),
)
CAST_STUDENTS = {
    "2023010101": ("李一鸣", "Li Yiming", "男"),
    "2023010102": ("陈晓雨", "Chen Xiaoyu", "女"),
    "2023010103": ("阿依古丽·买买提", "Ayguli Mamat", "女"),
    "2024020201": ("欧阳若曦", "Ouyang Ruoxi", "女"),
}
CAST_BED = ("2023010101", "E03", "512", "1")


@dataclass
class Campus:
    """The rows of each sheet."""

    rooms: list[Row] = field(default_factory=list)
    org_units: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    affiliations: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    stays: list[Row] = field(default_factory=list)
    free_beds: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(20260901))  # noqa: S311

    def phone(self) -> str:
        """A range that nobody is ever given."""
        return f"100{len(self.people) + 1:08d}"

    def name(self, gender: str) -> str:
        """A new invented name."""
        given = BOYS if gender == "男" else GIRLS
        while True:
            first = (
                self.chance.choice(COMPOUND) if self.chance.random() < 0.02 else self.chance.choice(SURNAMES)
            )
            count = 1 if self.chance.random() < 0.2 else 2
            name = first + "".join(self.chance.choice(given) for _ in range(count))
            if name not in self.used:
                self.used.add(name)
                return name

    def person(
        self, number: str, name: str, english: str, gender: str, kind: str, unit: str, since: date
    ) -> None:
        self.people.append((number, name, english, gender, self.phone()))
        self.affiliations.append((number, kind, unit, since))


def build() -> Campus:
    campus = Campus()
    campus.used = {name for name, _, _ in CAST_STUDENTS.values()} | {row[1] for row in CAST_STAFF}
    build_rooms(campus)
    build_org(campus)
    build_staff(campus)
    build_students(campus)
    build_foreigners(campus)
    return campus


def build_rooms(campus: Campus) -> None:
    for campus_code, buildings in BUILDINGS.items():
        for code, _, _, kind, floors, per_floor, gender in buildings:
            for floor in range(1, floors + 1):
                for position in range(1, per_floor + 1):
                    number = f"{floor}{position:02d}"
                    beds = 4 if gender else 0
                    campus.rooms.append((code, floor, number, "", "", "是" if gender else "否", beds))
                    free = campus.free_beds.setdefault((code if code == "S03" else campus_code, gender), [])
                    free += [(code, number, str(bed)) for bed in range(1, beds + 1)]
                if kind == "宿舍":
                    campus.rooms.append(
                        (code, floor, f"{floor}楼水房", "", f"Water room, floor {floor}", "否", 0)
                    )
    campus.free_beds["EAST", "male"].remove(CAST_BED[1:])


def build_org(campus: Campus) -> None:
    add = campus.org_units.append
    add(("WSH", "", "微生活大学", "Weilife University", "学校"))
    for code, name, english in DEPARTMENTS:
        add((code, "WSH", name, english, "部门"))
    for code, name, english in UNITS:
        add((code, "HQC", name, english, "中心"))
    for code, parent, name, english in TEAMS:
        add((code, parent, name, english, "班组"))
    for _, code, name, english, _, _ in COLLEGES:
        add((code, "WSH", name, english, "学院"))
    add(("IE", "WSH", "国际教育学院", "School of International Education", "学院"))
    for number, code, _, _, prefix, _ in COLLEGES:
        for year in YEARS:
            for group in (1, 2):
                title = f"{prefix}{year % 100}{group:02d}"
                add((f"C{year}{number}{group:02d}", code, title, f"{code} {year}-{group}", "班级"))
    for year in YEARS:
        add((f"C{year}9900", "IE", f"国际{year % 100}级", f"International {year}", "班级"))


def build_staff(campus: Campus) -> None:
    since = date(2020, 9, 1)
    for number, name, english, gender, unit, post, title in CAST_STAFF:
        campus.person(number, name, english, gender, "教职工", unit, since)
        campus.posts.append((number, unit, post, title, since))
    numbers = iter(f"T{number:04d}" for number in range(7, 1000))
    for code, _, _, _ in TEAMS:
        if code not in ("T-EAST", "T-ANJU"):
            add_staff(campus, next(numbers), code, "负责人", "班长")
    for _, code, _, _, _, _ in COLLEGES:
        for _ in range(2):
            add_staff(campus, next(numbers), code, "辅导员", "辅导员")
    for unit in ("WXZX", "SDZX", "WYZX"):
        add_staff(campus, next(numbers), unit, "调度员", "调度员")
    for _ in range(6):
        add_staff(campus, next(numbers), "WYZX", "宿管", "宿管员")
    homes = [row[0] for row in DEPARTMENTS] + [row[1] for row in COLLEGES] + ["IE"]
    for position in range(90):
        add_staff(campus, next(numbers), homes[position % len(homes)], "", "")
    build_workers(campus)


def add_staff(campus: Campus, number: str, unit: str, post: str, title: str) -> None:
    gender = campus.chance.choice("男女")
    since = date(campus.chance.randint(2008, 2024), 9, 1)
    campus.person(number, campus.name(gender), "", gender, "教职工", unit, since)
    if post:
        campus.posts.append((number, unit, post, title, since))


def build_workers(campus: Campus) -> None:
    since = date(2024, 3, 1)
    campus.used |= {"王建国", "刘强"}
    campus.person("W0001", "王建国", "Wang Jianguo", "男", "外包", "T-EAST", since)
    campus.person("W0002", "刘强", "Liu Qiang", "男", "外包", "T-EAST", since)
    numbers = iter(f"W{number:04d}" for number in range(3, 1000))
    for code, _, _, _ in TEAMS:
        for position in range(2 if code == "T-EAST" else 4):
            number = next(numbers)
            campus.person(number, campus.name("男"), "", "男", "外包", code, since)
            if code == "T-ANJU" and position == 0:
                campus.posts.append((number, code, "负责人", "项目经理", since))


def build_students(campus: Campus) -> None:
    special = iter((*MINORITY, *RARE))
    for year in YEARS:
        for college, _, _, _, _, home in COLLEGES:
            for group in (1, 2):
                for seat in range(1, CLASS_SIZE + 1):
                    number = f"{year}{college}{group:02d}{seat:02d}"
                    gender = "男" if campus.chance.random() < 0.5 else "女"
                    drawn = campus.name(gender)
                    odd = next(special, None) if seat == 20 else None
                    name, english, gender = CAST_STUDENTS.get(number, (odd or drawn, "", gender))
                    klass = f"C{year}{college}{group:02d}"
                    campus.person(number, name, english, gender, "学生", klass, date(year, 9, 1))
                    house(campus, number, home, gender, year)


def build_foreigners(campus: Campus) -> None:
    people = [("James Okoro", "male"), *FOREIGN]
    for position, (name, gender) in enumerate(people):
        year = YEARS[position % len(YEARS)] if position else 2024
        number = f"{year}99{position + 1:04d}"
        words = "男" if gender == "male" else "女"
        campus.person(number, name, name, words, "学生", f"C{year}9900", date(year, 9, 1))
        house(campus, number, "S03" if gender == "male" else "SOUTH", words, year)


def house(campus: Campus, number: str, home: str, gender: str, year: int) -> None:
    if number == CAST_BED[0]:
        campus.stays.append((*CAST_BED, date(year, 9, 1)))
        return
    free = campus.free_beds.get((home, "male" if gender == "男" else "female"))
    if free:
        campus.stays.append((number, *free.pop(0), date(year, 9, 1)))


def sheets(campus: Campus) -> list[tuple[str, Row, list[Row]]]:
    buildings: list[Row] = [
        (home, code, name, english, kind)
        for home, rows in BUILDINGS.items()
        for code, name, english, kind, *_ in rows
    ]
    return [
        ("学期", ("学期代码", "学期名称", "英文名称", "开始日期", "结束日期"), list(TERMS)),
        ("校区", ("校区代码", "校区名称", "英文名称"), list(CAMPUSES)),
        ("楼栋", ("校区代码", "楼栋代码", "楼栋名称", "英文名称", "类别"), buildings),
        ("房间", ("楼栋代码", "楼层", "房间号", "房间名称", "英文名称", "私密", "床位数"), campus.rooms),
        ("部门", ("部门代码", "上级代码", "部门名称", "英文名称", "类别"), campus.org_units),
        ("人员", ("学工号", "姓名", "英文名称", "性别", "手机号"), campus.people),
        ("归属", ("学工号", "身份", "部门代码", "开始日期"), campus.affiliations),
        ("岗位", ("学工号", "部门代码", "岗位", "职务", "开始日期"), campus.posts),
        ("住宿", ("学工号", "楼栋代码", "房间号", "床号", "入住日期"), campus.stays),
    ]


def write(target: Path) -> None:
    book = xlsxwriter.Workbook(str(target))
    book.set_properties({"title": "微生活大学（虚构）", "created": datetime(2026, 9, 1)})  # noqa: DTZ001
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for title, header, rows in sheets(build()):
        sheet = book.add_worksheet(title)
        sheet.write_row(0, 0, header, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 18)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif value != "":
                    sheet.write(number, column, value)
    book.close()


if __name__ == "__main__":
    write(TARGET)
