"""Who has not come: the work-list, calls, decisions, the workbook."""

import io

import pytest
from python_calamine import CalamineWorkbook

from app.kit import db
from app.welcome.errors import AdmissionNotFound, StatusChanged
from app.welcome.service import absent
from tests import visit
from tests.welcome.reception import make_reception

PAGE = "/desk/welcome/absent"


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


@pytest.fixture
def desk(reception):
    return reception.desk(reception.intake.campus.zhao, "welcome.desk")


def decide(reception, by, person_id, decision, seen="admitted"):
    with db.unit_of_work() as session:
        absent.decide_absence(
            session,
            by=by,
            admission_id=reception.admission(person_id).public_id,
            seen=seen,
            decision=decision,
            reason="家长来电说明",
        )


def test_it_works(reception, desk):
    reception.register(reception.intake.staff(reception.intake.campus.zhao), reception.intake.zhou)
    page = desk.get(PAGE).text
    assert "林知夏" in page and "周雨桐" not in page


def test_the_list_is_narrowed_by_college_class_and_state(reception, desk):
    intake = reception.intake
    decide(reception, intake.staff(intake.campus.zhao), intake.lin, "excused")
    page = desk.get(f"{PAGE}?college_id={intake.other_college}").text
    assert "高乐" in page and "何思源" not in page
    assert "林知夏" in desk.get(f"{PAGE}?status=excused&class_id={intake.class_id}").text
    assert "林知夏" not in desk.get(f"{PAGE}?class_id={intake.class_id}").text


def test_calls_are_noted_once_and_shown(reception, desk):
    code = reception.admission(reception.intake.he).public_id
    headers = visit.csrf(desk, "desk") | {"Idempotency-Key": "one"}
    form = {"outcome": "family", "note": "火车晚点，明天到"}
    for _ in range(2):
        assert desk.post(f"{PAGE}/{code}/contacts", data=form, headers=headers).status_code == 303
    page = desk.get(f"{PAGE}/{code}").text
    assert page.count("<p>火车晚点，明天到</p>") == 1 and "联系到家人" in page and "赵敏华" in page


def test_a_decision_needs_a_reason_and_rests_on_what_was_seen(reception, desk):
    code = reception.admission(reception.intake.he).public_id
    headers = visit.csrf(desk, "desk")
    form = {"seen": "admitted", "decision": "deferred", "reason": ""}
    assert desk.post(f"{PAGE}/{code}/decide", data=form, headers=headers).status_code == 422
    form["reason"] = "参军入伍，保留学籍"
    assert desk.post(f"{PAGE}/{code}/decide", data=form, headers=headers).status_code == 303
    assert reception.admission(reception.intake.he).status == "deferred"
    answer = desk.post(f"{PAGE}/{code}/decide", data=form, headers=headers)
    assert answer.status_code == 409 and "保留入学资格" in answer.text


def test_nobody_is_marked_absent_who_has_just_checked_in(reception):
    clerk = reception.intake.staff(reception.intake.campus.zhao)
    reception.register(clerk, reception.intake.zhou)
    with pytest.raises(StatusChanged):
        decide(reception, clerk, reception.intake.zhou, "withdrawn")
    assert reception.admission(reception.intake.zhou).status == "registered"


def test_another_colleges_people_are_nobody(reception):
    intake = reception.intake
    clerk = intake.staff(intake.campus.zhao, "welcome.check_in", college=intake.other_college)
    with pytest.raises(AdmissionNotFound):
        decide(reception, clerk, intake.zhou, "excused")
    desk = reception.desk(intake.campus.he, "welcome.desk", college=intake.other_college)
    assert "周雨桐" not in desk.get(PAGE).text


def test_the_workbook_says_who_took_it_and_holds_no_numbers(reception, desk):
    headers = visit.csrf(desk, "desk")
    assert desk.post(PAGE + "/export.xlsx", headers=headers).status_code == 422
    answer = desk.post(PAGE + "/export.xlsx", data={"reason": "学院逐个联系"}, headers=headers)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 6
    assert all("赵敏华" in row[8] and "学院逐个联系" in row[8] for row in rows[1:])
    assert "10000000101" not in str(rows) and "44010020080101002X" not in str(rows)
