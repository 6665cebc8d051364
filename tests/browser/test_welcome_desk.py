"""The check-in desk in a browser: two desks see each other, and both ways of going on with the network cut."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.watch import Watch, faults, overflow
from tests.chaos.stage import Stage

PAGE = "/desk/welcome/check-in"


@dataclass
class Hall:
    """The running house with an intake that arrives today."""

    stage: Stage
    made: dict[str, Any]

    def marks(self) -> int:
        with self.stage.connection() as connection:
            row = connection.execute(
                "SELECT count(*) AS n FROM welcome_step_marks WHERE undone_at IS NULL"
            ).fetchone()
            return int(row["n"])

    def status(self, who: str) -> str:
        with self.stage.connection() as connection:
            row = connection.execute(
                "SELECT status FROM welcome_admissions WHERE public_id = %s", (self.made["codes"][who],)
            ).fetchone()
            return str(row["status"])


@pytest.fixture
def hall() -> Iterator[Hall]:
    with Stage() as stage:
        # The offline list is good until midnight, and it is the browser's own clock that says so.
        Path(stage.environment["CLOCK_OFFSET_FILE"]).write_text("0")
        made = json.loads(stage.run("tests.browser.seed_welcome").splitlines()[-1])
        stage.web()
        yield Hall(stage, made)


@pytest.fixture
def sit_down(hall: Hall, window: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A browser at the desk, signed in."""

    def sit(who: str = "clerk", path: str = PAGE, size: dict[str, int] = DESK) -> Page:
        context = window(size)
        session = hall.made["people"][who]
        context.add_cookies([{"name": session["cookie"], "value": session["token"], "url": hall.stage.base}])
        page = context.new_page()
        page.goto(hall.stage.base + path)
        return page

    return sit


def scan(page: Page, code: str) -> None:
    """As a scanner does: it types and presses Enter."""
    expect(page.locator("#desk[data-ready]")).to_be_attached()
    page.locator("#f-text").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()


def press(page: Page, step: str, words: str = "登记") -> None:
    page.locator(f'[data-step="{step}"]').get_by_role("button", name=words, exact=True).click()


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_two_desks_see_each_other_and_the_wall_moves(hall, sit_down, keep, watch: Watch):
    here, there = sit_down(), sit_down("other")
    wall = sit_down(path="/desk/welcome/wall")
    expect(wall.locator("#registered")).to_have_text("0")
    for page in (here, there):
        scan(page, hall.made["codes"]["zhou"])
    expect(here.locator("#card")).to_contain_text("周雨桐")
    expect(here.locator("#card")).to_contain_text("还缺：核验材料、领取钥匙")
    press(here, "papers")
    expect(there.locator('[data-step="papers"]')).to_contain_text("赵敏华")
    press(here, "key")
    press(here, "register")
    expect(here.locator("#card header")).to_contain_text("已报到")
    expect(there.locator("#card header")).to_contain_text("已报到")
    expect(wall.locator("#registered")).to_have_text("1")
    keep(here, "welcome/check-in")
    keep(wall, "welcome/wall")
    for page in (here, wall):
        assert (overflow(page), faults(page)) == ([], [])
    press(there, "register", "撤销")
    there.get_by_label("撤销原因").fill("扫错了同学的码")
    there.keyboard.press("Enter")
    expect(there.locator("#card header")).to_contain_text("未报到")
    until(lambda: hall.status("zhou") == "admitted")


def test_an_open_page_goes_on_without_a_network_and_sends_once(hall, sit_down, keep, watch: Watch):
    here, there = sit_down(), sit_down("other")
    scan(here, hall.made["codes"]["zhou"])
    unwatch(watch)
    here.context.set_offline(True)
    for step in ("papers", "key", "register"):
        press(here, step)
    expect(here.locator("#pending")).to_have_text("3 条待同步")
    keep(here, "welcome/check-in-offline")
    scan(there, hall.made["codes"]["zhou"])
    press(there, "key")
    until(lambda: hall.marks() == 1)
    here.context.set_offline(False)
    expect(here.locator("#pending")).to_be_hidden()
    expect(here.locator("#conflicts")).to_contain_text("郑国栋")
    assert "周雨桐" not in here.evaluate(QUEUE)
    expect(here.locator("#card header")).to_contain_text("已报到")
    assert (hall.marks(), hall.status("zhou")) == (3, "registered")
    keep(here, "welcome/check-in-conflict")
    assert overflow(here) == []


def test_what_one_clerk_did_waits_for_that_clerk(hall, sit_down, watch: Watch):
    """Two clerks share a browser: the second one's sign-in sends nothing of the first one's, and no full name is kept."""
    page = sit_down()
    scan(page, hall.made["codes"]["zhou"])
    unwatch(watch)
    page.context.set_offline(True)
    press(page, "papers")
    expect(page.locator("#pending")).to_have_text("1 条待同步")
    page.context.set_offline(False)
    sign_in_as(hall, page, "other")
    expect(page.locator("#said")).to_contain_text("有 1 条是另一位同事记的")
    scan(page, hall.made["codes"]["zhou"])
    press(page, "key")
    until(lambda: hall.marks() == 1)
    expect(page.locator("#pending")).to_have_text("1 条待同步")
    assert "周雨桐" not in page.evaluate(QUEUE)
    sign_in_as(hall, page, "clerk")
    expect(page.locator("#pending")).to_be_hidden()
    until(lambda: hall.marks() == 2)
    with hall.stage.connection() as connection:
        rows = connection.execute("SELECT by_id FROM welcome_step_marks ORDER BY id").fetchall()
    assert len({row["by_id"] for row in rows}) == 2


QUEUE = """() => new Promise((done) => {
  const request = indexedDB.open("welcome-check-in", 1);
  request.onsuccess = () => {
    const step = request.result.transaction(["queue", "conflicts"]), kept = [];
    for (const name of ["queue", "conflicts"]) {
      step.objectStore(name).getAll().onsuccess = (event) => kept.push(...event.target.result);
    }
    step.oncomplete = () => done(JSON.stringify(kept));
  };
})"""


def sign_in_as(hall: Hall, page: Page, who: str) -> None:
    """Somebody else at the same browser."""
    session = hall.made["people"][who]
    page.goto("about:blank")  # so that the first one's page sends nothing meanwhile
    page.context.clear_cookies()
    page.context.add_cookies([{"name": session["cookie"], "value": session["token"], "url": hall.stage.base}])
    page.goto(hall.stage.base + PAGE)
    expect(page.locator("#desk[data-ready]")).to_be_attached()


def test_a_registered_browser_starts_cold_and_forgets_when_it_is_stopped(hall, sit_down, keep, watch: Watch):
    page = sit_down()
    page.get_by_role("button", name="设备").click()
    page.get_by_label("给这台设备起个名字").fill("1 号电脑")
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.locator("#device-state")).to_contain_text("今天可以断网打开")
    context = page.context
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.close()
    unwatch(watch)
    context.set_offline(True)
    hall.stage.stop("web")

    page = context.new_page()
    page.goto(hall.stage.base + PAGE)
    scan(page, hall.made["codes"]["lin"])
    expect(page.locator("#card")).to_contain_text("林**")
    assert "林知夏" not in page.content()
    for step in ("papers", "key", "register"):
        press(page, step)
    expect(page.locator("#pending")).to_have_text("3 条待同步")
    keep(page, "welcome/check-in-cold")
    hall.stage.web()
    context.set_offline(False)
    expect(page.locator("#pending")).to_be_hidden()
    until(lambda: hall.status("lin") == "registered")
    assert hall.marks() == 3

    page.goto(hall.stage.base + PAGE)
    page.get_by_role("button", name="设备").click()
    page.get_by_role("button", name="停用").click()
    expect(page.locator("#toast")).to_contain_text("离线名单已清除")
    assert page.evaluate("caches.has('check-in')") is False
    context.set_offline(True)
    hall.stage.stop("web")
    with pytest.raises(Exception, match="net::"):
        page.goto(hall.stage.base + PAGE)


def test_a_line_over_which_the_server_stumbles_holds_nobody_up(hall, sit_down, keep, watch: Watch):
    page = sit_down()
    scan(page, hall.made["codes"]["zhou"])
    unwatch(watch)
    page.route("**/check-in/sent", stumble_over("papers"))
    for step in ("papers", "key"):
        press(page, step)
    expect(page.locator("#conflicts")).to_contain_text("发了几次服务器都没有收下", timeout=60_000)
    expect(page.locator("#pending")).to_be_hidden()
    watching(page, lambda: hall.marks() == 1)
    keep(page, "welcome/check-in-aside")
    assert overflow(page) == []
    page.unroute("**/check-in/sent")
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator("#conflicts")).to_be_hidden()
    until(lambda: hall.marks() == 2)


def test_while_the_server_takes_nothing_nothing_is_set_aside(hall, sit_down, watch: Watch):
    page = sit_down()
    scan(page, hall.made["codes"]["zhou"])
    unwatch(watch)
    tried: list[int] = []
    page.route("**/check-in/sent", lambda route: (tried.append(1), route.fulfill(status=502, body="")))
    press(page, "papers")
    watching(page, lambda: len(tried) > 4)
    expect(page.locator("#pending")).to_have_text("1 条待同步")
    expect(page.locator("#conflicts")).to_be_hidden()
    page.unroute("**/check-in/sent")
    until(lambda: hall.marks() == 1)


def watching(page: Page, holds: Callable[[], bool]) -> None:
    """Like `until`, while requests of the page are answered here."""
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end
        page.wait_for_timeout(200)


def stumble_over(step: str) -> Callable[[Route], None]:
    """A server that breaks whenever it meets this line."""

    def answer(route: Route) -> None:
        entries = route.request.post_data_json["entries"]
        if any(entry.get("step") == step for entry in entries):
            route.fulfill(status=500, body="broken")
        else:
            route.continue_()

    return answer


def test_only_a_stopped_device_takes_the_list_along(hall, sit_down, watch: Watch):
    page = sit_down()
    page.get_by_role("button", name="设备").click()
    page.get_by_label("给这台设备起个名字").fill("3 号电脑")
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.locator("#device-state")).to_contain_text("今天可以断网打开")
    unwatch(watch)
    asked: list[int] = []
    missing = json.dumps({"error": {"code": "kit.not_found", "message": "没有找到"}})
    page.route(
        "**/check-in/list",
        lambda route: (
            asked.append(1),
            route.fulfill(status=404, content_type="application/json", body=missing),
        ),
    )
    page.reload()
    watching(page, lambda: len(asked) > 0)
    page.get_by_role("button", name="设备").click()
    expect(page.locator("#device-state")).to_contain_text("今天可以断网打开")
    assert page.evaluate("caches.match('/desk/welcome/check-in/list').then((found) => !!found)")


LATER = """(days) => {
  const before = Date.now.bind(Date);
  Date.now = () => before() + days * 86400000;
}"""
KEPT = "caches.open('check-in').then((it) => it.keys()).then((keys) => keys.map((one) => new URL(one.url).pathname))"


def test_a_list_that_is_over_goes_alone_and_a_wrong_clock_does_not_end_it(hall, sit_down, watch: Watch):
    page = sit_down()
    page.get_by_role("button", name="设备").click()
    page.get_by_label("给这台设备起个名字").fill("4 号电脑")
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.locator("#device-state")).to_contain_text("今天可以断网打开")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.keyboard.press("Escape")
    unwatch(watch)
    page.evaluate(LATER, 2)  # the browser's clock is ahead, and what the server says tells it so
    scan(page, hall.made["codes"]["zhou"])
    expect(page.locator("#card")).to_contain_text("周雨桐")
    page.context.set_offline(True)
    scan(page, hall.made["codes"]["lin"])
    expect(page.locator("#card")).to_contain_text("林**")
    page.evaluate(LATER, 2)  # and two days go by
    page.locator("#f-text").fill(hall.made["codes"]["zhou"])
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("没有可用的离线名单")
    kept = page.evaluate(KEPT)
    assert PAGE in kept and f"{PAGE}/list" not in kept


def test_signing_out_takes_the_list_along(hall, sit_down, watch: Watch):
    page = sit_down()
    page.get_by_role("button", name="设备").click()
    page.get_by_label("给这台设备起个名字").fill("2 号电脑")
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.locator("#device-state")).to_contain_text("今天可以断网打开")
    unwatch(watch)
    page.goto(hall.stage.base + "/desk/welcome/absent")
    page.locator("details.menu summary", has_text="赵敏华").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/desk/login**")
    assert page.evaluate("caches.has('check-in')") is False


def test_an_article_gets_its_pictures_and_files(hall, sit_down, pictures, keep, watch: Watch):
    """The tiles of the phone's forms in the console's editor: sent while one writes, kept with the form."""
    page = sit_down("clerk", "/desk/welcome/guides/new")
    page.locator("#f-key").fill("maps")
    page.locator("#f-title").fill("校园地图")
    page.locator("#f-body").fill("从东门进。")
    box = page.locator("[data-photos]")
    box.locator("input[type=file]").set_input_files([str(one) for one in pictures[:2]])
    expect(box.locator("input[type=hidden]")).to_have_count(2)
    files = page.locator("[data-attachments]")
    for name in ("报到须知.pdf", "多余的.pdf"):
        files.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
        )
    expect(files.locator("input[type=hidden]")).to_have_count(2)
    files.locator("li", has_text="多余的").get_by_role("button").click()
    keep(page, "welcome/guide-new", whole=True)
    assert (overflow(page), faults(page)) == ([], [])
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url("**/desk/welcome/guides/maps")
    expect(page.locator(".pictures img")).to_have_count(2)
    expect(page.get_by_role("link", name="报到须知.pdf")).to_be_visible()
    expect(page.locator("#page")).not_to_contain_text("多余的")
    with hall.stage.connection() as connection:
        row = connection.execute("SELECT cardinality(photo_ids) AS n FROM welcome_articles").fetchone()
    assert row["n"] == 2


def test_the_pages_look_right(hall, sit_down, keep, watch: Watch):
    phone = sit_down("zhou", f"/m/welcome/arrival?day={hall.made['tomorrow']}", PHONE)
    for theme in ("light", "dark"):
        phone.emulate_media(color_scheme=theme)
        keep(phone, f"welcome/arrival-new-{theme}", whole=True)
        assert (overflow(phone), faults(phone)) == ([], [])
    phone.get_by_role("radio", name="09:00–10:00").check()
    phone.get_by_role("button", name="保存登记").click()
    expect(phone.locator("#page")).to_contain_text("共 1 人")
    keep(phone, "welcome/arrival-booked", whole=True)
    assert (overflow(phone), faults(phone)) == ([], [])
    for name in (f"arrivals?day={hall.made['tomorrow']}", "absent"):
        page = sit_down("clerk", f"/desk/welcome/{name}")
        keep(page, f"welcome/{name.partition('?')[0]}")
        assert (overflow(page), faults(page)) == ([], [])
    page = sit_down("clerk", PAGE, {"width": 390, "height": 844})
    scan(page, hall.made["codes"]["he"])
    keep(page, "welcome/check-in-phone", whole=True)
    assert (overflow(page), faults(page)) == ([], [])


def unwatch(watch: Watch) -> None:
    """From here on requests are meant to fail."""
    watch.check()
    watch.check = lambda: None  # type: ignore[method-assign]
