"""A repair from report to rating, as people live it: three phones, one desk, the true round trips."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Home
from tests.browser.handset import Handset
from tests.browser.watch import faults, overflow

LI, WANG, ZHAO, GUEST = "2023010101", "W0001", "T0001", "V0001"


class Desk:
    """赵's console."""

    def __init__(self, page: Page, home: Home, keep: Callable[..., None]) -> None:
        self.page, self.home, self.keep = page, home, keep

    def sign_in_by_password(self) -> None:
        self.page.goto(f"{self.home.app}/desk/repairs/")
        self.look("desk-login")
        self.page.get_by_label("账号").fill(ZHAO)
        self.page.get_by_label("密码").fill(self.home.password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page.get_by_role("heading", name="报修看板")).to_be_visible()

    def sign_in_by_sso(self) -> None:
        self.page.goto(f"{self.home.app}/desk/repairs/")
        self.page.get_by_role("link", name=re.compile("用.*登录")).click()
        self.page.get_by_label("学号 / 工号").fill(ZHAO)
        self.page.locator("input[name=password]").first.fill("Sandbox-0001")
        self.page.get_by_label("学号 / 工号").press("Enter")
        expect(self.page.get_by_role("heading", name="报修看板")).to_be_visible()

    def look(self, name: str) -> None:
        self.keep(self.page, f"story/{name}")
        assert overflow(self.page) == [], name
        assert faults(self.page) == [], name

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def dispatch_by_keyboard(self, number: str, worker: str) -> None:
        """j to the row, Enter opens it, d asks whom, arrows choose, Enter sends."""
        row = self.page.locator("tr.is-current")
        for _ in range(30):
            self.press("j")
            if number in row.inner_text():
                break
        self.press("Enter")
        expect(self.page.locator("#panel")).to_contain_text(number)
        self.look("desk-panel")
        self.press("d")
        expect(self.page.locator("#do-dispatch")).to_be_visible()
        self.look("desk-dispatch")
        chosen = self.page.locator("#do-dispatch .worker:has(input:checked)")
        self.press("Tab") if not self.page.locator("#do-dispatch input:focus").count() else None
        for _ in range(10):
            if worker in chosen.inner_text():
                break
            self.press("ArrowDown")
        self.press("Enter")
        expect(self.page.locator("#panel .state")).to_contain_text(worker)


def test_from_a_broken_lamp_to_five_stars(home, handset, window, keep, pictures):
    li: Handset = handset(LI)
    number = report(li, pictures)
    li.back_to_chat()
    li.push("报修进度通知", number)
    li.say(number)
    expect(li.answers.last).to_contain_text(number)
    expect(li.answers.last).to_contain_text("查看进度")

    desk = Desk(window(DESK).new_page(), home, keep)
    desk.sign_in_by_password()
    expect(desk.page.locator("tr[data-row]", has_text=number)).to_be_visible()
    desk.look("desk-board")
    wang: Handset = handset(WANG)
    wang.open_chat()
    desk.dispatch_by_keyboard(number, "王")
    repair(wang, number, pictures)

    li.push(number, "已派师傅")
    li.push(number, "师傅已到")
    li.keep(li.page, "story/chat")
    li.push(number, "请您确认").click()
    confirm_and_rate(li)
    see_it_rated(home, desk, number)
    read_the_messages(li, number)


def report(li: Handset, pictures) -> str:
    """The menu first, then the door's code; returns the ticket's number."""
    li.tap_menu("报修")
    li.at("/m/repairs/new")
    li.look("report-empty")
    li.back_to_chat()
    li.scan("512")
    li.at(r"/m/repairs/new\?door=")
    expect(li.web.locator("#page")).to_contain_text("3号楼 512")
    li.web.locator(".kind", has_text="水电照明").click()
    li.web.get_by_text("灯不亮", exact=True).click()
    li.choose_photos(*pictures[:2])
    li.web.get_by_label("补充一句").fill("书桌上面那盏，开关按了没有反应")
    li.look("report-filled")
    li.tap("提交报修")
    li.at("/submitted")
    expect(li.web.locator("h1")).to_have_text("报修已提交")
    expect(li.web.locator(".result")).to_contain_text("前修好")
    li.look("submitted")
    return li.web.locator(".result .num").inner_text()


def repair(wang: Handset, number: str, pictures) -> None:
    """From the push to done in four taps: 接单, 到场, the photograph, 完工."""
    wang.push("维修任务提醒", number).click()
    wang.at("/m/repairs/rep_")
    wang.look("job-new")
    wang.tap("接单")
    expect(wang.web.locator("h1")).to_contain_text("已接单")
    wang.tap("到场")
    expect(wang.web.locator("h1")).to_contain_text("维修中")
    wang.choose_photos(pictures[2])
    wang.look("job-working")
    wang.tap("完工")
    expect(wang.web.locator("h1")).to_contain_text("已完工")
    wang.look("job-finished")


def confirm_and_rate(li: Handset) -> None:
    li.at("/m/repairs/rep_")
    expect(li.web.locator("h1")).to_have_text("修好了吗？")
    li.look("ticket-finished")
    li.tap("确认修好了")
    expect(li.web.locator("h1")).to_have_text("已办结")
    for name in ("speed", "quality", "attitude"):
        li.web.locator(f"label[for={name}-5]").click()
    li.web.get_by_label("想说的").fill("来得快，还把旧灯管带走了")
    li.look("rate")
    li.tap("提交评价")
    expect(li.web.locator("#page")).to_contain_text("及时 5 · 质量 5 · 态度 5")
    expect(li.web.locator("#toast")).to_be_empty()
    li.look("rated")


def test_one_who_does_not_follow_is_offered_to(home, handset, window, keep):
    guest: Handset = handset(GUEST)
    guest.scan("101")
    guest.at(r"/m/repairs/new\?door=")
    guest.web.locator(".kind", has_text="门窗家具").click()
    guest.web.get_by_text("门关不上", exact=True).click()
    guest.tap("提交报修")
    guest.at("/submitted")
    guest.look("guest-submitted")
    number = guest.web.locator(".result .num").inner_text()
    guest.web.get_by_role("link", name="关注收进度").click()
    guest.at(r"/m/follow\?for=rep_")
    expect(guest.web.get_by_alt_text("公众号二维码")).to_be_visible()
    guest.look("guest-follow")

    guest.page.locator(".screen-web").get_by_label("关闭").click()
    guest.scan("scn_")
    guest.page.get_by_role("button", name="关注公众号").click()
    expect(guest.answers.last).to_contain_text("有进展会发到这里")
    guest.keep(guest.page, "story/guest-chat")

    desk = Desk(window(DESK).new_page(), home, keep)
    desk.sign_in_by_sso()
    desk.dispatch_by_keyboard(number, "刘强")
    guest.push(number, "已派师傅")


def test_a_student_binds_by_the_single_sign_on(home, handset):
    chen: Handset = handset("2023010102")
    chen.tap_menu("报修")
    chen.at("/m/repairs/new")
    chen.frame.goto(f"{home.app}/m/bind")
    chen.look("bind")
    chen.tap("用统一身份认证绑定")
    chen.frame.wait_for_url(re.compile("/cas/login"))
    chen.web.get_by_label("学号 / 工号").fill("2023010102")
    chen.web.locator("input[name=password]").first.fill("Sandbox-0102")
    chen.web.get_by_label("学号 / 工号").press("Enter")
    chen.at("/m/bind/confirm")
    expect(chen.web.locator("#page")).to_contain_text("陈晓雨")
    chen.look("bind-confirm")
    chen.tap("确认绑定")
    chen.at("/m/bind$")
    expect(chen.web.locator("h1")).to_have_text("已绑定校园身份")
    chen.look("bound")
    chen.frame.goto(f"{home.app}/m/")
    expect(chen.web.locator("h1")).to_contain_text("陈同学")


def test_what_is_not_mended_comes_back(home, handset, window, keep):
    li: Handset = handset(LI)
    li.tap_menu("报修")
    li.at("/m/repairs/new")
    li.web.locator(".kind", has_text="水管洁具").click()
    li.web.get_by_text("水龙头坏", exact=True).click()
    li.tap("提交报修")
    li.at("/submitted")
    number = li.web.locator(".result .num").inner_text()
    li.tap("看进度")
    li.at("/m/repairs/rep_[a-z0-9]+$")
    desk = Desk(window(DESK).new_page(), home, keep)
    desk.sign_in_by_sso()
    desk.dispatch_by_keyboard(number, "王建国")

    wang: Handset = handset(WANG)
    wang.open_chat()
    wang.push("维修任务提醒", number).click()
    wang.at("/m/repairs/rep_")
    for deed, state in (("接单", "已接单"), ("到场", "维修中"), ("完工", "已完工")):
        wang.tap(deed)
        expect(wang.web.locator("h1")).to_contain_text(state)
    li.back_to_chat()
    li.push(number, "请您确认").click()
    li.at("/m/repairs/rep_")
    li.tap("还没修好")
    li.web.locator("#do-rework").get_by_label("哪里还没好").fill("还在滴水")
    li.look("rework")
    li.tap("要求返修")
    expect(li.web.locator("#page")).to_contain_text("第 2 次上门")
    wang.back_to_chat()
    wang.push("维修任务提醒", number, "还在滴水").click()
    wang.at("/m/repairs/rep_")
    expect(wang.web.locator("#page")).to_contain_text("还在滴水")
    wang.look("job-rework")


def see_it_rated(home: Home, desk: Desk, number: str) -> None:
    desk.page.goto(f"{home.app}/desk/repairs/archive")
    desk.page.get_by_role("link", name=number).click()
    expect(desk.page.locator("#panel")).to_contain_text("来得快，还把旧灯管带走了")
    desk.look("desk-closed")


def read_the_messages(li: Handset, number: str) -> None:
    li.frame.goto(re.sub(r"/m/.*", "/m/messages", li.frame.url))
    rows = li.web.locator(".item")
    expect(rows.filter(has_text=number).first).to_be_visible()
    said = li.web.locator("#page").inner_text()
    for words in ("报修已提交", "已派师傅", "师傅已到场", "维修完工，请确认"):
        assert words in said
    li.look("messages")
