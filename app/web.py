"""What every page shares: security headers, languages, static files, filters, the API's documentation."""

import gzip
import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, g, render_template, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask_babel import gettext, ngettext, pgettext
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.config import Settings
from app.kit import clock, money
from app.kit.http import PUBLIC, permit
from app.kit.i18n import N_

STATIC = Path(__file__).parent / "static"
LANGUAGES = ("zh", "en")
WITHOUT_WORKERS = "worker-src 'none'"
SMALL = 1000  # bytes that fit into one packet anyhow


class OurApi(Api):
    """flask-smorest with our one error handler instead of its own."""

    def _register_error_handlers(self) -> None:
        pass


class NoSessions(SessionInterface):
    """Sessions are rows of identity; Flask's own cookie is not read."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """There is nothing to save."""


class FreshFiles(WhiteNoise):
    """A file packed beforehand (.gz) counts only while the file it packs has not changed since."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, Any] | None = None) -> Any:
        if stat_cache is not None and path in stat_cache:
            for packed in (f"{path}.gz", f"{path}.br"):
                if packed in stat_cache and stat_cache[packed].st_mtime < stat_cache[path].st_mtime - 1:
                    stat_cache = {name: stat for name, stat in stat_cache.items() if name != packed}
        return super().get_static_file(path, url, stat_cache=stat_cache)


def install(app: Flask, settings: Settings) -> None:
    """Everything of this page, on the application."""
    app.config.update(
        API_TITLE="Weilife 微生活",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.extensions["api"] = OurApi(app)
    app.session_interface = NoSessions()
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    prefix = f"static/{_digest(STATIC)}/"
    app.wsgi_app = FreshFiles(  # type: ignore[method-assign]
        app.wsgi_app, root=str(STATIC), prefix=prefix, max_age=31536000, autorefresh=False
    )
    app.jinja_env.globals.update(
        static=lambda name: f"/{prefix}{name}",
        clock=clock,
        yuan=money.yuan,
        locale=locale,
        school_name=settings.school_name,
        hotline=settings.hotline,
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        source_or_translated, ngettext, newstyle=True, pgettext=source_or_translated_in
    )
    app.jinja_env.filters.update(when=when, at=at, on=on)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/api/docs", view_func=permit(PUBLIC)(api_docs))
    _security_headers(app, settings)
    _bind_desk(app, settings.desk_host)
    app.after_request(pack_page)


def api_docs() -> str:
    """The API's browsable documentation."""
    return render_template("console/api_docs.html", spec_url="/api/openapi.json")


def pack_page(response: Response) -> Response:
    """Phones pay for each byte: their pages leave packed. Our cookies are SameSite, so that no other site can
    make a browser fetch such a page with its secrets and learn from its length.
    """
    is_page = response.mimetype == "text/html" and request.path.startswith(("/m/", "/q/"))
    if not is_page or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and (response.content_length or 0) > SMALL:
        response.set_data(gzip.compress(response.get_data(), 5))
        response.headers["Content-Encoding"] = "gzip"
    return response


def locale() -> str:
    """zh unless the person chose or their browser prefers English. The console speaks Chinese alone."""
    try:
        return str(g.locale)
    except (AttributeError, RuntimeError):
        if not request:
            return "zh"
        g.locale = found = _locale_of_request()
        return found


def _locale_of_request() -> str:
    if request.path.startswith("/desk"):
        return "zh"
    chosen = request.cookies.get(f"wl_lang_{current_app.config['COOKIE_SUFFIX']}")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "zh"


def source_or_translated(text: str) -> str:
    """Templates are full of texts, and most readers want them as they stand in the source."""
    return text if locale() == "zh" else str(gettext(text))


def source_or_translated_in(context: str, text: str) -> str:
    return text if locale() == "zh" else str(pgettext(context, text))


def when(moment: datetime | None, today: date | None = None) -> str:
    """As a person says it: 今天 14:05, 昨天 09:12, 11-20 09:12, 2025-11-20. Long lists know what day it is."""
    if moment is None:
        return ""
    there, today = clock.local(moment), today or clock.today()
    named = _NAMED_DAYS.get((there.date() - today).days)
    if named is not None:
        return f"{source_or_translated(named)} {there:%H:%M}"
    return f"{there:%m-%d %H:%M}" if there.year == today.year else f"{there:%Y-%m-%d}"


_NAMED_DAYS = {0: N_("今天"), 1: N_("明天"), -1: N_("昨天")}


def at(moment: datetime | None) -> str:
    """In full, for hovering: 2026-11-20 09:12:05."""
    return "" if moment is None else f"{clock.local(moment):%Y-%m-%d %H:%M:%S}"


def on(moment: datetime | None) -> str:
    """The date: 2026-11-20."""
    return "" if moment is None else f"{clock.local(moment):%Y-%m-%d}"


def _security_headers(app: Flask, settings: Settings) -> None:
    js_origin = _origin(settings.wechat_js_url)
    frames = "'self'" if settings.is_production else f"'self' {_origin(settings.wechat_open_base)}"
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {js_origin}",
            "style-src 'self' 'unsafe-inline'",  # charts and WeChat's web view set style attributes
            "img-src 'self' data: blob:",
            f"connect-src 'self' {js_origin}",
            "object-src 'none'",
            WITHOUT_WORKERS,
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frames}",
        )
    )

    app.config["CONTENT_SECURITY_POLICY"] = policy  # for the page that may more
    ours = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
        "cache-control": "no-store",
    }
    if settings.is_secure:
        ours["strict-transport-security"] = "max-age=31536000"

    @app.after_request
    def _headers(response: Response) -> Response:
        """Unless a page says otherwise."""
        said = {name.lower() for name, _ in response.headers}
        for name, value in ours.items():
            if name not in said:
                response.headers.add(name, value)
        return response


def _bind_desk(app: Flask, desk_host: str) -> None:
    """With DESK_HOST, the console, metrics and API docs answer on that host (an intranet) alone."""
    if not desk_host:
        return

    @app.before_request
    def _only_there() -> None:
        inner = request.path.startswith(("/desk", "/metrics", "/api/docs", "/api/openapi"))
        if inner and request.host.partition(":")[0] != desk_host:
            abort(404)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".gz", ".br"):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def clients() -> Any:
    """The outside systems of this process, for doors."""
    return current_app.extensions["clients"]
