"""The panel of a case in the console: what an act answers, where a refusal is told, and what keeps what was typed."""

import re
import secrets

import pytest

from app.kit.db import unit_of_work
from app.platform.approvals.models import Case
from app.platform.identity import service as identity
from tests.platform.approvals.definitions import approve, people, publish, start
from tests.visit import csrf, desk


@pytest.fixture
def who(campus):
    with unit_of_work() as session:
        found = people(session, 4)
        publish(session, approve("first", "P1", return_to=["starter"]), approve("second", "P2"))
        identity.grant_role(session, by=None, person_id=campus.zheng, role="approvals.administrator")
        return {"li": campus.li, "zheng": campus.zheng, **found}


@pytest.fixture
def url(who):
    with unit_of_work() as session:
        public_id = session.get_one(Case, start(session, who["li"])).public_id
    return f"/desk/approvals/cases/{public_id}"


@pytest.fixture
def as_(app, who):
    return lambda name: desk(app, who[name])


def click(client, url, **form):
    """As htmx sends a form of the panel."""
    fields = {"_key": secrets.token_urlsafe(12), **form}
    return client.post(url, data=fields, headers=csrf(client, "desk") | {"HX-Request": "true"})


def form_of(page, deed):
    """One form of the panel, from its first field to its end."""
    return re.search(rf'<form[^>]*id="deed-{deed}".*?</form>', page, re.DOTALL)[0]


def test_an_act_answers_with_the_panel_and_lets_the_list_refresh(as_, url):
    answer = click(as_("P1"), f"{url}/approve", comment="准")
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "board:refresh")
    assert "<html" not in answer.text
    assert "准" in answer.text
    assert "deed-approve" not in answer.text
    assert 'data-live="60"' in as_("P2").get("/desk/approvals/").text


def test_the_same_click_twice_is_one_act_and_two_panels(as_, url):
    first, form = as_("P1"), {"_key": "the-same-key-of-the-panel", "comment": "请看附件"}
    answers = [click(first, f"{url}/comment", **form) for _time in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].text.count("请看附件") == 1


def test_a_plain_form_goes_to_its_page(as_, url):
    first = as_("P1")
    answer = first.post(f"{url}/approve", data={"_key": "plain"}, headers=csrf(first, "desk"))
    assert answer.status_code == 303
    assert first.get(answer.location).status_code == 200


def test_who_has_handed_it_on_goes_back_to_his_list_or_sees_what_he_may(as_, url):
    answer = click(as_("P1"), f"{url}/transfer", number="P3")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/desk/approvals/")
    assert "请批一下" in as_("P3").get("/desk/approvals/").text


@pytest.mark.parametrize("name", ["P1", "zheng"])
def test_no_two_fields_have_one_id(as_, url, name):
    page = as_(name).get(url, headers={"HX-Request": "true"}).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 3
    labels = re.findall(r'<label for="([^"]+)"', page)
    assert len(labels) > 1
    assert set(labels) <= set(ids)


@pytest.mark.parametrize(
    ("name", "deed", "form", "said"),
    [
        ("P1", "transfer", {"number": "T4040"}, "没有找到这个工号"),
        ("P1", "delegate", {"number": "T4040"}, "没有找到这个工号"),
        ("P1", "add", {"number": "T4040", "place": "after"}, "没有找到这个工号"),
        ("P1", "copy", {"number": "T4040"}, "没有找到这个工号"),
        ("P1", "return", {"to": "starter", "comment": " "}, "请写明原因"),
        ("zheng", "assign", {"number": "T4040", "seq": "1"}, "没有找到这个工号"),
        ("zheng", "jump", {"to": "nowhere", "comment": "换一步"}, "只能跳到"),
        ("zheng", "terminate", {"comment": "长" * 501}, "意见最多 500 字"),
    ],
)
def test_what_is_wrong_is_said_in_the_form_that_was_sent(as_, url, name, deed, form, said):
    answer = click(as_(name), f"{url}/{deed}", **form)
    assert answer.status_code == 422
    sent = form_of(answer.text, deed + form.get("seq", ""))
    assert said in sent
    assert said not in answer.text.replace(sent, "")
    for typed in ("T4040", "换一步", "长长"):
        if any(typed in value for value in form.values()):
            assert typed in sent
            assert typed not in answer.text.replace(sent, "")
    assert '<details class="part" open>' in answer.text
    if form.get("place"):
        assert 'value="after" selected' in sent


def test_a_no_without_a_reason_is_said_beside_the_yes(as_, url):
    answer = click(as_("P1"), f"{url}/reject", comment="")
    assert "请写明原因" in form_of(answer.text, "approve")


def test_what_is_wrong_with_a_form_that_is_gone_is_said_on_top(as_, url):
    first = as_("P1")
    click(first, f"{url}/approve")
    answer = click(first, f"{url}/approve")
    assert answer.status_code == 409
    assert answer.text.index("这一步已经办过了") < answer.text.index("经过")
