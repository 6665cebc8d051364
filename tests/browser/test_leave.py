"""Leave: asked for with its path shown, approved twice from the message, out and in by the pass."""

import json
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Home
from tests.browser.handset import Handset
from tests.browser.test_story import ZHAO
from tests.browser.watch import faults, overflow

BOTH = ("dark", "light")


def test_a_leave_of_five_days(home: Home, leave_school, handset, window, keep, watch):
    made = leave_school
    li: Handset = open_home(handset("2023010101"))
    li.frame.goto(f"{home.app}/m/leave/")
    li.look("leave-empty", *BOTH)
    li.tap("我要请假")
    li.at("/m/leave/new")
    ask(li, datetime.fromisoformat(made["now"]))
    expect(li.web.get_by_text("谁会看到")).to_be_visible()
    expect(li.web.locator("#peek")).to_contain_text("孙立")
    expect(li.web.locator("#peek")).to_contain_text("郑国栋")
    li.look("leave-new", *BOTH)
    li.tap("提交请假")
    expect(li.web.get_by_role("heading", name="已提交，等审批")).to_be_visible()
    li.look("leave-submitted", *BOTH)

    for number in (made["counsellor"], made["leader"]):
        approve(home, handset(number), comment="注意安全" if number == made["leader"] else "")

    li.page.goto(f"{home.sandbox}/phone?person=2023010101")
    li.open_chat()
    li.push("已批准").click()
    li.at("/m/leave/lv_")
    li.look("leave-approved", *BOTH)
    leave = li.frame.url.rsplit("/", 1)[1]
    li.web.get_by_text("外出码").click()
    li.at("/pass")
    li.look("leave-pass", *BOTH)

    guard = window(DESK).new_page()
    sign_in(guard, home, f"/desk/leave/gates/{made['gate']}/check")
    pass_the_gate(home, guard, leave, "出校", "可以出校")
    keep(guard, "leave/gate-out")
    pass_the_gate(home, guard, leave, "进校", "可以进校，已销假")
    assert (overflow(guard), faults(guard)) == ([], [])
    li.frame.goto(f"{home.app}/m/leave/{leave}")
    expect(li.web.locator("h1", has_text="已销假")).to_be_visible()
    li.look("leave-closed", *BOTH)


def pass_the_gate(home: Home, guard: Page, leave: str, direction: str, words: str) -> None:
    code = json.loads(home.stage.run("tests.browser.leave_seed", "code", leave))["text"]
    guard.locator(".ways label", has_text=direction).click()
    guard.locator("#f-text").fill(code)
    guard.keyboard.press("Enter")
    expect(guard.locator("#verdict")).to_contain_text("放行")
    expect(guard.locator("#verdict")).to_contain_text(words)
    expect(guard.locator("#verdict")).to_contain_text("李**")


def sign_in(page: Page, home: Home, path: str) -> None:
    page.goto(f"{home.app}{path}")
    page.get_by_label("账号").fill(ZHAO)
    page.get_by_label("密码").fill(home.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("#desk[data-ready]")).to_be_attached()


def open_home(phone: Handset) -> Handset:
    phone.page.locator("nav.tabs button", has_text="发现").click()
    phone.page.get_by_text("微生活首页").click()
    phone.at("/m/")
    return phone


def ask(phone: Handset, start: datetime) -> None:
    phone.web.get_by_text("事假", exact=True).click()
    phone.web.locator("#f-starts_at").fill(f"{start:%Y-%m-%dT%H:%M}")
    phone.web.locator("#f-ends_at").fill(f"{start + timedelta(days=5):%Y-%m-%dT%H:%M}")
    for name in ("leaves_campus", "leaves_dorm", "has_consent"):
        phone.web.locator(f"input[name={name}]").check()
    phone.web.locator("#f-reason").fill("姐姐婚礼，回家帮忙")
    phone.web.locator("#f-destination").fill("昆明")


def approve(home: Home, phone: Handset, *, comment: str) -> None:
    """From the message in the chat to the one tap."""
    phone.open_chat()
    phone.push("李一鸣").click()
    phone.at("/m/approvals/apc_")
    expect(phone.web.get_by_text("姐姐婚礼")).to_be_visible()
    phone.look("approval-case", *BOTH)
    if comment:
        phone.web.locator("#f-comment").first.fill(comment)
    phone.web.get_by_role("button", name="同意", exact=True).click()
    expect(phone.web.get_by_text("已同意。")).to_be_visible()
    phone.look("approval-done", *BOTH)
    phone.frame.goto(f"{home.app}/m/approvals/")
    phone.look("approval-list", *BOTH)
