"""Definitions in the console: uploaded with all faults told, tried in every college, compared, published by two."""

import io
import json

import pytest
from sqlalchemy import delete, select

from app.kit import outbox
from app.kit.db import unit_of_work
from app.miniapps.leave.definitions import DEFAULT, DEFINITIONS
from app.platform.approvals.definition import parse
from app.platform.approvals.definition.samples import sample_forms
from app.platform.approvals.models import Case, Definition
from app.platform.approvals.queries.definitions import changes
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.identity.models import RoleGrant
from tests.make import SINCE
from tests.platform.approvals.definitions import approve, body, people
from tests.visit import csrf, desk

URL = "/desk/approvals/definitions/"


@pytest.fixture
def who(campus):
    """Two colleges, each with a class and a student; a counsellor in the first only."""
    with unit_of_work() as session:
        found = people(session, 3)
        for code, student in (("A", campus.li), ("B", campus.chen)):
            college = directory.add_org_unit(session, by=None, code=code, name=f"学院{code}", kind="college")
            klass = directory.add_org_unit(
                session, by=None, code=f"{code}1", name=f"班{code}", kind="class", parent_id=college
            )
            directory.add_affiliation(
                session, by=None, person_id=student, kind="student", org_unit_id=klass, starts_on=SINCE
            )
            if code == "A":
                directory.appoint(
                    session,
                    by=None,
                    person_id=found["P3"],
                    org_unit_id=klass,
                    post="counsellor",
                    starts_on=SINCE,
                )
        identity.grant_role(session, by=None, person_id=found["P1"], role="approvals.designer")
        identity.grant_role(session, by=None, person_id=found["P1"], role="approvals.administrator")
        identity.grant_role(session, by=None, person_id=found["P2"], role="approvals.administrator")
        return {"li": campus.li, "chen": campus.chen, **found}


@pytest.fixture
def as_(app, who):
    return lambda name: desk(app, who[name])


def post(client, url, **form):
    return client.post(url, data=form, headers=csrf(client, "desk"))


def upload(client, tree, code="trip"):
    """The address of a new version."""
    answer = post(client, URL, code=code, body=json.dumps(tree))
    assert answer.status_code == 303, answer.text
    return answer.location


def state(url):
    with unit_of_work() as session:
        return session.get_one(Definition, int(url.rsplit("/", 1)[1])).status


def test_made_by_one_published_by_another(who, as_):
    maker, checker = as_("P1"), as_("P2")
    url = upload(maker, body(approve("first", "P1")))
    assert "提请发布" in maker.get(url).text
    assert post(maker, f"{url}/propose").status_code == 303
    assert post(checker, f"{url}/publish").status_code == 409  # the trial is not over
    outbox.drain(clients=None, seconds=20)
    assert "试过 2 个学院" in checker.get(url).text
    refused = post(maker, f"{url}/publish")
    assert refused.status_code == 403
    assert "两个人" in refused.text
    assert post(checker, f"{url}/publish").status_code == 303
    assert state(url) == "published"


def test_every_fault_is_told_by_place_and_nothing_typed_is_lost(as_):
    bad = body(approve("first", "P1", method="dice"), approve("first"), {"type": "dance"})
    answer = post(as_("P1"), URL, code="trip", body=json.dumps(bad))
    assert answer.status_code == 422
    for words in ("method", "重复了", "只能是"):
        assert words in answer.text
    with unit_of_work() as session:
        assert session.scalars(select(Definition).where(Definition.code == "trip")).all() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "不是有效的 JSON"),
        ('{"title": "x",}', "第 1 行"),
        ("[" * 5000, "不是有效的 JSON"),
        ("x" * 200_001, "超过 200 KB"),
        ("[]", "要改"),
    ],
)
def test_what_can_not_be_read_is_refused_in_words(as_, text, words):
    answer = post(as_("P1"), URL, code="trip", body=text)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_file_is_taken_too_and_comes_back_as_it_was(as_):
    tree = body(approve("first", "P1"))
    client = as_("P1")
    answer = client.post(
        URL,
        data={"code": "trip", "file": (io.BytesIO(json.dumps(tree).encode()), "trip.json")},
        headers=csrf(client, "desk"),
    )
    assert answer.status_code == 303
    assert client.get(f"{answer.location}/body.json").json == tree


def test_a_code_is_a_code(as_):
    answer = post(as_("P1"), URL, code="../x", body=json.dumps(body(approve("first", "P1"))))
    assert answer.status_code == 422
    assert "流程代码" in answer.text


def test_a_college_without_anybody_is_found_before_it_is_published(who, as_):
    node = {**approve("first"), "approvers": [{"resolver": "directory.class_counsellor"}]}
    deep = {
        "key": "tiers",
        "type": "condition",
        "branches": [
            {
                "title": "长",
                "when": "days > 3",
                "nodes": [{**approve("second", "nobody"), "when_empty": "reject"}],
            },
            {"title": "短", "nodes": []},
        ],
    }
    with unit_of_work() as session:  # nobody to fall back on
        session.execute(delete(RoleGrant))
        identity.grant_role(session, by=None, person_id=who["P1"], role="approvals.designer")
    fields = [{"name": "days", "title": "天数", "type": "number"}]
    maker = as_("P1")
    url = upload(maker, body(node, deep, fields=fields))
    post(maker, f"{url}/propose")
    outbox.drain(clients=None, seconds=20)
    with unit_of_work() as session:
        lint = session.get_one(Definition, int(url.rsplit("/", 1)[1])).lint
    found = {(one["college"], one["node"], one["problem"]) for one in lint["findings"]}
    assert ("学院B", "环节first", "stuck") in found
    assert ("学院A", "环节first", "stuck") not in found
    assert {("学院A", "环节second", "rejected"), ("学院B", "环节second", "rejected")} <= found
    with unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=who["P2"], role="approvals.administrator")
    checker = as_("P2")
    refused = post(checker, f"{url}/publish")
    assert refused.status_code == 409
    assert "已知晓" in refused.text
    assert post(checker, f"{url}/publish", knows_findings="1").status_code == 303


def test_a_version_is_compared_with_the_one_in_use(who, as_):
    maker, checker = as_("P1"), as_("P2")
    first = upload(maker, body(approve("first", "P1"), approve("second", "P2")))
    post(maker, f"{first}/propose")
    outbox.drain(clients=None, seconds=20)
    post(checker, f"{first}/publish")
    second = upload(maker, body(approve("first", "P3"), approve("third", "P2")))
    page = maker.get(second).text
    assert "和在用版本的不同" in page
    for words in ("环节first（first）", "新增", "去掉", "改了"):
        assert words in page
    assert changes(body(approve("first", "P1")), body(approve("first", "P1"))) == []


def test_trying_it_names_the_people_and_writes_nothing(who, as_):
    fields = [{"name": "days", "title": "天数", "type": "number", "required": True}]
    tiers = {
        "key": "tiers",
        "type": "condition",
        "branches": [
            {"title": "长", "when": "days > 3", "nodes": [approve("second", "P2")]},
            {"title": "短", "nodes": []},
        ],
    }
    maker = as_("P1")
    url = upload(maker, body(approve("first", "P1"), tiers, fields=fields))
    short = maker.get(f"{url}/try?number=2023010101&field_days=2").text
    long = maker.get(f"{url}/try?number=2023010101&field_days=5").text
    assert "试1" in short
    assert "试2" not in short.split("试走一次")[1].split("版本")[0]
    assert "试2" in long
    assert maker.get(f"{url}/try?number=2023010101&field_days=x").status_code == 422
    assert maker.get(f"{url}/try?number=none&field_days=2").status_code == 422
    with unit_of_work() as session:
        assert session.scalars(select(Case.id)).all() == []


def test_a_proof_that_is_required_does_not_keep_one_from_trying(as_):
    fields = [{"name": "proof", "title": "证明", "type": "files", "required": True}]
    maker = as_("P1")
    url = upload(maker, body(approve("first", "P1"), fields=fields))
    page = maker.get(f"{url}/try?number=2023010101")
    assert page.status_code == 200
    assert "试1" in page.text


@pytest.mark.parametrize(
    "link", ["https://x.example/", "//x.example", "/m/%(x)s", "/m/100%", "javascript:alert(1)"]
)
def test_a_link_stays_in_the_house(as_, link):
    answer = post(
        as_("P1"), URL, code="trip", body=json.dumps({**body(approve("first", "P1")), "link": link})
    )
    assert answer.status_code == 422
    assert "站内地址" in answer.text


@pytest.mark.parametrize("text", ['{"title": "\\ud800"}', '{"title": "\\u0000"}', '{"title": NaN}'])
def test_what_no_database_holds_is_refused_and_kept_in_the_form(as_, text):
    answer = post(as_("P1"), URL, code="trip", body=text)
    assert answer.status_code == 422
    assert "title" in answer.text


def test_approvals_that_changed_places_are_a_difference():
    first, second = approve("first", "P1"), approve("second", "P2")
    found = changes(body(first, second), body(second, first))
    assert {one.kind for one in found} == {"changed"}
    assert len(found) == 2


def test_only_designers_make_and_only_publishers_publish(who, as_):
    url = upload(as_("P1"), body(approve("first", "P1")))
    stranger = as_("li")
    for address in (URL, url, f"{url}/body.json", f"{url}/try?number=1"):
        assert stranger.get(address).status_code == 403
    for deed in ("propose", "withdraw", "publish"):
        assert post(stranger, f"{url}/{deed}").status_code == 403
    assert post(as_("P2"), f"{url}/propose").status_code == 403


def test_samples_stand_on_both_sides_of_what_conditions_compare():
    forms = sample_forms(parse(DEFINITIONS[DEFAULT]))
    days = {form["days"] for form in forms}
    assert {3, 4, 7, 8} <= days
    assert {form["leaves_dorm"] for form in forms} == {True, False}
    assert len(forms) <= 40
