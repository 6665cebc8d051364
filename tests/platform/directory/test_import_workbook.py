"""Directory: a workbook is loaded whole or not at all, and again without effect."""

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.kit import clock, db
from app.kit.workbook import WorkbookUnreadable
from app.platform.audit.models import AuditEntry
from app.platform.directory import queries, service
from app.platform.directory.errors import WorkbookInvalid
from app.platform.directory.imports import import_workbook

SAMPLE = Path(__file__).parents[3] / "samples" / "campus.xlsx"
PEOPLE = ("学号", "姓名", "性别", "联系电话")


CAST = {
    "2023010101": "李一鸣",
    "2023010102": "陈晓雨",
    "2023010103": "阿依古丽·买买提",
    "2024020201": "欧阳若曦",
    "2024990001": "James Okoro",
    "T0001": "赵敏华",
    "T0002": "郑国栋",
    "T0003": "吴秀兰",
    "T0004": "孙立",
    "T0005": "钱慧",
    "T0006": "何志远",
    "W0001": "王建国",
    "W0002": "刘强",
}


def workbook(**sheets):
    """{title: [header, row, row…]} as an .xlsx."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    buffer.seek(0)
    return buffer


def load(source):
    with db.unit_of_work() as session:
        report = import_workbook(session, by=None, source=source)
        return {done.title: (done.added, done.changed) for done in report.sheets}


def refused(**sheets):
    with pytest.raises(WorkbookInvalid) as caught:
        load(workbook(**sheets))
    return [f"{title} {text}" for title, texts in caught.value.details.items() for text in texts]


def find(number):
    with db.unit_of_work() as session:
        return queries.find_person_by_number(session, number)


def test_it_works(app):
    assert load(SAMPLE)["人员"][0] > 1900
    with db.unit_of_work() as session:
        li = queries.find_person_by_number(session, "2023010101")
        assert queries.room_of(session, li.id).text == "东校区 3号楼 512"
        assert (li.name, li.name_en, li.kinds) == ("李一鸣", "Li Yiming", {"student"})
        team = queries.find_org_unit(session, "T-EAST")
        assert queries.team_head(session, team.id).number == "T0006"
        assert {p.number for p in queries.team_members(session, team.id)} >= {"T0006", "W0001", "W0002"}
        assert [c.name_en for c in queries.campuses(session)] == [
            "East Campus",
            "West Campus",
            "South Campus",
        ]
        assert queries.term_on(session).code == "2026-2027-1"
        found = {number: queries.find_person_by_number(session, number).name for number in CAST}
        assert found == CAST
        assert all(2 <= len(queries.team_members(session, t.id)) <= 6 for t in queries.teams(session))


@pytest.mark.thorough
def test_the_same_file_again_changes_nothing(app):
    load(SAMPLE)
    with db.unit_of_work() as session:
        noted = session.scalar(select(func.count()).select_from(AuditEntry))
    again = load(SAMPLE)
    assert set(again.values()) == {(0, 0)}
    with db.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == noted + 1


def test_only_what_differs_is_written(app):
    load(workbook(人员=[PEOPLE, ("1", "李一鸣", "男", "100-0000-0001"), ("2", "陈晓雨", "女", "")]))
    assert load(workbook(人员=[PEOPLE, (1, "李一明", "男", 10000000001), (2.0, "陈晓雨", "", "")])) == {
        "人员": (0, 1)
    }
    assert find("1").name == "李一明"
    with db.unit_of_work() as session:
        changed = session.scalars(
            select(AuditEntry.fields).where(AuditEntry.action == "directory.person_updated")
        )
        assert list(changed) == [["name"]]


def test_an_empty_cell_overwrites_nothing(app):
    load(workbook(人员=[PEOPLE, ("1", "李一鸣", "男", "10000000001")]))
    assert load(workbook(人员=[PEOPLE, ("1", "", "", "")])) == {"人员": (0, 0)}
    assert (find("1").name, find("1").gender) == ("李一鸣", "male")


def test_a_phone_is_found_again_and_its_change_is_written(app):
    load(workbook(人员=[PEOPLE, ("1", "李一鸣", "男", "10000000001")]))
    assert load(workbook(人员=[PEOPLE, ("1", "李一鸣", "男", "10000000002")])) == {"人员": (0, 1)}
    with db.unit_of_work() as session:
        assert queries.phone_of(session, find("1").id) == "10000000002"


def test_every_problem_is_named_with_its_row_and_nothing_is_written(app):
    problems = refused(
        人员=[
            PEOPLE,
            ("1", "李一鸣", "男", "10000000001"),
            ("", "无号", "男", ""),
            ("1", "重号", "男", ""),
            ("4", "", "男", ""),
            ("5", "王", "不知", "12"),
        ],
        归属=[("学号", "身份", "部门代码", "开始日期"), ("9", "学生", "NO", "昨天")],
    )
    assert problems == [
        "人员 第 3 行：学工号 不能为空",
        "人员 第 4 行：与第 2 行重复",
        "人员 第 6 行：性别：“不知”请写成 男、女",
        "人员 第 6 行：手机号：电话号码不对",
        "人员 第 5 行：新的人员必须有姓名",
        "归属 第 2 行：开始日期：“昨天”不是日期，请写成 2026-09-01",
        "归属 第 2 行：没有学工号 9",
        "归属 第 2 行：没有部门 NO",
    ]
    assert find("1") is None


def test_missing_and_unknown_columns_are_told(app):
    assert refused(人员=[("姓名", "爱好"), ("李一鸣", "棋")]) == ["人员 第 1 行：缺少列：学工号"]
    with db.unit_of_work() as session:
        report = import_workbook(
            session,
            by=None,
            source=workbook(人员=[("工号", "姓名", "爱好"), ("1", "李", "棋")], 备注=[("x",)]),
        )
    assert report.ignored == ["人员／爱好", "备注"]


def test_places_and_org_units_are_checked_as_a_whole(app):
    problems = refused(
        楼栋=[("校区代码", "楼栋代码", "楼栋名称", "类别"), ("NO", "B1", "一号楼", "宿舍")],
        房间=[("楼栋代码", "楼层", "房间号", "床位数"), ("B1", 0, "101", 99), ("B2", 1, "101", 1)],
        部门=[
            ("部门代码", "上级代码", "部门名称", "类别"),
            ("A", "B", "甲", "部门"),
            ("B", "A", "乙", "部门"),
            ("T", "", "散兵", "班组"),
        ],
    )
    assert problems == [
        "楼栋 第 2 行：没有校区 NO",
        "房间 第 3 行：没有楼栋 B2",
        "房间 第 2 行：没有 0 层",
        "房间 第 2 行：床位数应在 0 到 20 之间",
        "部门 第 2 行：部门 A 放在了自己下面",
        "部门 第 3 行：部门 B 放在了自己下面",
        "部门 第 4 行：班组必须放在一个中心下面",
    ]


def test_children_may_stand_above_their_parents(app):
    rows = [
        ("部门代码", "上级代码", "部门名称", "类别"),
        ("T", "U", "一班", "班组"),
        ("U", "", "中心", "中心"),
    ]
    assert load(workbook(部门=rows)) == {"部门": (2, 0)}
    assert load(workbook(部门=rows)) == {"部门": (0, 0)}
    with db.unit_of_work() as session:
        assert [team.name for team in queries.teams(session)] == ["一班"]


STAY = ("学号", "楼栋代码", "房间号", "床号", "入住日期", "结束日期")


@pytest.fixture
def campus(campus):
    """With a second bed in 512."""
    with db.unit_of_work() as session:
        service.add_bed(session, by=None, room_id=campus.room_512, code="2")
    return campus


def test_a_bed_is_not_given_to_two(campus):
    assert refused(住宿=[STAY, ("2023010102", "E03", "512", "1", date(2026, 9, 1), "")]) == [
        "住宿 第 2 行：这张床在这段时间里已经有人住"
    ]
    assert refused(住宿=[STAY, ("2023010102", "E03", "512", "9", "", "")]) == [
        "住宿 第 2 行：没有这张床：E03 512 9"
    ]


def test_two_people_change_beds_in_one_file(campus):
    with db.unit_of_work() as session:
        bed_2 = queries.beds(session, campus.room_512)[1].id
        service.assign_bed(session, by=None, person_id=campus.chen, bed_id=bed_2, starts_on=date(2024, 9, 1))
    swap = [
        STAY,
        ("2023010101", "E03", "512", "2", "2026-11-01", ""),
        ("2023010102", "E03", "512", "1", "2026-11-01", ""),
    ]
    assert load(workbook(住宿=swap)) == {"住宿": (2, 2)}
    assert load(workbook(住宿=swap)) == {"住宿": (0, 0)}
    with db.unit_of_work() as session:
        assert [p.id for p in queries.residents_of(session, campus.room_512)] == [campus.chen, campus.li]
        assert [p.id for p in queries.residents_of(session, campus.room_512, on=date(2026, 10, 31))] == [
            campus.li,
            campus.chen,
        ]


def test_the_last_day_of_the_sheet_still_counts(campus):
    rows = [("学号", "身份", "部门代码", "开始日期", "结束日期")]
    rows.append(("2023010102", "外包", "T-EAST", "2026-01-01", "2026-11-16"))
    assert load(workbook(归属=rows)) == {"归属": (1, 0)}
    assert load(workbook(归属=rows)) == {"归属": (0, 0)}
    assert "contractor" in find("2023010102").kinds  # today is the 16th
    clock.advance(clock.timedelta(days=1))
    assert "contractor" not in find("2023010102").kinds


def test_a_graduate_is_ended_by_the_file(campus):
    rows = [("学号", "身份", "部门代码", "结束日期"), ("2023010101", "学生", "", "2026-07-01")]
    assert load(workbook(归属=rows)) == {"归属": (0, 1)}
    assert load(workbook(归属=rows)) == {"归属": (0, 0)}
    assert find("2023010101").is_active is False


def test_something_else_is_not_a_workbook(app):
    with pytest.raises(WorkbookUnreadable):
        load(io.BytesIO(b"%PDF-1.4"))


@pytest.mark.slow
def test_ten_thousand_people_at_once(app):
    people = [PEOPLE] + [(f"9{n:07d}", f"学生{n}", "男", f"100{n:08d}") for n in range(10_000)]
    belongs = [("学号", "身份", "开始日期")] + [(f"9{n:07d}", "学生", "2026-09-01") for n in range(10_000)]
    assert load(workbook(人员=people, 归属=belongs)) == {"人员": (10_000, 0), "归属": (10_000, 0)}


def test_the_command_reports_each_sheet_and_each_problem(app, tmp_path):
    runner = app.test_cli_runner()
    good = tmp_path / "good.xlsx"
    good.write_bytes(workbook(人员=[PEOPLE, ("1", "李一鸣", "男", "")]).getvalue())
    answer = runner.invoke(args=["directory", "import", str(good)])
    assert answer.exit_code == 0
    assert "人员：1 行，新增 1，更新 0" in answer.output
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(workbook(人员=[PEOPLE, ("2", "", "男", "")]).getvalue())
    answer = runner.invoke(args=["directory", "import", str(bad)])
    assert answer.exit_code == 1
    assert "第 2 行：新的人员必须有姓名" in answer.output
    assert "什么都还没有导入" in answer.output
