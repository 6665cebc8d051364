"""Leave's console, campaigns and lobby screen as people meet them: long names, full and empty, light and dark."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, Home
from tests.browser.watch import Watch, faults, overflow


@dataclass(frozen=True)
class View:
    """A page, who looks at it, and what they do there first. `{trip}` in a path is that campaign."""

    name: str
    path: str
    who: str = "office"
    act: Callable[[Page, dict[str, Any]], None] | None = None
    status: int = 200
    english: bool = False


def chooses(value: str) -> Callable[[Page, dict[str, Any]], None]:
    def act(page: Page, _made: dict[str, Any]) -> None:
        page.locator(f".kind:has([value={value}])").click()

    return act


def opens_row(page: Page, _made: dict[str, Any]) -> None:
    page.locator("tr[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("经过")


def writes_in_panel(page: Page, made: dict[str, Any]) -> None:
    """The act is answered in the panel: the page stays where it is."""
    opens_row(page, made)
    panel, here = page.locator("#panel"), page.url
    panel.get_by_text("意见、抄送").click()
    panel.get_by_label("写一条意见").fill("请补充联系电话")
    panel.locator("[data-attachments] input[type=file]").set_input_files(
        {"name": "须知.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    )
    expect(panel.locator("[data-attachments] input[type=hidden]")).to_have_count(1)
    panel.get_by_role("button", name="发送").click()
    expect(panel.locator(".steps")).to_contain_text("请补充联系电话")
    expect(panel.get_by_role("link", name="须知.pdf")).to_be_visible()
    panel.get_by_text("更多办法").click()
    assert page.url == here


def gives_pin(page: Page, made: dict[str, Any]) -> None:
    page.get_by_label("请输入 PIN").fill(made["pin"])
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#lobby")).to_be_visible()


def picks_rows(page: Page, _made: dict[str, Any]) -> None:
    page.locator("[data-pick]").first.check()
    expect(page.locator("[data-multi]")).to_be_visible()


def checks_list(page: Page, _made: dict[str, Any]) -> None:
    page.get_by_label("事由").fill("全国大学生智能汽车竞赛")
    page.get_by_label("开始").fill("2027-06-01T08:00")
    page.get_by_label("结束").fill("2027-06-02T18:00")
    page.get_by_label("会缺课").check()
    page.get_by_label("学号").fill("LV20260001 LV20260001 9999 LV20260005")
    page.get_by_role("button", name="核对名单").click()
    expect(page.get_by_text("有 2 个学号不能登记")).to_be_visible()


def copies(page: Page, _made: dict[str, Any]) -> None:
    page.locator("[data-copies]").first.click()
    expect(page.locator("[data-copies]").first).to_contain_text("已复制")


VIEWS = (
    View("mine", "/m/leave/", "student"),
    View("family", "/m/leave/family/", "student"),
    View("gates", "/desk/leave/gates/"),
    View("campaign", "/m/leave/campaigns/{trip}", "student"),
    View("campaign-away", "/m/leave/campaigns/{trip}", "student", chooses("away")),
    View("campaign-answered", "/m/leave/campaigns/{trip}", "answered"),
    View("campaign-stay", "/m/leave/campaigns/{stay}", "student", chooses("stay")),
    View("campaign-stay-asked", "/m/leave/campaigns/{stay}", "answered"),
    View("campaign-stay-english", "/m/leave/campaigns/{stay}", "student", chooses("stay"), english=True),
    View("campaigns", "/desk/leave/campaigns/"),
    View("campaigns-empty", "/desk/leave/campaigns/", "nobody"),
    View("campaign-new", "/desk/leave/campaigns/new"),
    View("campaign-college", "/desk/leave/campaigns/{trip}"),
    View("campaign-vacation", "/desk/leave/campaigns/{stay}"),
    View("campaign-chase", "/desk/leave/campaigns/{trip}/chase", act=copies),
    View("campaign-answers", "/desk/leave/campaigns/{trip}/answers"),
    View("campaign-waiting", "/desk/leave/campaigns/{stay}/answers?state=waiting", act=picks_rows),
    View("approvals-panel", "/desk/approvals/", act=writes_in_panel),
    View("leaves", "/desk/leave/"),
    View("leaves-empty", "/desk/leave/", "nobody"),
    View("leaves-panel", "/desk/leave/", act=opens_row),
    View("statistics", "/desk/leave/statistics"),
    View("statistics-empty", "/desk/leave/statistics", "nobody"),
    View("policies", "/desk/leave/policies/"),
    View("policy-new", "/desk/leave/policies/new"),
    View(
        "policy-try",
        "/desk/leave/policies/try?number=LV20260001&kind=sick"
        "&starts_at=2027-03-01T08:00&ends_at=2027-03-06T18:00",
    ),
    View("public", "/desk/leave/public/"),
    View("public-empty", "/desk/leave/public/", "nobody"),
    View("public-check", "/desk/leave/public/new", act=checks_list),
    View("public-list", "/desk/leave/public/{batch}"),
    View("public-revoked", "/desk/leave/public/{revoked}"),
    View("timetable", "/desk/leave/timetable"),
    View("timetable-ics", "/desk/leave/timetable-ics/"),
    View("screens", "/desk/leave/screens/"),
    View("lobby-pin", "/desk/leave/lobby/{screen}", ""),
    View("lobby", "/desk/leave/lobby/{screen}", "", gives_pin),
)


@pytest.fixture(scope="module")
def made(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.stage.run("tests.browser.leave_views_seed"))
    home.stage.wait_until_delivered(120)
    return found


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_it_works(
    view: View, home: Home, made: dict[str, Any], browser: Browser, keep: Callable[..., None], watch: Watch
):
    """At the size it is meant for and at a narrower one, in light and in dark."""
    is_phone = view.path.startswith("/m/")
    context = browser.new_context(
        viewport=PHONE if is_phone else DESK,
        locale="en-GB" if view.english else "zh-CN",
        timezone_id="Asia/Shanghai",
        device_scale_factor=2 if is_phone else 1,
    )
    context.set_default_timeout(20_000)
    watch.over(context)
    if view.who:
        signed_in = made["sessions"][view.who]
        name = f"{signed_in['name']}_{made['suffix']}"
        context.add_cookies([{"name": name, "value": signed_in["token"], "url": home.app}])
    page = context.new_page()
    answer = page.goto(home.app + view.path.format(**made))
    assert answer is not None
    assert answer.status == view.status
    if view.act is not None:
        view.act(page, made)
    found: dict[str, list[str]] = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        keep(page, f"leave/{view.name}-{theme}", whole=True)
        found[theme] = faults(page)
    sticks_out = overflow(page)
    page.set_viewport_size({"width": 320, "height": 640} if is_phone else PHONE)
    keep(page, f"leave/{view.name}-narrow", whole=True)
    narrow = overflow(page)
    context.close()
    assert found == {"light": [], "dark": []}
    assert sticks_out == []
    assert narrow == []
