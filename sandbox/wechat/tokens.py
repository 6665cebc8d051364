"""access_token (both kinds), the check on every call, jsapi_ticket, quotas."""

import re
import secrets

from flask import Blueprint, Response, request

from sandbox.wechat.reply import ApiError, answer, body_json, failure, ok
from sandbox.world import World, world

bp = Blueprint("wechat_tokens", __name__)
SHAPE = re.compile(r"\d+_[A-Za-z0-9_-]{40,512}")
OPEN = {
    "/cgi-bin/token",
    "/cgi-bin/stable_token",
    "/cgi-bin/clear_quota/v2",
    "/cgi-bin/showqrcode",
}


def check_token() -> Response | None:
    """Before every business call."""
    if not request.path.startswith("/cgi-bin/") or request.path in OPEN:
        return None
    try:
        judge(request.args.get("access_token", ""))
    except ApiError as error:
        request.get_data()
        return failure(error.errcode, error.note)
    return None


def judge(token: str) -> None:
    if not token:
        raise ApiError(41001)
    if not SHAPE.fullmatch(token):
        raise ApiError(40014)
    w = world()
    row = w.store.one("SELECT * FROM tokens WHERE token = ?", (token,))
    if row is None or row["revoked"]:
        raise ApiError(40001)
    if row["expires"] <= w.store.now():
        raise ApiError(42001)


def check_client(appid: str | None, secret: str | None) -> None:
    config = world().config
    if not appid:
        raise ApiError(41002)
    if appid != config.appid:
        raise ApiError(40013)
    if not secret:
        raise ApiError(41004)
    if secret != config.secret:
        raise ApiError(40125)


def issue(w: World, kind: str) -> tuple[str, int]:
    lifetime = int(w.knobs["token_ttl"])
    token = f"{secrets.randbelow(89) + 10}_{secrets.token_urlsafe(96)}"
    now = w.store.now()
    w.store.run(
        "INSERT INTO tokens (token, kind, issued, expires) VALUES (?, ?, ?, ?)",
        (token, kind, now, now + lifetime),
    )
    return token, lifetime


@bp.route("/cgi-bin/token", methods=["GET", "POST"])
def plain_token() -> Response:
    """A new token each time; the one before lives a little longer, older ones die."""
    args = request.args
    if args.get("grant_type") != "client_credential":
        raise ApiError(40002, "invalid grant_type")
    check_client(args.get("appid"), args.get("secret"))
    w = world()
    end = w.store.now() + float(w.knobs["grace"])
    with w.store.tx():
        previous = w.store.value(
            "SELECT token FROM tokens WHERE kind = 'plain' ORDER BY issued DESC, rowid DESC LIMIT 1"
        )
        w.store.run("UPDATE tokens SET revoked = 1 WHERE kind = 'plain' AND token <> ?", (previous or "",))
        w.store.run("UPDATE tokens SET expires = min(expires, ?) WHERE token = ?", (end, previous))
        if w.knobs["grace"] <= 0:
            w.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", (previous,))
        token, lifetime = issue(w, "plain")
    return answer({"access_token": token, "expires_in": lifetime})


@bp.route("/cgi-bin/stable_token", methods=["GET", "POST"])
def stable_token() -> Response:
    """The same token until five minutes before its end; force_refresh kills it."""
    body = body_json()
    if body.get("grant_type") != "client_credential":
        raise ApiError(40002, "invalid grant_type")
    check_client(body.get("appid"), body.get("secret"))
    w = world()
    with w.store.tx():
        now = w.store.now()
        current = w.store.one(
            "SELECT * FROM tokens WHERE kind = 'stable' AND revoked = 0 ORDER BY issued DESC, "
            "rowid DESC LIMIT 1"
        )
        if body.get("force_refresh") is True:
            check_forced(w, now)
            w.store.run("UPDATE tokens SET revoked = 1 WHERE kind = 'stable'")
            current = None
        margin = min(300.0, float(w.knobs["token_ttl"]) / 2)
        if current and current["expires"] - now > margin:
            return answer({"access_token": current["token"], "expires_in": int(current["expires"] - now)})
        token, lifetime = issue(w, "stable")
    return answer({"access_token": token, "expires_in": lifetime})


def check_forced(w: World, now: float) -> None:
    """Twenty a day, thirty seconds apart."""
    seen = w.store.setting("forced_refreshes", [])
    recent = [at for at in seen if now - at < 86400]
    if recent and now - recent[-1] < 30:
        raise ApiError(45011)
    if len(recent) >= 20:
        raise ApiError(45009)
    w.store.keep("forced_refreshes", [*recent, now])


def revoke_all(w: World) -> int:
    return w.store.run("UPDATE tokens SET revoked = 1 WHERE revoked = 0")


@bp.route("/cgi-bin/ticket/getticket", methods=["GET", "POST"])
def jsapi_ticket() -> Response:
    kind = request.args.get("type")
    if kind != "jsapi":
        raise ApiError(40097, "type")
    w = world()
    now = w.store.now()
    with w.store.tx():
        row = w.store.one("SELECT * FROM jsapi_tickets WHERE expires > ? ORDER BY expires DESC", (now + 300,))
        if row:
            return ok(ticket=row["ticket"], expires_in=int(row["expires"] - now))
        ticket = "kgt8" + secrets.token_urlsafe(62)
        w.store.run("INSERT INTO jsapi_tickets (ticket, expires) VALUES (?, ?)", (ticket, now + 7200))
    return ok(ticket=ticket, expires_in=7200)


@bp.route("/cgi-bin/getcallbackip", methods=["GET", "POST"])
@bp.route("/cgi-bin/get_api_domain_ip", methods=["GET", "POST"])
def addresses() -> Response:
    return answer({"ip_list": ["127.0.0.1"]})


@bp.route("/cgi-bin/clear_quota", methods=["GET", "POST"])
@bp.route("/cgi-bin/clear_quota/v2", methods=["GET", "POST"])
def clear_quota() -> Response:
    """Ten a month."""
    body = body_json()
    w = world()
    if request.path.endswith("/v2"):
        check_client(body.get("appid"), body.get("appsecret"))
    elif body.get("appid") != w.config.appid:
        raise ApiError(40013)
    month = w.store.today()[:7]
    used = w.store.setting("cleared", {}).get(month, 0)
    if used >= 10:
        raise ApiError(48006)
    w.store.keep("cleared", {month: used + 1})
    w.store.run("DELETE FROM quota WHERE path NOT LIKE '%token'")
    return ok()


@bp.route("/cgi-bin/openapi/quota/get", methods=["GET", "POST"])
def quota_get() -> Response:
    path = body_json().get("cgi_path", "")
    w = world()
    limit = w.knobs.daily_limit(path) or 10_000_000
    used = w.store.value("SELECT used FROM quota WHERE path = ? AND day = ?", (path, w.store.today())) or 0
    return ok(quota={"daily_limit": limit, "used": used, "remain": max(0, limit - used)})
