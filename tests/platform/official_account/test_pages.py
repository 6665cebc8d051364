"""The follow page, signatures for WeChat's script, the domain's proof, the menu and the doctor."""

import base64
import dataclasses
import hashlib
import re

import pytest
from flask import render_template_string

from app.platform.official_account import flows, service
from tests.visit import phone

OUYANG = "2024020201"
TICKET = "rep_" + "0" * 20
MENU = "/cgi-bin/menu/create"


def test_it_works(app, wechat):
    visitor = phone(app, openid=wechat.openid(OUYANG))
    page = visitor.get(f"/m/follow?for={TICKET}")
    assert page.status_code == 200
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page.text)
    assert b"<svg" in base64.b64decode(picture.group(1))
    assert "关注后收到进度" in page.text
    assert [row["scene"][:4] for row in wechat.get("qrcodes")] == ["scn_"]


def test_who_follows_is_not_asked(app, wechat):
    visitor = phone(app, wechat.follower(OUYANG))
    assert "已关注" in visitor.get("/m/follow").text
    assert wechat.calls("/cgi-bin/qrcode/create") == 0


def test_without_wechat_the_page_says_what_to_do(app, wechat):
    wechat.fault("/cgi-bin/qrcode/create", errcode=-1)
    page = phone(app).get("/m/follow")
    assert page.status_code == 200
    assert "暂时取不到二维码" in page.text


def test_the_page_asks_to_sign_in(client):
    assert client.get("/m/follow").status_code == 302
    assert client.get("/m/js-signature?url=http://127.0.0.1:8000/m/").status_code == 302


def test_a_page_of_ours_is_signed(app, wechat):
    url = "http://127.0.0.1:8000/m/repairs/new?door=1"
    given = phone(app).get("/m/js-signature", query_string={"url": url + "#top"}).json
    ticket = wechat.clients.wechat.js_ticket()
    text = f"jsapi_ticket={ticket}&noncestr={given['nonceStr']}&timestamp={given['timestamp']}&url={url}"
    assert given["signature"] == hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    assert given["appId"] == wechat.appid
    assert ticket not in str(given)


@pytest.mark.parametrize("url", ["http://evil.example/m/", "http://127.0.0.1:9000/m/", "", "javascript:1"])
def test_a_foreign_page_is_not_signed(app, wechat, url):
    answer = phone(app).get(
        "/m/js-signature", query_string={"url": url}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json["error"]["code"] == "official_account.page_not_ours"


def test_the_proof_of_the_domain(app, client):
    app.config["WECHAT_VERIFY_FILES"] = {"MP_verify_abcDEF123456.txt": "abcDEF123456"}
    try:
        assert client.get("/MP_verify_abcDEF123456.txt").data == b"abcDEF123456"
        for name in ("MP_verify_other0000000.txt", "MP_verify_..%2f..%2fetc.txt", "MP_verify_.txt"):
            assert client.get(f"/{name}").status_code == 404
    finally:
        app.config["WECHAT_VERIFY_FILES"] = {}


def test_the_menu_is_made_from_the_shelf_and_accepted(wechat, words):
    flows.push_menu(wechat.clients)
    buttons = wechat.clients.wechat.get_menu()["menu"]["button"]
    assert [button["name"] for button in buttons][1:] == ["我的", "帮助"]
    titles = [entry["name"] for entry in buttons[0]["sub_button"]] or [buttons[0]["name"]]
    assert "灯" in titles
    assert len(service.account_menu("http://127.0.0.1:8000")["button"]) <= 3


def test_the_commands(app, wechat, words):
    run = app.test_cli_runner().invoke
    assert run(args=["wechat", "menu", "push"]).exit_code == 0
    assert wechat.calls(MENU) == 1
    wechat.fault(MENU, errcode=48001)
    refused = run(args=["wechat", "menu", "push"])
    assert refused.exit_code == 1 and "48001" in refused.output


def test_the_doctor(app, wechat):
    known = wechat.clients.wechat.list_templates()
    templates = {template_id.removeprefix("TPL_"): template_id for template_id in known}
    fine = flows.check(wechat.clients, templates)
    # The sandbox does not offer WeChat's own test of our callback.
    assert [finding.what for finding in fine if not finding.is_fine] == ["callback"]
    assert {"access_token", "callback"} < {finding.what for finding in fine}
    missing = flows.check(wechat.clients, {})
    assert all("WECHAT_TEMPLATES" in f.advice for f in missing if f.what.startswith("template "))
    wechat.fault("/cgi-bin/getcallbackip", times=None, errcode=40164)
    (finding,) = flows.check(wechat.clients, templates)
    assert (finding.what, finding.is_fine) == ("access_token", False)


def test_fields_that_differ_are_found(app, wechat):
    assert dataclasses.asdict(flows._check_template("t", {"thing1"}, "T", {"T": "x：{{thing2.DATA}}"})) == {
        "what": "template t",
        "is_fine": False,
        "advice": "字段不一致：thing1、thing2",
    }


def test_a_page_asks_for_wechats_script(app):
    page = (
        '{% import "official_account/wechat.html" as wechat with context %}{{ wechat.script("scanQRCode") }}'
    )
    with app.test_request_context("/m/"):
        html = render_template_string(page)
    assert 'data-apis="scanQRCode"' in html
    assert app.config["WECHAT_JS_URL"] in html
