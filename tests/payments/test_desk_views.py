"""The finance desk in a browser, light and dark: nothing sticks out, no script fails, nothing serious for axe.

With SCREENSHOTS each view is kept as a picture.
"""

import os
import re
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.kit import db
from app.payments.service import request_refund
from tests.browser.watch import Watch, faults, overflow
from tests.payments.conftest import MCHID, add_fee_item
from tests.payments.test_desk import at_the_desk, delivered, dispute, in_review

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LONG = "研究生与留学生综合公寓（东区北侧）1 单元 2601 室空调与照明合并电费"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
PANEL = re.compile(r"\?.*(order|refund|dispute|item|voucher|receipt|difference)=")
VIEWS = {
    "orders": "",
    "order": "?order={review}",
    "order-done": "?order={done}",
    "order-alone": "orders/{done}",
    "orders-odd": "?view=odd",
    "refunds": "refunds",
    "refund": "refunds?refund={refund}",
    "offline": "refunds?queue=offline",
    "disputes": "disputes",
    "dispute": "disputes?dispute={dispute}",
    "ledger": "ledger",
    "account": f"ledger/accounts/channel:wechat:{MCHID}",
    "fees": "fees",
    "fee": "fees?item={item}",
    "fee-form": "fees/electricity/edit",
}


@pytest.fixture
def told(school) -> dict[str, str]:
    """A desk with work on it: a long name, a review, a refund to agree to, one that is abnormal, a dispute."""
    add_fee_item(
        code="tuition",
        title="学费",
        service_key=None,
        link_url="https://pay.example.edu.cn/tuition?campus=east&year=2026",
        channels=[],
    )
    done = delivered(school, fen=123456)
    stuck = _refund(school, done, 1000, "房间调换，余额退回")
    school.sim("fault", name="refund.abnormal")
    school.finish_refunds()
    _refund(school, done, 23400, "宿舍已退费，学院与宿管中心双方签字确认，附件见邮件往来第三封")
    with db.unit_of_work() as session:
        session.connection().exec_driver_sql(
            "UPDATE payments_orders SET title = %s WHERE id = %s", (LONG, done.order_id)
        )
    review = in_review(school)
    for number in range(5):
        school.charge(f"room-{number}", fen=100 + number)
    dispute(school.attempts(review)[0].number)
    with db.unit_of_work() as session:
        dispute_id = session.connection().exec_driver_sql("SELECT id FROM payments_disputes").scalar()
    return {
        "done": done.public_id,
        "review": review.public_id,
        "refund": stuck,
        "dispute": str(dispute_id),
        "item": "electricity",
    }


def _refund(school, charge, fen, reason):
    with db.unit_of_work() as session:
        return request_refund(
            session, by=school.zhao, order_public_id=charge.public_id, fen=fen, reason=reason
        )


def open_desk(school, browser: Browser, app: Flask, watch: Watch) -> Page:
    """A window of somebody who may do everything but agree to refunds."""
    for role in ("payments.administrator", "payments.cashier"):
        client = at_the_desk(school, school.ids.zhao, role)
    name = f"wl_d_{app.config['COOKIE_SUFFIX']}"
    cookie = client.get_cookie(name)
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.add_cookies([{"name": name, "value": cookie.value, "url": school.base}])
    watch.over(context)
    return context.new_page()


def look_over(school, chromium, app, views, *, sizes, prefix=""):
    """Each page in each size, light and dark: no trouble, nothing sticks out, nothing that axe calls serious."""
    watch = Watch()
    page = open_desk(school, chromium, app, watch)
    wrong = {}
    for (name, path), (size, (width, height)), theme in product(
        views.items(), sizes.items(), ("light", "dark")
    ):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.goto(f"{school.base}/desk/payments/{path}")
        if PANEL.search(path):
            expect(page.locator("#panel .sheet")).to_be_visible()
        _keep(page, f"{prefix}{name}-{size}-{theme}")
        if problems := [*overflow(page), *faults(page)]:
            wrong[f"{name} {size} {theme}"] = problems
    page.context.close()
    assert wrong == {}
    watch.check()


def test_every_view_in_light_and_dark(school, told, app, chromium):
    views = {name: path.format(**told) for name, path in VIEWS.items()}
    look_over(school, chromium, app, views, sizes={"wide": SIZES["wide"]})


def test_a_refund_is_asked_for_by_keys_alone(school, app, chromium):
    charge = delivered(school)
    watch = Watch()
    page = open_desk(school, chromium, app, watch)
    page.goto(f"{school.base}/desk/payments/")
    page.locator("tr[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .sheet")).to_be_visible()
    page.keyboard.press("r")
    dialog = page.locator("#do-refund")
    expect(dialog).to_be_visible()
    dialog.locator("[name=yuan]").fill("12.50")
    dialog.locator("[name=reason]").fill("宿舍已退费")
    _keep(page, "refund-dialog")
    dialog.get_by_role("button", name="申请退款").click()
    expect(page.locator("#panel")).to_contain_text("人工申请")
    page.context.close()
    watch.check()
    assert [one.fen for one in school.refunds(charge)] == [1250]


def _keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
