"""A roster of students or staff from the upload to the yes."""

import io
import re
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.kit import clock, db, failpoint, outbox
from app.kit.failpoint import Crashed
from app.platform.audit.models import AuditEntry
from app.platform.directory import queries
from app.platform.directory import service as directory
from app.platform.directory.flows import imports as flows
from app.platform.directory.models import Affiliation, Import, ImportLine, Person
from tests import uploads, visit
from tests.platform.directory.rosters import PAGE, employee, staff_workbook, student, workbook
from tests.uploads import counts, say_yes
from tests.workbooks import document


def send(app, client, file, **form) -> str:
    return uploads.send(app, client, PAGE, file, **{"kind": "students"} | form)


def load(app, client, rows, **form) -> str:
    """Uploaded and said yes to; the page's address."""
    url = send(app, client, workbook(rows), **form)
    assert say_yes(app, client, url) == 303
    assert "已全部写入" in client.get(url).text
    return url


def find(number: str) -> queries.PersonBrief | None:
    with db.unit_of_work() as session:
        return queries.find_person_by_number(session, number)


def places(number: str, kind: str = "student") -> list[str | None]:
    """The units that somebody belongs to today."""
    stmt = (
        select(Affiliation.org_unit_id)
        .join(Person, Person.id == Affiliation.person_id)
        .where(Person.number == number, Affiliation.kind == kind, Affiliation.ends_on.is_(None))
    )
    with db.unit_of_work() as session:
        return [queries.unit(session, one).name for one in session.scalars(stmt) if one]


def students() -> int:
    stmt = select(func.count()).where(Affiliation.kind == "student", Affiliation.ends_on.is_(None))
    with db.unit_of_work() as session:
        return session.scalar(stmt) or 0


def test_it_works(app, school, clerk):
    before = students()
    url = send(app, clerk, workbook([student(n) for n in range(50)]))
    page = clerk.get(url).text
    assert "确认写入" in page and "学生名册" in page and "全校" in page and students() == before
    assert [counts()[key] for key in ("new", "changed", "same", "problem")] == [50, 0, 0, 0]
    assert say_yes(app, clerk, url) == 303
    assert students() == before + 50 and places("2024000007") == ["软件2401"]
    with db.unit_of_work() as session:
        row = session.execute(
            select(Person.name, Person.id_number, Person.id_number_index, Affiliation.starts_on)
            .join(Affiliation, Affiliation.person_id == Person.id)
            .where(Person.number == "2024000007")
        ).one()
        deeds = dict(
            session.execute(
                select(AuditEntry.action, func.count())
                .where(AuditEntry.actor_person_id == school.campus.zheng)
                .group_by(AuditEntry.action)
            ).all()
        )
    assert (row.name, row.id_number, row.starts_on) == ("学生7", None, date(2024, 9, 1))
    assert row.id_number_index
    assert (deeds["directory.list_uploaded"], deeds["directory.list_confirmed"]) == (1, 1)
    assert deeds["directory.person_added"] == 50


def test_the_same_list_again_changes_nothing(app, school, clerk):
    rows = [student(n) for n in range(30)]
    load(app, clerk, rows)
    send(app, clerk, workbook(list(reversed(rows))))
    assert [counts()[key] for key in ("new", "changed", "same")] == [0, 0, 30]


def test_what_changed_is_named_and_not_shown(app, school, clerk):
    load(app, clerk, [student(n) for n in range(5)])
    rows = [student(n) for n in range(5)]
    rows[2] |= {"姓名": "学生二", "手机号": "10000029999"}
    rows[3] |= {"班级": "软件2402", "手机号": ""}
    url = send(app, clerk, workbook(rows))
    page = clerk.get(url).text
    assert "姓名、手机号" in page and "软件2401 → 软件2402" in page
    assert "10000029999" not in page and "学生2" not in page and "2024000002" not in page
    assert find("2024000002").name == "学生2"
    say_yes(app, clerk, url)
    assert find("2024000002").name == "学生二"
    assert (places("2024000003"), places("2024000002")) == (["软件2402"], ["软件2401"])
    with db.unit_of_work() as session:
        held = session.execute(
            select(Affiliation.ends_on).where(Affiliation.person_id == find("2024000003").id)
        ).all()
        assert len(held) == 2  # the class before is kept with its end
        assert queries.phone_of(session, find("2024000002").id) == "10000029999"
        assert queries.phone_of(session, find("2024000003").id) == "10000020003"


def test_who_is_missing_stays_unless_it_is_ticked(app, school, clerk):
    load(app, clerk, [student(n) for n in range(10)])
    scope = {"unit": str(school.college)}
    load(app, clerk, [student(n) for n in range(8)], **scope)
    assert counts()["missing"] == 2 and counts()["withdrawn"] == 0 and places("2024000009") == ["软件2401"]
    load(app, clerk, [student(n) for n in range(8)], withdraws_missing="1", **scope)
    assert counts()["withdrawn"] == 2 and places("2024000009") == []
    assert find("2024000009") is not None and not find("2024000009").is_active
    assert find("2023010101").is_active  # 李 is a student of no college: not spoken of


def test_who_goes_gives_up_bed_and_posts_but_who_is_something_else_keeps_them(app, school, clerk):
    """李 has a bed; 陈 works for a contractor besides."""
    campus = school.campus
    with db.unit_of_work() as session:
        bed = directory.add_bed(session, by=None, room_id=campus.room_512, code="2")
        directory.assign_bed(session, by=None, person_id=campus.chen, bed_id=bed)
        directory.add_affiliation(
            session, by=None, person_id=campus.chen, kind="contractor", org_unit_id=campus.unit
        )
        for person_id in (campus.li, campus.chen):
            directory.appoint(
                session, by=None, person_id=person_id, org_unit_id=campus.unit, post="dorm_manager"
            )
    load(app, clerk, [student(1)], withdraws_missing="1")
    assert counts()["withdrawn"] == 2
    with db.unit_of_work() as session:
        homes = [queries.room_of(session, person_id) for person_id in (campus.li, campus.chen)]
        posts = [queries.posts_of(session, person_id) for person_id in (campus.li, campus.chen)]
    assert (homes[0], bool(homes[1])) == (None, True)
    assert (posts[0], len(posts[1])) == ([], 1)


def test_many_removals_need_a_second_person(app, school, clerk, second):
    load(app, clerk, [student(n) for n in range(40)])
    url = send(app, clerk, workbook([student(n) for n in range(10)]), withdraws_missing="1")
    assert "另一位" in clerk.get(url).text and "确认写入" not in clerk.get(url).text
    assert say_yes(app, clerk, url) == 403
    assert places("2024000030") == ["软件2401"]
    assert say_yes(app, second, url) == 303
    assert "已全部写入" in second.get(url).text and places("2024000030") == []


def test_a_plan_that_is_no_longer_true_is_not_written(app, school, clerk):
    rows = [student(n) for n in range(20)]
    first = send(app, clerk, workbook(rows))
    other = send(app, clerk, workbook([*rows, student(77)]))
    say_yes(app, clerk, first)
    say_yes(app, clerk, other)
    assert "又有变化" in clerk.get(other).text and find("2024000077") is None


@pytest.mark.parametrize("strike", [1, 2, 3])
def test_killed_half_way_leaves_nothing_and_the_next_worker_writes_all(app, school, clerk, strike):
    before = students()
    url = send(app, clerk, workbook([student(n) for n in range(1200)]))
    failpoint.configure(f"directory.roster_batch_written=crash@{strike}")
    clerk.post(f"{url}/confirm", headers=visit.csrf(clerk, "desk"))
    with app.app_context(), pytest.raises(Crashed):
        outbox.drain(clients=app.extensions["clients"], seconds=20)
    assert students() == before and "正在写入" in clerk.get(url).text
    failpoint.configure("")
    clock.advance(timedelta(minutes=10))
    uploads.work(app)
    assert students() == before + 1200


def test_problems_come_back_in_the_uploaders_own_sheet(app, school, clerk):
    rows = [student(1), student(2, 学院="没有学院"), student(3, 性别="男")]
    url = send(app, clerk, workbook(rows, title=["某某大学学生名册"]))
    page = clerk.get(url).text
    assert "没有部门或学院“没有学院”" in page and "第 17 位" in page and "确认写入" not in page
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(clerk.get(f"{url}/problems.xlsx").data))
    grid = sheet.get_sheet_by_index(0).to_python()
    assert [bool(row[0]) for row in grid[2:]] == [False, True, True]


def test_a_college_is_a_scope(app, school, clerk):
    rows = [student(1, 学院="外国语学院", 班级="")]
    url = send(app, clerk, workbook(rows), unit=str(school.college))
    assert "不属于所选的范围" in clerk.get(url).text


@pytest.mark.parametrize("field", [{"unit": "999999"}, {"unit": "x"}, {"kind": "aliens"}])
def test_a_scope_is_never_guessed(app, school, clerk, field):
    answer = clerk.post(
        PAGE,
        data={"file": (workbook([student(1)]), "a.xlsx"), "kind": "students"} | field,
        headers=visit.csrf(clerk, "desk"),
    )
    assert answer.status_code == 422
    with db.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_staff_stay_in_their_teams_when_the_list_names_the_unit(app, school, clerk):
    """何 works in a team of 维修中心: the personnel office knows no teams. 赵 is moved, 郑 gets a place."""
    rows = [
        employee(1),
        employee(2, 工号="T0006", 姓名="何志远", 部门="维修中心", 身份证号="", 手机号="", 性别=""),
        employee(3, 工号="T0001", 姓名="赵敏华", 部门="HQ", 身份证号="", 手机号="", 性别=""),
    ]
    url = send(app, clerk, staff_workbook(rows), kind="staff")
    assert [counts()[key] for key in ("new", "changed", "same", "missing")] == [1, 1, 1, 1]
    say_yes(app, clerk, url)
    assert places("T0006", "staff") == ["东区维修班"] and places("T0001", "staff") == ["后勤处"]
    assert places("G00001", "staff") == ["后勤处"] and find("W0001").is_active


def test_who_belongs_to_several_units_is_not_moved_by_guessing(app, school, clerk):
    with db.unit_of_work() as session:
        directory.add_affiliation(
            session, by=None, person_id=school.campus.zhao, kind="staff", org_unit_id=school.languages
        )
    row = employee(3, 工号="T0001", 姓名="赵敏华", 部门="后勤处", 身份证号="", 手机号="")
    url = send(app, clerk, staff_workbook([row]), kind="staff")
    assert "同时属于几个部门" in clerk.get(url).text


def test_a_name_that_two_units_have_needs_the_code(app, school, clerk):
    with db.unit_of_work() as session:
        directory.add_org_unit(session, by=None, code="HQ2", name="后勤处", kind="department")
    url = send(app, clerk, staff_workbook([employee(1)]), kind="staff")
    assert "不止一个" in clerk.get(url).text
    send(app, clerk, staff_workbook([employee(1, 部门="hq2")]), kind="staff")
    assert counts()["new"] == 1


def test_a_document_is_one_persons(app, school, clerk):
    """Of somebody with another number, or of a freshman who has none yet: both would be two people for one."""
    load(app, clerk, [student(1)])
    taken = student(1)["身份证号"]
    url = send(app, clerk, staff_workbook([employee(1, 身份证号=taken)]), kind="staff")
    assert "证件号已经属于学工号 ******0001" in clerk.get(url).text
    freshman = document(7, born="20080202")
    with db.unit_of_work() as session:
        member = directory.NewMember("新同学", "freshman", school.college, id_number=freshman)
        directory.add_members(session, by=None, members=[member])
    url = send(app, clerk, workbook([student(2, 身份证号=freshman)]))
    assert "还没有学号的新生" in clerk.get(url).text


def test_who_comes_back_is_a_student_again(app, school, clerk):
    load(app, clerk, [student(1)])
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=find("2024000001").id)
    url = send(app, clerk, workbook([student(1)]))
    assert counts()["changed"] == 1 and "现在没有这个身份" in clerk.get(url).text
    say_yes(app, clerk, url)
    assert places("2024000001") == ["软件2401"]


def test_given_up_is_given_up(app, school, clerk, second):
    url = send(app, clerk, workbook([student(1)]))
    assert clerk.post(f"{url}/cancel", headers=visit.csrf(clerk, "desk")).status_code == 303
    assert say_yes(app, second, url) == 409 and find("2024000001") is None


def test_a_list_is_said_yes_to_once(app, school, clerk, second):
    url = send(app, clerk, workbook([student(1)]))
    assert [say_yes(app, who, url) for who in (clerk, second)] == [303, 409]


@pytest.mark.parametrize("kind", ["students", "staff", "contractors"])
def test_the_template_left_as_it_is_adds_nobody(app, school, clerk, kind):
    file = clerk.get(f"{PAGE}/template.xlsx?kind={kind}")
    grid = CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0).to_python()
    assert grid[0][0] in ("学号*", "工号*") and "姓名*" in grid[0]
    url = send(app, clerk, io.BytesIO(file.data), kind=kind)
    assert "确认写入" not in clerk.get(url).text and counts()["problem"] > 0


def test_only_who_may_import_sees_it(app, school, clerk):
    url = send(app, clerk, workbook([student(1)]))
    other = visit.desk(app, school.campus.zhao)
    assert {other.get(page).status_code for page in (PAGE, url, f"{PAGE}/template.xlsx")} == {403}
    assert clerk.get(f"{PAGE}/imp_nothing").status_code == 404


def test_lists_of_another_desk_are_not_there(app, school, clerk):
    """Neither to read nor to say yes to."""
    with db.unit_of_work() as session:
        url = send(app, clerk, workbook([student(1)]))
        session.query(Import).update({"desk": "welcome"})
    assert clerk.get(url).status_code == 404 and say_yes(app, clerk, url) == 404
    assert "还没有导入过名单" in clerk.get(PAGE).text


def test_without_a_file_it_says_so(app, school, clerk):
    answer = clerk.post(PAGE, data={}, headers=visit.csrf(clerk, "desk"))
    assert answer.status_code == 422 and "请选择要导入的" in re.sub(r"\s", "", answer.text)


def test_the_file_goes_when_it_is_written_and_after_a_week_at_the_latest(app, school, clerk):
    storage = app.extensions["clients"].storage
    load(app, clerk, [student(1)])
    waiting = send(app, clerk, workbook([student(2), student(3, 学院="没有")]))
    with db.unit_of_work() as session:
        keys = session.scalars(select(Import.file_key).order_by(Import.id)).all()
    assert keys[0] == "" and storage.exists(keys[1])
    clock.advance(timedelta(days=61))
    flows.forget_lists(clients=app.extensions["clients"])
    assert not storage.exists(keys[1])
    again = visit.desk(app, school.campus.zheng)
    assert again.get(f"{waiting}/problems.xlsx").status_code == 404
    with db.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(ImportLine)) == 0


def test_the_command_brings_the_directory_up_to_a_roster(app, school, tmp_path):
    file = tmp_path / "roster.xlsx"
    file.write_bytes(workbook([student(n) for n in range(12)]).read())
    runner = app.test_cli_runner()
    words = ["directory", "import-list", str(file), "--kind", "students", "--unit", "xx"]
    assert "新增 12" in runner.invoke(args=[*words, "--dry-run"]).output and find("2024000001") is None
    assert "新增 12" in runner.invoke(args=words).output and find("2024000001") is not None
    assert "没有变化 12" in runner.invoke(args=words).output
    file.write_bytes(workbook([student(1, 身份证号="440100200801010005")]).read())
    done = runner.invoke(args=words)
    assert done.exit_code == 1 and "校验位" in done.output
    done = runner.invoke(args=[*words[:-1], "NOWHERE"])
    assert done.exit_code == 1 and "没有找到这个部门" in done.output


@pytest.mark.slow
def test_ten_thousand_rows_with_changes_and_removals(app, school, clerk, second):
    """Half of a school changes its class, a tenth goes."""
    everybody = [student(n) for n in range(10_000)]
    load(app, clerk, everybody)
    assert students() == 10_000 + 2
    rows = [row | {"班级": "软件2402"} if n % 2 else row for n, row in enumerate(everybody) if n % 10]
    url = send(app, clerk, workbook(rows), unit=str(school.college), withdraws_missing="1")
    assert [counts()[key] for key in ("changed", "same", "withdrawn")] == [5_000, 4_000, 1_000]
    assert say_yes(app, second, url) == 303
    assert students() == 9_000 + 2 and places("2024000003") == ["软件2402"]
