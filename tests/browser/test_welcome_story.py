"""A freshman's days, as they are lived: claim, dorm, a roommate, companions, the bus, the quiz, the desk, the wall."""

import json
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from dev.processes import wait_until
from tests.browser.conftest import DESK, Home
from tests.browser.handset import Handset
from tests.browser.test_story import ZHAO
from tests.browser.watch import Watch, faults, overflow

GUEST = "V0001"


def test_a_freshmans_days(home: Home, handset: Callable[..., Handset], window, watch: Watch):
    made = seed(home, "begin")
    xu = handset(GUEST)
    claim(xu, home)
    see_the_dorm(xu, home)
    seed(home, "ask")
    accept_the_roommate(xu)
    look_for_companions(xu, home)
    book_the_bus(xu, home)
    pass_the_quiz(xu, home)
    check_in(home, window, made["xu"])
    look_after_own_data(xu, home)


def seed(home: Home, step: str) -> dict[str, str]:
    made: dict[str, str] = json.loads(
        home.stage.run("tests.browser.welcome_story_seed", step).splitlines()[-1]
    )
    return made


def go(phone: Handset, home: Home, path: str) -> None:
    phone.frame.goto(f"{home.app}{path}")
    phone.at(f"{path}$")


def claim(phone: Handset, home: Home) -> None:
    """As a follower: the message that it was done comes while the page is open."""
    tabs = phone.page.locator("nav.tabs button")
    tabs.get_by_text("我", exact=True).click()
    follows = phone.page.get_by_role("switch", name="关注")
    if follows.get_attribute("aria-checked") == "false":
        follows.click()
    expect(follows).to_have_attribute("aria-checked", "true")
    tabs.get_by_text("发现").click()
    phone.page.get_by_text("微生活首页").click()
    phone.at("/m/")
    go(phone, home, "/m/welcome/claim/")
    for name, value in (("name", "许安然"), ("number", "26440100000031"), ("last_six", "010083")):
        phone.web.locator(f"#f-{name}").fill(value)
    phone.web.locator("#f-letter").fill("L2026031")
    phone.tap("认领")
    expect(phone.web.get_by_role("heading", name="认领成功")).to_be_visible()
    phone.tap("进入迎新")
    phone.at("/m/welcome/$")
    phone.look("welcome-home", "dark", "light")


def see_the_dorm(phone: Handset, home: Home) -> None:
    go(phone, home, "/m/welcome/dorm/")
    expect(phone.web.get_by_text("4901").first).to_be_visible()
    expect(phone.web.get_by_text("林知夏")).to_be_visible()
    phone.look("welcome-dorm", "dark", "light")
    go(phone, home, "/m/welcome/dorm/me")
    box = phone.web.locator("form", has=phone.web.locator("#f-wechat"))
    box.locator("#f-wechat").fill("xu_anran_26")
    box.get_by_role("switch").check()
    box.get_by_role("button", name="保存").click()
    expect(phone.web.get_by_text("没有您的同意谁也看不到")).to_be_visible()


def accept_the_roommate(phone: Handset) -> None:
    phone.frame.goto(phone.frame.url.split("/m/")[0] + "/m/welcome/dorm/")
    phone.web.get_by_text("林知夏").click()
    expect(phone.web.get_by_text("对方想和您交换")).to_be_visible()
    phone.web.get_by_role("button", name="同意", exact=True).click()
    expect(phone.web.get_by_text("lin_zhixia_26")).to_be_visible()
    phone.look("welcome-roommate")


def look_for_companions(phone: Handset, home: Home) -> None:
    go(phone, home, "/m/welcome/companions/new")
    phone.web.locator("#f-city").select_option("440100")
    phone.web.locator("[name=agrees]").check()
    phone.tap("发布")
    phone.at(r"/m/welcome/companions/\?did=published")
    phone.look("welcome-companions")


def book_the_bus(phone: Handset, home: Home) -> None:
    go(phone, home, "/m/welcome/arrival")
    phone.web.get_by_text("故事南站").click()
    phone.at(r"/m/welcome/arrival\?.*station=")  # a link: what is chosen before it arrives would be lost
    phone.web.locator("label.chip", has_text="10:00").click()
    phone.web.locator("#f-companions").fill("1")
    phone.tap("保存登记")
    expect(phone.web.get_by_text("车次有变会发消息告诉您")).to_be_visible()
    phone.look("welcome-arrival")


def pass_the_quiz(phone: Handset, home: Home) -> None:
    go(phone, home, "/m/welcome/quiz/")
    phone.tap("开始答题")
    phone.at("/m/welcome/quiz/qza_")
    for row in phone.web.locator("fieldset").all():
        row.get_by_text("对", exact=True).click()
    phone.look("welcome-quiz")
    phone.tap("交卷")
    expect(phone.web.get_by_text("已通过").first).to_be_visible()


def check_in(home: Home, window: Callable[..., BrowserContext], admission: str) -> None:
    context = window(DESK)
    desk, wall = context.new_page(), context.new_page()
    sign_in(desk, home)
    wall.goto(f"{home.app}/desk/welcome/wall")
    before = int(wall.locator("#registered").inner_text())
    desk.goto(f"{home.app}/desk/welcome/check-in")
    expect(desk.locator("#desk[data-ready]")).to_be_attached()
    desk.locator("#f-text").fill(admission)
    desk.keyboard.press("Enter")
    expect(desk.locator("#card")).to_contain_text("许安然")
    for step in ("papers", "register"):
        desk.locator(f'[data-step="{step}"]').get_by_role("button", name="登记", exact=True).click()
        expect(desk.locator(f'[data-step="{step}"]')).to_contain_text("赵敏华")
    expect(desk.locator("#card header")).to_contain_text("已报到")
    expect(wall.locator("#registered")).to_have_text(str(before + 1))
    for page in (desk, wall):
        assert (overflow(page), faults(page)) == ([], [])


def look_after_own_data(phone: Handset, home: Home) -> None:
    """The desk's look is told, what was allowed is listed, and a copy is made by a worker."""
    go(phone, home, "/m/privacy/looks")
    expect(phone.web.get_by_text("迎新现场报到").first).to_be_visible()
    phone.look("privacy-looks", "dark", "light")
    go(phone, home, "/m/privacy/agreements")
    expect(phone.web.get_by_text("和室友交换微信号")).to_be_visible()
    phone.look("privacy-agreements", "dark", "light")
    go(phone, home, "/m/privacy/")
    phone.tap("申请导出我的资料")
    phone.at(r"/m/privacy/\?did=asked")
    assert wait_until(lambda: copy_is_ready(phone, home), seconds=30, every=0.5)
    phone.look("privacy", "dark", "light")


def copy_is_ready(phone: Handset, home: Home) -> bool:
    go(phone, home, "/m/privacy/")
    return phone.web.get_by_role("link", name="下载").count() == 1


def sign_in(page: Page, home: Home) -> None:
    page.goto(f"{home.app}/desk/welcome/wall")
    page.get_by_label("账号").fill(ZHAO)
    page.get_by_label("密码").fill(home.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("#registered")).to_be_visible()
