"""A freshman claims the admission on the phone: wrong letter first, then the code that came by text message."""

import json
import re

import requests
from playwright.sync_api import expect

from dev.processes import wait_until
from tests.browser.conftest import Home
from tests.browser.handset import Handset

ZHOU = "N20260001"
BOTH = ("dark", "light")


def test_the_claim_by_text_message(home: Home, handset, watch):
    watch.allow(422)
    made = json.loads(home.stage.run("tests.browser.claim_seed"))
    requests.post(f"{home.sandbox}/_sim/sms/set", json={"per_half_minute": 100}, timeout=10)
    zhou: Handset = handset(ZHOU)
    zhou.page.locator("nav.tabs button", has_text="发现").click()
    zhou.page.get_by_text("微生活首页").click()
    zhou.at("/m/")
    zhou.frame.goto(f"{home.app}/m/welcome/")
    zhou.web.get_by_text("认领录取信息").click()
    zhou.at("/m/welcome/claim/")
    zhou.look("claim", *BOTH)

    fill(zhou, name="周小满", number=made["number"], last_six="010067", letter="L0")
    zhou.tap("认领")
    expect(zhou.web.get_by_text("没有认领成功")).to_be_visible()
    zhou.look("claim-failed", *BOTH)

    zhou.web.get_by_text("预留手机", exact=True).click()
    zhou.tap("获取验证码")
    expect(zhou.web.get_by_text("验证码正在发往预留的手机")).to_be_visible()
    zhou.look("claim-code", *BOTH)
    fill(zhou, code=code_of(home, made["phone"]))
    zhou.tap("认领")
    expect(zhou.web.get_by_role("heading", name="认领成功")).to_be_visible()
    zhou.look("claim-done", *BOTH)

    zhou.tap("进入迎新")
    zhou.at("/m/welcome/$")
    expect(zhou.web.get_by_text("家长查看")).to_be_visible()
    assert wait_until(lambda: "已于" in texts(home, made["phone"])[0], seconds=20, every=0.2)


def fill(phone: Handset, **values: str) -> None:
    for name, value in values.items():
        phone.web.locator(f"#f-{name}").fill(value)


def texts(home: Home, phone: str) -> list[str]:
    """What lies in that phone, newest first."""
    rows = requests.get(f"{home.sandbox}/_sim/sms/messages", params={"phone": phone}, timeout=10).json()
    return [row["text"] for row in rows]


def code_of(home: Home, phone: str) -> str:
    assert wait_until(lambda: texts(home, phone), seconds=20, every=0.2)
    found = re.search(r"\b\d{6}\b", texts(home, phone)[0])
    assert found is not None
    return found.group()
