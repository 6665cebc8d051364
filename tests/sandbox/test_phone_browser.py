"""The phone in a real browser, with a small stand-in for the application that signs in as ours does."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import requests
from flask import Flask, redirect, request
from playwright.sync_api import Browser, BrowserContext, Page, expect
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply
from werkzeug.serving import make_server

from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import Config
from sandbox.server import Server

LI, WANG, GUEST = "2023010101", "W0001", "V0001"

pytestmark = pytest.mark.slow


def stand_in(config: Config, sandbox_url: str, own: str) -> Flask:
    """Signs in by the silent scope, keeps the openid in a cookie, answers messages."""
    app = Flask("stand-in")

    @app.get("/m/login")
    def login():
        target = quote(own + "/m/back", safe="")
        query = f"appid={config.appid}&redirect_uri={target}&response_type=code&scope=snsapi_base&state=a1"
        found = redirect(f"{sandbox_url}/connect/oauth2/authorize?{query}#wechat_redirect")
        found.set_cookie("next", quote(request.args.get("next", "/m/")), samesite="Lax")
        return found

    @app.get("/m/back")
    def back():
        given = {
            "appid": config.appid,
            "secret": config.secret,
            "code": request.args["code"],
            "grant_type": "authorization_code",
        }
        found = requests.get(f"{sandbox_url}/sns/oauth2/access_token", params=given, timeout=5).json()
        answer = redirect(unquote(request.cookies.get("next", "/m/")))
        answer.set_cookie("openid", found["openid"], samesite="Lax")
        return answer

    @app.get("/m/<path:name>")
    @app.get("/q/<name>")
    def page(name: str):
        openid = request.cookies.get("openid")
        if not openid:
            return redirect(f"/m/login?next={quote(request.full_path)}")
        script = f"{sandbox_url}/open/js/jweixin-1.6.0.js"
        return (
            f"<!doctype html><html lang=zh><title>页 {name}</title><script src='{script}'></script>"
            f"<h1>{name}</h1><p id=who>{openid}</p><a href='/m/second'>下一页</a><a href='/bare'>无脚本</a>"
        )

    @app.get("/bare")
    def bare():
        return "<!doctype html><html lang=zh><title>没有脚本</title><h1>bare</h1>"

    add_callback(app, config, own)
    return app


def add_callback(app: Flask, config: Config, own: str) -> None:
    crypto = WeChatCrypto(config.token, config.aes_key, config.appid)

    @app.post("/callbacks/wechat")
    def callback():
        query = request.args
        text = crypto.decrypt_message(
            request.data.decode(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(text)
        if message.type == "unknown" or not (message.type == "text" or message.event.startswith("subscribe")):
            return "success"
        words = message.content if message.type == "text" else "新朋友"
        reply = create_reply(
            f'<script>alert(1)</script>您好，{words}。<a href="{own}/m/linked">看这里</a>',
            message,
            render=True,
        )
        return crypto.encrypt_message(reply, query["nonce"])

    @app.get("/healthz")
    def healthz():
        return "ok"


class Scene:
    """Both servers and a browser."""

    def __init__(self, context: BrowserContext, url: str, app_url: str, config: Config) -> None:
        self.context, self.url, self.app_url, self.config = context, url, app_url, config
        self.troubles: list[str] = []

    def phone(self, number: str) -> Page:
        page = self.context.new_page()
        page.on("console", lambda line: self.troubles.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(f"{self.url}/phone?person={number}")
        page.wait_for_selector(".screen-home")
        return page

    def api(self, path: str, body: dict) -> dict:
        given = {"grant_type": "client_credential", "appid": self.config.appid, "secret": self.config.secret}
        token = requests.post(f"{self.url}/cgi-bin/stable_token", json=given, timeout=5).json()[
            "access_token"
        ]
        return requests.post(f"{self.url}{path}", params={"access_token": token}, json=body, timeout=5).json()

    def card(self, number: str, text: str) -> None:
        openid, link = BY_NUMBER[number].openid, f"{self.app_url}/m/ticket"
        data = {"thing1": {"value": text}}
        sent = self.api(
            "/cgi-bin/message/template/send",
            {"touser": openid, "template_id": "TPL_1", "url": link, "data": data},
        )
        assert sent["errcode"] == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def scene(tmp_path: Path, chromium: Browser) -> Iterator[Scene]:
    port, app_port = free_port(), free_port()
    app_url = f"http://127.0.0.1:{app_port}"
    config = Config(data_dir=tmp_path, samples_dir=tmp_path, port=port, app_url=app_url)
    server = Server(create_app(config), "127.0.0.1", port).start()
    url = f"http://127.0.0.1:{port}"
    application = make_server("127.0.0.1", app_port, stand_in(config, url, app_url), threaded=True)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(8000)
    made = Scene(context, url, app_url, config)
    buttons = [
        {"type": "view", "name": "报修", "url": f"{app_url}/m/new"},
        {"name": "更多", "sub_button": [{"type": "click", "name": "帮助", "key": "HELP"}]},
    ]
    made.api("/cgi-bin/menu/create", {"button": buttons})
    yield made
    context.close()
    application.shutdown()
    application.server_close()
    server.stop()
    assert made.troubles == []


def tap_menu(page: Page, name: str = "报修") -> None:
    if page.locator(".screen-chat").count() == 0:
        page.click(".row")
    page.click(f".menu-item >> text={name}")


def test_words_menu_page_and_back(scene: Scene) -> None:
    page = scene.phone(LI)
    page.click(".row")
    page.click("[aria-label=打字]")
    page.fill("textarea", "在吗")
    page.press("textarea", "Enter")
    expect(page.locator(".line:not(.own) .bubble")).to_contain_text(
        "<script>alert(1)</script>您好，在吗。看这里"
    )
    page.click(".bubble a")
    frame = page.frame_locator("iframe.page-frame")
    expect(frame.locator("#who")).to_have_text(BY_NUMBER[LI].openid)
    expect(page.locator(".screen-web h2")).to_have_text("页 linked")
    frame.locator("text=下一页").click()
    expect(frame.locator("h1")).to_have_text("second")
    page.click(".screen-web [aria-label=返回]")
    expect(frame.locator("h1")).to_have_text("linked")
    frame.locator("text=无脚本").click()
    expect(frame.locator("h1")).to_have_text("bare")
    expect(page.locator(".screen-web h2")).to_have_text(scene.config.account_name)
    page.click(".screen-web [aria-label=返回]")
    expect(page.locator(".screen-web h2")).to_have_text("页 linked")
    page.click(".screen-web [aria-label=返回]")
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator(".screen-chat")).to_be_visible()


def test_two_phones_in_one_browser_are_two_people(scene: Scene) -> None:
    first, second = scene.phone(LI), scene.phone(WANG)
    scene.card(WANG, "请接单")
    second.click(".row")
    second.click("button.template")
    wang = second.frame_locator("iframe.page-frame")
    expect(wang.locator("#who")).to_have_text(BY_NUMBER[WANG].openid)
    tap_menu(first)
    li = first.frame_locator("iframe.page-frame")
    expect(li.locator("#who")).to_have_text(BY_NUMBER[LI].openid)
    second.wait_for_timeout(5200)
    second.evaluate("window.dispatchEvent(new Event('focus'))")
    second.wait_for_timeout(500)
    expect(wang.locator("#who")).to_have_text(BY_NUMBER[WANG].openid)
    expect(wang.locator("h1")).to_have_text("ticket")
    first.wait_for_timeout(100)
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    first.wait_for_timeout(500)
    expect(li.locator("#who")).to_have_text(BY_NUMBER[LI].openid)


def test_one_tab_can_change_hands(scene: Scene) -> None:
    page = scene.phone(LI)
    tap_menu(page)
    frame = page.frame_locator("iframe.page-frame")
    expect(frame.locator("#who")).to_have_text(BY_NUMBER[LI].openid)
    page.click(".people-list >> text=王建国")
    expect(page.locator("iframe")).to_have_count(0)
    tap_menu(page)
    expect(frame.locator("#who")).to_have_text(BY_NUMBER[WANG].openid)


def test_news_comes_over_an_open_page(scene: Scene) -> None:
    page = scene.phone(LI)
    tap_menu(page)
    expect(page.frame_locator("iframe.page-frame").locator("h1")).to_have_text("new")
    scene.card(LI, "王师傅已到场")
    expect(page.locator("#banner")).to_contain_text("王师傅已到场")
    expect(page.locator(".people-list .current .badge")).to_have_text("1")
    page.click("#banner")
    expect(page.locator(".screen-chat .template dd")).to_have_text("王师傅已到场")
    expect(page.locator(".people-list .current .badge")).to_have_count(0)
    page.click(".screen-chat [aria-label=返回]")
    expect(page.frame_locator("iframe.page-frame").locator("h1")).to_have_text("new")


def test_a_stranger_scans_and_follows(scene: Scene) -> None:
    code = {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 600,
        "action_info": {"scene": {"scene_str": "repair:7"}},
    }
    url = scene.api("/cgi-bin/qrcode/create", code)["url"]
    page = scene.phone(GUEST)
    page.click("[aria-label=扫一扫]")
    page.fill("[aria-label=码或网址]", url)
    page.press("[aria-label=码或网址]", "Enter")
    page.click(".offer .primary")
    expect(page.locator(".bubble")).to_contain_text("新朋友")
    page.click(".screen-chat [aria-label=扫一扫]")
    page.fill("[aria-label=码或网址]", "a7k2m9qx")
    page.press("[aria-label=码或网址]", "Enter")
    frame = page.frame_locator("iframe.page-frame")
    expect(frame.locator("h1")).to_have_text("A7K2M9QX")
    expect(frame.locator("#who")).to_have_text(BY_NUMBER[GUEST].openid)


def test_a_snapshot_visitor_is_nobody(scene: Scene) -> None:
    page = scene.phone(LI)
    page.click(".tabs >> text=我")
    page.click("text=快照页访客")
    page.click(".tabs >> text=微信")
    tap_menu(page)
    who = page.frame_locator("iframe.page-frame").locator("#who")
    expect(who).not_to_have_text("")
    assert who.inner_text() != BY_NUMBER[LI].openid


@pytest.mark.parametrize("width", [390, 320])
def test_it_fills_a_narrow_screen(scene: Scene, width: int) -> None:
    page = scene.phone(LI)
    page.set_viewport_size({"width": width, "height": 844})
    scene.card(LI, "字" * 20)
    tap_menu(page, "更多")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator(".screen").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (width, 844)
