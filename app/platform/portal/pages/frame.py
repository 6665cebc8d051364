"""What the portal gives to every page: the rail, closed doors of suspended micro-apps, redirects of forms."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, Caller, find_caller
from app.kit.module import MenuItem, Module, Registry
from app.platform.directory import queries as directory
from app.platform.portal import queries
from app.platform.portal.errors import ModuleSuspended

COUNTS_LAST = 10.0  # seconds that the figures of the rail may be old
STATES_LAST = 5.0
MOST_KEPT = 500
MOST_FLAT = 9  # entries of a rail that need no headings


@dataclass(frozen=True)
class Account:
    """Who is signed in, as the console's corner shows it."""

    name: str
    line: str


@dataclass(frozen=True)
class RailEntry:
    """A section of the console that this person may use."""

    title: str
    url: str
    icon: str
    count: int
    active: bool


@dataclass(frozen=True)
class RailSection:
    """Entries under one heading; a short rail is one section without a title."""

    title: str
    entries: list[RailEntry]

    @property
    def count(self) -> int:
        return sum(entry.count for entry in self.entries)

    @property
    def is_open(self) -> bool:
        return any(entry.active for entry in self.entries)


@dataclass(frozen=True)
class _Kept:
    until: float
    account: Account
    counts: dict[str, int]


def registry() -> Registry:
    found: Registry = current_app.extensions["registry"]
    return found


def menu_of(caller: Caller) -> list[MenuItem]:
    """The pages of the console this person may use, in order."""
    items = [
        item
        for module in registry().modules
        for item in module.menu
        if item.permission == SIGNED_IN or caller.may(item.permission)
    ]
    return sorted(items, key=lambda item: (item.order, item.url))


def rail_of(menu: list[MenuItem], counts: Mapping[str, int], path: str) -> list[RailSection]:
    """The entries, under headings when there are many: by their first entry, those that packages share last."""
    here = _section_of(menu, path)
    titles = {
        item.url: module.section or module.title for module in registry().modules for item in module.menu
    }
    sections: dict[str, list[RailEntry]] = {}
    for item in menu:
        title = titles[item.url] if len(menu) > MOST_FLAT else ""
        entry = RailEntry(item.title, item.url, item.icon, counts.get(item.url, 0), item.url == here)
        sections.setdefault(title, []).append(entry)
    shared = {module.section for module in registry().modules}
    ordered = sorted(sections.items(), key=lambda pair: pair[0] in shared)
    return [RailSection(title, entries) for title, entries in ordered]


def install(app: Flask) -> None:
    """Called by the factory when the portal is plugged in, after all lower packages."""
    kept: OrderedDict[tuple[int, int | None], _Kept] = OrderedDict()
    guard = _Guard()
    app.jinja_env.globals["fresh_key"] = lambda: secrets.token_urlsafe(16)

    @app.context_processor
    def _console() -> dict[str, Any]:
        if not request.path.startswith("/desk"):
            return {}
        caller = find_caller()
        return {} if caller is None else _frame_of(caller, kept)

    app.before_request(guard.check)
    app.after_request(follow_by_page)


def follow_by_page(response: Response) -> Response:
    """A form that succeeds leaves the page: the browser goes there, WeChat's signature is fresh.

    Followed by htmx, the whole next page would land in the part that the form replaces.
    """
    if response.status_code not in (301, 302, 303, 307, 308):
        return response
    headers = request.headers
    if headers.get("HX-Boosted") or (headers.get("HX-Request") and request.method == "POST"):
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 204
        response.set_data(b"")
    return response


def _frame_of(caller: Caller, kept: OrderedDict[tuple[int, int | None], _Kept]) -> dict[str, Any]:
    menu = menu_of(caller)
    mine = kept.get((caller.person_id, caller.session_id))
    if mine is None or mine.until < time.monotonic():
        with unit_of_work() as session:
            mine = _Kept(
                time.monotonic() + COUNTS_LAST, _account(session, caller), _counts(session, caller, menu)
            )
        kept[caller.person_id, caller.session_id] = mine
        kept.move_to_end((caller.person_id, caller.session_id))
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    rail = rail_of(menu, mine.counts, request.path)
    return {"rail": rail, "account": mine.account, "search_url": _search_of(caller)}


def _search_of(caller: Caller) -> str:
    """Where the search box leads: the first package that offers a search to this person."""
    for module in registry().modules:
        target = module.search_url
        if target and any(caller.may(item.permission) for item in module.menu):
            return str(target)
    return ""


def _account(session: Session, caller: Caller) -> Account:
    person = directory.people(session, [caller.person_id]).get(caller.person_id)
    return Account(person.name if person else "", (person.number or "") if person else "")


def _counts(session: Session, caller: Caller, menu: list[MenuItem]) -> dict[str, int]:
    return {item.url: item.count(session, caller) for item in menu if item.count is not None}


def _section_of(menu: list[MenuItem], path: str) -> str:
    """The address of the section a page belongs to: the one with the longest beginning of the page's address."""
    starts = [(start, item.url) for item in menu for start in (item.url, *item.also)]
    inside = [pair for pair in starts if path == pair[0] or path.startswith(pair[0].rstrip("/") + "/")]
    return max(inside, key=lambda pair: len(pair[0]), default=("", ""))[1]


class _Guard:
    """Closes the phone pages of suspended micro-apps. The console stays open: work goes on."""

    def __init__(self) -> None:
        self._until = 0.0
        self._suspended: dict[str, queries.Placed] = {}

    def check(self) -> None:
        if request.blueprint is None or not request.path.startswith(("/m/", "/q/")):
            return
        module = _module_of(request.blueprint)
        if module is None or module.card is None:
            return
        if self._until < time.monotonic():
            with unit_of_work() as session:
                placed = queries.placed_modules(session, registry())
            self._suspended = {one.key: one for one in placed if one.is_suspended}
            self._until = time.monotonic() + STATES_LAST
        closed = self._suspended.get(module.key)
        if closed is not None:
            raise ModuleSuspended(title=closed.title, note=closed.note)


def _module_of(blueprint: str) -> Module | None:
    for module in registry().modules:
        if any(one.name == blueprint for one in module.blueprints):
            return module
    return None
