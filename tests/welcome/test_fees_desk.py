"""The desk's form of fees: what is collected, what is linked, and what a form can't say."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.identity import service as identity
from app.welcome.models import Fee
from tests import visit
from tests.payments.conftest import add_fee_item

DESK = "/desk/welcome/fees/"
FORM = {
    "key": "uniform",
    "title": "军训服装费",
    "fee_item": "uniform",
    "yuan": "128.50",
    "closes_on": "2026-11-30",
    "may_defer": "1",
    "is_active": "1",
}
LINK = {"fee_item": "", "yuan": "", "link_url": "https://pay.school.example/"}


@pytest.fixture
def editor(app, intake):
    add_fee_item(code="uniform", title="军训服装费", service_key="welcome")
    add_fee_item(code="power", title="电费", service_key="electricity")
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.editor")
    return visit.desk(app, intake.campus.zheng)


def save(client, **more):
    return client.post(DESK, data=FORM | more, headers=visit.csrf(client, "desk"))


def fees():
    with db.unit_of_work() as session:
        rows = session.execute(
            select(Fee.key, Fee.title, Fee.fee_item, Fee.fen, Fee.link_url, Fee.may_defer, Fee.is_active)
        )
        return [tuple(row) for row in rows]


def test_it_works(editor, zhou):
    form = editor.get(DESK + "new").text
    assert '<option value="uniform">' in form and '<option value="power">' not in form
    assert save(editor).status_code == 303
    assert fees() == [("uniform", "军训服装费", "uniform", 12_850, None, True, True)]
    assert "¥128.50" in editor.get(DESK).text
    assert "¥128.50" in zhou.get("/m/welcome/fees/").text
    assert 'value="128.50"' in editor.get(DESK + "uniform").text


def test_saved_again_it_is_changed_and_may_be_switched_off(editor, zhou):
    save(editor)
    assert save(editor, yuan="99", is_active="", may_defer="").status_code == 303
    assert fees() == [("uniform", "军训服装费", "uniform", 9_900, None, False, False)]
    assert "¥99.00" not in zhou.get("/m/welcome/fees/").text


def test_a_linked_fee_has_no_amount(editor, zhou):
    assert save(editor, key="tuition", title="学费", **LINK).status_code == 303
    assert 'href="https://pay.school.example/"' in zhou.get("/m/welcome/fees/").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "New Fee"},
        {"key": "new"},
        {"title": ""},
        {"title": "军" * 41},
        {"closes_on": "soon"},
        {"yuan": "12.345"},
        {"yuan": "free"},
        {"yuan": "0"},
        {"yuan": "20000.01"},
        {"yuan": ""},
        {"link_url": "https://pay.school.example/"},
        LINK | {"link_url": "javascript:alert(1)"},
        {"fee_item": ""},
    ],
    ids=str,
)
def test_what_can_not_be_is_said_and_what_was_typed_stays(editor, wrong):
    answer = save(editor, **wrong)
    assert answer.status_code == 422
    assert "有几处需要改一下" in answer.text and 'value="2026-11-30"' in answer.text or "soon" in str(wrong)
    assert fees() == []


def test_others_are_refused(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.liu, role="welcome.dispatcher")
    assert visit.desk(app, intake.campus.liu).get(DESK).status_code == 403
    assert visit.desk(app, intake.campus.liu).get(DESK + "none").status_code == 403
