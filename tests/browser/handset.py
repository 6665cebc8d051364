"""A person's phone: the sandbox's page, and in its inner frame the pages of ours."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, TimeoutError, expect

from dev.processes import wait_until
from tests.browser.watch import faults, overflow

PATIENCE = 30_000


def begins_in_path(pattern: str, url: str) -> bool:
    parts = urlsplit(url)
    found = re.search(pattern, parts.path + (f"?{parts.query}" if parts.query else ""))
    return found is not None and found.start() < len(parts.path)


class Handset:
    """One browser context is one phone."""

    def __init__(self, context: BrowserContext, url: str, number: str, keep: Callable[..., None]) -> None:
        self.page = context.new_page()
        self.number = number
        self.keep = keep
        self.page.goto(f"{url}/phone?person={number}")
        expect(self.page.locator(".screen-home")).to_be_visible()

    # the chat

    def open_chat(self) -> None:
        if self.page.locator(".screen-chat").count() == 0:
            self.page.locator(".row").first.click()

    def tap_menu(self, name: str) -> None:
        """One of the services."""
        self.open_chat()
        self.page.locator(".chat-bar button", has_text="服务").click()
        self.page.locator(".sub-menu button", has_text=name).click()

    def say(self, words: str) -> None:
        self.open_chat()
        if (swap := self.page.get_by_label("打字")).count():
            swap.click()
        self.page.get_by_label("输入文字").fill(words)
        self.page.get_by_label("输入文字").press("Enter")

    @property
    def answers(self) -> Locator:
        return self.page.locator(".line:not(.own) .bubble")

    def push(self, *words: str) -> Locator:
        """The newest card that says all of these; waits for it to come."""
        card = self.page.locator(".screen-chat .template")
        for word in words:
            card = card.filter(has_text=word)
        expect(card.last).to_be_visible(timeout=PATIENCE)
        return card.last

    def back_to_chat(self) -> None:
        """Close the page and stand in the chat."""
        if (close := self.page.locator(".screen-web").get_by_label("关闭")).count():
            close.click()
        self.open_chat()

    def scan(self, label: str = "", *, text: str = "") -> None:
        self.page.get_by_label("扫一扫").last.click()
        if label:
            self.page.locator(".codes button", has_text=label).first.click()
        else:
            self.page.get_by_label("码或网址").fill(text)
            self.page.get_by_label("码或网址").press("Enter")

    # the page in the frame

    @property
    def web(self) -> FrameLocator:
        return self.page.frame_locator("iframe.page-frame")

    @property
    def frame(self) -> Frame:
        """The page's frame; while it moves from one site to another there is none for a moment."""
        found: list[Frame] = []

        def is_there() -> bool:
            frame = self.page.locator("iframe.page-frame").element_handle().content_frame()
            found.extend([frame] if frame is not None else [])
            return bool(found)

        assert wait_until(is_there, seconds=10, every=0.1)
        return found[0]

    def at(self, path: str) -> None:
        """Wait until the frame shows this path (a regular expression), loaded and at rest.

        It has to begin in the address's path: on the way through a sign-in the query names pages, too.
        """
        self.page.locator("iframe.page-frame").wait_for()
        self.frame.wait_for_url(lambda url: begins_in_path(path, url), timeout=PATIENCE)
        expect(self.web.locator("main#page")).to_be_visible()

    def tap(self, name: str) -> None:
        """Once more when the first try hangs: it may have met the frame on its way from one site to another."""
        button = self.web.locator("button, a.weui-btn, summary", has_text=name).last
        try:
            button.click(timeout=PATIENCE / 3)
        except TimeoutError:
            button.click()

    def look(self, name: str, *themes: Literal["light", "dark"]) -> None:
        """This page as it is now: whole, in width, readable by all; kept as a picture where asked for.

        In light, unless told otherwise; it stays in the last theme that is named.
        """
        for theme in themes or ("light",):
            self.page.emulate_media(color_scheme=theme)
            self.keep(self.page, f"story/{name}{'-dark' if theme == 'dark' else ''}")
            assert overflow(self.frame) == [], (name, theme)
            assert faults(self.frame) == [], (name, theme)

    # WeChat's pay sheet, over the page

    def pay(self) -> None:
        """Six digits into the sheet that is open, and back to the page."""
        sheet = self.page.get_by_role("dialog", name="请输入支付密码")
        expect(sheet).to_be_visible()
        self.keep(self.page, "story/pay-sheet")
        for digit in "123456":
            sheet.get_by_role("button", name=digit, exact=True).click()
        self.page.get_by_role("button", name="完成").click()

    def choose_photos(self, *files: Path) -> None:
        box = self.web.locator("[data-photos]")
        have = box.locator("input[type=hidden]").count()
        box.locator("input[type=file]").set_input_files([str(file) for file in files])
        expect(box.locator("input[type=hidden]")).to_have_count(have + len(files), timeout=PATIENCE)
