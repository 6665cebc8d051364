"""网页授权: the browser's leg (authorize) and the server's leg (code for openid)."""

import re
import secrets
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sandbox.cast import BY_NUMBER
from sandbox.store import Row
from sandbox.wechat.reply import ApiError, answer, ok
from sandbox.wechat.tokens import check_client
from sandbox.world import World, world

bp = Blueprint("wechat_oauth", __name__, template_folder="templates")
CODE_SECONDS = 300
ORDER = ["appid", "redirect_uri", "response_type", "scope", "state"]


class BadLink(ValueError):
    """The authorize link would be refused by WeChat: code and words."""


def owner_cookie(w: World) -> str:
    return f"sim_owner_{w.config.port}"


def checked_link(w: World) -> dict[str, str]:
    """The link's parameters, judged as strictly as WeChat does."""
    given = parse_qsl(request.query_string.decode("ascii", "replace"), keep_blank_values=True)
    args = dict(given)
    names = [name for name, _ in given if name in ORDER]
    if args.get("appid") != w.config.appid:
        raise BadLink("appid 参数错误（10013）")
    if args.get("scope") not in {"snsapi_base", "snsapi_userinfo"}:
        raise BadLink("scope 参数错误或没有 scope 权限（10005）")
    if args.get("response_type") != "code":
        raise BadLink("response_type 参数错误（10004）")
    if names != [name for name in ORDER if name in names]:
        raise BadLink("参数顺序错误：须为 appid, redirect_uri, response_type, scope, state")
    target = urlsplit(args.get("redirect_uri", ""))
    if target.scheme not in {"http", "https"} or target.hostname not in {
        w.config.app_host,
        *w.knobs["redirect_hosts"],
    }:
        raise BadLink("redirect_uri 域名与后台配置不一致（10003）")
    if not re.fullmatch(r"[A-Za-z0-9]{0,128}", args.get("state", "")):
        raise BadLink("state 参数错误：只能是字母和数字，最多 128 字节")
    return args


def back_to(args: dict[str, str], **extra: str) -> str:
    target = urlsplit(args["redirect_uri"])
    query = [*parse_qsl(target.query, keep_blank_values=True), *extra.items()]
    if "state" in args:
        query.append(("state", args["state"]))
    return urlunsplit(target._replace(query=urlencode(query), fragment=""))


@bp.get("/connect/oauth2/authorize")
def authorize() -> Response:
    w = world()
    try:
        args = checked_link(w)
    except BadLink as problem:
        return make_response(render_template("oauth_refused.html", problem=str(problem)), 200)
    chosen = request.args.get("sim_openid", "")
    if chosen == "deny":
        return redirect(back_to(args))  # type: ignore[return-value]
    if chosen:
        return grant(w, args, chosen.removesuffix("#snapshot"), chosen.endswith("#snapshot"))
    users = w.store.all("SELECT * FROM users WHERE number IS NOT NULL ORDER BY position")
    page = render_template(
        "authorize.html",
        people=[(user, BY_NUMBER.get(user["number"])) for user in users],
        base=scope_is_base(args),
        here=request.full_path,
        account=w.config.account_name,
    )
    return make_response(page, 200, {"Cache-Control": "no-store"})


def scope_is_base(args: dict[str, str]) -> bool:
    return args["scope"] == "snsapi_base"


def grant(w: World, args: dict[str, str], who: str, snapshot: bool) -> Response:
    """Send the browser back with a code, and remember whose session this browser's app now has."""
    user = w.user(who) or w.user_by_number(who)
    if user is None:
        return make_response(render_template("oauth_refused.html", problem="没有这个测试用户"), 404)
    code = "0" + secrets.token_urlsafe(24)
    w.store.run(
        "INSERT INTO oauth_codes (code, openid, scope, snapshot, created) VALUES (?, ?, ?, ?, ?)",
        (code, user["openid"], args["scope"], int(snapshot), w.store.now()),
    )
    found = redirect(back_to(args, code=code))
    owner = quote(f"{user['number']}{'~snapshot' if snapshot else ''}")
    found.set_cookie(owner_cookie(w), owner, samesite="Lax", max_age=86400)
    found.headers["Cache-Control"] = "no-store"
    return found  # type: ignore[return-value]


def virtual_openid(openid: str) -> str:
    """What a snapshot visitor looks like: a stranger."""
    return "o" + secrets.token_urlsafe(32)[:12] + openid[-15:]


@bp.route("/sns/oauth2/access_token", methods=["GET", "POST"])
def access_token() -> Response:
    args, w = request.args, world()
    check_client(args.get("appid"), args.get("secret"))
    if args.get("grant_type") != "authorization_code":
        raise ApiError(40002, "invalid grant_type")
    code = args.get("code")
    if not code:
        raise ApiError(41008)
    with w.store.tx():
        row = w.store.one("SELECT * FROM oauth_codes WHERE code = ?", (code,))
        if row is None:
            raise ApiError(40029)
        if not w.store.run("UPDATE oauth_codes SET used = 1 WHERE code = ? AND used = 0", (code,)):
            raise ApiError(40163)
        if row["created"] < w.store.now() - CODE_SECONDS:
            raise ApiError(42003)
    openid = virtual_openid(row["openid"]) if row["snapshot"] else row["openid"]
    found = user_token(w, openid, row["scope"], "r-" + secrets.token_urlsafe(48))
    if row["snapshot"]:
        found["is_snapshotuser"] = 1
    return answer(found)


def user_token(w: World, openid: str, scope: str, refresh: str) -> dict[str, object]:
    token, now = secrets.token_urlsafe(64), w.store.now()
    w.store.run(
        "INSERT INTO oauth_tokens (access_token, refresh_token, openid, scope, created, "
        "expires) VALUES (?, ?, ?, ?, ?, ?)",
        (token, refresh, openid, scope, now, now + 7200),
    )
    return {
        "access_token": token,
        "expires_in": 7200,
        "refresh_token": refresh,
        "openid": openid,
        "scope": scope,
    }


@bp.route("/sns/oauth2/refresh_token", methods=["GET", "POST"])
def refresh_token() -> Response:
    args, w = request.args, world()
    if args.get("appid") != w.config.appid:
        raise ApiError(40013)
    row = w.store.one(
        "SELECT * FROM oauth_tokens WHERE refresh_token = ? ORDER BY created LIMIT 1",
        (args.get("refresh_token", ""),),
    )
    if row is None or row["created"] < w.store.now() - 30 * 86400:
        raise ApiError(40030)
    return answer(user_token(w, row["openid"], row["scope"], row["refresh_token"]))


def user_session(w: World) -> Row:
    token, openid = request.args.get("access_token", ""), request.args.get("openid", "")
    if not token:
        raise ApiError(41001)
    row = w.store.one("SELECT * FROM oauth_tokens WHERE access_token = ?", (token,))
    if row is None:
        raise ApiError(40001)
    if row["expires"] < w.store.now():
        raise ApiError(42001)
    if row["openid"] != openid:
        raise ApiError(40003)
    return row


@bp.route("/sns/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    w = world()
    row = user_session(w)
    if row["scope"] != "snsapi_userinfo":
        raise ApiError(48001)
    blank = {"sex": 0, "province": "", "city": "", "country": "", "headimgurl": "", "privilege": []}
    return answer({"openid": row["openid"], "nickname": "微信用户", **blank})


@bp.route("/sns/auth", methods=["GET", "POST"])
def auth() -> Response:
    user_session(world())
    return ok()
