"""Every page of ours as people may meet it: long names, empty and full lists, errors, light and dark, narrow.

Each view is looked at once: nothing in the console, nothing that sticks out at the side, nothing serious for
axe in either theme. With SCREENSHOTS each is kept as a picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, Home
from tests.browser.watch import Watch, faults, overflow


@dataclass(frozen=True)
class View:
    """A page, who looks at it, and what they do there first. `{closed}` in a path is that ticket."""

    name: str
    path: str
    who: str = ""
    act: Callable[[Page], None] | None = None
    status: int = 200
    care: bool = False


def sends(page: Page) -> None:
    """Submits what is there, which is not enough."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#page [type=submit]").last.click()
    expect(page.locator("#page .wrong").first).to_be_visible()


def opens(selector: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator(selector).first.click()

    return act


def types_danger(page: Page) -> None:
    page.get_by_label("补充一句").fill("插座冒火花，墙都烧黑了")
    expect(page.locator("#danger")).to_be_visible()
    page.locator("#danger").scroll_into_view_if_needed()


def chooses_taken_fault(page: Page) -> None:
    page.locator(".kind", has_text="水电照明").click()
    page.get_by_text("灯不亮", exact=True).click()
    expect(page.locator("#similar .note")).to_be_visible()
    page.locator("#similar").scroll_into_view_if_needed()


def opens_row(page: Page) -> None:
    page.locator("tr[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("经过")


def picks_rows(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-multi]")).to_be_visible()


def asks_whom(page: Page) -> None:
    opens_row(page)
    page.keyboard.press("d")
    expect(page.locator("#do-dispatch")).to_be_visible()


def saves_module(page: Page) -> None:
    page.locator("tr[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    panel.locator("[type=submit]").click()
    expect(panel).to_be_empty()
    expect(page.get_by_role("heading", name="微应用")).to_be_visible()


WORKING = ("dispatched", "taken", "working", "on_hold", "finished", "closed", "rework")
STATES = ("submitted", "triaged", *WORKING, "cancelled", "rejected", "rated")
ON_PHONE = (
    View("landing", "/"),
    View("home", "/m/", "li"),
    View("home-long-name", "/m/", "long"),
    View("home-english", "/m/", "james"),
    View("home-care", "/m/", "li", care=True),
    View("todo", "/m/todo", "li"),
    View("todo-worker", "/m/todo", "wang"),
    View("todo-empty", "/m/todo", "chen"),
    View("messages", "/m/messages", "li"),
    View("messages-empty", "/m/messages", "chen"),
    View("preferences", "/m/messages/preferences", "li"),
    View("me", "/m/me", "li"),
    View("me-long-name", "/m/me", "long"),
    View("bind", "/m/bind", "li"),
    View("follow", "/m/follow", "chen"),
    View("report", "/m/repairs/new", "li"),
    View("report-long-place", "/m/repairs/new?door={door_long}", "long"),
    View("report-other-place", "/m/repairs/new?where=other", "li"),
    View("report-english", "/m/repairs/new", "james"),
    View("report-care", "/m/repairs/new", "li", care=True),
    View("report-wrong", "/m/repairs/new?where=other", "chen", sends, 422),
    View("report-dead-code", "/m/repairs/new?door=ZZZZZZZZ", "chen"),
    View("report-danger", "/m/repairs/new", "li", types_danger),
    View("report-similar", "/m/repairs/new", "li", chooses_taken_fault),
    View("submitted", "/m/repairs/{submitted}/submitted", "li"),
    View("submitted-long", "/m/repairs/{long}/submitted", "long"),
    View("mine", "/m/repairs/", "li"),
    View("mine-empty", "/m/repairs/", "nobody"),
    View("mine-english", "/m/repairs/", "li_en"),
    View("jobs", "/m/repairs/jobs", "wang"),
    View("jobs-care", "/m/repairs/jobs", "wang", care=True),
    View("jobs-not-worker", "/m/repairs/jobs", "chen"),
    *(View(f"ticket-{state}", f"/m/repairs/{{{state}}}", "li") for state in STATES),
    *(View(f"job-{state}", f"/m/repairs/{{{state}}}", "wang") for state in WORKING),
    View("ticket-long", "/m/repairs/{long}", "long"),
    View("ticket-english", "/m/repairs/{on_hold}", "li_en"),
    View("ticket-care", "/m/repairs/{finished}", "li", care=True),
    View("ticket-rework-form", "/m/repairs/{closed}", "li", opens("#do-rework summary")),
    View("job-hold-form", "/m/repairs/{working}", "wang", opens("#do-hold summary")),
    View("job-long", "/m/repairs/{long}", "wang"),
    View("not-found", "/m/repairs/rep_nothing", "li", status=404),
    View("invitation-gone", "/m/invitations/nothing-of-ours", "chen", status=404),
    View("sign-in-lost", "/m/oauth/callback?state=x&code=y", "", status=409),
)
ON_DESK = (
    View("login", "/desk/login"),
    View("board", "/desk/repairs/", "zhao"),
    View("board-panel", "/desk/repairs/", "zhao", opens_row),
    View("board-dispatch", "/desk/repairs/?view=submitted", "zhao", asks_whom),
    View("board-several", "/desk/repairs/", "zhao", picks_rows),
    View("board-overdue", "/desk/repairs/?overdue=1", "zhao"),
    View("board-empty", "/desk/repairs/?team_id=999999", "zhao"),
    View("board-long", "/desk/repairs/?ticket={long}", "zhao"),
    View("ticket-page", "/desk/repairs/tickets/{rated}", "zhao"),
    View("search", "/desk/repairs/search?q=512", "zhao"),
    View("search-nothing", "/desk/repairs/search?q=R9999-9999", "zhao"),
    View("archive", "/desk/repairs/archive", "zhao"),
    View("caller", "/desk/repairs/new", "zhao"),
    View("doors", "/desk/repairs/doors", "zhao"),
    View("board-of-head", "/desk/repairs/", "he"),
    View("invitations", "/desk/team/invitations", "he"),
    View("message-log", "/desk/messages", "zheng"),
    View("calls", "/desk/messages/calls", "zheng"),
    View("operations", "/desk/operations/", "zheng"),
    View("modules", "/desk/modules", "zheng"),
    View("module", "/desk/modules/repairs", "zheng"),
    View("module-saved", "/desk/modules", "zheng", saves_module),
    View("roles", "/desk/people/roles?number=T0001", "zheng"),
    View("account", "/desk/account", "zhao"),
    View("password", "/desk/account/password", "zhao"),
    View("keys", "/desk/repairs/", "zhao", opens("[data-opens=keys]")),
    View("not-found", "/desk/repairs/tickets/rep_nothing", "zhao", status=404),
    View("not-allowed", "/desk/people/roles", "zhao", status=403),
)


@pytest.mark.parametrize("view", ON_PHONE, ids=lambda view: view.name)
def test_phone(view: View, crowded: Home, browser: Browser, keep, watch):
    with_care = {"wl_care": "1"} if view.care else {}
    context = open_as(crowded, browser, view.who, watch, with_care, viewport=PHONE, device_scale_factor=2)
    page = come_to(view, crowded, context, watch)
    look(page, f"phone/{view.name}", keep)
    page.set_viewport_size({"width": 320, "height": 640})
    sticks_out = overflow(page)
    context.close()
    assert sticks_out == []


@pytest.mark.parametrize("view", ON_DESK, ids=lambda view: view.name)
def test_desk(view: View, crowded: Home, browser: Browser, keep, watch):
    context = open_as(crowded, browser, view.who, watch, {}, viewport=DESK)
    page = come_to(view, crowded, context, watch)
    look(page, f"desk/{view.name}", keep)
    page.set_viewport_size({"width": 1100, "height": 768})
    sticks_out = overflow(page)
    context.close()
    assert sticks_out == []


def test_report_form_in_letters_twice_as_large(crowded: Home, browser: Browser, keep, watch):
    """As WeChat's largest font makes it: one column, nothing hidden, the button still works."""
    context = open_as(crowded, browser, "chen", watch, {}, viewport=PHONE, device_scale_factor=2)
    page = context.new_page()
    watch.allow(422)
    page.goto(f"{crowded.app}/m/repairs/new?where=other")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert overflow(page) == [], width
        assert clipped(page) == [], width
    page.set_viewport_size(PHONE)
    keep(page, "phone/report-200")
    sends(page)
    assert overflow(page) == []
    context.close()


def open_as(
    home: Home, browser: Browser, who: str, watch: Watch, cookies: dict[str, str], **options
) -> BrowserContext:
    """A browser that is signed in as one of the crowd."""
    person, _, english = who.partition("_")
    language = "en-GB" if english or person == "james" else "zh-CN"
    context = browser.new_context(locale=language, timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(20_000)
    watch.over(context)
    jar = {}
    suffix = home.crowd["people"]["li"]["cookie"].split("_", 2)[2]
    if person:
        signed_in = home.crowd["people"][person]
        jar[signed_in["cookie"]] = signed_in["token"]
    jar |= {f"{name}_{suffix}": value for name, value in cookies.items()}
    context.add_cookies([{"name": name, "value": value, "url": home.app} for name, value in jar.items()])
    return context


def come_to(view: View, home: Home, context: BrowserContext, watch: Watch) -> Page:
    if view.status >= 400:
        watch.allow(view.status)
    page = context.new_page()
    names = home.crowd["tickets"] | {"door_long": home.crowd["door_long"]}
    answer = page.goto(home.app + view.path.format(**names))
    assert answer is not None
    if view.act is None:
        assert answer.status == view.status
    else:
        view.act(page)
    return page


def look(page: Page, name: str, keep: Callable[..., None]) -> None:
    """In light and in dark: whole in width, readable by all."""
    sticks_out = overflow(page)
    found = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        keep(page, f"{name}-{theme}")
        found[theme] = faults(page)
    assert sticks_out == []
    assert found == {"light": [], "dark": []}


def clipped(page: Page) -> list[str]:
    """Words that do not fit into what they are written on."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#page :is(button, label, h1, h2, p, .chip, strong)")]
          .filter((each) => each.offsetParent && getComputedStyle(each).overflow !== "visible"
            && !each.matches(".only-read") && each.scrollWidth > each.clientWidth + 1)
          .map((each) => each.className + ": " + each.textContent.trim().slice(0, 30))"""
    )
