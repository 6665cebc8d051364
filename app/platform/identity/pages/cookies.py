"""Which session a request brings, and the cookies that carry sessions."""

import re
from typing import TypeVar
from urllib.parse import urlsplit

from flask import current_app, g, request
from werkzeug.wrappers import Response

from app.kit import clock, crypto, db
from app.kit.caller import Caller
from app.platform.identity import service
from app.platform.identity.queries.sessions import LoadedSession, load_session
from app.platform.identity.service.sessions import TOUCH_EVERY, NewSession
from app.platform.identity.service.tokens import digest, new_token

R = TypeVar("R", bound=Response)
PHONE, DESK = "phone", "desk"
DESK_PATHS = ("/desk", "/metrics", "/api/docs", "/api/openapi")
SHARED_PATHS = ("/api/", "/files/")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
BROWSER_SECONDS = 24 * 3600


def load_caller() -> Caller | None:
    """The caller loader of kit.http: one statement per request that brings a cookie."""
    for surface in _surfaces():
        token = _token(surface)
        loaded = _load(surface, token)
        if loaded is not None:
            g.csrf_seed, g.must_change = token, loaded.must_change
            _note_use(loaded)
            return loaded.caller
    return None


def find_caller_on(surface: str) -> Caller | None:
    """Who is signed in on this surface, whatever the path says."""
    loaded = _load(surface, _token(surface))
    return loaded.caller if loaded else None


def sign_in(response: R, surface: str, new: NewSession) -> R:
    """Put a fresh session into the browser, and end the one it had on this surface."""
    sign_out(response, surface)
    response.set_cookie(
        cookie_name(surface),
        new.token,
        max_age=int((new.expires_at - clock.now()).total_seconds()),
        httponly=True,
        secure=current_app.config["IS_SECURE"],
        samesite="Lax",
    )
    return response


def sign_out(response: R, surface: str) -> R:
    """End the browser's session on this surface."""
    token = _token(surface)
    if token:
        with db.unit_of_work() as session:
            service.revoke_token(session, token)
    response.delete_cookie(
        cookie_name(surface), httponly=True, secure=current_app.config["IS_SECURE"], samesite="Lax"
    )
    return response


def browser() -> str:
    """The browser's pre-login secret; empty when it has none yet."""
    value = request.cookies.get(_browser_cookie(), "")
    return value if TOKEN.fullmatch(value) else ""


def remember_browser(response: R, secret: str) -> R:
    """Tie what this browser begins to this browser."""
    response.set_cookie(
        _browser_cookie(),
        secret,
        max_age=BROWSER_SECONDS,
        httponly=True,
        secure=current_app.config["IS_SECURE"],
        samesite="Lax",
    )
    return response


def browser_or_new() -> str:
    return browser() or new_token()


def cookie_name(surface: str) -> str:
    return f"wl_{'d' if surface == DESK else 'm'}_{current_app.config['COOKIE_SUFFIX']}"


def device() -> str:
    """The browser's name for itself: shown in the list of sessions, trusted for nothing."""
    return request.user_agent.string[:200]


def network() -> str:
    """A hash of the caller's address."""
    return crypto.blind_index(request.remote_addr or "", "network")


def _browser_cookie() -> str:
    return f"wl_o_{current_app.config['COOKIE_SUFFIX']}"


def _surfaces() -> tuple[str, ...]:
    """Which cookies may speak for this request, the first live one does."""
    if request.path.startswith(DESK_PATHS):
        return (DESK,)
    if not request.path.startswith(SHARED_PATHS):
        return (PHONE,)
    return (DESK, PHONE) if _comes_from_desk() else (PHONE, DESK)


def _comes_from_desk() -> bool:
    """It only chooses between two sessions of the same browser, so the browser may say it."""
    if "X-Surface" in request.headers:
        return request.headers["X-Surface"] == DESK
    return urlsplit(request.referrer or "").path.startswith("/desk")


def _token(surface: str) -> str:
    value = request.cookies.get(cookie_name(surface), "")
    return value if TOKEN.fullmatch(value) else ""


def _load(surface: str, token: str) -> LoadedSession | None:
    return load_session(digest(token), is_desk=surface == DESK) if token else None


def _note_use(loaded: LoadedSession) -> None:
    if clock.now() - loaded.seen_at > TOUCH_EVERY and loaded.caller.session_id is not None:
        with db.unit_of_work() as session:
            service.touch(session, loaded.caller.session_id)
