"""Approvals in the console in a browser, light and dark, wide and narrow: nothing sticks out, nothing serious for axe.

With SCREENSHOTS each view is kept as a picture.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app.kit import clock, outbox
from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave.definitions import DEFAULT, DEFINITIONS
from app.platform.approvals import jobs
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case, Task
from app.platform.identity import service as identity
from tests.browser.watch import Watch, faults, overflow
from tests.platform.approvals.definitions import approve, people, start
from tests.visit import desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
LONG = "申请延长研究生与留学生综合公寓（东区北侧）门禁至凌晨一点半并同时借用学术报告厅及其全部附属设备"
VIEWS = {
    "empty": "?view=started",
    "todo": "",
    "case": "?case={case}",
    "all": "?view=all",
    "batch": "batch?code=try",
    "times": "times?code=try",
    "definitions": "definitions/",
    "definition": "definitions/{leave}",
    "proposed": "definitions/{proposed}",
    "tried": "definitions/{leave}/try?number=2023010101&field_days=9&field_kind=x&field_leaves_dorm=1",
}


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def made(campus) -> dict[str, str]:
    """Twelve cases, one with a long name, one unusual, one answered; a version that waits for its second person."""
    with unit_of_work() as session:
        found = people(session, 3)
        body = {
            "title": "场地与门禁",
            "fields": [
                {"name": "days", "title": "天数", "type": "integer"},
                {"name": "reason", "title": "原因", "type": "text"},
            ],
            "exception_when": "days > 5",
            "nodes": [
                approve("first", "T0001", limit={"hours": 8, "then": "remind"}),
                approve("second", "P2"),
            ],
        }
        approvals.publish_shipped(session, {"try": body, DEFAULT: DEFINITIONS[DEFAULT]})
        identity.grant_role(session, by=None, person_id=campus.zhao, role="approvals.administrator")
    cases = []
    for at in range(12):
        with unit_of_work() as session:
            case = start(
                session,
                campus.li,
                form={"days": 9 if at == 2 else 1, "reason": LONG if at == 1 else "社团活动"},
                business=secrets.token_hex(4),
            )
            row = session.get_one(Case, case)
            row.title = LONG if at == 1 else f"借用教室 {at}"
            cases.append(row.public_id)
    clock.advance(clock.timedelta(hours=3))
    with unit_of_work() as session:
        task = session.scalars(select(Task.id).order_by(Task.id)).first()
        approvals.approve(session, by=Caller(campus.zhao), task_id=task, comment="同意，注意安全")
        maker = Caller(found["P1"], grants=(Grant("approvals.design"),))
        other = {**body, "nodes": [approve("first", "nobody", when_empty="reject"), *body["nodes"][1:]]}
        proposed = approvals.upload(session, by=maker, code="try", body=other).id
        approvals.propose(session, by=maker, definition_id=proposed)
    outbox.drain(clients=None, seconds=20)
    jobs.reckon_times(clients=None)
    with unit_of_work() as session:
        leave = approvals.upload(session, by=maker, code=DEFAULT, body=DEFINITIONS[DEFAULT]).id
    return {"case": cases[1], "leave": str(leave), "proposed": str(proposed)}


def test_every_view_in_light_and_dark(campus, made, app, base, chromium: Browser):
    watch = Watch()
    name = f"wl_d_{app.config['COOKIE_SUFFIX']}"
    client = desk(app, campus.zhao)
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": name, "value": client.get_cookie(name).value, "url": base}])
    watch.over(context)
    page, wrong = context.new_page(), {}
    for (view, path), (size, (width, height)), theme in product(
        VIEWS.items(), SIZES.items(), ("light", "dark")
    ):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.goto(f"{base}/desk/approvals/{path.format(**made)}")
        if "case=" in path:
            expect(page.locator("#panel .sheet")).to_be_visible()
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"approvals-{view}-{size}-{theme}.png", animations="disabled")
        if problems := [*overflow(page), *faults(page)]:
            wrong[f"{view} {size} {theme}"] = problems
    context.close()
    assert wrong == {}
    watch.check()
