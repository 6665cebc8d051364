"""Paying on the phone, in a real browser: WeChat's sheet, its answers to the page, its card in the chats."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Frame, Page, expect

from app.clients.wxpay import WxPay, WxPaySettings
from app.kit import clock
from sandbox.cast import BY_NUMBER
from tests.sandbox.test_phone_browser import LI, WANG, Scene, scene, tap_menu

__all__ = ["scene"]

NO = "E26112200001AA"
BRIDGE = """(given) => new Promise((ready) => (window.WeixinJSBridge ? ready()
    : document.addEventListener("WeixinJSBridgeReady", ready))).then(() => {
  WeixinJSBridge.invoke("getBrandWCPayRequest", given, (answer) => { window.paid = answer.err_msg; });
})"""
CHOOSE = """(given) => {
  const told = (answer) => { window.paid = answer.errMsg; };
  wx.config({ appId: given.appId, jsApiList: ["chooseWXPay"], timestamp: 1, nonceStr: "x", signature: "x" });
  wx.chooseWXPay({ ...given, timestamp: given.timeStamp, success: told, cancel: told, fail: told });
}"""

pytestmark = pytest.mark.slow


def merchant(scene: Scene) -> WxPay:
    told = requests.get(f"{scene.url}/_sim/wxpay/keys", timeout=10).json()
    first = next(iter(told.values()))
    return WxPay(WxPaySettings(appid=scene.config.appid, api_base=scene.url, **first))


def order(scene: Scene, number: str = LI) -> tuple[WxPay, dict[str, str]]:
    wx = merchant(scene)
    prepay_id = wx.prepay_jsapi(
        order_no=NO,
        description="三号楼 512 电费",
        fen=5000,
        openid=BY_NUMBER[number].openid,
        expires_at=clock.now() + timedelta(minutes=30),
        notify_url=f"{scene.app_url}/callbacks/wxpay/notices",
    )
    return wx, wx.invocation(prepay_id)


def page_of(page: Page) -> Frame:
    tap_menu(page)
    expect(page.frame_locator("iframe.page-frame").locator("h1")).to_have_text("new")
    return next(frame for frame in page.frames if frame.url.endswith("/m/new"))


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def test_six_digits_pay(scene: Scene) -> None:
    wx, given = order(scene)
    page = scene.phone(LI)
    frame = page_of(page)
    frame.evaluate(BRIDGE, given)
    sheet = page.get_by_role("dialog", name="请输入支付密码")
    expect(sheet).to_contain_text("示例大学")
    expect(sheet).to_contain_text("¥50.00")
    expect(sheet).to_contain_text("三号楼 512 电费")
    keep(page, "pay-sheet")
    for digit in "123":
        sheet.get_by_role("button", name=digit, exact=True).click()
    sheet.get_by_role("button", name="退格").click()
    for digit in "3456":
        sheet.get_by_role("button", name=digit, exact=True).click()
    expect(page.locator(".pay-done")).to_contain_text("支付成功")
    keep(page, "pay-done")
    assert frame.evaluate("window.paid") is None
    page.get_by_role("button", name="完成").click()
    frame.wait_for_function("window.paid === 'get_brand_wcpay_request:ok'")
    assert wx.query(NO).is_paid
    expect(page.locator("#banner")).to_contain_text("微信支付凭证 ¥50.00")
    page.click("#banner")
    expect(page.locator(".screen-chat h2")).to_have_text("微信支付")
    expect(page.locator(".paid")).to_contain_text("三号楼 512 电费")
    keep(page, "pay-card")
    page.click(".screen-chat [aria-label=返回]")
    page.click(".screen-web [aria-label=关闭]")
    expect(page.locator(".row >> text=微信支付").first).to_be_visible()


def test_a_finger_pays_through_the_js_sdk(scene: Scene) -> None:
    wx, given = order(scene)
    page = scene.phone(LI)
    frame = page_of(page)
    frame.evaluate(CHOOSE, given)
    page.get_by_role("button", name="用指纹支付").click()
    page.get_by_role("button", name="完成").click()
    frame.wait_for_function("window.paid === 'chooseWXPay:ok'")
    assert wx.query(NO).bank_type == "CFT"


def test_who_changes_their_mind_has_not_paid(scene: Scene) -> None:
    wx, given = order(scene)
    page = scene.phone(LI)
    frame = page_of(page)
    frame.evaluate(BRIDGE, given)
    page.get_by_role("button", name="取消支付").click()
    frame.wait_for_function("window.paid === 'get_brand_wcpay_request:cancel'")
    assert wx.query(NO).state == "NOTPAY"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paySign": "AAAA"}, "支付验证签名失败"),
        ({"package": "prepay_id=wx0"}, "已失效"),
        ({"appId": "wx0000000000000000"}, "签名失败"),
    ],
)
def test_a_wrong_invocation_opens_no_sheet(scene: Scene, changes, said) -> None:
    _, given = order(scene)
    page = scene.phone(LI)
    frame = page_of(page)
    frame.evaluate(BRIDGE, {**given, **changes})
    expect(page.locator("#toast")).to_contain_text(said)
    frame.wait_for_function("window.paid === 'get_brand_wcpay_request:fail'")


def test_somebody_elses_order_is_not_for_this_phone(scene: Scene) -> None:
    _, given = order(scene, WANG)
    page = scene.phone(LI)
    page_of(page).evaluate(BRIDGE, given)
    expect(page.locator("#toast")).to_contain_text("不一致")


def test_a_qr_code_opens_the_same_sheet(scene: Scene) -> None:
    wx = merchant(scene)
    url = wx.prepay_native(
        order_no=NO,
        description="补卡工本费",
        fen=2000,
        expires_at=clock.now() + timedelta(minutes=30),
        notify_url=f"{scene.app_url}/callbacks/wxpay/notices",
    )
    page = scene.phone(WANG)
    page.click("[aria-label=扫一扫]")
    expect(page.locator(".near")).to_contain_text("补卡工本费 ¥20.00")
    page.fill("[aria-label=码或网址]", url)
    page.press("[aria-label=码或网址]", "Enter")
    page.get_by_role("button", name="用指纹支付").click()
    page.get_by_role("button", name="完成").click()
    expect(page.locator(".screen-chat .paid")).to_contain_text("¥20.00")
    assert wx.query(NO).payer_openid == BY_NUMBER[WANG].openid
    page.click("[aria-label=扫一扫]")
    page.fill("[aria-label=码或网址]", url)
    page.press("[aria-label=码或网址]", "Enter")
    expect(page.locator("#toast")).to_contain_text("该订单已支付")
