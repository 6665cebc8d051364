"""Attacks on sign-in: forged and replayed states, open redirects, fixation, stolen sessions, guessing."""

import statistics
import time
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.identity import service
from app.platform.identity.pages.next_path import desk_path, phone_path
from app.platform.identity.service import hashing
from tests.outside import sign_in_phone
from tests.visit import csrf, desk, phone

LI, CHEN = "2023010101", "2023010102"
COOKIE = "wl_m_8000"

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/%5cevil.example",
    "/m/%5c%5cevil.example",
    "/%2f%2fevil.example",
    "/%2F/evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/m/%0d%0aSet-Cookie:%20x=1",
    "/m/\r\nSet-Cookie: x=1",
    "/m/\tx",
    "/\t/evil.example",
    "/m/%09x",
    "/m/%00",
    " /m/",
    "m/",
    "/m/..//evil.example",
    "/m/%2e%2e//evil.example",
    "/m/../desk",
    "/m/#@evil.example",
    "@evil.example",
    "/m@evil.example",
    "/evil",
    "/mevil/",
    "/desk.evil/",
    "/m/login?next=/m/login",
    "/m/oauth/callback?code=x",
    "/callbacks/wechat",
    "/m/" + "a" * 1000,
    "/m/小路",
    "",
]


@pytest.mark.thorough
@pytest.mark.parametrize("wanted", EVIL)
def test_sign_in_leads_to_our_own_pages_only(client, wanted):
    assert phone_path(wanted) == "/m/"
    assert desk_path(wanted) == "/desk/"
    answer = client.get("/m/login", query_string={"next": wanted})
    assert urlsplit(answer.headers["Location"]).path == "/connect/oauth2/authorize"
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT next FROM identity_oauth_states")).scalar() == "/m/"


@pytest.mark.thorough
@pytest.mark.parametrize("wanted", EVIL)
def test_who_is_signed_in_is_not_led_astray_either(app, client, wanted):
    phone_client = phone(app)
    assert phone_client.get("/m/login", query_string={"next": wanted}).headers["Location"] == "/m/"


@pytest.mark.parametrize("wanted", ["/m/", "/", "/m/repairs/new?room=512&x=%E7%81%AF", "/q/ABCD2345"])
def test_good_paths_are_kept(wanted):
    assert phone_path(wanted) == wanted


@pytest.mark.parametrize("wanted", ["/desk/", "/desk/repairs/?view=late"])
def test_good_console_paths_are_kept(wanted):
    assert desk_path(wanted) == wanted


def leave(client, **query):
    return client.get("/m/login", query_string=query).headers["Location"]


def state_in(location):
    return parse_qs(urlsplit(location).query)["state"][0]


@pytest.mark.parametrize("state", ["", "x", "0" * 32, "é", "'; DROP TABLE x", "a" * 5000])
def test_a_made_up_state_signs_nobody_in(outside, client, state):
    code = parse_qs(urlsplit(outside.authorize(leave(client), LI)).query)["code"][0]
    client.delete_cookie("wl_o_8000")
    answer = client.get("/m/oauth/callback", query_string={"code": code, "state": state})
    assert answer.status_code == 409
    assert client.get_cookie(COOKIE) is None


def test_junk_after_the_state_starts_over_once(outside, client):
    """Some Androids append to it."""
    back = outside.authorize(leave(client, next="/m/todo"), LI)
    again = client.get(back + "junk")
    assert "/connect/oauth2/authorize" in again.headers["Location"]
    assert client.get(outside.authorize(again.headers["Location"], LI)).headers["Location"] == "/m/todo"


def test_another_browsers_state_signs_nobody_in(outside, app, client):
    """Login CSRF: the attacker's own code and state are fed to the victim."""
    attacker = app.test_client()
    back = outside.authorize(leave(attacker), CHEN)
    answer = client.get(back)
    assert answer.status_code == 409
    assert client.get_cookie(COOKIE) is None
    leave(client)
    answer = client.get(back)
    assert "/connect/oauth2/authorize" in answer.headers["Location"]
    assert client.get_cookie(COOKIE) is None


def test_a_replayed_callback_opens_no_second_session(outside, client):
    back = outside.authorize(leave(client), LI)
    client.get(back)
    client.delete_cookie(COOKIE)
    answer = client.get(back)
    assert "/connect/oauth2/authorize" in answer.headers["Location"]
    assert client.get_cookie(COOKIE) is None


def test_a_state_lasts_ten_minutes(outside, client):
    back = outside.authorize(leave(client), LI)
    clock.advance(timedelta(minutes=10, seconds=1))
    assert "/connect/oauth2/authorize" in client.get(back).headers["Location"]
    assert client.get_cookie(COOKIE) is None


def test_a_stolen_code_is_worth_nothing_with_another_state(outside, app, client):
    victim = app.test_client()
    code = parse_qs(urlsplit(outside.authorize(leave(victim), LI)).query)["code"][0]
    query = {"code": code, "state": state_in(outside.authorize(leave(victim), LI))}
    victim.get("/m/oauth/callback", query_string=query)
    answer = client.get("/m/oauth/callback", query_string={"code": code, "state": state_in(leave(client))})
    assert "/connect/oauth2/authorize" in answer.headers["Location"]
    assert client.get_cookie(COOKIE) is None


def test_the_session_is_a_new_one_after_sign_in(outside, client):
    """Fixation: a cookie planted before sign-in is not the session afterwards."""
    client.set_cookie(COOKIE, "A" * 43)
    sign_in_phone(outside, client, LI)
    first = client.get_cookie(COOKIE).value
    assert first != "A" * 43
    sign_in_phone(outside, client, LI)
    assert client.get_cookie(COOKIE).value != first
    client.set_cookie(COOKIE, first)
    assert client.get("/api/v1/me").status_code == 401


def test_cookies_are_out_of_reach_of_scripts(outside, client):
    left = client.get("/m/login")
    back = client.get(outside.authorize(left.headers["Location"], LI))
    cookies = left.headers.getlist("Set-Cookie") + back.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"wl_o_8000", COOKIE}
    for cookie in cookies:
        assert "; HttpOnly" in cookie and "; SameSite=Lax" in cookie, cookie


def test_the_database_alone_opens_no_session(app, campus, client):
    phone(app, campus.li)
    with db.unit_of_work() as session:
        kept = session.execute(text("SELECT token_hash FROM identity_sessions")).scalar()
    client.set_cookie(COOKIE, kept)
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "A" * 44, "%00", "'", "é" * 43])
def test_nonsense_in_the_cookie_is_nobody(app, client, value):
    client.set_cookie(COOKIE, quote(value))
    assert client.get("/api/v1/me").status_code == 401


def test_a_revoked_session_ends_at_once(app, campus):
    first, second = phone(app, campus.li), phone(app, campus.li)
    assert second.delete("/api/v1/me/sessions", headers=csrf(second)).json == {"revoked": 1}
    assert first.get("/api/v1/me").status_code == 401
    assert second.get("/api/v1/me").status_code == 200


def test_a_session_ends_by_itself(app, campus):
    client = desk(app, campus.zheng)
    clock.advance(timedelta(hours=12, seconds=1))
    assert client.get("/api/v1/me", headers={"X-Surface": "desk"}).status_code == 401


def test_the_phones_session_opens_no_console(app, campus):
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=campus.zheng, role="administrator")
    client = phone(app, campus.zheng)
    assert client.get("/desk/people/roles").headers["Location"].startswith("/desk/login")
    client.set_cookie("wl_d_8000", client.get_cookie(COOKIE).value)
    assert client.get("/desk/people/roles").status_code == 302


def test_an_unknown_login_takes_as_long_as_a_known_one(app):
    known = hashing.hash_password("a lamp of my own")

    def seconds(stored):
        started = time.process_time()
        assert hashing.matches("wrong", stored) is False
        return time.process_time() - started

    pairs = [(seconds(known), seconds(None)) for _ in range(7)]
    one, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < one / other < 2


def test_parallel_guesses_all_count(app, campus):
    """Each try is on record before its password is looked at."""
    from app.platform.identity.errors import LoginLocked  # noqa: PLC0415
    from app.platform.identity.service.passwords import reserve_attempt  # noqa: PLC0415

    for _ in range(10):
        with db.unit_of_work() as session:
            reserve_attempt(session, login="zheng", network="n")
    with pytest.raises(LoginLocked), db.unit_of_work() as session:
        reserve_attempt(session, login="ZHENG", network="other")


def test_which_cookie_speaks(app, campus):
    both = desk(app, campus.zheng)
    both.set_cookie(COOKIE, phone(app, campus.li).get_cookie(COOKIE).value)

    def who(**headers):
        return both.get("/api/v1/me", headers=headers).json["person"]["number"]

    assert who() == LI
    assert who(**{"X-Surface": "desk"}) == "T0002"
    assert who(Referer="http://localhost/desk/repairs/") == "T0002"
    both.delete_cookie(COOKIE)
    assert who() == "T0002"
