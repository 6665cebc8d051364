"""The whole house as processes, and browsers to look at it. `SCREENSHOTS=folder` keeps what they saw."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.handset import Handset
from tests.browser.watch import Watch
from tests.chaos.stage import Stage

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PATIENCE = 30_000
PICTURES_SHOWN = """() => Promise.race([
  Promise.all([...document.images].filter((one) => one.getBoundingClientRect().top < innerHeight)
    .map((one) => one.complete || new Promise((done) => { one.onload = one.onerror = done; }))),
  new Promise((done) => setTimeout(done, 3000)),
])"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one house: the stories while it is quiet, then those who need a crowd, then who moves its clock."""
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.timeout(900))
    items[:] = [item for item in items if here not in item.path.parents] + sorted(ours, key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.path.stem == "test_who_is_late":
        return 2
    return int("crowded" in getattr(item, "fixturenames", ()))


@dataclass
class Home:
    """The running house, and what its seeding made."""

    stage: Stage
    doors: list[dict[str, str]]
    password: str
    crowd: dict[str, Any] = field(default_factory=dict)

    @property
    def app(self) -> str:
        return self.stage.base

    @property
    def sandbox(self) -> str:
        return self.stage.sandbox_base

    def door(self, room: str) -> str:
        return next(door["code"] for door in self.doors if room in door["label"])


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    with Stage() as stage:
        stage.sandbox()
        stage.ask_sandbox("set", job_finish=True)
        made = json.loads(stage.run("tests.browser.seed", "base"))
        (stage.folder / "sandbox" / "doors.json").write_text(json.dumps(made["doors"]), encoding="utf-8")
        stage.web()
        stage.worker()
        stage.sweeper()
        stage.run("flask", "--app", "wsgi", "wechat", "menu", "push")
        yield Home(stage, made["doors"], made["password"])
        assert complaints(stage) == []


@pytest.fixture(scope="session")
def leave_school(home: Home) -> dict[str, str]:
    """A class with a counsellor, a college leader and a gate; what leave_seed says of them."""
    made: dict[str, str] = json.loads(home.stage.run("tests.browser.leave_seed"))
    return made


def complaints(stage: Stage) -> list[str]:
    """Errors in the logs of our processes."""
    found = []
    for name in ("web", "worker", "sweeper"):
        lines = (stage.folder / f"{name}.log").read_text("utf-8", errors="replace").splitlines()
        found += [f"{name}: {line}" for line in lines if '"level": "error"' in line or "Traceback" in line]
    return found


@pytest.fixture(scope="session")
def crowded(home: Home) -> Home:
    """The house after a busy week: long names, full lists, every state."""
    home.crowd = json.loads(home.stage.run("tests.browser.seed", "crowd"))
    home.stage.wait_until_delivered(120)
    return home


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    expect.set_options(timeout=PATIENCE)
    return chromium


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Asserts at the end that nothing went wrong in any browser of the test."""
    watch = Watch()
    yield watch
    watch.check()


@pytest.fixture
def window(browser: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """`window(**PHONE)`: a browser of its own, with its own cookies, watched."""
    opened: list[BrowserContext] = []

    def make(size: dict[str, int], **options: Any) -> BrowserContext:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | options
        context = browser.new_context(viewport=size, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        say_what_is_shown(context)
        context.close()


def say_what_is_shown(context: BrowserContext) -> None:
    """For the report of a test that failed: pytest shows it then alone."""
    for frame in (frame for page in context.pages for frame in page.frames):
        with suppress(Error):  # it is on its way from one page to another
            print(f"{frame.url}\n{frame.locator('body').inner_text(timeout=2000)[:1000]}\n")  # noqa: T201


@pytest.fixture
def handset(
    home: Home, window: Callable[..., BrowserContext], keep: Callable[..., None]
) -> Callable[..., Handset]:
    """`handset("W0001")`: that person's phone."""

    def take(number: str) -> Handset:
        return Handset(window(PHONE, device_scale_factor=2), home.sandbox, number, keep)

    return take


@pytest.fixture(scope="session")
def keep() -> Callable[..., None]:
    """Keeps a picture of a page when SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")

    def save(page: Page, name: str, *, whole: bool = False) -> None:
        if folder:
            path = Path(folder) / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            for frame in page.frames:
                frame.evaluate(PICTURES_SHOWN)
            page.screenshot(path=path, full_page=whole, animations="disabled")

    return save


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Photographs as a phone takes them: large JPEGs."""
    folder = tmp_path_factory.mktemp("pictures")
    made = []
    for at, (wall, lamp) in enumerate(
        (("#8a8f98", "#3c3f45"), ("#b9a58a", "#5b4b33"), ("#cfd8dc", "#ffe9a8"))
    ):
        image = Image.new("RGB", (1600, 1200), wall)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 820, 1600, 1200), fill="#5d5f66")
        draw.line((800, 0, 800, 300), fill="#222", width=14)
        draw.ellipse((600, 280, 1000, 560), fill=lamp, outline="#222", width=10)
        made.append(folder / f"lamp-{at}.jpg")
        image.save(made[-1], quality=90)
    return made
