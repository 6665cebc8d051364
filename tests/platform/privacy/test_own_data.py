"""A person's own pages: who saw my data, what I allow, and a copy of it all."""

import json
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from app.platform.privacy import flows, service
from app.platform.privacy.errors import ExportTooSoon
from app.platform.privacy.models import Export
from tests import visit


@pytest.fixture
def li(app, campus):
    return visit.phone(app, campus.li)


def ask(browser):
    data = {"_key": secrets.token_hex(16)}
    return browser.post("/m/privacy/exports", headers=visit.csrf(browser), data=data)


def work(app):
    outbox.drain(clients=app.extensions["clients"], seconds=20)


def file_of(browser) -> str:
    page = browser.get("/m/privacy/").text
    return page.split('href="/m/privacy/exports/')[1].split("/")[0]


def fetch(browser, export_id: str):
    return browser.get(f"/m/privacy/exports/{export_id}/file")


def test_it_works(app, campus, li):
    assert "还没有申请过" in li.get("/m/privacy/").text
    assert ask(li).status_code == 303
    assert "正在整理" in li.get("/m/privacy/").text
    work(app)
    answer = fetch(li, file_of(li))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data)["directory"]["name"] == "李一鸣"
    with db.unit_of_work() as session:
        told = session.scalars(select(Message).where(Message.person_id == campus.li)).all()
    assert [one.kind for one in told] == ["privacy.export_ready"]


def test_anothers_file_is_not_there(app, campus, li):
    ask(li)
    work(app)
    stranger = visit.phone(app, campus.chen)
    theirs, missing = fetch(stranger, file_of(li)), fetch(stranger, "cop_AAAAAAAAAAAA")
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert "没有找到这份资料文件" in theirs.text


def test_nobody_gets_it_without_signing_in(app, li):
    ask(li)
    work(app)
    assert fetch(app.test_client(), file_of(li)).status_code == 302


def test_once_a_day(app, campus, li):
    assert ask(li).status_code == 303
    assert ask(li).status_code == 429
    clock.advance(timedelta(hours=25))
    with db.unit_of_work() as session:
        service.ask_export(session, by=Caller(campus.li))
        with pytest.raises(ExportTooSoon):
            service.ask_export(session, by=Caller(campus.li))
        service.ask_export(session, by=Caller(campus.chen))


def test_a_file_goes_after_a_week(app, campus, li):
    ask(li)
    work(app)
    export_id, storage = file_of(li), app.extensions["clients"].storage
    assert storage.exists(f"privacy/exports/{export_id}")
    assert flows.delete_old_exports(storage=storage) == 0
    clock.advance(timedelta(days=7, minutes=1))
    again = visit.phone(app, campus.li)
    assert fetch(again, export_id).status_code == 409
    assert flows.delete_old_exports(storage=storage) == 1
    assert not storage.exists(f"privacy/exports/{export_id}")
    assert "已过期删除" in again.get("/m/privacy/").text
    assert fetch(again, export_id).status_code == 409


def test_who_is_forgotten_leaves_no_file(app, campus, li):
    ask(li)
    work(app)
    key, storage = f"privacy/exports/{file_of(li)}", app.extensions["clients"].storage
    with db.unit_of_work() as session:
        service.erase_exports(session, by=None, person_id=campus.li)
    assert flows.delete_old_exports(storage=storage) == 1
    assert not storage.exists(key)


def test_a_worker_that_died_half_way_leaves_no_file_for_ever(app, campus, li):
    ask(li)
    with db.unit_of_work() as session:
        export_id = session.scalars(select(Export.id)).one()
        service.start_export(session, export_id=export_id)
    clock.advance(timedelta(days=8))
    assert flows.delete_old_exports(storage=app.extensions["clients"].storage) == 1
    work(app)  # whoever tries now makes nothing
    with db.unit_of_work() as session:
        assert session.scalars(select(Export.status)).one() == "gone"


def test_who_saw_me_names_office_role_purpose_and_fields(app, campus, li):
    assert "没有人看过" in li.get("/m/privacy/looks").text
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zhao, role="notifications.duty")
        for person_id in (campus.li, campus.chen):
            service.reveal_phone(
                session, by=Caller(campus.zhao), person_id=person_id, reason="notifications.call_list:7"
            )
    page = li.get("/m/privacy/looks").text
    assert page.count("消息没有送到，打电话告知") == 1
    assert "维修中心" in page
    assert "值班电话" in page
    assert "看到的内容：电话" in page
    assert "赵敏华" not in page


def test_ones_own_looks_are_no_news(app, campus, li):
    ask(li)
    work(app)
    assert "没有人看过" in li.get("/m/privacy/looks").text


def test_more_than_a_page_is_paged(app, campus, li):
    with db.unit_of_work() as session:
        for number in range(23):
            reason = f"unknown.reason:{number}"
            service.reveal_phone(session, by=Caller(campus.zhao), person_id=campus.li, reason=reason)
    page = li.get("/m/privacy/looks").text
    assert page.count("查看完整电话") == 20
    more = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert li.get(more).text.count("查看完整电话") == 3


def test_me_leads_there(li):
    assert 'href="/m/privacy/"' in li.get("/m/me").text


def test_who_allows_nothing_is_told_so(app, li):
    assert "还没有同意过什么" in li.get("/m/privacy/agreements").text
    answer = li.post(
        "/m/privacy/agreements/withdraw",
        headers=visit.csrf(li),
        data={"module": "welcome", "key": "nothing"},
    )
    assert answer.status_code == 404
