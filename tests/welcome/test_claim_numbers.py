"""Student numbers are issued: freshmen become students, and what is bound stays bound."""

import pytest
import xlsxwriter
from sqlalchemy import select

from app.kit import db
from app.platform.directory import queries as directory
from app.platform.identity import queries as identity
from app.welcome.models import Admission, Profile
from tests import visit
from tests.welcome.claiming import handset
from tests.welcome.conftest import PEOPLE


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["welcome", *map(str, words)])


def person(person_id):
    with db.unit_of_work() as session:
        return directory.person(session, person_id)


def public_id(person_id):
    with db.unit_of_work() as session:
        return session.scalar(select(Admission.public_id).where(Admission.person_id == person_id))


def csv(tmp_path, *lines, head="录取编号,学号"):
    path = tmp_path / "numbers.csv"
    path.write_text("\n".join([head, *lines]), "utf-8-sig")
    return path


def test_it_works(app, intake, run, tmp_path):
    phone = handset(app)
    phone.claim()
    done = run("issue-numbers", csv(tmp_path, f"{public_id(intake.he)}, 2026010103"))
    assert done.exit_code == 0, done.output
    he = person(intake.he)
    assert (he.number, he.kinds) == ("2026010103", frozenset({"student"}))
    assert phone.stands_for == intake.he
    with db.unit_of_work() as session:
        assert identity.link_of_person(session, intake.he).bound_at is not None
        assert directory.find_person_by_number(session, "2026010103").id == intake.he
    assert visit.phone(app, intake.he).get("/m/welcome/").status_code == 200


def test_by_candidate_number_from_a_workbook_and_again(app, intake, run, tmp_path):
    path = tmp_path / "numbers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["考生号", "学号"])
        sheet.write_row(1, 0, [float(PEOPLE["he"]["number"]), 2026010103])
        sheet.write_row(2, 0, [PEOPLE["gao"]["number"], "2026020101"])
    assert "2 of 2" in run("issue-numbers", path).output
    assert person(intake.gao).kinds == {"student"}
    assert "0 of 2" in run("issue-numbers", path).output


def test_one_wrong_line_and_nothing_is_written(app, intake, run, tmp_path):
    he, xu = public_id(intake.he), public_id(intake.xu)
    lines = [f"{he},2026010103", "adm_none,2026010104", f"{xu},2026010103", f"{xu},2023010101", f"{xu},"]
    refused = run("issue-numbers", csv(tmp_path, *lines))
    assert refused.exit_code == 1
    for said in (
        "第 3 行",
        "第 4 行: 学号和第 2 行重复",
        "第 5 行: 学号已经属于另一个人",
        "第 6 行: 没有学号",
    ):
        assert said in refused.output, refused.output
    assert person(intake.he).kinds == {"freshman"} and person(intake.he).number is None


@pytest.mark.parametrize("name", ["numbers.xlsx", "numbers.csv"])
def test_a_file_that_is_none_is_said_so(app, intake, run, tmp_path, name):
    path = tmp_path / name
    path.write_text("nothing of use")
    refused = run("issue-numbers", path)
    assert refused.exit_code == 1 and "Error" in refused.output


def test_profiles_are_rows_and_a_schools_changes_stay(app, intake, run):
    with db.unit_of_work() as session:
        rows = session.scalars(select(Profile).order_by(Profile.position)).all()
        assert [row.key for row in rows] == [
            "undergraduate",
            "postgraduate",
            "upgrade",
            "hmt",
            "international",
        ]
        rows[0].number_label = "准考证号"
        session.delete(rows[4])
    assert "1 profiles added" in run("profiles").output
    page = handset(app).client.get("/m/welcome/claim/").text
    assert "准考证号" in page and "国际学生" in page
    english = handset(app, "o-en").client.get(
        "/m/welcome/claim/?profile=international", headers={"Accept-Language": "en"}
    )
    assert "Application number" in english.text
