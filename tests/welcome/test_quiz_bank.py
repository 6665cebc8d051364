"""The bank of questions: each fault at its cell, nothing half imported, attempts keep what was asked."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.kit import db
from app.kit.errors import DomainError
from app.platform.identity import service as identity
from app.welcome.models import QuizCategory, QuizQuestion
from app.welcome.service import quiz, quiz_bank
from tests import visit
from tests.welcome.test_quiz import bank, question, workbook  # noqa: F401

PAGE = "/desk/welcome/quiz/"


@pytest.fixture
def desk(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.editor")
    return visit.desk(app, intake.campus.zheng)


def upload(desk, file):
    return desk.post(
        f"{PAGE}questions",
        data={"file": (file, "bank.xlsx")},
        headers=visit.csrf(desk, "desk"),
        content_type="multipart/form-data",
    )


def known():
    with db.unit_of_work() as session:
        stmt = select(QuizQuestion.code, QuizQuestion.text).where(QuizQuestion.is_active)
        return dict(session.execute(stmt.order_by(QuizQuestion.code)).all())


def test_it_works(app, intake, bank, desk):  # noqa: F811
    assert (
        upload(desk, workbook([question(1), question(99, "交通安全", "对", ("对", "错"))])).status_code == 303
    )
    assert len(known()) == 25
    assert "交通安全" in desk.get(PAGE).text


def test_the_template_is_what_the_import_takes(app, intake, bank, desk):  # noqa: F811
    taken = desk.get(f"{PAGE}questions.xlsx").data
    with CalamineWorkbook.from_object(BytesIO(taken)) as book:
        assert tuple(book.get_sheet_by_index(0).to_python()[0]) == quiz_bank.HEADS
    assert upload(desk, BytesIO(taken)).status_code == 303


@pytest.mark.parametrize(
    ("cell", "row"),
    [
        ("A2", ["", *question(1)[1:]]),
        ("B2", ["Q1", "", *question(1)[2:]]),
        ("C2", ["Q1", "反诈", "", *question(1)[3:]]),
        ("E2", ["Q1", "反诈", "题", "甲", "", "丙", "", "", "", "A", ""]),
        ("E2", question(1, options=("甲", "甲"))),
        ("J2", question(1, answer="E")),
        ("J2", question(1, answer="")),
        ("J2", question(1, answer="=1+1")),
        ("C2", ["Q1", "反诈", "长" * 1001, *question(1)[3:]]),
    ],
)
def test_each_fault_is_at_its_cell_and_nothing_is_written(app, intake, bank, desk, cell, row):  # noqa: F811
    before = known()
    page = upload(desk, workbook([row, question(200)]))
    assert page.status_code == 422 and f">{cell}</span>" in page.text
    assert known() == before


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a zip", b"a,b\n1,2\n", workbook([], heads=("甲", "乙")).getvalue()]
)
def test_what_is_no_bank_is_refused(app, intake, bank, desk, content):  # noqa: F811
    before = known()
    assert upload(desk, BytesIO(content)).status_code == 422
    assert known() == before


def test_a_bomb_is_measured_before_it_is_opened(intake, bank):  # noqa: F811
    import zipfile  # noqa: PLC0415

    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    file.seek(0)
    with db.unit_of_work() as session, pytest.raises(DomainError) as refused:
        quiz_bank.import_bank(session, by=intake.staff(intake.zhou), quiz_id=bank, source=file)
    assert refused.value.code == "welcome.bank_unreadable"


def test_a_repeated_code_is_a_fault(app, intake, bank, desk):  # noqa: F811
    page = upload(desk, workbook([question(50), question(50)]))
    assert page.status_code == 422 and ">A3</span>" in page.text


def test_a_changed_question_is_a_new_row(intake, bank):  # noqa: F811
    changed = question(1)
    changed[2] = "改过的题"
    with db.unit_of_work() as session:
        by = intake.staff(intake.campus.zheng)
        assert quiz_bank.import_bank(session, by=by, quiz_id=bank, source=workbook([changed])) == (1, 0)
    with db.unit_of_work() as session:
        rows = session.execute(
            select(QuizQuestion.text, QuizQuestion.is_active)
            .where(QuizQuestion.code == "Q1")
            .order_by(QuizQuestion.id)
        ).all()
    assert [tuple(row) for row in rows] == [("第1题", False), ("改过的题", True)]


def test_the_editor_sets_rules_and_draws(app, intake, bank, desk):  # noqa: F811
    form = {
        "title": "安全",
        "opens_on": "2026-11-10",
        "closes_on": "2026-11-30",
        "pass_mark": "80",
        "minutes": "20",
        "cool_down_minutes": "0",
    }
    headers = visit.csrf(desk, "desk")
    assert desk.post(PAGE, data=form | {"pass_mark": "101"}, headers=headers).status_code == 422
    assert desk.post(PAGE, data=form, headers=headers).status_code == 303
    with db.unit_of_work() as session:
        category = session.scalars(select(QuizCategory.id).where(QuizCategory.name == "反诈")).one()
    assert desk.post(f"{PAGE}draws", data={f"draws-{category}": "2"}, headers=headers).status_code == 303
    with db.unit_of_work() as session:
        assert session.get(QuizCategory, category).draws == 2
        assert len(quiz._draw(session, bank, 1)) == 7
