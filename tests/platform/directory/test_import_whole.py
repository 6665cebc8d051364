"""The directory's workbook by the upload page: what is shown is what is written, sheet by sheet."""

import io

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.kit import db, failpoint, outbox
from app.kit.failpoint import Crashed
from app.platform.audit.models import AuditEntry
from app.platform.directory import queries
from app.platform.directory.models import Building, Person
from tests import uploads, visit
from tests.platform.directory.rosters import PAGE
from tests.uploads import counts, say_yes

PEOPLE = ("学号", "姓名", "手机号")
PLACES = ("校区代码", "楼栋代码", "楼栋名称", "类别")


def book(**sheets) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for title, rows in sheets.items():
            sheet = made.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    file.seek(0)
    return file


def send(app, clerk, **sheets) -> str:
    return uploads.send(app, clerk, PAGE, book(**sheets), kind="workbook")


def rows() -> tuple[int, int, int]:
    with db.unit_of_work() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Person, Building, AuditEntry)
        )


def test_it_works(app, school, clerk):
    url = send(
        app,
        clerk,
        楼栋=[PLACES, ("EAST", "E09", "9号楼", "宿舍"), ("EAST", "E03", "三号楼", "宿舍")],
        人员=[PEOPLE, ("2023010101", "李一鸣", "10000009876"), ("2026990001", "新来的", "")],
        归属=[("学号", "身份", "部门代码"), ("2026990001", "学生", "RJ2401")],
    )
    before = rows()
    page = clerk.get(url).text
    assert [counts()[key] for key in ("new", "changed", "same", "missing")] == [3, 2, 0, 0]
    assert "楼栋 楼栋名称" in page and "人员 手机号" in page and "10000009876" not in page
    assert "2026990001" not in page and "E09" in page
    assert rows() == before  # the trial left nothing behind
    assert say_yes(app, clerk, url) == 303 and "已全部写入" in clerk.get(url).text
    with db.unit_of_work() as session:
        new = queries.find_person_by_number(session, "2026990001")
        assert new.kinds == {"student"}
        assert [one.name for one in queries.buildings(session)][0] == "三号楼"
        actors = select(AuditEntry.actor_person_id).where(AuditEntry.action == "directory.imported")
        assert session.scalars(actors).all() == [school.campus.zheng]


def test_the_same_again_changes_nothing(app, school, clerk):
    sheets = {"人员": [PEOPLE, ("1", "甲", "10000001234")], "归属": [("学号", "身份"), ("1", "学生")]}
    say_yes(app, clerk, send(app, clerk, **sheets))
    send(app, clerk, **sheets)
    assert [counts()[key] for key in ("new", "changed", "same")] == [0, 0, 2]


def test_problems_stand_in_the_sheet_that_has_them(app, school, clerk):
    before = rows()[:2]
    url = send(
        app,
        clerk,
        人员=[PEOPLE, ("1", "甲", ""), ("2", "", "")],
        归属=[("学号", "身份"), ("1", "外星人")],
        备注=[("我们自己的表",), ("随便",)],
    )
    assert "新的人员必须有姓名" in clerk.get(url).text and rows()[:2] == before
    marked = CalamineWorkbook.from_filelike(io.BytesIO(clerk.get(f"{url}/problems.xlsx").data))
    assert marked.sheet_names == ["人员", "归属"]
    people, belongs = (marked.get_sheet_by_name(title).to_python() for title in marked.sheet_names)
    assert [bool(row[0]) for row in people[1:]] == [False, True] and "外星人" in belongs[1][0]


def test_a_formula_counts_in_its_own_sheet_alone(app, school, clerk):
    def with_formula(where: str) -> io.BytesIO:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file) as made:
            for title in ("备注 & 汇总", "人员"):
                sheet = made.add_worksheet(title)
                sheet.write_row(0, 0, PEOPLE)
                sheet.write_row(1, 0, ("1", "甲", ""))
                if title == where:
                    sheet.write_formula("B3", "=B2")
        file.seek(0)
        return file

    url = uploads.send(app, clerk, PAGE, with_formula("备注 & 汇总"), kind="workbook")
    assert "确认写入" in clerk.get(url).text
    url = uploads.send(app, clerk, PAGE, with_formula("人员"), kind="workbook")
    assert "B3 是公式" in clerk.get(url).text


@pytest.mark.parametrize("strike", [1, 2])
def test_killed_half_way_leaves_nothing(app, school, clerk, strike):
    url = send(
        app,
        clerk,
        人员=[PEOPLE, *((str(n), f"某{n}", "") for n in range(300))],
        归属=[("学号", "身份"), *((str(n), "学生") for n in range(300))],
    )
    before = rows()[:2]
    failpoint.configure(f"directory.sheet_written=crash@{strike}")
    clerk.post(f"{url}/confirm", headers=visit.csrf(clerk, "desk"))
    with app.app_context(), pytest.raises(Crashed):
        outbox.drain(clients=app.extensions["clients"], seconds=20)
    assert rows()[:2] == before
    failpoint.configure("")


def test_nothing_that_we_know_is_no_workbook_of_ours(app, school, clerk):
    url = send(app, clerk, 别的=[PEOPLE, ("1", "甲", "")])
    assert "一行也没有读到" in clerk.get(url).text


def test_the_template_left_as_it_is_adds_nothing(app, school, clerk):
    file = clerk.get(f"{PAGE}/template.xlsx?kind=workbook").data
    titles = CalamineWorkbook.from_filelike(io.BytesIO(file)).sheet_names
    assert {"楼栋", "房间", "部门", "人员", "归属", "岗位", "住宿"} <= set(titles)
    uploads.send(app, clerk, PAGE, io.BytesIO(file), kind="workbook")
    assert counts()["problem"] > 0
