"""The portal's pages, as browsers meet them."""

import re

from app.kit import db
from app.platform.identity import service as identity
from app.web import STATIC

WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"}
CSRF = re.compile(r'name="csrf" content="(\w+)"')


def token(page: str) -> str:
    return CSRF.search(page)[1]


def test_it_works(campus, sign_in):
    page = sign_in(campus.li).get("/m/").text
    assert "李同学" in page
    assert 'aria-current="page"' in page


def test_a_phone_goes_to_the_shelf(client):
    assert client.get("/", headers=WECHAT).location == "/m/"
    assert "工作人员控制台" in client.get("/").text


def test_someone_unknown_is_sent_to_sign_in(client):
    assert client.get("/m/").location.startswith("/m/login?next=")
    assert client.get("/desk/").location.startswith("/desk/login?next=")


def test_me_shows_name_and_number(campus, sign_in):
    page = sign_in(campus.li).get("/m/me").text
    assert "李一鸣" in page
    assert "2023010101" in page


def test_care_mode_is_remembered(campus, sign_in):
    browser = sign_in(campus.li)
    csrf = token(browser.get("/m/me").text)
    answer = browser.post("/m/care", data={"_csrf": csrf, "care": "1", "back": "/m/me"})
    assert (answer.status_code, answer.location) == (303, "/m/me")
    assert " data-care" in browser.get("/m/me").text


def test_switches_lead_back_inside_only(campus, sign_in):
    browser = sign_in(campus.li)
    csrf = token(browser.get("/m/me").text)
    for back in ("//elsewhere.example", "https://elsewhere.example", "/desk/", "/m/../desk"):
        answer = browser.post("/m/language", data={"_csrf": csrf, "language": "en", "back": back})
        assert answer.location == "/m/me"


def test_the_console_begins_at_the_first_section(campus, sign_in):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zheng, role="portal.administrator")
    browser = sign_in(campus.zheng, "desk")
    assert browser.get("/desk/").location == "/desk/modules"
    page = browser.get("/desk/modules").text
    assert "郑国栋" in page
    assert 'href="/desk/modules" aria-current="page"' in page


def test_the_modules_page_is_not_for_everybody(campus, sign_in):
    answer = sign_in(campus.li, "desk").get("/desk/modules")
    assert answer.status_code == 403
    assert "权限" in answer.text


def test_a_boosted_form_leaves_the_page(campus, sign_in):
    browser = sign_in(campus.li)
    csrf = token(browser.get("/m/me").text)
    answer = browser.post(
        "/m/care", data={"_csrf": csrf, "back": "/m/me"}, headers={"HX-Request": "true", "HX-Boosted": "true"}
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/m/me")


def test_errors_are_told_on_the_face_where_they_happen(client):
    phone, desk = client.get("/m/nothing"), client.get("/desk/nothing")
    assert (phone.status_code, desk.status_code) == (404, 404)
    assert 'data-face="phone"' in phone.text
    assert 'data-face="console"' in desk.text
    assert "没有找到" in phone.text
    assert "没有找到" in desk.text


def test_style_pages_show_every_part(client):
    for part in ("ticket", "form", "list", "done", "cells"):
        assert client.get(f"/m/_style?part={part}").status_code == 200
    for part in ("board", "parts", "empty", "login"):
        assert client.get(f"/desk/_style?part={part}").status_code == 200
    assert client.get("/desk/_style/panel").status_code == 200


def test_no_page_runs_inline_scripts(client):
    for url in ("/", "/m/_style?part=form", "/desk/_style", "/m/nothing"):
        page = client.get(url).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\son\w+=", page)


def test_every_icon_in_use_is_drawn(app):
    drawn = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text()))
    modules = app.extensions["registry"].modules
    used = {item.icon for module in modules for item in module.menu if item.icon}
    used |= {module.card.icon for module in modules if module.card}
    assert used <= drawn
