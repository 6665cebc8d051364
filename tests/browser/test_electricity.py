"""Topping up electricity as a student lives it: by WeChat Pay, by campus card, and while the vendor is in doubt."""

import re

import pytest
from playwright.sync_api import expect

from dev.processes import wait_until
from tests.browser.conftest import Home
from tests.browser.handset import Handset

LI, FRIEND, ROOM = "2023010101", "T0001", "E03512"
BOTH = ("dark", "light")
FEN, KWH = 5_000, 5_000 / 54
LATE = 90.0


@pytest.fixture
def li(home: Home, handset) -> Handset:
    """李, who has bound the room that the roster names, on the page of its balance."""
    li: Handset = handset(LI)
    li.tap_menu("电费")
    li.at("/m/electricity/")
    bind = li.web.get_by_role("button", name="绑定 3号楼 512")
    if bind.count():
        li.look("electricity-none", *BOTH)
        bind.click()
        li.at("/m/electricity/.*did=bound")
    return li


def test_by_wechat_pay_from_the_balance_to_the_push(home: Home, li: Handset):
    kwh, fen = balance(li), measured(home)
    li.look("electricity-home", *BOTH)
    to_the_cashier(li, *BOTH)
    li.look("cashier", *BOTH)
    pay_by(li, "微信支付")
    li.pay()
    order = arrival(li)
    li.look("result", *BOTH)
    assert credits_of(home, order) == [FEN]
    assert measured(home) == pytest.approx(fen + FEN, abs=10)

    li.back_to_chat()
    li.push("缴费结果通知", "50.00", "已到账", order).click()
    li.at("/m/electricity/top-ups/")
    expect(li.web.locator("#page")).to_contain_text("已到账 ¥50.00")
    li.look("timeline", *BOTH)
    li.tap("看余额")
    li.at("/m/electricity/$")
    assert wait_until(lambda: balance(li) == pytest.approx(kwh + KWH, abs=0.5), seconds=20, every=0.2)
    expect(li.web.locator(".item", has_text="¥50.00").first).to_contain_text("已到账")
    for path, name in (("bills/", "bills"), ("fees", "fees"), ("electricity/rooms", "rooms")):
        li.frame.goto(f"{home.app}/m/{path}")
        li.look(name, *BOTH)


def test_by_a_code_that_another_phone_scans(home: Home, li: Handset, handset):
    to_the_cashier(li)
    li.tap("扫码付")
    li.at("/m/pay/.*/code")
    expect(li.web.get_by_alt_text("支付二维码")).to_be_visible()
    li.look("pay-code", *BOTH)
    friend: Handset = handset(FRIEND)
    friend.scan("¥50.00")
    friend.pay()
    assert credits_of(home, arrival(li)) == [FEN]


def test_by_campus_card_with_its_pin(home: Home, li: Handset):
    """The PIN is typed on the vendor's own page."""
    to_the_cashier(li)
    li.web.get_by_role("button", name="不付了").scroll_into_view_if_needed()
    li.look("cashier-card", *BOTH)
    pay_by(li, "校园卡")
    expect(li.web.get_by_role("heading", name="去校园卡页面输密码")).to_be_visible()
    li.look("go-card", *BOTH)
    li.tap("去付款")
    li.frame.wait_for_url("**/card/cashier?**")
    li.keep(li.page, "story/card-pin")
    li.web.get_by_label("校园卡密码").fill("123456")
    li.web.get_by_role("button", name="确认支付").click()
    assert credits_of(home, arrival(li)) == [FEN]


def test_by_campus_card_after_signing_the_agreement(home: Home, li: Handset):
    fen = measured(home)
    to_the_cashier(li)
    li.web.get_by_role("link", name="开通校园卡小额免密支付").click()
    li.at("/m/bills/card")
    li.look("card-agreement", *BOTH)
    li.tap("同意并开通")
    li.at("/m/pay/ord_")
    expect(li.web.locator(".way", has_text="校园卡")).to_contain_text("小额免密，单笔 ¥200.00 以内")
    pay_by(li, "校园卡")
    order = arrival(li)
    assert credits_of(home, order) == [FEN]
    assert measured(home) == pytest.approx(fen + FEN, abs=10)
    li.back_to_chat()
    li.push("缴费结果通知", "已到账", order)


def test_a_credit_that_comes_late_is_made_once(home: Home, li: Handset):
    """The vendor's answer is lost and it denies the order at first: nothing is sent twice."""
    match = {"op": "top_up", "room": ROOM}
    home.stage.ask_sandbox("meters/fault", fault="late_apply", seconds=LATE, match=match, times=1)
    fen = measured(home)
    to_the_cashier(li)
    pay_by(li, "微信支付")
    li.pay()
    li.at("/m/pay/.*/result")
    expect(li.web.locator("h1")).to_have_text("支付成功，正在到账")
    order = number(li)
    li.look("result-in-doubt", *BOTH)
    li.tap("完成")
    li.at("/m/electricity/top-ups/")
    expect(li.web.locator("#page")).to_contain_text("正在核实是否到账")
    li.look("timeline-in-doubt", *BOTH)
    home.stage.pass_time(20)
    assert wait_until(lambda: "not_found" in outcomes(home, order), seconds=20, every=0.1)
    home.stage.pass_time(LATE)
    expect(li.web.locator("#page")).to_contain_text("已到账 ¥50.00")
    assert credits_of(home, order) == [FEN]
    assert outcomes(home, order).count("unknown") == 1
    assert measured(home) == pytest.approx(fen + FEN, abs=50)
    li.back_to_chat()
    li.push("缴费结果通知", "已到账", order)


# --- What the student does


def balance(li: Handset) -> float:
    """kWh of the lighting meter, on the page."""
    amount = li.web.locator(".left", has_text="照明").locator(".left__amount")
    expect(amount).to_contain_text("度")
    return float(re.sub("[^0-9.]", "", amount.inner_text()))


def to_the_cashier(li: Handset, *themes) -> None:
    """¥50 for the lighting meter."""
    balance(li)
    li.tap("充值")
    li.at("/m/electricity/top-up")
    li.web.locator("label.choice", has_text="照明").click()
    li.web.get_by_text("¥50", exact=True).click()
    li.look("top-up", *themes)
    li.tap("去支付")
    li.at("/m/pay/ord_")
    expect(li.web.locator(".sum")).to_contain_text("50.00")


def pay_by(li: Handset, channel: str) -> None:
    li.web.locator(".way", has_text=channel).click()
    li.tap("支付 ¥50.00")


def arrival(li: Handset) -> str:
    """The number of the order, when the page says that the money is in the meter."""
    li.at("/m/pay/.*/result")
    expect(li.web.locator("h1")).to_have_text("支付成功，已到账")
    return number(li)


def number(li: Handset) -> str:
    return li.web.locator(".weui-cell", has_text="订单号").inner_text().split()[-1]


# --- What is true


def measured(home: Home) -> float:
    """Fen on the meter, as the vendor's machine has it."""
    return float(home.stage.ask_sandbox("meters/room", key=ROOM)["fen"])


def credits_of(home: Home, order: str) -> list[int]:
    """Fen of every credit in the vendor's books for this order."""
    sent = home.stage.one(
        "SELECT f.number FROM payments_fulfilments f JOIN payments_orders o ON o.id = f.order_id "
        "WHERE o.number = %s",
        order,
    )
    return [credit["fen"] for credit in home.stage.ask_sandbox(f"meters/credits?order_no={sent}")]


def outcomes(home: Home, order: str) -> list[str]:
    """What the vendor answered to our calls about this order, in turn."""
    calls = home.stage.rows(
        "SELECT c.outcome FROM payments_fulfilment_calls c JOIN payments_fulfilments f "
        "ON f.id = c.fulfilment_id JOIN payments_orders o ON o.id = f.order_id WHERE o.number = %s ORDER BY c.id",
        order,
    )
    return [call["outcome"] for call in calls]
