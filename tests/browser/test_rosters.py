"""A roster in the console: a wrong list and its marked sheet, a right one with its preview, and the yes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.conftest import DESK, PHONE, Home
from tests.browser.test_views import open_as
from tests.browser.watch import Watch, faults, overflow
from tests.platform.directory.rosters import PAGE, employee, staff_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNIT = {"部门": "维修中心"}
LONG = {"姓名": "阿依古丽·买买提艾力·阿卜杜热合曼"}


@pytest.fixture
def page(crowded: Home, browser: Browser, watch: Watch) -> Page:
    context = open_as(crowded, browser, "zheng", watch, {}, viewport=DESK)
    page = context.new_page()
    page.goto(crowded.app + PAGE)
    yield page
    context.close()


def look(page: Page, name: str, keep: Callable[..., None]) -> None:
    """At the desk and on a phone, in light and in dark."""
    sticks_out, found = {}, {}
    for size, place in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        sticks_out[place] = overflow(page)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            keep(page, f"rosters/{name}-{place}-{theme}", whole=True)
            found[place, theme] = faults(page)
    assert {key: said for key, said in (sticks_out | found).items() if said} == {}


def upload(page: Page, rows: list[dict[str, object]], **ticks: bool) -> None:
    page.get_by_role("button", name="导入名单").click()
    dialog = page.locator("#do-upload")
    content = staff_workbook(rows).getvalue()
    dialog.locator("[type=file]").set_input_files(
        {"name": "2026 年 11 月教职工名册（人事处）.xlsx", "mimeType": XLSX, "buffer": content}
    )
    dialog.get_by_label("这是什么").select_option("staff")
    dialog.get_by_label("这份名单包含").select_option(label="维修中心")
    if ticks.get("withdraws"):
        dialog.get_by_label("不在名单里的人").check()
    dialog.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".import")).to_be_visible()


def test_it_works(page: Page, keep: Callable[..., None], tmp_path: Path):
    look(page, "empty", keep)
    page.get_by_role("button", name="导入名单").click()
    look(page, "upload", keep)
    page.keyboard.press("Escape")
    wrong = [employee(n) | UNIT for n in range(30)]
    wrong[3] |= {"性别": "男"} | LONG
    wrong[5] |= {"部门": "没有这个部门"}
    upload(page, wrong)
    expect(page.locator(".import")).to_contain_text("没有部门或学院“没有这个部门”")
    look(page, "wrong", keep)
    with page.expect_download() as marked:
        page.get_by_role("link", name="下载标注好的表格").click()
    marked.value.save_as(tmp_path / "marked.xlsx")
    grid = CalamineWorkbook.from_path(tmp_path / "marked.xlsx").get_sheet_by_index(0).to_python()
    assert [n for n, row in enumerate(grid) if n and row[0]] == [4, 6]
    page.get_by_role("link", name="全部导入").click()
    right = [employee(n) | UNIT for n in range(30)]
    right[3] |= LONG
    upload(page, right, withdraws=True)
    expect(page.locator(".import")).to_contain_text("结束这个身份")
    look(page, "checked", keep)
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("button", name="确认写入")).to_have_count(0)
    page.get_by_role("link", name="全部导入").click()
    upload(page, right)
    page.get_by_role("button", name="确认写入").click()
    expect(page.locator(".import")).to_contain_text("已全部写入")
    look(page, "done", keep)
    page.get_by_role("link", name="全部导入").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    look(page, "many", keep)
