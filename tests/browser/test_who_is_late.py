"""A leave that is over, and nobody back: the ladder. The last story, since it takes the house into the next day."""

from playwright.sync_api import expect

from tests.browser.conftest import Home

BOTH = ("dark", "light")


def test_who_does_not_come_back(home: Home, leave_school, handset, watch):
    """From the last reminder up the ladder: himself, his counsellor, one tap, and found again."""
    home.stage.run("tests.browser.leave_seed", "away")
    home.stage.pass_time(3 * 3600 + 120)  # an hour of leave, two hours to come back in
    chen, sun = handset("2023010102"), handset("T0004")
    chen.open_chat()
    chen.push("应返校").click()
    chen.at("/m/leave/lv_")
    expect(chen.web.locator("h1", has_text="逾期未归")).to_be_visible()
    chen.look("leave-overdue", *BOTH)
    chen.tap("报平安")
    expect(chen.web.get_by_text("已告诉辅导员您平安")).to_be_visible()
    home.stage.pass_time(14 * 3600)  # he did not come when he said: in the morning the ladder goes on
    sun.open_chat()
    sun.push("逾期未归").click()
    sun.at("/m/leave/class/lv_")
    sun.web.locator("label.chip", has_text="没联系上").click()
    sun.tap("保存记录")
    expect(sun.web.get_by_text("联系记录已保存")).to_be_visible()
    sun.look("leave-followed", *BOTH)
    sun.tap("确认已返校")
    expect(sun.web.locator("h1", has_text="已销假")).to_be_visible()
