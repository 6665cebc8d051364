"""A clerk uploads a bill in a real browser and watches it to its end."""

import pytest
from playwright.sync_api import Browser, expect

from app.kit import outbox
from tests.payments.bill_files import payment, whole
from tests.payments.test_desk import at_the_desk

pytestmark = pytest.mark.slow


def test_it_works(school, chromium: Browser, tmp_path):
    file = tmp_path / "bill.csv"
    file.write_bytes(whole(rows=[payment(number) for number in range(1, 2000)]).encode())
    session = at_the_desk(school, school.ids.zhao, "payments.cashier").get_cookie(
        f"wl_d_{school.app.config['COOKIE_SUFFIX']}"
    )
    context = chromium.new_context()
    context.add_cookies([{"name": session.key, "value": session.value, "url": school.base}])
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{school.base}/desk/payments/bills")
    page.keyboard.press("u")
    page.locator("#f-what").select_option(index=1)
    page.locator("#f-day").fill("2026-11-15")
    page.locator("#f-file").set_input_files(str(file))
    page.locator("dialog[open] .btn_primary").click()
    expect(page.locator("#upload")).to_contain_text("正在读 bill.csv")
    page.wait_for_timeout(1200)  # it asks again each second, and nothing has been read yet
    expect(page.locator("#upload progress")).to_be_visible()
    outbox.drain(clients=school.clients, seconds=20)
    expect(page.locator("#upload")).to_contain_text("已导入。")
    page.locator("#upload a").click()
    expect(page.locator("h1")).to_contain_text("2026-11-15 微信支付")
    context.close()
    assert errors == []
