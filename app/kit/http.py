"""The edge: who is calling, what the route asks for, and how errors are answered."""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode

import structlog
from flask import Flask, Request, Response, g, jsonify, redirect, render_template, request
from flask_babel import gettext, pgettext
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app.kit import idempotency
from app.kit.caller import Caller, Grant, Scope  # noqa: F401 - doors import them from here
from app.kit.errors import DomainError, Forbidden, Invalid, NotFound, TooMany, Unauthorized, Unavailable
from app.kit.i18n import N_, Phrase
from app.kit.idempotency import Answer
from app.kit.log import log

PUBLIC: Final = "-public"
SIGNED_IN: Final = "-signed-in"
CALLBACK: Final = "-callback"  # another machine calls; it proves itself inside the view

View = TypeVar("View", bound=Callable[..., Any])


class CsrfFailed(Forbidden):
    code = "kit.csrf_failed"
    msgid = N_("页面放得太久了，请刷新后再提交。已填的内容可以先复制下来。")


class TooLarge(Invalid):
    code = "kit.too_large"
    msgid = N_("提交的内容太大了，请减少照片或文字后再试。")


class BadRequest(Invalid):
    code = "kit.bad_request"
    msgid = N_("提交的内容读不出来，请刷新页面后再试。")


class MethodNotAllowed(NotFound):
    code = "kit.method_not_allowed"
    msgid = N_("这个地址不支持这样的操作，请从菜单重新进入。")


class Unexpected(Unavailable):
    """A bug of ours. Logged with its trace; the person is told what to do."""

    status = 500
    code = "kit.unexpected"
    msgid = N_("这一步没有办成，我们已经收到记录。您填的内容请先保留，过几分钟再试。")


def permit(permission: str) -> Callable[[View], View]:
    """Say what a route asks for. Every route carries one; a test walks the URL map."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            _check(permission)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return wrap


def _check(permission: str) -> None:
    if permission == CALLBACK:
        return
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _check_csrf()
    if permission == PUBLIC:
        return
    who = caller()
    if permission != SIGNED_IN and not who.may(permission):
        raise Forbidden()


def caller() -> Caller:
    """Who is calling. Raises Unauthorized when nobody is signed in."""
    who = find_caller()
    if who is None:
        raise Unauthorized()
    return who


def find_caller() -> Caller | None:
    try:
        return cast("Caller | None", g.caller)
    except AttributeError:
        g.caller = who = _loader() if _loader else None
        return who


_loader: Callable[[], Caller | None] | None = None


def register_caller_loader(load: Callable[[], Caller | None]) -> None:
    """Identity says who is calling; it also sets `g.csrf_seed` to the session's secret."""
    global _loader
    _loader = load


# --- CSRF: a token derived from the session (or, before sign-in, from a cookie of its own)


_csrf_key = b""
_seed_name = ""


def csrf_token() -> str:
    find_caller()
    seed = g.get("csrf_seed") or _seed_cookie()
    return hmac.digest(_csrf_key, seed.encode(), "sha256").hex()


def _seed_cookie() -> str:
    if "fresh_seed" not in g:
        g.fresh_seed = request.cookies.get(_seed_name) or secrets.token_urlsafe(16)
    return cast(str, g.fresh_seed)


def _check_csrf() -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
    if not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise CsrfFailed()


# --- Errors: one table, one handler, one shape

HTTP_ERRORS: dict[int, type[DomainError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    408: Unavailable,
    413: TooLarge,
    414: TooLarge,
    415: BadRequest,
    422: Invalid,
    429: TooMany,
    431: TooLarge,
    503: Unavailable,
}


# Restarting, out of connections, or too slow. Whoever sends the same again under the same key is safe.
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


def answer_error(error: Exception) -> Any:
    """Every error of every door ends here."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error  # a redirect
    if isinstance(error, DATABASE_AWAY):
        g.caller = None  # the page that says so must not ask the database who reads it
    known = as_domain_error(error)
    if known.status >= 500:
        log.error("request_failed", code=known.code, rule=_rule(), exc_info=error)
    else:
        log.info("request_refused", code=known.code, status=known.status, rule=_rule())
    if isinstance(known, Unauthorized) and not wants_json(request):
        return _to_sign_in()
    response = _as_json(known) if wants_json(request) else _as_page(known)
    response.status_code = known.status
    if isinstance(known, TooMany):
        response.headers["Retry-After"] = str(known.params.get("seconds", 60))
    return response


def _rule() -> str:
    """The route, not the path: a path may hold a token. Empty where there is no such route."""
    return request.url_rule.rule if request.url_rule else ""


def as_domain_error(error: Exception) -> DomainError:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, DATABASE_AWAY):
        return Unavailable()
    if isinstance(error, DataError):  # a number, day or character that no column can hold
        return BadRequest()
    if isinstance(error, HTTPException) and error.code in HTTP_ERRORS:
        details = getattr(error, "data", None) or {}
        return HTTP_ERRORS[error.code](details=_field_errors(details.get("messages")))
    return Unexpected()


def sentence(error: DomainError) -> str:
    """What the person reads, in the language of the request."""
    said = str(gettext(error.msgid))
    return (
        said % {name: _in_words(name, value) for name, value in error.params.items()}
        if error.params
        else said
    )


def _in_words(name: str, value: Any) -> Any:
    """What fills a gap is a text too, often: of the context that the gap names, or of none."""
    if isinstance(value, Phrase):
        return str(gettext(value.msgid)) % value.params
    if isinstance(value, tuple):
        return gettext("、").join(str(_in_words(name, part)) for part in value)
    if not isinstance(value, str) or not value:
        return value
    said = pgettext(name, value)
    return said if said != value else gettext(value)


def wants_json(req: Request) -> bool:
    if req.path.startswith(("/api/", "/callbacks/")):
        return True
    return req.accept_mimetypes.best == "application/json"


def _field_errors(messages: Any) -> dict[str, list[str]] | None:
    """webargs' {location: {field: [text]}} without the location."""
    if not isinstance(messages, dict):
        return None
    fields: dict[str, list[str]] = {}
    for location in messages.values():
        if isinstance(location, dict):
            for name, texts in location.items():
                fields[str(name)] = [str(t) for t in texts] if isinstance(texts, list) else [str(texts)]
    return fields or None


def _as_json(error: DomainError) -> Response:
    body: dict[str, Any] = {"code": error.code, "message": sentence(error), "request_id": request_id()}
    if error.details:
        body["details"] = {name: [gettext(t) for t in texts] for name, texts in error.details.items()}
    return jsonify(error=body)


def _as_page(error: DomainError) -> Response:
    face = "console" if request.path.startswith("/desk") else "phone"
    part = "toast" if request.headers.get("HX-Request") else "error"
    html = render_template(
        f"{face}/{part}.html", error=error, sentence=sentence(error), request_id=request_id()
    )
    response = Response(html, mimetype="text/html")
    if part == "toast":
        response.headers["HX-Retarget"] = "#toast"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Reselect"] = "unset"  # whatever part of the next page the form wanted
    return response


def _to_sign_in() -> Any:
    target = "/desk/login" if request.path.startswith("/desk") else "/m/login"
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):
        response = Response(status=401)
        response.headers["HX-Redirect"] = f"{target}?next=/"
        return response
    return redirect(f"{target}?{_query(next=wanted)}")


def _query(**params: str) -> str:
    return urlencode(params)


# --- Idempotency at the door


def once(session: Session, work: Callable[[], Answer]) -> Response:
    """Do `work` once for this caller's Idempotency-Key (a header, or the hidden field `_key`)."""
    key = request.headers.get("Idempotency-Key") or request.form.get("_key", "")
    answer = idempotency.once(
        session, owner=f"person:{caller().person_id}", key=key, fingerprint=_fingerprint(), work=work
    )
    response = Response(answer.body, status=answer.status, headers=answer.headers)
    if not answer.body.startswith("<"):
        response.mimetype = "application/json"
    return response


def _fingerprint() -> str:
    """The same route and the same content. The CSRF token may differ between two tries."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields = sorted((k, v) for k, vs in request.form.lists() if k != "_csrf" for v in vs)
        digest.update(repr(fields).encode())
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()


def request_id() -> str:
    return cast(str, g.get("request_id", "-"))


def install(app: Flask, *, secret_key: str, seed_cookie: str, is_secure: bool) -> None:
    """Give the application request ids, CSRF, and the one error handler."""
    global _csrf_key, _seed_name
    _csrf_key, _seed_name = hmac.digest(secret_key.encode(), b"csrf", "sha256"), seed_cookie

    @app.before_request
    def _begin() -> None:
        g.request_id = number = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        if "fresh_seed" in g and request.cookies.get(seed_cookie) != g.fresh_seed:
            response.set_cookie(seed_cookie, g.fresh_seed, httponly=True, samesite="Lax", secure=is_secure)
        return response

    app.register_error_handler(Exception, answer_error)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.jinja_env.globals["find_caller"] = find_caller
