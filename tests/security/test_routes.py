"""Every route says who may use it, and every change needs a token of the page it comes from."""

import re

import pytest
from flask import Flask
from sqlalchemy import event

from app.factory import create_app
from app.kit import db
from app.kit.http import CALLBACK
from app.platform.identity.pages.cookies import load_caller
from tests.visit import desk, phone

# flask-smorest's own: the description of the API, without a row of data
WITHOUT = {"api-docs.openapi_json"}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def rules(app: Flask):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in WITHOUT]


def url_of(rule):
    """An address that fits the rule; no such thing is there."""
    return re.sub(r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: "1" if m[1] == "int" else "x", rule.rule)


def test_every_route_carries_a_permission(app):
    bare = [rule.rule for rule in rules(app) if not hasattr(app.view_functions[rule.endpoint], "permission")]
    assert bare == []


def test_every_permission_is_declared(app):
    known = {p.key for module in app.extensions["registry"].modules for p in module.permissions}
    asked = {app.view_functions[rule.endpoint].permission for rule in rules(app)}
    assert {one for one in asked if not one.startswith("-")} - known == set()


def test_roles_allow_what_is_declared(app):
    modules = app.extensions["registry"].modules
    known = {permission.key for module in modules for permission in module.permissions}
    allowed = {key for module in modules for role in module.roles for key in role.permissions}
    assert allowed - known == set()


def test_every_change_without_a_token_is_refused(app, campus):
    for client in (desk(app, campus.zheng), phone(app, campus.li)):
        for rule in rules(app):
            if app.view_functions[rule.endpoint].permission == CALLBACK:
                continue
            for method in rule.methods & CHANGES:
                answer = client.open(url_of(rule), method=method, headers={"Accept": "application/json"})
                assert answer.status_code == 403, (method, rule.rule, answer.status_code)
                assert answer.json["error"]["code"] == "kit.csrf_failed", rule.rule


@pytest.mark.parametrize("token", ["", "0" * 64, "x", "é"])
def test_a_made_up_token_is_refused(app, campus, token):
    client = phone(app, campus.li)
    assert client.post("/m/logout", data={"_csrf": token}).status_code == 403


def test_a_token_of_another_session_is_refused(app, campus):
    theirs = phone(app, campus.chen).get("/api/v1/me").json["csrf_token"]
    assert phone(app, campus.li).post("/m/logout", data={"_csrf": theirs}).status_code == 403


def test_no_route_is_open_to_strangers_by_mistake(app):
    """Whatever is neither public nor a callback sends strangers to sign in, or answers 401."""
    client = app.test_client()
    for rule in rules(app):
        permission = app.view_functions[rule.endpoint].permission
        if permission in ("-public", CALLBACK) or "GET" not in rule.methods:
            continue
        answer = client.get(url_of(rule))
        if rule.rule.startswith("/api/"):
            assert answer.status_code == 401, rule.rule
        else:
            assert answer.status_code == 302, rule.rule
            assert answer.headers["Location"].startswith(("/m/login", "/desk/login")), rule.rule


def test_console_permissions_are_asked_of_every_console_page(app, campus):
    """Somebody signed in without any role meets 403 wherever a permission is asked."""
    client = desk(app, campus.zhao)
    for rule in rules(app):
        permission = app.view_functions[rule.endpoint].permission
        if permission.startswith("-") or "GET" not in rule.methods:
            continue
        headers = {"X-Surface": "desk", "Accept": "application/json"}
        assert client.get(url_of(rule), headers=headers).status_code == 403, rule.rule


def test_the_hot_path_is_one_prepared_statement(app, campus):
    """One connection is taken, and nothing goes through it but the statement that was prepared."""
    client = phone(app, campus.li)
    taken, compiled = [], []
    pool_of = db.engine()
    listeners = (
        (pool_of, "checkout", lambda *_: taken.append(1)),
        (pool_of, "before_cursor_execute", lambda *_: compiled.append(1)),
    )
    with app.test_request_context("/m/", headers={"Cookie": _cookies(client)}):
        app.preprocess_request()
        for target, name, listen in listeners:
            event.listen(target, name, listen)
        try:
            assert load_caller().person_id == campus.li
        finally:
            for target, name, listen in listeners:
                event.remove(target, name, listen)
    assert (len(taken), len(compiled)) == (1, 0)


def _cookies(client):
    return f"wl_m_8000={client.get_cookie('wl_m_8000').value}"


def test_cookies_are_secure_where_the_address_is(settings):
    import dataclasses  # noqa: PLC0415

    app = create_app(dataclasses.replace(settings, base_url="https://life.example.edu.cn"))
    try:
        cookies = (
            app.test_client()
            .get("/m/login", base_url="https://life.example.edu.cn")
            .headers.getlist("Set-Cookie")
        )
        assert cookies
        for cookie in cookies:
            assert "; Secure" in cookie and "; HttpOnly" in cookie and "; SameSite=Lax" in cookie, cookie
            assert cookie.startswith("wl_o_443=")
    finally:
        create_app(settings)
