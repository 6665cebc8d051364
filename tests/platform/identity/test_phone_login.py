"""Sign-in on the phone through WeChat's OAuth, over real HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from app.kit import db
from app.platform.identity import queries
from sandbox.cast import BY_NUMBER
from tests.outside import sign_in_phone
from tests.visit import APPID

LI = "2023010101"
COOKIE = "wl_m_8000"


def person_of(client):
    return client.get("/api/v1/me").json["person"]["id"]


def leave(client, **query):
    answer = client.get("/m/login", query_string=query)
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_it_works(outside, client):
    location = leave(client, next="/m/repairs/new?room=512")
    query = parse_qs(urlsplit(location).query)
    assert query["scope"] == ["snsapi_base"]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/m/oauth/callback"]
    answer = client.get(outside.authorize(location, LI))
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/m/repairs/new?room=512"
    assert answer.headers["Cache-Control"] == "no-store"
    with db.unit_of_work() as session:
        assert queries.person_of_openid(session, APPID, BY_NUMBER[LI].openid) is not None
    assert client.get_cookie(COOKIE) is not None


def test_who_is_signed_in_goes_straight_on(outside, client):
    sign_in_phone(outside, client, LI)
    assert leave(client, next="/m/todo") == "/m/todo"


def test_fresh_replaces_the_person(outside, client):
    sign_in_phone(outside, client, LI)
    first = client.get_cookie(COOKIE).value
    sign_in_phone(outside, client, "2023010102")
    assert client.get_cookie(COOKIE).value != first
    with db.unit_of_work() as session:
        live = "SELECT count(*) FROM identity_sessions WHERE revoked_at IS NULL"
        assert session.execute(text(live)).scalar() == 1


def test_the_same_person_comes_back_as_the_same(outside, client, app):
    sign_in_phone(outside, client, LI)
    sign_in_phone(outside, app.test_client(), LI)
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM directory_people")).scalar() == 1


def test_a_double_load_of_the_callback_goes_on(outside, client):
    back = outside.authorize(leave(client, next="/m/todo"), LI)
    assert client.get(back).headers["Location"] == "/m/todo"
    assert client.get(back).headers["Location"] == "/m/todo"
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM identity_sessions")).scalar() == 1


def test_a_spent_code_starts_over_once_and_then_stops(outside, client, app):
    first = parse_qs(urlsplit(outside.authorize(leave(app.test_client()), LI)).query)["code"][0]
    sign_in_with_code = {"code": first}
    other = app.test_client()
    outside_state = parse_qs(urlsplit(leave(other)).query)["state"][0]
    assert other.get("/m/oauth/callback", query_string=sign_in_with_code | {"state": outside_state})
    state = parse_qs(urlsplit(leave(client, next="/m/todo")).query)["state"][0]
    again = client.get("/m/oauth/callback", query_string=sign_in_with_code | {"state": state})
    assert "/connect/oauth2/authorize" in again.headers["Location"]
    state = parse_qs(urlsplit(again.headers["Location"]).query)["state"][0]
    stopped = client.get("/m/oauth/callback", query_string={"code": "spent", "state": state})
    assert stopped.status_code == 409
    assert "这次验证已经失效" in stopped.text
    assert "/m/login?next=/m/todo" in stopped.text


def test_a_snapshot_visitor_is_told_to_use_the_full_service(outside, client):
    answer = client.get(outside.authorize(leave(client), f"{LI}#snapshot"))
    assert answer.status_code == 403
    assert "使用完整服务" in answer.text
    assert client.get_cookie(COOKIE) is None
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM identity_wechat_links")).scalar() == 0


def test_a_denial_is_a_page_of_its_own(outside, client):
    answer = client.get(outside.authorize(leave(client), "deny"))
    assert answer.status_code == 403
    assert "没有得到您的同意" in answer.text


def test_wechat_away_is_said_clearly(outside, client):
    back = outside.authorize(leave(client), LI)
    outside.set(fault={"path": "/sns/oauth2/access_token", "status": 502})
    answer = client.get(back)
    assert answer.status_code == 503
    assert "暂时连不上微信" in answer.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_signing_out_ends_the_session(outside, client, method):
    sign_in_phone(outside, client, LI)
    if method == "get":
        assert client.get("/m/logout").status_code == 404
        return
    token = client.get("/api/v1/me").json["csrf_token"]
    assert client.post("/m/logout", data={"_csrf": token}).status_code == 200
    assert client.get("/api/v1/me").status_code == 401
