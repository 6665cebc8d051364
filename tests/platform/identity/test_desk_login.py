"""Sign-in to the console by the single sign-on and by password."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.identity import service
from app.platform.identity.service import hashing
from tests.visit import desk

COOKIE = "wl_d_8000"
SECRET = "three lamps in 512"


@pytest.fixture
def staff(campus):
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=campus.zheng, role="administrator")
        service.set_password(
            session, by=None, person_id=campus.zheng, password=SECRET, login="Zheng", must_change=False
        )
    return campus


def token_on(client, path="/desk/login"):
    page = client.get(path).text
    return page.split('name="_csrf" value="')[1].split('"')[0]


def enter(client, login="zheng", password=SECRET, **more):
    form = {"login": login, "password": password, "_csrf": token_on(client), **more}
    return client.post("/desk/login", data=form)


def test_it_works(staff, client):
    answer = enter(client, login=" ZHENG ", next="/desk/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/account")
    page = client.get("/desk/account")
    assert "郑国栋" in page.text and "本机" in page.text
    assert client.get("/desk/login").headers["Location"] == "/desk/"


def test_a_wrong_password_keeps_what_was_typed(staff, client):
    answer = enter(client, password="wrong")
    assert answer.status_code == 422
    assert "账号或密码不对" in answer.text
    assert 'value="zheng"' in answer.text and "wrong" not in answer.text
    assert client.get_cookie(COOKIE) is None


def test_an_unknown_login_is_told_the_same(staff, client):
    unknown, wrong = enter(client, login="nobody"), enter(client, password="wrong")
    assert unknown.status_code == wrong.status_code == 422
    assert unknown.text.replace("nobody", "zheng") == wrong.text


def test_an_unknown_login_takes_as_long(staff, client):
    assert not hashing.is_outdated(hashing._NOBODY)  # the same work as for somebody's
    assert not hashing.matches("the password of an account that does not exist", None)


@pytest.mark.thorough
@pytest.mark.parametrize("login", ["zheng", "nobody"])
def test_ten_slips_lock_a_login_for_a_quarter_of_an_hour(staff, client, login):
    for _ in range(10):
        assert enter(client, login=login, password="wrong").status_code == 422
    locked = enter(client, login=login)
    assert locked.status_code == 429
    assert "15 分钟" in locked.text
    clock.advance(timedelta(minutes=15, seconds=1))
    assert enter(client, login=login).status_code == (303 if login == "zheng" else 422)


def test_a_network_that_guesses_is_locked_too(staff, client):
    with db.unit_of_work() as session:
        session.execute(
            text(
                "INSERT INTO identity_login_attempts (login, network, tried_at, succeeded) "
                "SELECT 'l' || n, :network, :moment, false FROM generate_series(1, 99) n"
            ),
            {"network": _network_of_tests(), "moment": clock.now()},
        )
    assert enter(client, login="someone", password="wrong").status_code == 422
    assert enter(client).status_code == 429


def _network_of_tests():
    from app.kit import crypto  # noqa: PLC0415 - one use

    return crypto.blind_index("127.0.0.1", "network")


@pytest.mark.thorough
def test_success_forgets_the_slips(staff, client, app):
    for _ in range(9):
        enter(client, password="wrong")
    assert enter(client).status_code == 303
    assert enter(app.test_client(), password="wrong").status_code == 422
    assert enter(app.test_client()).status_code == 303


def test_who_has_no_role_is_told_kindly(campus, client):
    with db.unit_of_work() as session:
        service.set_password(session, by=None, person_id=campus.li, password=SECRET)
    answer = enter(client, login="2023010101")
    assert answer.status_code == 403
    assert "还没有管理端的角色" in answer.text
    assert client.get_cookie(COOKIE) is None


def test_a_lent_password_must_be_changed_first(staff, client):
    with db.unit_of_work() as session:
        service.set_password(session, by=None, person_id=staff.zheng, password=SECRET, login="zheng")
    assert enter(client).status_code == 303
    assert client.get("/desk/account").headers["Location"] == "/desk/account/password"
    assert client.get("/api/v1/me", headers={"X-Surface": "desk"}).json["grants"] == []
    form = {"current": SECRET, "new": "a lamp of my own", "again": "a lamp of my own"}
    form["_csrf"] = token_on(client, "/desk/account/password")
    assert client.post("/desk/account/password", data=form).status_code == 303
    assert client.get("/desk/account").status_code == 200
    assert client.get("/api/v1/me", headers={"X-Surface": "desk"}).json["grants"] != []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"current": "wrong"}, "当前密码不对"),
        ({"new": "short", "again": "short"}, "10 到 128 个字符"),
        ({"new": "hello ZHENG hello", "again": "hello ZHENG hello"}, "不要包含账号名"),
        ({"new": "Password123", "again": "Password123"}, "太容易猜到"),
        ({"new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "太容易猜到"),
        ({"again": "something else"}, "两次输入"),
    ],
)
def test_a_bad_new_password_is_refused(staff, client, change, sentence):
    enter(client)
    form = {"current": SECRET, "new": "a lamp of my own", "again": "a lamp of my own"} | change
    form["_csrf"] = token_on(client, "/desk/account/password")
    answer = client.post("/desk/account/password", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_changing_the_password_ends_the_other_sessions(staff, client, app):
    other = desk(app, staff.zheng)
    enter(client)
    form = {"current": SECRET, "new": "a lamp of my own", "again": "a lamp of my own"}
    form["_csrf"] = token_on(client, "/desk/account/password")
    client.post("/desk/account/password", data=form)
    assert other.get("/desk/account").headers["Location"].startswith("/desk/login")
    assert client.get("/desk/account").status_code == 200


def test_signing_out_ends_the_session(staff, client):
    enter(client)
    stolen = client.get_cookie(COOKIE).value
    csrf = token_on(client, "/desk/account/password")
    assert client.post("/desk/logout", data={"_csrf": csrf}).headers["Location"] == "/desk/login"
    client.set_cookie(COOKIE, stolen)
    assert client.get("/desk/account").headers["Location"].startswith("/desk/login")


def come_back(outside, client, number, wanted="/desk/account"):
    left = client.get("/desk/login/sso", query_string={"next": wanted})
    return client.get(outside.cas_sign_in(left.headers["Location"], number))


def test_the_single_sign_on_works(outside, staff, client):
    answer = come_back(outside, client, "T0002")
    assert answer.headers["Location"] == "/desk/account"
    assert client.get("/desk/account").status_code == 200


def test_the_single_sign_on_refuses_who_has_no_role(outside, staff, client):
    answer = come_back(outside, client, "T0001")
    assert answer.status_code == 403
    assert "还没有管理端的角色" in answer.text


def test_a_ticket_nobody_asked_for_signs_nobody_in(outside, staff, client):
    url = f"{outside.url}/cas/login?service=http://127.0.0.1:8000/desk/login/callback"
    answer = client.get(outside.cas_sign_in(url, "T0002"))
    assert answer.status_code == 409
    assert client.get_cookie(COOKIE) is None


def test_the_single_sign_on_away_is_said_clearly(outside, staff, client):
    left = client.get("/desk/login/sso")
    back = outside.cas_sign_in(left.headers["Location"], "T0002")
    outside.set(fault={"path": "/cas/p3/serviceValidate", "status": 502})
    answer = client.get(back)
    assert answer.status_code == 503
    assert "暂时连不上统一身份认证" in answer.text
