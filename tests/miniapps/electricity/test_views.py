"""The charts in a browser, light and dark: drawn, in width, readable without eyes; the page's policy lets them be.

With SCREENSHOTS each view is kept as a picture.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from app.kit import clock, db
from dev.processes import wait_until
from tests import visit
from tests.browser.watch import Watch, faults, overflow
from tests.miniapps.electricity.test_desk_pages import grant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
INK = """(canvas) => {
  const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const found = new Set();
  for (let at = 0; at < seen.length; at += 4) if (seen[at + 3] === 255) found.add(seen.slice(at, at + 3).join());
  return [...found];
}"""


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def window(browser: Browser, client: Any, app: Flask, base: str, surface: str, watch: Watch) -> Page:
    name = f"wl_{surface[0] if surface == 'desk' else 'm'}_{app.config['COOKIE_SUFFIX']}"
    context = browser.new_context(viewport=SIZES[surface], locale="zh-CN", timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": name, "value": client.get_cookie(name).value, "url": base}])
    watch.over(context)
    return context.new_page()


def look(page: Page, url: str, name: str, colours: dict[str, str]) -> None:
    """In both themes, each with its own colour of bars."""
    page.goto(url)
    for theme, colour in colours.items():
        page.emulate_media(color_scheme=theme)
        expect(page.locator(".chart canvas").first).to_be_visible()
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{theme}.png", animations="disabled")
        ink = page.locator(".chart canvas").first  # drawn anew a moment after the theme has changed
        assert wait_until(
            lambda ink=ink, colour=colour: colour in ink.evaluate(INK), seconds=10, every=0.1
        ), theme
        assert [*overflow(page), *faults(page)] == [], theme


def test_use_by_day_on_the_phone(dorm, app, base, chromium):
    binding = dorm.bind()
    dorm.refresh()
    watch = Watch()
    page = window(chromium, visit.phone(app, dorm.ids.li), app, base, "phone", watch)
    for days in (7, 30):
        url = f"{base}/m/electricity/history?room={binding}&days={days}"
        look(page, url, f"history-{days}", {"light": "7,193,96", "dark": "7,193,96"})
    chart = page.locator(".chart").first
    chart.hover(position={"x": 200, "y": 80})
    expect(page.locator(".chart__said").first).to_contain_text("度")
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == []
    page.context.close()
    watch.check()


def test_volumes_at_the_desk(dorm, app, base, chromium):
    dorm.refresh()
    with db.unit_of_work() as session:
        _top_ups(session, dorm)
    grant(dorm.ids.zhao, "electricity.administrator")
    watch = Watch()
    page = window(chromium, visit.desk(app, dorm.ids.zhao), app, base, "desk", watch)
    look(page, f"{base}/desk/electricity/running", "running", {"light": "15,123,120", "dark": "47,168,162"})
    expect(page.locator(".chart__said")).to_contain_text("¥10.00 · 1 笔")
    page.context.close()
    watch.check()


def _top_ups(session: Any, dorm: Any) -> None:
    """One a day for three weeks."""
    session.execute(
        text(
            "INSERT INTO electricity_top_ups (public_id, person_id, room_id, meter_id, fen, status, settle_seconds, "
            "created_at, paid_at, applied_at) SELECT 'etu_' || n, :person, r.id, m.id, 1000 + n * 100 % 2300, "
            "'applied', 60, a.at, a.at, a.at FROM generate_series(0, 20) n, "
            "LATERAL (SELECT CAST(:now AS timestamptz) - n * interval '1 day' AS at) a, electricity_rooms r "
            "JOIN electricity_meters m ON m.room_id = r.id WHERE m.code = 'E035121'"
        ),
        {"person": dorm.ids.li, "now": clock.now()},
    )
