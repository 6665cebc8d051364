"""An admission list from the upload to the yes."""

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.kit import clock, db, failpoint, outbox
from app.kit.failpoint import Crashed
from app.platform.directory.flows import imports as flows
from app.platform.directory.models import Affiliation, Import, Person
from app.platform.identity import service as identity
from app.welcome.models import Admission
from tests import uploads, visit
from tests.uploads import counts, say_yes
from tests.welcome.lists import HEADS, person, workbook

PAGE = "/desk/welcome/import"


def administrator(app, person_id):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person_id, role="welcome.administrator")
    return visit.desk(app, person_id)


@pytest.fixture
def clerk(app, intake):
    return administrator(app, intake.campus.zheng)


@pytest.fixture
def second(app, intake):
    return administrator(app, intake.campus.he)


def send(app, client, file: io.BytesIO, **form) -> str:
    return uploads.send(app, client, PAGE, file, **{"profile": "undergraduate"} | form)


def admitted() -> int:
    with db.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Admission)) or 0


def test_it_works(app, intake, clerk):
    before = admitted()
    url = send(app, clerk, workbook([person(n) for n in range(50)]))
    page = clerk.get(url).text
    assert "确认写入" in page and admitted() == before
    assert {key: counts()[key] for key in ("new", "changed", "problem")} == {
        "new": 50,
        "changed": 0,
        "problem": 0,
    }
    assert say_yes(app, clerk, url) == 303
    assert admitted() == before + 50 and "已全部写入" in clerk.get(url).text
    with db.unit_of_work() as session:
        row = session.execute(
            select(Person.name, Person.id_number, Person.id_number_index, Affiliation.kind)
            .join(Admission, Admission.person_id == Person.id)
            .join(Affiliation, Affiliation.person_id == Person.id)
            .where(Person.name == "新生7")
        ).one()
    assert (row.id_number, row.kind) == (None, "freshman") and row.id_number_index


def test_the_same_list_again_changes_nothing(app, intake, clerk):
    rows = [person(n) for n in range(30)]
    say_yes(app, clerk, send(app, clerk, workbook(rows)))
    send(app, clerk, workbook(list(reversed(rows))))
    found = counts()
    assert (found["new"], found["changed"], found["same"]) == (0, 0, 30)


def test_what_changed_is_named_and_not_shown(app, intake, clerk):
    say_yes(app, clerk, send(app, clerk, workbook([person(n) for n in range(5)])))
    changed = [person(n) for n in range(5)]
    changed[2] |= {"专业名称": "网络工程", "联系电话": "10000029999"}
    url = send(app, clerk, workbook(changed))
    page = clerk.get(url).text
    assert "专业、联系电话" in page and "10000029999" not in page and "新生2" not in page
    say_yes(app, clerk, url)
    with db.unit_of_work() as session:
        majors = session.scalars(select(Admission.major).where(Admission.major == "网络工程")).all()
    assert len(majors) == 1


def test_who_is_missing_stays_unless_it_is_ticked(app, intake, clerk):
    say_yes(app, clerk, send(app, clerk, workbook([person(n) for n in range(10)])))
    url = send(app, clerk, workbook([person(n) for n in range(9)]))
    assert (
        counts()["missing"] == 6 and counts()["withdrawn"] == 0
    )  # five of the fixture are undergraduates too
    say_yes(app, clerk, url)
    url = send(app, clerk, workbook([person(n) for n in range(9)]), withdraws_missing="1")
    assert counts()["withdrawn"] == 6
    say_yes(app, clerk, url)
    with db.unit_of_work() as session:
        gone = session.scalar(
            select(func.count()).select_from(Admission).where(Admission.status == "withdrawn")
        )
    assert gone == 6


def test_many_withdrawals_need_a_second_person(app, intake, clerk, second):
    say_yes(app, clerk, send(app, clerk, workbook([person(n) for n in range(40)])))
    url = send(app, clerk, workbook([person(n) for n in range(10)]), withdraws_missing="1")
    assert "另一位" in clerk.get(url).text
    assert say_yes(app, clerk, url) == 403
    assert say_yes(app, second, url) == 303
    assert "已全部写入" in second.get(url).text


def test_a_plan_that_is_no_longer_true_is_not_written(app, intake, clerk):
    """Two lists looked at before either is written: the second would do other things than were shown."""
    rows = [person(n) for n in range(20)]
    first = send(app, clerk, workbook(rows))
    other = send(app, clerk, workbook([*rows, person(77)]))
    say_yes(app, clerk, first)
    say_yes(app, clerk, other)
    assert "又有变化" in clerk.get(other).text
    before = admitted()
    assert before == 25


def test_killed_half_way_leaves_nothing(app, intake, clerk):
    before = admitted()
    url = send(app, clerk, workbook([person(n) for n in range(1200)]))
    failpoint.configure("welcome.list_batch_written=crash@2")
    clerk.post(f"{url}/confirm", headers=visit.csrf(clerk, "desk"))
    with app.app_context(), pytest.raises(Crashed):
        outbox.drain(clients=app.extensions["clients"], seconds=20)
    assert admitted() == before
    failpoint.configure("")


def test_problems_come_back_in_the_uploaders_own_sheet(app, intake, clerk):
    rows = [person(1), person(2, 学院="没有学院"), person(3, 性别="男")]
    url = send(app, clerk, workbook(rows, title=["某某大学 2026 年录取名单"]))
    page = clerk.get(url).text
    assert "没有学院“没有学院”" in page and "第 17 位" in page and "确认写入" not in page
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(clerk.get(f"{url}/problems.xlsx").data))
    grid = sheet.get_sheet_by_index(0).to_python()
    assert [bool(row[0]) for row in grid[2:]] == [False, True, True]


def test_a_college_is_a_scope(app, intake, clerk):
    url = send(app, clerk, workbook([person(1, 学院="外国语学院", 班级="")]), college=str(intake.college))
    assert "不属于所选的学院" in clerk.get(url).text


def test_the_template_can_be_filled_in(app, intake, clerk):
    file = clerk.get(f"{PAGE}/template.xlsx")
    grid = CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0).to_python()
    assert {"考生号*", "姓名*", "学院*"} <= set(grid[0])


def test_only_who_may_import_sees_it(app, intake):
    client = visit.desk(app, intake.campus.zhao)
    assert client.get(PAGE).status_code == 403
    missing = administrator(app, intake.campus.he).get(f"{PAGE}/imp_nothing")
    assert missing.status_code == 404


def test_without_a_file_it_says_so(app, intake, clerk):
    answer = clerk.post(PAGE, data={}, headers=visit.csrf(clerk, "desk"))
    assert answer.status_code == 422 and "请选择要导入的" in re.sub(r"\s", "", answer.text)


def test_the_command_brings_a_season_up_to_a_list(app, intake, tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(workbook([person(n) for n in range(12)]).read())
    runner = app.test_cli_runner()
    words = ["welcome", "import-admissions", str(file), "--season", "2026"]
    assert "新增 12" in runner.invoke(args=[*words, "--dry-run"]).output and admitted() == 5
    assert "新增 12" in runner.invoke(args=words).output and admitted() == 17
    assert "没有变化 12" in runner.invoke(args=words).output
    file.write_bytes(workbook([person(1, 身份证号="440100200801010005")]).read())
    done = runner.invoke(args=words)
    assert done.exit_code == 1 and "校验位" in done.output
    assert HEADS[0] == "考生号"


def test_the_file_goes_when_it_is_written_and_after_a_week_at_the_latest(app, intake, clerk):
    storage = app.extensions["clients"].storage
    written = send(app, clerk, workbook([person(1)]))
    waiting = send(app, clerk, workbook([person(2), person(3, 学院="没有")]))
    with db.unit_of_work() as session:
        keys = session.scalars(select(Import.file_key).order_by(Import.id)).all()
    say_yes(app, clerk, written)
    assert [storage.exists(key) for key in keys] == [False, True]
    clock.advance(timedelta(days=8))
    flows.forget_lists(clients=app.extensions["clients"])
    flows.forget_lists(clients=app.extensions["clients"])
    assert not storage.exists(keys[1])
    again = visit.desk(app, intake.campus.zheng)
    assert again.get(f"{waiting}/problems.xlsx").status_code == 404
