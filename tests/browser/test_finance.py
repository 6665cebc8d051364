"""The finance office's day: five differences from real payments, worked to zero by two persons, closed, and on paper."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from dev.processes import wait_until
from tests.browser.conftest import DESK, Home
from tests.browser.handset import Handset
from tests.browser.test_electricity import FEN, arrival, credits_of, li, pay_by, to_the_cashier  # noqa: F401
from tests.browser.watch import faults, overflow
from tests.pdf_text import rows_of

CHINA = ZoneInfo("Asia/Shanghai")
MORNING = time(10, 30)
GROUND = "已在商户平台逐笔核对，流水号一致"
BACK = 1_000
SUMS = ("fen", "matched", "explained", "ours")
PLANTED = {
    "长款 ¥50.00": "补单",
    "长款 ¥12.30": "挂账",
    "重复支付 ¥50.00": "退款",
    "退款异常 -¥10.00": "挂账",
    "履约差异 -¥50.00": "退款",
}
"""What the five look like, and what is usually done with each."""


@dataclass
class Planted:
    """Numbers by which the orders of the day are known."""

    day: date
    lost: str
    twice: str
    by_hand: str
    undelivered: str


class Office:
    """One colleague's console."""

    def __init__(self, page: Page, home: Home, keep: Callable[..., None]) -> None:
        self.page, self.home, self.keep = page, home, keep

    def come_to(self, path: str) -> None:
        self.page.goto(f"{self.home.app}/desk/payments/{path}")

    def press(self, name: str, *, within: Locator | None = None) -> None:
        (within or self.page.locator("body")).get_by_role("button", name=name).first.click()

    def look(self, name: str) -> None:
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            self.keep(self.page, f"finance/{name}-{theme}")
            assert overflow(self.page) == [], (name, theme)
            assert faults(self.page) == [], (name, theme)

    def get(self, path: str) -> bytes:
        answer = self.page.request.get(f"{self.home.app}/desk/payments/{path}")
        assert answer.ok, answer.status
        return answer.body()

    @property
    def panel(self) -> Locator:
        return self.page.locator("#panel")

    def open(self, number: str, view: str) -> None:
        self.come_to(f"differences?view={view}")
        self.page.get_by_role("link", name=number, exact=True).click()
        expect(self.panel).to_contain_text(number)

    def propose(self, number: str, action: str) -> None:
        self.open(number, "open")
        expect(self.panel.locator(".sides")).to_be_visible()
        self.look(f"difference-{number}")
        self.press("提出处理", within=self.panel)
        form = self.page.locator("#do-propose")
        expect(form.get_by_label("处理")).to_contain_text(f"{action}（建议）")
        form.get_by_label("依据").fill(GROUND)
        self.press("提交复核", within=form)
        expect(self.panel).to_contain_text("要由另一位同事复核")

    def approve(self, number: str, action: str) -> None:
        self.open(number, "proposed")
        expect(self.panel).to_contain_text(GROUND)
        self.press(f"复核通过：{action}", within=self.panel)
        ended = "挂账" if action == "挂账" else "已处理"
        expect(self.panel.locator(".state")).to_contain_text(ended)

    def reconcile(self, day: date) -> None:
        self.come_to(f"days/{day}")
        with self.page.expect_response("**/run"):
            self.page.get_by_role("button", name="对账").last.click()
        expect(self.page.locator("#page")).to_contain_text("上次对账")

    def differences(self) -> dict[str, str]:
        """Number by kind and sum, as the page of the day lists them."""
        rows = self.page.locator("table:has(th[data-col=number]) tbody tr").all()
        found = {}
        for row in rows:
            kind, sum_ = (row.locator(f"[data-col={name}]").inner_text() for name in ("kind", "yuan"))
            found[f"{kind} {sum_}"] = row.locator("[data-col=number]").inner_text()
        return found


@pytest.fixture
def come_to_work(home: Home, window, keep) -> Callable[[], tuple[Office, Office]]:
    """钱, who prepares, and 孙, who checks, signed in now: yesterday's sessions are over."""

    def sign_in() -> tuple[Office, Office]:
        found = []
        for session in json.loads(home.stage.run("tests.browser.finance", "people")):
            context = window(DESK)
            context.add_cookies([{"name": session["cookie"], "value": session["token"], "url": home.app}])
            found.append(Office(context.new_page(), home, keep))
        return found[0], found[1]

    return sign_in


def test_five_differences_are_worked_to_zero_and_the_day_is_closed(home: Home, li: Handset, come_to_work):  # noqa: F811
    planted = plant(home, li)
    next_morning(home)
    qian, sun = come_to_work()
    fetch_bills(home, planted.day)
    qian.reconcile(planted.day)
    expect(qian.page.locator("#page")).to_contain_text("有差错")
    found = qian.differences()
    assert set(found) == set(PLANTED)
    qian.look("day-differences")
    for what, action in PLANTED.items():
        qian.propose(found[what], action)
    qian.look("proposed")
    for what, action in PLANTED.items():
        sun.approve(found[what], action)
    qian.reconcile(planted.day)
    expect(qian.page.locator("#page")).to_contain_text("已对平，可关账")
    close(sun, planted.day)
    certificate_agrees(sun, planted.day)
    vouchers_agree(home, qian, planted.day)
    the_decisions_are_carried_out(home, planted)


def close(sun: Office, day: date) -> None:
    sun.come_to(f"days/{day}")
    sun.press("关账")
    sun.press("关账", within=sun.page.locator("#do-close"))
    expect(sun.page.locator("#page")).to_contain_text("已关账")
    sun.look("day-closed")


def certificate_agrees(sun: Office, day: date) -> None:
    """On paper and in the sheet stands what stands on the page."""
    paper = sun.get(f"days/{day}/certificate.pdf")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sun.get(f"days/{day}/certificate.xlsx")))
    rows = sheet.get_sheet_by_index(0).to_python()
    end = next(place for place, row in enumerate(rows) if not any(row))
    printed = [set(row) for row in rows_of(paper)]
    for row in rows[1:end]:
        assert any({row[1], row[3], row[7]} <= line for line in printed), row
    for row in rows[end + 2 :]:
        assert not str(row[0]).startswith("D") or any({row[0], row[3]} <= line for line in printed), row
    shown = [
        [row.locator(f"[data-col={name}]").inner_text().split("\n")[0] for name in ("account", *SUMS)]
        for row in sun.page.locator("table#accounts tbody tr").all()
    ]
    assert [[row[1], row[3], row[5], row[6], row[7]] for row in rows[1:end]] == shown
    assert {row[3] for row in rows[end + 2 :] if str(row[0]).startswith("D")} == {
        what.split()[1] for what in PLANTED
    }


def vouchers_agree(home: Home, qian: Office, day: date) -> None:
    """Each fen of the day's ledger that has an account is in the file, once on either side."""
    qian.come_to(f"vouchers?period={day}")
    qian.press("生成凭证")
    expect(qian.page.locator("#board")).to_contain_text("草稿")
    qian.page.get_by_label("格式").select_option("yonyou")
    with qian.page.expect_download() as file:
        qian.press("导出文件")
    lines = file.value.path().read_bytes().decode("gbk").splitlines()
    assert lines[0] == "填制凭证,V800"
    debit, credit = (
        sum(round(float(line.split(",")[column] or 0) * 100) for line in lines[1:]) for column in (6, 7)
    )
    booked = home.stage.one(
        "SELECT sum(e.fen) FROM payments_ledger_entries e JOIN payments_ledger_accounts d ON d.id = e.debit_id "
        "JOIN payments_ledger_accounts c ON c.id = e.credit_id WHERE e.business_on = %s "
        "AND NOT (d.code LIKE 'due:%%' AND c.code LIKE 'delivered:%%')",
        day,
    )
    assert debit == credit == int(booked)


def the_decisions_are_carried_out(home: Home, planted: Planted) -> None:
    """What was lost is delivered, what came on top and what did not arrive goes back."""
    home.stage.worker()
    home.stage.sweeper()
    refunds = (
        "SELECT o.number, r.status FROM payments_refunds r JOIN payments_orders o ON o.id = r.order_id "
        "WHERE o.number IN (%s, %s)"
    )

    def is_done() -> bool:
        found = {
            (row["number"], row["status"])
            for row in home.stage.rows(refunds, planted.twice, planted.undelivered)
        }
        back = {(number, "succeeded") for number in (planted.twice, planted.undelivered)}
        return found == back and credits_of(home, planted.lost) == [FEN]

    assert wait_until(is_done, seconds=90, every=0.5), home.stage.rows(
        refunds, planted.twice, planted.undelivered
    )


# --- The day


def plant(home: Home, li: Handset) -> Planted:  # noqa: F811
    """Four orders paid on the phone, the last of them with a notice that gets lost; and what others do meanwhile."""
    day = today(home)
    code = code_of_a_friend(home, li)
    twice, by_hand, undelivered = (top_up(li) for _ in range(3))
    for name in ("worker", "sweeper"):  # nobody asks the channel tonight
        home.stage.stop(name)
    to_the_cashier(li)
    pay_by(li, "微信支付")
    expect(li.page.get_by_role("dialog", name="请输入支付密码")).to_be_visible()
    lost = home.stage.one("SELECT number FROM payments_orders ORDER BY id DESC LIMIT 1")
    pay_silently(home, attempt_of(home, lost))
    pay_silently(home, code, force=True)
    strange = json.loads(home.stage.run("tests.browser.finance", "stranger"))
    home.stage.ask_sandbox("wxpay/pay", order_no=strange, person="T0001")
    paid = attempt_of(home, by_hand)
    refund = json.loads(home.stage.run("tests.browser.finance", "hand", paid, f"{BACK}", f"{FEN}"))
    home.stage.ask_sandbox("wxpay/refunds/finish", refund_no=refund)
    home.stage.ask_sandbox("meters/fault", fault="statement_missing_row", times=1)
    return Planted(day, lost, twice, by_hand, undelivered)


def code_of_a_friend(home: Home, li: Handset) -> str:  # noqa: F811
    """The attempt behind a code that was shown for the next order, and is paid though the order has been."""
    to_the_cashier(li)
    li.tap("扫码付")
    li.at("/m/pay/.*/code")
    expect(li.web.get_by_alt_text("支付二维码")).to_be_visible()
    number = home.stage.one("SELECT number FROM payments_attempts ORDER BY id DESC LIMIT 1")
    li.frame.goto(f"{home.app}/m/electricity/")
    return str(number)


def top_up(li: Handset) -> str:  # noqa: F811
    to_the_cashier(li)
    pay_by(li, "微信支付")
    li.pay()
    order = arrival(li)
    li.tap("完成")
    li.at("/m/electricity/top-ups/")
    li.tap("看余额")
    li.at("/m/electricity/$")
    return order


def pay_silently(home: Home, attempt: str, **given: Any) -> None:
    """Paid at the channel, whose notice gets lost."""
    home.stage.ask_sandbox("wxpay/fault", name="notify.lost", order=attempt, times=None)
    home.stage.ask_sandbox("wxpay/pay", order_no=attempt, **given)


def attempt_of(home: Home, order: str) -> str:
    return str(
        home.stage.one(
            "SELECT a.number FROM payments_attempts a JOIN payments_orders o ON o.id = a.order_id "
            "WHERE o.number = %s ORDER BY a.id DESC LIMIT 1",
            order,
        )
    )


# --- The clock, and the bills


def now(home: Home) -> datetime:
    offset = float(Path(home.stage.environment["CLOCK_OFFSET_FILE"]).read_text())
    return datetime.now(UTC) + timedelta(seconds=offset)


def today(home: Home) -> date:
    return now(home).astimezone(CHINA).date()


def next_morning(home: Home) -> None:
    morning = datetime.combine(today(home) + timedelta(days=1), MORNING, CHINA)
    home.stage.pass_time((morning - now(home)).total_seconds())


def fetch_bills(home: Home, day: date) -> None:
    for channel in ("wechat", "card", "platform", "meters"):
        words = ["payments", "fetch-bill", "--channel", channel, "--date", f"{day}"]
        home.stage.run("flask", "--app", "wsgi", *words)
