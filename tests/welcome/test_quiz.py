"""The safety quiz: the paper, its time, its one marking, the certificate."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select

from app.kit import clock, db
from app.platform.identity import service as identity
from app.welcome.models import QuizAttempt, QuizCategory, QuizQuestion
from app.welcome.queries import items as to_do
from app.welcome.queries import quiz as queries
from app.welcome.service import items, quiz, quiz_bank
from app.welcome.service.items import ItemTerms
from app.welcome.service.quiz import QuizTerms
from tests import visit

HOME = "/m/welcome/quiz/"


def workbook(rows, heads=quiz_bank.HEADS) -> BytesIO:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([heads, *rows]):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
    file.seek(0)
    return file


def question(number, category="消防安全", answer="A", options=("甲", "乙", "丙", "丁")):
    given = [*options, *[""] * (6 - len(options))]
    return [f"Q{number}", category, f"第{number}题", *given, answer, f"解析{number}"]


@pytest.fixture
def bank(app, intake):
    """Two categories of twelve questions each, five and five drawn; one in three takes two answers."""
    with db.unit_of_work() as session:
        quiz_id = quiz.save_quiz(
            session,
            by=None,
            season_id=intake.season,
            terms=QuizTerms("新生安全知识", date(2026, 11, 10), date(2026, 11, 30)),
        )
        rows = [question(n, "消防安全" if n % 2 else "反诈", "AC" if n % 3 == 0 else "B") for n in range(24)]
        by = intake.staff(intake.campus.zheng)
        assert quiz_bank.import_bank(session, by=by, quiz_id=quiz_id, source=workbook(rows)) == (24, 0)
    return quiz_id


def start(client, key="one"):
    answer = client.post(HOME, headers=visit.csrf(client) | {"Idempotency-Key": key})
    return answer.headers.get("Location", answer.status_code)


def answers(right=100):
    """A form with this many percent of the answers right, of the newest paper."""
    with db.unit_of_work() as session:
        attempt = session.scalars(select(QuizAttempt).order_by(QuizAttempt.id.desc()).limit(1)).one()
        asked = queries.paper(session, attempt)
        right_ones = len(asked) * right // 100
        return {
            f"q-{one.question.id}": [str(place) for place in one.question.answers]
            if at < right_ones
            else ["3"]
            for at, one in enumerate(asked)
        }


def hand_in(client, url, form, key="in"):
    return client.post(url, data=form, headers=visit.csrf(client) | {"Idempotency-Key": key})


def newest() -> QuizAttempt:
    with db.unit_of_work() as session:
        found = session.scalars(select(QuizAttempt).order_by(QuizAttempt.id.desc()).limit(1)).one()
        session.expunge(found)
        return found


def test_it_works(app, intake, zhou, bank):
    url = start(zhou)
    shown = zhou.get(url).text
    assert "共 10 题" in shown and "解析" not in shown.replace("可以看解析", "")
    assert hand_in(zhou, url, answers()).status_code == 303
    assert (newest().score, newest().is_passed) == (100, True)
    result = zhou.get(url).text
    assert "已通过，100 分" in result and "解析" in result
    taken = zhou.get(f"{url}/certificate.pdf")
    assert taken.status_code == 200 and taken.data.startswith(b"%PDF")
    checked = app.test_client().get(f"{HOME}certificates?number={newest().certificate.lower()}").text
    assert "证书有效" in checked and "周同学" in checked and "雨桐" not in checked
    assert "没有找到" in app.test_client().get(f"{HOME}certificates?number=S000").text
    assert start(zhou, "again") == 409


def test_handing_in_is_exactly_once(app, intake, zhou, bank):
    url = start(zhou)
    form = answers(50)
    assert [hand_in(zhou, url, form).status_code for _ in range(2)] == [303, 303]
    assert hand_in(zhou, url, answers(), key="other").status_code == 409
    assert newest().score == 50
    with db.unit_of_work() as session:
        asked = session.scalars(select(QuizQuestion.shown).where(QuizQuestion.shown > 0)).all()
        assert asked == [1] * 10
        assert sum(session.scalars(select(QuizQuestion.wrong))) == 5


def test_a_failure_waits_and_then_draws_another_paper(app, intake, zhou, bank):
    url = start(zhou)
    hand_in(zhou, url, answers(80))
    assert "没有通过，80 分" in zhou.get(url).text
    assert start(zhou, "two") == 409
    clock.advance(timedelta(minutes=61))
    zhou = visit.phone(app, intake.zhou)
    again = start(zhou, "three")
    assert again != url
    with db.unit_of_work() as session:
        drawn = session.scalars(select(QuizAttempt.question_ids).order_by(QuizAttempt.id)).all()
    assert drawn[0] != drawn[1]


def test_one_paper_is_open_at_a_time(app, intake, zhou, bank):
    assert start(zhou, "a") == start(zhou, "b")


def test_the_time_is_the_servers(app, intake, zhou, bank):
    url = start(zhou)
    form = answers()
    clock.advance(timedelta(minutes=31))
    zhou = visit.phone(app, intake.zhou)
    assert hand_in(zhou, url, form).status_code == 303
    assert (newest().score, newest().is_late, newest().is_passed) == (0, True, False)
    assert "超过了答题时间" in zhou.get(url).text


def test_a_forgotten_paper_ends_by_itself(app, intake, zhou, bank):
    url = start(zhou)
    clock.advance(timedelta(hours=3))
    zhou = visit.phone(app, intake.zhou)
    assert start(zhou, "later") != url


def test_two_of_two_answers_are_needed_and_the_options_are_mixed(app, intake, zhou, bank):
    start(zhou)
    with db.unit_of_work() as session:
        attempt = session.scalars(select(QuizAttempt)).one()
        asked = queries.paper(session, attempt)
        assert [one.options for one in asked] == [one.options for one in queries.paper(session, attempt)]
        assert any([place for place, _ in one.options] != [0, 1, 2, 3] for one in asked)
        names = session.scalars(
            select(QuizCategory.name)
            .join(QuizQuestion, QuizQuestion.category_id == QuizCategory.id)
            .where(QuizQuestion.id.in_(attempt.question_ids))
        ).all()
    assert sorted(names) == ["反诈"] * 5 + ["消防安全"] * 5


def test_a_paper_is_its_owners(app, intake, zhou, bank):
    url = start(zhou)
    lin = visit.phone(app, intake.lin)
    missing = lin.get(f"{HOME}qza_{'0' * 20}")
    foreign = lin.get(url)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert len(foreign.data) == len(missing.data)
    assert hand_in(lin, url, {}).status_code == 404
    assert zhou.get(f"{url}/certificate.pdf").status_code == 404
    assert start(visit.phone(app)) == 404


def test_passing_closes_the_item_of_the_list(app, intake, zhou, bank):
    with db.unit_of_work() as session:
        terms = ItemTerms("安全测试", "must", date(2026, 11, 10), date(2026, 11, 30), "quiz_passed")
        items.save_item(session, by=None, season_id=intake.season, key="quiz", terms=terms)
    hand_in(zhou, start(zhou), answers())
    with db.unit_of_work() as session:
        by = intake.staff(intake.campus.zheng)
        assert [row.finished for row in to_do.progress(session, by, intake.season)] == [1]
    assert (
        "已完成 1 项" in zhou.get("/m/welcome/items/").text
        or "都办好了" in zhou.get("/m/welcome/items/").text
    )


def test_attempts_go_and_follow(app, intake, zhou, bank):
    from app.welcome import service  # noqa: PLC0415

    start(zhou)
    with db.unit_of_work() as session:
        assert service.export_person(session, person_id=intake.zhou)["quiz"][0]["score"] is None
        service.merge_person(session, from_id=intake.zhou, into_id=intake.lin)
        assert session.scalars(select(QuizAttempt.person_id)).all() == [intake.lin]
        service.erase_person(session, by=None, person_id=intake.lin)
        assert session.scalars(select(QuizAttempt.id)).all() == []


@pytest.fixture
def desk(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.editor")
    return visit.desk(app, intake.campus.zheng)


def test_the_desk_sees_where_people_go_wrong(app, intake, zhou, bank, desk):
    hand_in(zhou, start(zhou), answers(0))
    page = desk.get("/desk/welcome/quiz/").text
    assert "100%" in page and "消防安全" in page and "周雨桐" not in page
