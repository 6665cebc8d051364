"""The to-do centre on the phone, as a browser asks for it."""

import html
import io
import re
import secrets

import pytest
from sqlalchemy import select

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Task
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from tests.platform.approvals.attached import PDF, attach
from tests.platform.approvals.definitions import approve, people, publish, start
from tests.platform.files.pictures import encoded, scene
from tests.visit import csrf, desk, phone

FIELDS = [
    {"name": "days", "title": "天数", "type": "integer", "fixed": True},
    {"name": "reason", "title": "原因", "type": "text", "visible_to": ["second"]},
]


@pytest.fixture
def who(campus):
    with unit_of_work() as session:
        found = people(session, 3)
        publish(
            session,
            approve("first", "P1", return_to=["starter"]),
            approve("second", "P2", return_to=["previous"]),
            {
                "key": "tell",
                "type": "cc",
                "title": "抄送",
                "people": [{"resolver": "approvals.person", "args": {"numbers": ["P3"]}}],
            },
            fields=FIELDS,
        )
        return {"li": campus.li, "chen": campus.chen, **found}


@pytest.fixture
def as_(app, who):
    return lambda name: phone(app, who[name])


def post(client, url, **form):
    fields = {"_key": secrets.token_urlsafe(12), **form}
    return client.post(url, data=fields, headers={"X-CSRF-Token": csrf(client)["X-CSRF-Token"]})


@pytest.fixture
def case(who):
    with unit_of_work() as session:
        found = start(session, who["li"], form={"days": 3, "reason": "想家了"})
        public_id = session.get_one(Case, found).public_id
    outbox.drain(clients=None, seconds=5)
    return f"/m/approvals/{public_id}"


def status(case):
    with unit_of_work() as session:
        return session.scalars(select(Case.status).where(Case.public_id == case.rpartition("/")[2])).one()


def told(person):
    with unit_of_work() as session:
        stmt = select(Message.kind).where(Message.person_id == person).order_by(Message.id)
        return list(session.scalars(stmt))


def test_it_works(who, as_, case):
    first, second = as_("P1"), as_("P2")
    assert "请批一下" in first.get("/m/approvals/").text
    assert "请批一下" not in second.get("/m/approvals/").text
    assert "同意" in first.get(case).text
    assert post(first, case + "/approve").status_code == 303
    assert "请批一下" in first.get("/m/approvals/?tab=done").text
    assert post(second, case + "/approve", comment="一路平安").status_code == 303
    assert status(case) == "approved"
    page = as_("li").get(case).text
    assert "一路平安" in page
    assert "审批通过" in page
    outbox.drain(clients=None, seconds=5)
    assert told(who["P1"]) == ["approvals.asked"]
    assert told(who["li"]) == ["approvals.approved"]
    assert told(who["P3"]) == ["approvals.copied"]


def test_a_link_alone_decides_nothing(as_, case):
    """One tap from a message leads to a page: looking at any address changes nothing."""
    first = as_("P1")
    for deed in ("approve", "reject", "take_back"):
        assert first.get(f"{case}/{deed}").status_code == 302
    assert status(case) == "running"


def test_pressed_twice_it_is_one(as_, case):
    first = as_("P1")
    answers = [post(first, case + "/approve", _key="the-same-key", task="1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert post(first, case + "/approve", task="1").status_code == 409


def test_what_is_hidden_from_a_node_is_not_on_its_page(as_, case):
    assert "想家了" not in as_("P1").get(case).text
    assert "想家了" in as_("li").get(case).text
    post(as_("P1"), case + "/approve")
    assert "想家了" in as_("P2").get(case).text


def test_nobody_elses(as_, case):
    stranger = as_("chen")
    assert stranger.get(case).status_code == stranger.get("/m/approvals/apc_nothing").status_code == 404
    assert post(stranger, case + "/approve").status_code == 404


def test_sent_back_changed_and_sent_on(who, as_, case):
    first, li = as_("P1"), as_("li")
    refused = post(first, case + "/return", to="starter")
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    assert post(first, case + "/return", to="starter", comment="原因写清楚").status_code == 303
    assert "待修改" in li.get("/m/approvals/").text
    page = li.get(case).text
    assert "原因写清楚" in page
    assert post(li, case + "/revise", field_reason="母亲住院", field_days="99").status_code == 303
    with unit_of_work() as session:
        form = session.scalars(select(Case.form)).one()
    assert form == {"days": 3, "reason": "母亲住院"}
    outbox.drain(clients=None, seconds=5)
    assert told(who["li"]) == ["approvals.returned"]
    assert told(who["P1"]) == ["approvals.asked", "approvals.asked"]


def test_the_other_acts(who, as_, case):
    first, third = as_("P1"), as_("P3")
    assert post(first, case + "/transfer", number="nobody").status_code == 422
    assert post(first, case + "/delegate", number="P3").status_code == 303
    assert post(third, case + "/approve", comment="我看可以").status_code == 303
    assert post(first, case + "/add", number="P3", place="after").status_code == 303
    assert post(first, case + "/approve").status_code == 303
    assert post(first, case + "/take_back").status_code == 303
    assert post(first, case + "/approve").status_code == 303
    assert post(third, case + "/transfer", number="P2").status_code == 303
    assert post(as_("li"), case + "/urge").status_code == 303
    assert post(as_("li"), case + "/urge").status_code == 429
    assert post(as_("li"), case + "/comment", comment="谢谢老师").status_code == 303
    assert "谢谢老师" in as_("P2").get(case).text


def test_a_deputy_sees_and_does_what_waits_for_the_other(who, as_, case):
    now = clock.now()
    with unit_of_work() as session:
        approvals.set_deputy(
            session,
            by=Caller(who["P1"]),
            deputy_id=who["P3"],
            starts_at=now,
            ends_at=now + clock.timedelta(days=3),
            reason="出差",
        )
    third = as_("P3")
    assert "代办" in third.get("/m/approvals/").text
    assert "您在代人办理" in third.get(case).text
    assert post(third, case + "/approve").status_code == 303
    assert "试3 代 试1" in as_("li").get(case).text


def test_search_is_within_ones_own(who, as_, case):
    first = as_("P1")
    assert "请批一下" in first.get("/m/approvals/?q=批一下").text
    assert "没有找到" in first.get("/m/approvals/?q=50%25_").text


def test_the_home_page_shows_what_waits(as_, case):
    assert "请批一下" in as_("P1").get("/m/todo").text
    with unit_of_work() as session:
        assert session.scalars(select(Task.status)).all() == ["live"]


def test_a_comment_brings_photos_for_those_who_read_its_words(who, as_, case):
    first = as_("P1")
    data = {"photo": (io.BytesIO(encoded(scene())), "note.jpg")}
    photo = first.post("/files/photos", data=data, headers=csrf(first)).json["id"]
    assert post(first, case + "/comment", comment="请看这张", photos=photo).status_code == 303
    assert photo in as_("li").get(case).text
    assert post(first, case + "/approve").status_code == 303
    assert post(as_("P2"), case + "/approve").status_code == 303
    copy = as_("P3").get(case)
    assert copy.status_code == 200
    assert photo not in copy.text
    assert "请看这张" not in copy.text
    stolen = post(as_("P2"), case + "/comment", comment="我也要", photos=photo)
    assert stolen.status_code in (409, 422)


def test_a_comment_brings_a_pdf_for_those_who_read_its_words(app, who, as_, case):
    first = as_("P1")
    file = attach(first).json["id"]
    assert post(first, case + "/comment", comment="请看证明", files=file).status_code == 303
    page = as_("li").get(case).text
    assert "诊断证明.pdf" in page
    link = html.unescape(re.search(rf'href="([^"]*{file}[^"]*)"', page)[1])
    got = app.test_client().get(link)
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        app.test_client().get(link.split("?")[0]).status_code == 404
    )  # without the signature there is nothing
    assert file in desk(app, who["P1"]).get(case.replace("/m/approvals/", "/desk/approvals/cases/")).text
    assert post(first, case + "/approve").status_code == 303
    assert post(as_("P2"), case + "/approve").status_code == 303
    copy = as_("P3").get(case)
    assert copy.status_code == 200
    assert file not in copy.text


def test_more_files_than_a_comment_may_have_are_refused_and_none_is_dropped(as_, case):
    li = as_("li")
    files = [attach(li, name=f"证明{n}.pdf").json["id"] for n in range(6)]
    refused = post(li, case + "/comment", comment="都在这里", files=files)
    assert refused.status_code == 422
    assert "最多 6 张照片、5 个文件" in refused.text
    assert all(f'value="{file}"' in refused.text for file in files)
    assert "都在这里" not in as_("P1").get(case).text
    photos = post(li, case + "/comment", comment="照片", photos=[f"pho_{n}" for n in range(7)])
    assert "最多 6 张照片、5 个文件" in photos.text
    assert post(li, case + "/comment", comment="五个", files=files[:5]).status_code == 303
    assert "证明4.pdf" in as_("P1").get(case).text


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script></html>", b"MZ\x90\x00%%EOF", b""])
def test_nothing_but_a_pdf_is_taken(as_, case, content):
    assert attach(as_("P1"), content).status_code == 422


def test_a_pdf_of_somebody_else_or_of_another_comment_is_not_taken(as_, case):
    first = as_("P1")
    file = attach(first).json["id"]
    stolen = post(as_("li"), case + "/comment", comment="这是我的", files=file)
    assert stolen.status_code == 422
    assert "附件已经失效" in stolen.text
    assert post(first, case + "/comment", comment="一", files=file).status_code == 303
    assert post(first, case + "/comment", comment="二", files=file).status_code == 422


def test_a_pdf_stays_with_a_comment_that_was_refused(as_, case):
    li = as_("li")
    file = attach(li).json["id"]
    refused = post(li, case + "/comment", comment="", files=file)
    assert refused.status_code == 422
    assert f'value="{file}"' in refused.text


def test_what_was_typed_stays_in_its_form_and_no_two_fields_have_one_id(as_, case):
    first = as_("P1")
    for deed, form, place in (
        ("return", {"to": "starter", "comment": " "}, None),
        ("transfer", {"number": "T4040", "comment": "请代看"}, "hand"),
        ("reject", {"comment": ""}, None),
    ):
        page = post(first, f"{case}/{deed}", **form).text
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)) > 3
        assert page.count("请代看") == (1 if place else 0)
        assert page.count('value="T4040"') == (1 if place else 0)
        if place:
            assert re.search(r'id="f-hand-number"[^>]*aria-invalid', page)


def test_one_of_many_takes_it_upon_himself_and_gives_it_back(who, as_):
    with unit_of_work() as session:
        publish(session, approve("any", "P1", "P2", method="any"))
        public_id = session.get_one(Case, start(session, who["li"], business="2")).public_id
    url, first, second = f"/m/approvals/{public_id}", as_("P1"), as_("P2")
    assert "先认领" in first.get(url).text
    assert post(first, url + "/claim").status_code == 303
    assert "请批一下" not in second.get("/m/approvals/").text
    assert "放回给大家" in first.get(url).text
    assert post(first, url + "/unclaim").status_code == 303
    assert "先认领" in second.get(url).text


def test_only_who_approves_is_offered_a_deputy(app, who, as_, case):
    offer = "/m/approvals/deputies/"
    first, li = as_("P1"), as_("li")
    assert offer in first.get("/m/approvals/").text  # it is his turn
    assert offer not in li.get("/m/approvals/").text
    assert offer not in as_("P2").get("/m/approvals/").text  # not yet
    assert post(first, case + "/return", to="starter", comment="请补充").status_code == 303
    assert offer not in li.get("/m/approvals/").text  # to change one's own is no approval
    assert post(li, case + "/revise", field_reason="补充").status_code == 303
    assert offer not in li.get("/m/approvals/").text
    assert post(first, case + "/approve").status_code == 303
    assert offer in first.get("/m/approvals/").text  # it was
    assert offer in as_("P2").get("/m/approvals/").text
    assert offer not in as_("P3").get("/m/approvals/").text  # a copy asks nothing
    with unit_of_work() as session:
        identity.grant_role(
            session, by=None, person_id=who["P3"], role="leave.office", scope_kind="all", scope_id=None
        )
    assert offer in as_("P3").get("/m/approvals/").text


def test_who_has_a_post_is_offered_a_deputy(app, campus):
    chen = phone(app, campus.chen)
    assert "/m/approvals/deputies/" not in chen.get("/m/approvals/").text
    with unit_of_work() as session:
        unit = directory.add_org_unit(session, by=None, code="X1", name="试院", kind="college")
        directory.appoint(
            session,
            by=None,
            person_id=campus.chen,
            org_unit_id=unit,
            post="counsellor",
            starts_on=clock.today(),
        )
    assert "/m/approvals/deputies/" in chen.get("/m/approvals/").text


def test_a_deputy_is_set_acts_and_ends_on_the_phone(who, as_, case):
    first, chen = as_("P1"), as_("chen")
    now = clock.local(clock.now())
    until = now + clock.timedelta(days=2)
    form = {"starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{until:%Y-%m-%dT%H:%M}", "reason": "出差"}
    assert post(first, "/m/approvals/deputies/", number="nobody", **form).status_code == 422
    assert post(first, "/m/approvals/deputies/", number="2023010102", **form).status_code == 303
    assert "陈晓雨" in first.get("/m/approvals/deputies/").text
    assert "试1" in chen.get("/m/approvals/deputies/").text
    assert "代办" in chen.get("/m/approvals/").text
    assert "/m/approvals/deputies/" in chen.get("/m/approvals/").text
    row = re.search(r"deputies/(\d+)/end", first.get("/m/approvals/deputies/").text).group(1)
    assert post(as_("P2"), f"/m/approvals/deputies/{row}/end").status_code == 404
    assert post(first, f"/m/approvals/deputies/{row}/end").status_code == 303
    assert chen.get(case).status_code == 404
